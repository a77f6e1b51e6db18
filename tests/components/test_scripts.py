"""The scripts of pages in a real Chromium: nothing typed is lost, a form is sent once, the keyboard is enough."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.components.showroom import Desk, make_showroom
from tests.services.live_server import LiveServer, served

SAVED_SOON = 6000


@pytest.fixture
def showroom() -> Iterator[LiveServer]:
    with served(make_showroom()) as server:
        yield server


@pytest.fixture
def desk(showroom: LiveServer) -> Desk:
    found: Desk = showroom.app.config["DESK"]
    return found


def kept_copies(page: Page) -> list[str]:
    copies: list[str] = page.evaluate("Object.keys(localStorage)")
    return copies


def wait_for_a_copy(page: Page) -> None:
    """Wait until something is kept; the page's own policy forbids the waiting functions that Playwright evaluates."""
    for _ in range(100):
        if kept_copies(page):
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing was kept on the device")


def test_a_draft_saves_itself_and_follows_the_revision(page: Page, showroom: LiveServer, desk: Desk) -> None:
    page.goto(showroom.address("/entry"))
    page.fill("#title", "Rencontre 7")
    expect(page.locator("[data-autosave-status]")).to_contain_text("02", timeout=SAVED_SOON)
    assert desk.saved[0]["title"] == "Rencontre 7"
    assert desk.saved[0]["revision"] == "1"
    assert page.input_value("[name=revision]") == "2"
    assert kept_copies(page) == []


@pytest.mark.parametrize("status", [401, 409, 422, 500])
def test_a_draft_the_server_refuses_stays_on_the_device_and_is_offered_again(
    page: Page, showroom: LiveServer, desk: Desk, status: int
) -> None:
    desk.status = status
    page.goto(showroom.address("/entry"))
    page.fill("#text", "Un long récit.")
    expect(page.locator("[data-autosave-status].is-trouble")).to_be_visible(timeout=SAVED_SOON)
    page.goto(showroom.address("/entry"))
    page.locator("form .notice button").first.click()
    assert page.input_value("#text") == "Un long récit."


def test_a_draft_written_without_network_is_saved_when_it_comes_back(
    page: Page, showroom: LiveServer, desk: Desk
) -> None:
    page.goto(showroom.address("/entry"))
    page.context.set_offline(True)
    page.fill("#text", "Dans le train.")
    expect(page.locator("[data-autosave-status].is-trouble")).to_be_visible(timeout=SAVED_SOON)
    expect(page.locator("[data-offline-banner]")).to_be_visible()
    assert len(kept_copies(page)) == 1
    assert desk.saved == []
    page.context.set_offline(False)
    expect(page.locator("[data-autosave-status]")).to_contain_text("02", timeout=SAVED_SOON)
    assert desk.saved[-1]["text"] == "Dans le train."
    assert kept_copies(page) == []


def test_an_accepted_form_leaves_no_copy_behind(page: Page, showroom: LiveServer) -> None:
    page.goto(showroom.address("/entry?keep=1"))
    page.fill("#title", "Rencontre 7")
    page.fill("#text", "Récit.")
    wait_for_a_copy(page)
    page.click("form button[type=submit].btn-primary")
    page.wait_for_url(showroom.address("/"))
    assert kept_copies(page) == []


def test_a_refused_form_keeps_its_copy_and_leads_to_the_field(page: Page, showroom: LiveServer) -> None:
    page.goto(showroom.address("/entry?keep=1"))
    page.fill("#text", "Récit sans titre.")
    page.click("form button[type=submit].btn-primary")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.input_value("#text") == "Récit sans titre."
    page.click("[data-error-summary] a")
    expect(page.locator("#title")).to_be_focused()


def test_signing_out_leaves_nothing_on_the_device(page: Page, showroom: LiveServer) -> None:
    page.goto(showroom.address("/entry?keep=1"))
    page.fill("#text", "Sur un poste partagé.")
    wait_for_a_copy(page)
    page.evaluate("document.querySelector('form[data-sign-out]').requestSubmit()")
    page.wait_for_url(showroom.address("/"))
    assert kept_copies(page) == []


def test_a_form_sent_twice_in_a_row_leaves_once(page: Page, showroom: LiveServer, desk: Desk) -> None:
    page.goto(showroom.address("/entry?keep=1"))
    page.fill("#title", "Rencontre 7")
    page.fill("#text", "Récit.")
    page.evaluate(
        "() => { const form = document.getElementById('entry'); for (let n = 0; n < 5; n++) form.requestSubmit(); }"
    )
    page.wait_for_url(showroom.address("/"))
    assert len(desk.sent) == 1


def test_a_file_too_heavy_is_named_before_it_travels(page: Page, showroom: LiveServer, desk: Desk) -> None:
    page.goto(showroom.address("/entry?keep=1"))
    page.fill("#title", "Rencontre 7")
    page.fill("#text", "Récit.")
    page.set_input_files("#files", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 9000})
    expect(page.locator("[data-file-list] .is-refused")).to_contain_text("photo.jpg")
    page.click("form button[type=submit].btn-primary")
    expect(page.locator("#files")).to_be_focused()
    assert desk.sent == []


def test_a_long_list_is_searched_without_accents_and_keeps_its_headings(page: Page, showroom: LiveServer) -> None:
    page.goto(showroom.address("/entry"))
    page.fill("#indicators-filter", "repere 2.3")
    expect(page.locator("#indicators-choices label:visible")).to_have_count(1)
    expect(page.locator("#indicators-choices .choices-group:visible")).to_have_text("Bloc 2")


def test_the_grid_is_filled_from_the_keyboard(page: Page, showroom: LiveServer) -> None:
    page.goto(showroom.address("/grid"))
    page.focus("[name=level-1]:checked")
    for key in ("ArrowDown", "2", "ArrowDown", "0"):
        page.keyboard.press(key)
    assert page.evaluate("[...document.querySelectorAll(':checked')].map((choice) => choice.value)") == [
        "acquired",
        "partly_acquired",
        "none",
    ]
    expect(page.locator("[data-grid-count]")).to_contain_text("3")
    expect(page.locator("#level-2 [data-descriptor-here]")).to_have_text("Commence.")


def test_an_action_asks_first_and_escape_gives_it_up(page: Page, showroom: LiveServer, desk: Desk) -> None:
    page.goto(showroom.address("/grid"))
    page.click(".page-actions button")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.click(".page-actions button")
    page.locator("dialog .btn-primary").click()
    page.wait_for_url(showroom.address("/entry"))


@pytest.mark.parametrize("address", ["/entry", "/grid", "/kept"])
def test_the_components_are_accessible_and_fit_a_phone(
    page: Page, phone: Page, showroom: LiveServer, axe: Callable[[Page], None], address: str
) -> None:
    for window in (page, phone):
        window.goto(showroom.address(address))
        axe(window)
        assert window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_the_menu_of_a_phone_opens_without_a_script(plain_page: Page, showroom: LiveServer) -> None:
    plain_page.set_viewport_size({"width": 360, "height": 740})
    plain_page.goto(showroom.address("/entry"))
    plain_page.click(".tabs summary")
    expect(plain_page.locator(".tabs-sheet a").last).to_be_visible()
