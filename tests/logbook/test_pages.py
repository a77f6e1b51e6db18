"""Pages of the logbook, gone through as a trainee and as a trainer do, without JavaScript."""

import io

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.evidence import queries as evidence
from certify.logbook import queries
from certify.logbook.models import EntryState, EntryVersion, LogbookEntry, ReviewOutcome
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import (
    answer,
    make_entry,
    make_submitted,
    make_trainer,
    pdf,
    photo,
    trainee_of,
)
from tests.services.signing_in import signed_in_client
from tests.services.visiting import Page, follow, read, submit, titles_of, visit, words

FORM = "form#entry"


def only_entry(session: Session) -> LogbookEntry:
    session.expire_all()
    return session.scalars(select(LogbookEntry)).one()


def test_a_trainee_writes_attaches_reads_again_and_submits(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, trainee_of(session, enrolment))
    assert "Votre cahier est encore vide" in words(visit(client, "/logbook"))
    page = visit(client, "/logbook/new")
    assert len(page.select("button[name=activity]")) == 6
    page = follow(client, submit(client, page, press="Rencontre de groupe"))
    written = {
        "title": "Rencontre sur le sommeil",
        "happened_on": "12/06/2026",
        "minutes": "1 h 30",
        "account": "Huit parents sont venus.",
        "indicators": ["3.1.1", "3.3.1"],
        "ai_use": "none",
    }
    page = follow(client, submit(client, page, FORM, press="Enregistrer", **written))
    assert "La fiche est enregistrée" in words(page)
    chosen = {"evidence_file": (io.BytesIO(photo()), "salle.jpg"), "evidence_title": "Salle prête"}
    page = follow(
        client, submit(client, page, FORM, press="Relire et soumettre", **chosen, evidence_indicators=["3.3.1"])
    )
    assert "Salle prête" in words(page)
    page = follow(client, submit(client, page, press="Soumettre la fiche", has_checked=True))
    assert "La fiche est soumise" in words(page)
    entry = only_entry(session)
    assert (entry.state, entry.minutes) == (EntryState.SUBMITTED, 90)
    content = queries.versions_of(session, entry.id)[0].content
    assert [fact.indicators for fact in content.files] == [("3.3.1",)]


def test_an_entry_begun_for_an_indicator_has_it_ticked(app: Flask, session: Session) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    page = visit(client, "/logbook/new?indicator=2.1.1")
    page = follow(client, submit(client, page, press="Veille documentaire"))
    assert [box["value"] for box in page.select("[name=indicators][checked]")] == ["2.1.1"]


@pytest.mark.engines("sqlite")
def test_an_unknown_indicator_begins_an_entry_all_the_same(app: Flask, session: Session) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    page = visit(client, "/logbook/new?indicator=<script>")
    page = follow(client, submit(client, page, press="Veille documentaire"))
    assert page.select("[name=indicators][checked]") == []


def test_the_same_new_entry_sent_twenty_times_makes_one_draft(app: Flask, session: Session) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    page = visit(client, "/logbook/new")
    places = {submit(client, page, press="Veille documentaire").headers["Location"] for _ in range(20)}
    assert len(places) == 1
    assert session.scalar(select(func.count()).select_from(LogbookEntry)) == 1


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"happened_on": "31/02/2026"}, "La date « 31/02/2026 » n’existe pas"),
        ({"minutes": "une heure"}, "« une heure » n’est pas une durée"),
        ({"account": "a" * 100_000}, "Ce texte est trop long"),
        ({"title": "t" * 161}, "Ce texte est trop long"),
    ],
)
def test_a_refused_draft_loses_nothing_that_was_typed(
    app: Flask, session: Session, typed: dict[str, str], message: str
) -> None:
    entry = make_entry(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit")
    sent = {"reflection": "À garder.", "indicators": ["2.1.1"]} | typed
    page = read(submit(client, page, FORM, press="Enregistrer", **sent), status=422)
    assert message in words(page)
    for name, value in {**typed, "reflection": "À garder."}.items():
        control = page.select_one(f"{FORM} [name={name}]")
        assert control is not None
        assert (control.get("value") or control.get_text().strip("\n")) == value
    assert page.select_one("[name=indicators][value='2.1.1'][checked]") is not None


@pytest.mark.engines("sqlite")
def test_emoji_and_right_to_left_text_come_back_as_typed(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit")
    text = "Une maman a dit : « \u200fشكرا جزيلا » 👩\u200d👧 ❤️\n\nPuis nous avons chanté."
    page = follow(client, submit(client, page, FORM, press="Enregistrer", account=text))
    control = page.select_one("textarea[name=account]")
    assert control is not None
    assert control.get_text().strip("\n") == text.replace("\u200f", "")


def test_saving_from_an_older_page_shows_both_texts(app: Flask, session: Session) -> None:
    entry = make_entry(session, account="Texte de départ.")
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    phone, computer = visit(client, f"/logbook/{entry.id}/edit"), visit(client, f"/logbook/{entry.id}/edit")
    follow(client, submit(client, phone, FORM, press="Enregistrer", account="Écrit sur le téléphone."))
    page = read(submit(client, computer, FORM, press="Enregistrer", account="Écrit sur l’ordinateur."), status=409)
    assert "Écrit sur le téléphone." in words(page)
    assert "Écrit sur l’ordinateur." in page.select_one("textarea[name=account]").get_text()  # type: ignore[union-attr]
    assert only_entry(session).account == "Écrit sur le téléphone."
    follow(client, submit(client, page, FORM, press="Enregistrer ce texte"))
    assert only_entry(session).account == "Écrit sur l’ordinateur."


def test_an_automatic_save_answers_with_the_time_and_the_revision(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit")
    form = page.select_one(FORM)
    assert form is not None
    data = {
        "csrf_token": form.select_one("[name=csrf_token]")["value"],
        "activity": "watch",
        "account": "Tapé à l’instant.",
    }  # type: ignore[index]
    headers = {"X-Requested-With": "autosave", "Accept": "application/json"}
    revision = entry.revision
    saved = client.post(str(form["data-autosave"]), data=data | {"revision": revision}, headers=headers)
    assert saved.status_code == 200
    assert saved.get_json()["revision"] == revision + 1
    assert saved.get_json()["saved_at"].startswith(str(clock.now().year))
    stale = client.post(
        str(form["data-autosave"]), data=data | {"revision": revision, "account": "Autre."}, headers=headers
    )
    assert stale.status_code == 409
    assert "un autre onglet" in stale.get_json()["message"]
    long = client.post(
        str(form["data-autosave"]), data=data | {"revision": revision + 1, "account": "a" * 100_000}, headers=headers
    )
    assert long.status_code == 422
    assert "trop long" in long.get_json()["message"]
    assert only_entry(session).account == "Tapé à l’instant."


@pytest.mark.engines("sqlite")
def test_a_text_that_names_somebody_is_quoted_with_advice_and_kept(app: Flask, session: Session) -> None:
    entry = make_entry(session, account="J’ai appelé Mme Exemple au 06 12 34 56 78.")
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/submit")
    assert [mark.get_text() for mark in page.select("mark")] == ["Mme Exemple", "06 12 34 56 78"]
    assert "un parent du groupe" in words(page)
    assert page.select_one("[name=has_checked]") is None
    data = {"csrf_token": _token(visit(client, "/logbook/new")), "revision": entry.revision, "has_checked": "y"}
    read(client.post(f"/logbook/{entry.id}/submit", data=data), status=422)
    assert only_entry(session).state is EntryState.DRAFT
    assert "Mme Exemple" in only_entry(session).account


@pytest.mark.engines("sqlite")
def test_a_trainee_vouches_for_anonymity_before_submitting(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/submit")
    page = read(submit(client, page, press="Soumettre la fiche"), status=422)
    assert "Cochez cette case" in words(page)
    assert only_entry(session).state is EntryState.DRAFT


def test_an_entry_submitted_twice_makes_one_version(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    first, second = visit(client, f"/logbook/{entry.id}/submit"), visit(client, f"/logbook/{entry.id}/submit")
    follow(client, submit(client, first, press="Soumettre la fiche", has_checked=True))
    read(submit(client, second, press="Soumettre la fiche", has_checked=True), status=409)
    follow(client, submit(client, first, press="Soumettre la fiche", has_checked=True))
    assert session.scalar(select(func.count()).select_from(EntryVersion)) == 1


def test_a_returned_entry_shows_its_comment_then_the_difference(app: Flask, session: Session) -> None:
    entry = make_submitted(session, account="Huit parents sont venus. Nous avons chanté.")
    answer(session, entry, ReviewOutcome.RETURNED, comment="Dites comment vous avez ouvert.")
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    index = words(visit(client, "/logbook"))
    assert "1 fiche vous a été renvoyée" in index
    page = visit(client, f"/logbook/{entry.id}/edit")
    assert "Dites comment vous avez ouvert." in words(page)
    amended = "Huit parents sont venus. J’ai ouvert par un tour de parole."
    page = follow(client, submit(client, page, FORM, press="Relire et soumettre", account=amended))
    page = follow(client, submit(client, page, press="Soumettre la fiche", has_checked=True))
    assert "c’est sa version 2" in words(page)
    added, removed = page.select_one("ins"), page.select_one("del")
    assert added is not None
    assert removed is not None
    assert "ajouté" in added.get_text()
    assert "retiré" in removed.get_text()
    assert "Nous avons chanté" not in _without(page, "del")


def test_an_accepted_entry_is_only_read(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    answer(session, entry, ReviewOutcome.ACCEPTED, comment="Bravo pour le tour de parole.")
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit", follow=True)
    assert page.select_one(FORM) is None
    assert "Bravo pour le tour de parole." in words(page)
    data = {
        "csrf_token": _token(visit(client, "/logbook/new")),
        "revision": entry.revision,
        "activity": "watch",
        "title": "X",
    }
    page = read(client.post(f"/logbook/{entry.id}/edit", data=data), status=409)
    assert "elle ne change plus" in words(page)


@pytest.mark.engines("sqlite")
def test_a_draft_is_put_away_and_found_again(app: Flask, session: Session) -> None:
    entry = make_entry(session, title="Brouillon de veille")
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit")
    page = follow(client, submit(client, page, f"form[action$='{entry.id}/discard']"))
    assert "Brouillon de veille" not in words(page)
    page = visit(client, "/logbook?state=discarded")
    assert "Brouillon de veille" in words(page)
    page = visit(client, f"/logbook/{entry.id}")
    follow(client, submit(client, page, f"form[action$='{entry.id}/resume']"))
    assert only_entry(session).state is EntryState.DRAFT


@pytest.mark.engines("sqlite")
def test_the_list_is_searched_filtered_sorted_and_exported(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_entry(session, enrolment, title="Veille sur les écrans", activity="watch")
    make_entry(session, enrolment, title="=Rencontre", account="Le sommeil des bébés.")
    make_submitted(session, enrolment, title="COPIL du trimestre")
    client = signed_in_client(app, trainee_of(session, enrolment))
    assert "3 fiches" in words(visit(client, "/logbook"))
    assert titles_of(visit(client, "/logbook?q=sommeil")) == ["=Rencontre"]
    assert titles_of(visit(client, "/logbook?state=submitted")) == ["COPIL du trimestre"]
    assert titles_of(visit(client, "/logbook?activity=watch")) == ["Veille sur les écrans"]
    assert titles_of(visit(client, "/logbook?sort=title&direction=asc"))[-1] == "Veille sur les écrans"
    assert "Aucune fiche ne correspond" in words(visit(client, "/logbook?q=introuvable"))
    exported = client.get("/logbook?format=csv")
    assert exported.mimetype == "text/csv"
    assert "'=Rencontre" in exported.get_data(as_text=True)


def test_the_entries_of_another_training_body_do_not_exist(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    item = evidence.items_of_entry(session, entry.id)[0]
    other = make_enrolment(session)
    for stranger in (make_trainer(session, other), trainee_of(session, other)):
        client = signed_in_client(app, stranger)
        paths = [f"/logbook/{entry.id}", f"/evidence/{item.id}/file"]
        assert [client.get(path).status_code for path in paths] == [404, 404]
    trainer = signed_in_client(app, make_trainer(session, other))
    assert trainer.get(f"/reviews/{entry.id}").status_code == 404
    assert trainer.get(f"/trainees/{entry.enrolment_id}/logbook").status_code == 404
    trainee = signed_in_client(app, trainee_of(session, other))
    for path in ("edit", "submit"):
        assert trainee.get(f"/logbook/{entry.id}/{path}").status_code == 404


def test_a_pdf_is_attached_from_its_own_button(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit")
    button = page.select_one("button[formaction]")
    form = page.select_one(FORM)
    assert button is not None
    assert form is not None
    form["action"] = button["formaction"]
    chosen = {"evidence_file": (io.BytesIO(pdf()), "affiche.pdf"), "account": "Tapé avant de joindre."}
    page = follow(client, submit(client, page, FORM, **chosen))
    assert "affiche" in words(page)
    assert only_entry(session).account == "Tapé avant de joindre."


def _token(page: Page) -> str:
    field = page.select_one("[name=csrf_token]")
    assert field is not None
    return str(field["value"])


def _without(page: Page, selector: str) -> str:
    for tag in page.select(selector):
        tag.decompose()
    return words(page)
