"""Pages of drafts and versions, without a line of script."""

import json
from copy import deepcopy
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core.access import Role
from certify.core.db import db
from certify.frameworks import services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import documents
from certify.frameworks.services.operations import carry_out
from certify.organisations.models import Organisation
from tests.factories.drafts import filled, make_empty_draft, make_registrar, make_small_next_version
from tests.factories.people import actor_of, make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import Page, follow, read, submit, visit, words

FORM = "form.editor-form"


@pytest.fixture
def draft(session: Session) -> FrameworkVersion:
    _person, actor, body = make_registrar(session)
    return make_small_next_version(session, actor, body)


@pytest.fixture
def registrar(session: Session, draft: FrameworkVersion, sign_in: SignIn) -> FlaskClient:
    body = session.get_one(Organisation, draft.certifying_body_id)
    return sign_in(make_member(session, body, Role.REGISTRAR))


def stored(session: Session, draft: FrameworkVersion) -> dict[str, Any]:
    session.expire_all()
    query = select(FrameworkVersion.content).where(FrameworkVersion.id == draft.id)
    return documents.shaped(session.scalars(query).one())


def opened(client: FlaskClient, draft: FrameworkVersion, part: str = "general") -> Page:
    return visit(client, f"/frameworks/{draft.id}/edit?part={part}")


def rich(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with everything the editor can write: scales, rules, faults, removed parts."""
    document = carry_out(deepcopy(document), "scale:formative").document
    document = carry_out(document, "scale:b1c2").document
    document = carry_out(document, "remove:b2c1").document
    document = carry_out(document, "remove:b1c1i2").document
    document = carry_out(document, "remove:s1l1").document
    block = document["blocks"][0]
    block["number"] = "un"
    block["completion"] = {"kind": "at_least", "least": 2, "required": ["1.1"]}
    block["competencies"][0]["completion"] = {"kind": "points", "least": 3, "points": {"1.1.1": 3, "1.1.2": 1}}
    indicator = block["competencies"][0]["indicators"][0]
    indicator["descriptors"]["ancien"] = {"fr": "Reste de « texte » & <b>", "en": ""}
    indicator["wording"]["fr"] = "Deux\nlignes"
    return documents.shaped(document)


def test_the_registrar_begins_a_framework_and_a_next_version(session: Session, sign_in: SignIn) -> None:
    person, _actor, body = make_registrar(session)
    client = sign_in(person)
    page = visit(client, "/frameworks")
    assert page.select_one("a[href='/frameworks/new']")
    page = visit(client, "/frameworks/new")
    refused = read(submit(client, page, code="pas un code !", number="1"), status=422)
    assert "Un code a 40 lettres" in words(refused)
    editor = follow(client, submit(client, page, code="essai", number="1", source=["demo"]))
    assert "Préparer la version 1" in words(editor)
    assert "Aucun point à corriger" in words(editor)
    draft = session.scalars(select(FrameworkVersion)).one()
    services.activate(session, actor_of(session, person), draft, revision=1)
    page = visit(client, f"/frameworks/{draft.id}/versions")
    taken = read(submit(client, page, number="1"), status=422)
    assert "Cette version existe déjà" in words(taken)
    editor = follow(client, submit(client, page, number="2"))
    assert "Préparer la version 2" in words(editor)
    assert words(visit(client, "/frameworks")).count("en préparation") == 1
    assert body.id == draft.certifying_body_id


@pytest.mark.parametrize("part", ["general", "scales", "b1", "b2"])
def test_a_page_sent_back_untouched_changes_nothing(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient, part: str
) -> None:
    draft.content = rich(draft.content)
    session.commit()
    before = stored(session, draft)
    page = opened(registrar, draft, part)
    registrar.post(f"/frameworks/{draft.id}/autosave?part={part}", data=_sent(page))
    assert stored(session, draft) == before


def _sent(page: Page) -> dict[str, str]:
    form = page.select_one(FORM)
    assert form is not None
    data: dict[str, str] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            data[str(field["name"])] = str(chosen["value"]) if chosen else ""
        elif field.get("type") not in ("checkbox", "radio") or field.has_attr("checked"):
            text = field.get_text() if field.name == "textarea" else str(field.get("value", ""))
            data[str(field["name"])] = text
    return data


def test_texts_codes_and_rules_are_written_part_by_part(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    page = opened(registrar, draft)
    values: dict[str, Any] = {"general-notice-fr": "Nouvelle mention"}
    page = follow(registrar, submit(registrar, page, FORM, press="Enregistrer", **values))
    assert "Il n’a plus de défaut" in words(page)
    page = opened(registrar, draft, "b1")
    values = {"b1c1i1-wording-fr": "", "b1-completion": "at_least", "b1-least": "2", "b1c2-required": True}
    page = follow(registrar, submit(registrar, page, FORM, press="Enregistrer", **values))
    assert "Il reste 1 point à corriger" in words(page)
    field = page.find(id="b1c1i1-wording-fr")
    assert field is not None
    assert field["aria-invalid"] == "true"
    wrong = page.find(id="b1c1i1-wording-fr-error")
    assert wrong is not None
    assert "Le texte est vide" in wrong.get_text()
    assert page.select_one("details#b1c1i1[open]")
    content = stored(session, draft)
    assert content["notice"]["fr"] == "Nouvelle mention"
    assert content["blocks"][0]["completion"] == {"kind": "at_least", "least": 2, "required": ["1.2"]}


def test_parts_are_added_moved_and_removed_by_buttons(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    page = opened(registrar, draft, "b1")
    page = _press(registrar, page, "add:b1", **{"b1c1-title-fr": "Titre tapé avant d’ajouter"})
    assert page.find(id="b1c3") is not None
    assert page.select_one("#b1c3-title-fr[autofocus]")
    page = _press(registrar, page, "up:b1c3")
    assert page.select_one("button[value='up:b1c2'][autofocus]")
    page = _press(registrar, page, "remove:b1c2")
    assert page.find(id="b1c3") is None
    page = _press(registrar, page, "remove:b1c1")
    assert "La compétence 1.1 sera retiré" in words(page).replace("la compétence", "La compétence")
    page = _press(registrar, page, "restore:b1c1")
    assert stored(session, draft)["blocks"][0]["competencies"][0]["title"]["fr"] == "Titre tapé avant d’ajouter"
    page = _press(registrar, page, "into:b1c1i1", **{"b1c1i1-to": "b2c1"})
    assert "« 1.1.1 » devient « 2.1.3 »" in words(page)
    assert page.select_one("details#b2c1i3[open]")


def _press(client: FlaskClient, page: Page, wish: str, **values: str) -> Page:
    form = page.select_one(FORM)
    assert form is not None
    assert page.select_one(f"button[name=do][value='{wish}']") is not None
    return follow(client, client.post(str(form["action"]), data=_sent(page) | values | {"do": wish}))


def test_scales_are_written_with_their_threshold(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    page = _press(registrar, opened(registrar, draft, "scales"), "scale:formative")
    page = _press(registrar, page, "add:s1")
    assert page.select_one("#s1l4-sign[autofocus]")
    values = {
        "s1l4-code": "expert", "s1l4-label-fr": "expert", "s1l4-label-en": "expert", "s1l4-sign": "★",
        "s1-threshold": "2", "s1l1-code": "debut",
    }  # fmt: skip
    page = follow(registrar, submit(registrar, page, FORM, press="Enregistrer", **values))
    content = stored(session, draft)
    assert content["formative"]["threshold"] == "partly_acquired"
    assert [one["code"] for one in content["formative"]["levels"]] == ["debut", "partly_acquired", "acquired", "expert"]
    described = content["blocks"][0]["competencies"][0]["indicators"][0]["descriptors"]
    assert described["debut"]["fr"]
    assert "Il reste 16 points à corriger" in words(page)


def test_an_older_page_shows_both_texts_and_loses_none(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    first, second = opened(registrar, draft, "b1"), opened(registrar, draft, "b1")
    follow(registrar, submit(registrar, first, FORM, press="Enregistrer", **{"b1-title-fr": "Titre de l’une"}))
    page = read(submit(registrar, second, FORM, press="Enregistrer", **{"b1-title-fr": "Titre de l’autre"}), status=409)
    assert "Titre de l’une" in words(page)
    assert "Titre de l’autre" in words(page)
    assert stored(session, draft)["blocks"][0]["title"]["fr"] == "Titre de l’une"
    follow(registrar, submit(registrar, page, "form#keep", press="Garder ma saisie"))
    content = stored(session, draft)
    assert content["blocks"][0]["title"]["fr"] == "Titre de l’autre"
    assert len(content["blocks"][0]["competencies"]) == 2


def test_a_block_moved_meanwhile_is_found_again_by_its_code(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    page = opened(registrar, draft, "b1")
    _press(registrar, opened(registrar, draft, "b1"), "down:b1")
    kept = read(submit(registrar, page, FORM, press="Enregistrer", **{"b1-title-fr": "Titre tapé"}), status=409)
    follow(registrar, submit(registrar, kept, "form#keep", press="Garder ma saisie"))
    content = stored(session, draft)
    assert [block["code"] for block in content["blocks"]] == ["2", "1"]
    assert content["blocks"][1]["title"]["fr"] == "Titre tapé"


def test_what_is_being_typed_is_checked_without_being_saved(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    before = stored(session, draft)
    data = _sent(opened(registrar, draft, "b1")) | {"b1c1-code": "9.9"}
    answer = registrar.post(f"/frameworks/{draft.id}/validate?part=b1", data=data)
    found = json.loads(answer.get_data(as_text=True))
    assert "doit commencer par « 1. »" in found["fields"]["b1c1-code"][0].replace("\u202f", " ")
    assert found["counts"]["b1c1"] == found["total"] == 3
    assert "3 sur cette page" in found["said"]
    assert stored(session, draft) == before


def test_a_draft_is_saved_by_itself_and_an_older_page_is_refused(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    data = _sent(opened(registrar, draft)) | {"general-title-en": "Typed"}
    saved = registrar.post(f"/frameworks/{draft.id}/autosave?part=general", data=data)
    assert saved.get_json()["revision"] == 2
    headers = {"X-Requested-With": "autosave"}
    refused = registrar.post(f"/frameworks/{draft.id}/autosave?part=general", data=data, headers=headers)
    assert (refused.status_code, "Rien n’a été écrasé" in refused.get_json()["message"]) == (409, True)
    assert stored(session, draft)["title"]["en"] == "Typed"


def test_a_button_that_asks_for_nothing_known_keeps_what_was_typed(
    draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    data = _sent(opened(registrar, draft)) | {"do": "up:b99", "general-title-en": "Typed"}
    page = read(registrar.post(f"/frameworks/{draft.id}/edit?part=general", data=data), status=422)
    assert page.find("input", value="Typed") is not None


def test_a_version_is_mapped_read_again_and_put_in_force(
    session: Session, draft: FrameworkVersion, registrar: FlaskClient
) -> None:
    page = _press(registrar, opened(registrar, draft, "b1"), "remove:b1c1i2")
    follow(registrar, submit(registrar, page, FORM, press="Enregistrer"))
    page = visit(registrar, f"/frameworks/{draft.id}/activate")
    assert "1 ligne est à corriger" in words(page)
    assert not page.select("main form")
    page = visit(registrar, f"/frameworks/{draft.id}/mapping")
    assert page.select_one("#row-2.has-error")
    page = follow(registrar, submit(registrar, page, "form.mapping", press="Proposer pour les lignes"))
    assert "La correspondance est complète" in words(page)
    page = follow(
        registrar, submit(registrar, page, "form.mapping", **{"fate-1": "merged", "fate-2": "merged", "to-2": "1.1.1"})
    )
    assert "La correspondance est complète" in words(page)
    page = visit(registrar, f"/frameworks/{draft.id}/difference")
    assert "Retiré 1.1.2 Indicateur" in words(page)
    page = visit(registrar, f"/frameworks/{draft.id}/activate")
    page = follow(registrar, submit(registrar, page, press="Mettre en vigueur", archives_predecessor=True))
    assert "La version est en vigueur" in words(page)
    session.expire_all()
    states = session.scalars(select(FrameworkVersion.state).order_by(FrameworkVersion.version)).all()
    assert states == [VersionState.ARCHIVED, VersionState.ACTIVE]
    assert registrar.get(f"/frameworks/{draft.id}/edit").status_code == 303
    page = follow(registrar, submit(registrar, page, "form[action$=publish]"))
    assert "publique" in words(page)
    page = follow(registrar, submit(registrar, page, "form[action$=archive]"))
    assert "archivée" in words(page)


def test_two_mappings_at_once_are_shown_side_by_side(draft: FrameworkVersion, registrar: FlaskClient) -> None:
    first, second = (visit(registrar, f"/frameworks/{draft.id}/mapping") for _n in range(2))
    follow(registrar, submit(registrar, first, "form.mapping", **{"fate-1": "dropped", "to-1": ""}))
    page = read(submit(registrar, second, "form.mapping", **{"fate-1": "split", "to-1": "1.1.1, 1.1.2"}), status=409)
    assert "retiré, rien ne le remplace" in words(page)
    assert "scindé en plusieurs 1.1.1, 1.1.2" in words(page)
    page = follow(registrar, submit(registrar, page, "form#keep"))
    field = page.find(id="to-1")
    assert field is not None
    assert field["value"] == "1.1.1, 1.1.2"


def test_a_draft_is_given_up_by_its_button(session: Session, draft: FrameworkVersion, registrar: FlaskClient) -> None:
    page = opened(registrar, draft)
    page = follow(registrar, submit(registrar, page, "form[action$=discard]"))
    assert "Le brouillon est supprimé" in words(page)
    assert session.scalars(select(FrameworkVersion.state)).all() == [VersionState.ACTIVE]


def test_who_reads_for_the_certifying_body_sees_the_draft_without_writing_it(
    session: Session, draft: FrameworkVersion, sign_in: SignIn
) -> None:
    body = session.get_one(Organisation, draft.certifying_body_id)
    client = sign_in(make_member(session, body, Role.AUDITOR))
    page = visit(client, f"/frameworks/{draft.id}")
    assert "en préparation" in words(page)
    assert client.get(f"/frameworks/{draft.id}/edit").status_code == 403
    assert "Les deux versions" in words(visit(client, f"/frameworks/{draft.id}/difference"))


def test_another_certifying_body_finds_none_of_these_pages(
    session: Session, draft: FrameworkVersion, sign_in: SignIn
) -> None:
    person, _actor, _body = make_registrar(session, make_certifying_body(session))
    client = sign_in(person)
    for page in ("", "/edit", "/activate", "/mapping", "/difference", "/versions"):
        assert client.get(f"/frameworks/{draft.id}{page}").status_code == 404, page


def test_a_block_of_many_parts_takes_no_more_statements(session: Session, sign_in: SignIn) -> None:
    person, actor, body = make_registrar(session)
    small, large = make_empty_draft(session, actor, body), make_empty_draft(session, actor, body, "grand")
    document = small.content
    for _n in range(12):
        document = carry_out(document, "add:b1").document
    services.save(session, actor, large, revision=1, document=filled(document) | {"code": "grand"})
    client = sign_in(person)
    counts = []
    for draft in (small, large):
        for part in ("/edit?part=b1", "/activate", "/difference", ""):
            with count_statements(db.engine) as statements:
                assert client.get(f"/frameworks/{draft.id}{part}").status_code in (200, 303)
            counts.append(len(statements))
    assert counts[:4] == counts[4:]
