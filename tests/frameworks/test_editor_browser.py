"""The editor in a real browser: by keyboard alone, by dragging, while typing, at both widths, and without a script."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from certify.accounts.models import User
from certify.core.db import db
from certify.frameworks import queries, services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import documents
from tests.factories.drafts import filled, make_empty_draft, make_registrar, make_small_next_version
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_browser


@pytest.fixture
def places(live_server: LiveServer) -> dict[str, Any]:
    """Give a registrar, the address of a draft almost ready, and that of a next version."""
    with live_server.app.app_context():
        person, actor, body = make_registrar(db.session)
        draft = make_empty_draft(db.session, actor, body)
        services.save(db.session, actor, draft, revision=1, document=filled(draft.content))
        following = make_small_next_version(db.session, actor, body)
        found = {"person": person.id, "draft": draft.id, "next": following.id}
        db.session.commit()
    return found


def open_editor(window: Page, server: LiveServer, places: dict[str, Any], which: str = "draft", path: str = "") -> None:
    with server.app.app_context():
        sign_in_browser(window.context, server, db.session.get_one(User, places["person"]))
    window.goto(server.address(f"/frameworks/{places[which]}/{path or 'edit?part=b1'}"))


def stored(server: LiveServer, version_id: uuid.UUID) -> dict[str, Any]:
    with server.app.app_context():
        return documents.shaped(db.session.get_one(FrameworkVersion, version_id).content)


def press(page: Page, name: str) -> None:
    """Press a button without a pointer: reach it, then Enter."""
    page.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press("Enter")


def write(page: Page, field: str, text: str) -> None:
    page.locator(f"#{field}").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def write_a_competency(page: Page, number: int) -> None:
    """Fill in the competency just added, whose title already has the focus in French."""
    for field in ("title", "i1-wording", "i1-d1", "i1-d2", "i1-d3"):
        for language in ("fr", "en"):
            write(page, f"b1c{number}{'' if field.startswith('i1') else '-'}{field}-{language}", f"{field} {language}")


def test_a_competency_is_added_moved_repaired_and_put_in_force_by_keyboard_alone(
    live_server: LiveServer, places: dict[str, Any], page: Page
) -> None:
    open_editor(page, live_server, places)
    press(page, "Ajouter une compétence")
    expect(page.locator("#b1c2-title-fr")).to_be_focused()
    write_a_competency(page, 2)
    press(page, "Monter la compétence 1.2")
    expect(page.locator("button[value='down:b1c1']")).to_be_focused()
    expect(page.locator("#b1c1-title-fr")).to_have_value("title fr")
    write(page, "b1c1-code", "2.1")
    expect(page.locator("#b1c1-code-error")).to_contain_text("doit commencer par « 1. »")
    expect(page.locator("[data-said]")).to_contain_text("Points à corriger")
    expect(page.locator("[data-fault-count=b1c1]")).to_contain_text("2")
    write(page, "b1c1-code", "1.2")
    expect(page.locator("#b1c1-code-error")).to_be_hidden()
    expect(page.locator("[data-said]")).to_have_text("Aucun point à corriger.")
    press(page, "Enregistrer")
    page.get_by_role("link", name="Relire et mettre en vigueur").focus()
    page.keyboard.press("Enter")
    press(page, "Mettre en vigueur")
    expect(page.get_by_text("La version est en vigueur")).to_be_visible()
    with live_server.app.app_context():
        framework = queries.framework_of(db.session, places["draft"])
    assert [one.code for one in framework.competencies] == ["1.2", "1.1"]


def test_the_same_is_done_without_a_line_of_script(
    live_server: LiveServer, places: dict[str, Any], plain_page: Page
) -> None:
    page = plain_page
    open_editor(page, live_server, places)
    press(page, "Ajouter une compétence")
    expect(page.locator("#b1c2-title-fr")).to_be_focused()
    for box in page.locator("#b1c2 textarea").all():
        box.evaluate("box => { box.closest('details')?.setAttribute('open', ''); }")
        box.fill("Texte")
    press(page, "Monter la compétence 1.2")
    expect(page.locator("button[value='down:b1c1']")).to_be_focused()
    page.locator("#b1c1-code").fill("2.1")
    press(page, "Enregistrer")
    expect(page.locator("#b1c1-code-error")).to_contain_text("doit commencer par « 1. »")
    page.locator("#b1c1-code").fill("1.2")
    press(page, "Enregistrer")
    expect(page.get_by_text("Il n’a plus de défaut")).to_be_visible()
    page.get_by_role("link", name="Relire et mettre en vigueur").click()
    page.get_by_role("button", name="Mettre en vigueur").click()
    expect(page.get_by_text("La version est en vigueur")).to_be_visible()
    with live_server.app.app_context():
        version = db.session.get_one(FrameworkVersion, places["draft"])
        assert version.state is VersionState.ACTIVE
        assert [one.code for one in queries.framework_of(db.session, version.id).competencies] == ["1.2", "1.1"]


def drag(page: Page, node: str, to: str, *, low: bool = False) -> None:
    start = page.locator(f"[data-node={node}] > .outline-line [data-handle]").bounding_box()
    goal = page.locator(f"[data-node={to}] > .outline-line").bounding_box()
    assert start is not None
    assert goal is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(goal["x"] + 60, goal["y"] + 4, steps=4)
    page.mouse.move(goal["x"] + 60, goal["y"] + (goal["height"] - 3 if low else 3), steps=4)
    page.mouse.up()


def test_parts_are_dragged_in_the_outline_with_what_was_typed_kept(
    live_server: LiveServer, places: dict[str, Any], page: Page
) -> None:
    open_editor(page, live_server, places, "next")
    page.fill("#b1c1-title-en", "Typed before dragging")
    drag(page, "b1c2", "b1c1")
    expect(page.locator("#b1c2-title-en")).to_have_value("Typed before dragging")
    drag(page, "b1c1", "b2")
    expect(page.locator("#b2c3")).to_be_visible()
    content = stored(live_server, places["next"])
    assert [one["code"] for one in content["blocks"][0]["competencies"]] == ["1.1"]
    assert [one["code"] for one in content["blocks"][1]["competencies"]] == ["2.1", "2.2", "2.3"]


def test_what_is_removed_asks_first_and_can_be_put_back(
    live_server: LiveServer, places: dict[str, Any], page: Page
) -> None:
    open_editor(page, live_server, places, "next")
    page.get_by_role("button", name="Retirer la compétence 1.2").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    back = page.get_by_role("button", name="Remettre la compétence 1.2")
    expect(back).to_be_focused()
    back.press("Enter")
    expect(page.locator("#b1c2-title-fr")).to_be_visible()
    page.get_by_role("button", name="Retirer la compétence 1.2").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(back).to_be_visible()
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(back).to_have_count(0)
    assert len(stored(live_server, places["next"])["blocks"][0]["competencies"]) == 1


def test_a_draft_is_saved_while_it_is_written(live_server: LiveServer, places: dict[str, Any], phone: Page) -> None:
    open_editor(phone, live_server, places)
    phone.fill("#b1-title-fr", "Écrit sur le téléphone")
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré à")
    assert stored(live_server, places["draft"])["blocks"][0]["title"]["fr"] == "Écrit sur le téléphone"
    phone.select_option("#b1-completion", "points")
    expect(phone.locator("#b1-least")).to_be_visible()
    expect(phone.locator("#b1c1-points")).to_be_visible()
    expect(phone.locator("#b1-least-error")).to_be_visible()


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_a_version_s_life_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest,
    live_server: LiveServer,
    places: dict[str, Any],
    axe: Callable[[Page], None],
    window: str,
) -> None:
    page: Page = request.getfixturevalue(window)
    open_editor(page, live_server, places, "next", "edit?part=general")
    address = f"/frameworks/{places['next']}"
    for path in (
        "/frameworks", "/frameworks/new", f"{address}/edit?part=b1&at=b1c1i1", f"{address}/edit?part=scales",
        f"{address}/difference", f"{address}/mapping", f"{address}/activate",
    ):  # fmt: skip
        page.goto(live_server.address(path))
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
