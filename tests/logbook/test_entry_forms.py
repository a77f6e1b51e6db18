"""The forms of a training body, and entries written with them."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.core.errors import Conflict, Invalid
from certify.logbook import queries, services
from certify.logbook.forms.editing import document_of, rows_of
from certify.logbook.models import Activity, EntryContent, EntryState, LogbookEntry, LogbookForm
from certify.logbook.queries import forms
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_content, make_entry, make_form, make_submitted, submit, trainee_of
from tests.factories.people import actor_of, make_member, make_organisation
from tests.services.signing_in import signed_in_client
from tests.services.visiting import Page, follow, read, visit, words
from tests.services.visiting import submit as send

FORM = "form#entry"


def body_of(session: Session, enrolment: Enrolment) -> Organisation:
    return session.get_one(Organisation, enrolment.training_body_id)


def save(session: Session, entry: LogbookEntry, **values: Any) -> LogbookEntry:
    actor = actor_of(session, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    content = replace(queries.content_of(session, entry), **values)
    return services.save(session, actor, entry, revision=entry.revision, content=content)


@pytest.mark.parametrize("activity", list(Activity))
def test_a_new_entry_is_written_with_the_form_that_ships(session: Session, activity: Activity) -> None:
    entry = make_submitted(session, activity=activity)
    assert (entry.form_id, entry.form_number) == (None, 2)
    content = queries.versions_of(session, entry.id)[0].content
    assert content.form == competencies.shipped_form(activity.value, 2).to_document()
    assert content == queries.content_of(session, entry)


def test_an_entry_older_than_forms_reads_and_is_submitted_as_before(session: Session) -> None:
    entry = make_entry(session)
    entry.form_number = 1
    session.flush()
    save(session, entry, ai_use=None, values={})
    version = submit(session, entry)
    old = {
        key: value for key, value in version.content.items() if key not in ("form", "values", "ai_use", "ai_account")
    }
    content = EntryContent.from_document(old)
    assert (content.form, content.ai_use, content.values) == (None, None, {})
    assert dict(queries.answers_of(content))["Ce qui s’est passé"] == entry.account


def test_a_version_reads_with_its_own_form_whatever_becomes_of_it(session: Session) -> None:
    enrolment = make_enrolment(session)
    body = body_of(session, enrolment)
    make_form(session, body)
    first = make_submitted(session, enrolment, activity="watch", values={"mood": "Calme"})
    make_form(session, body, code="place_of_reading", label={"fr": "Où j’ai lu", "en": "Where I read"})
    second = make_entry(session, enrolment, activity="watch", values={"place_of_reading": "Médiathèque"})
    assert (first.form_number, second.form_number) == (1, 2)
    assert first.form_id != second.form_id
    content = queries.versions_of(session, first.id)[0].content
    assert ("Climat", "Calme") in queries.answers_of(content)
    assert "mood" not in forms.form_of(session, second)


def test_a_draft_goes_on_with_its_form_and_takes_the_newer_one_losing_nothing(session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_entry(session, enrolment, activity="watch", reflection="Ce que j’en retiens.")
    assert not forms.has_newer_form(session, entry)
    make_form(session, body_of(session, enrolment))
    assert forms.has_newer_form(session, entry)
    before = dict(entry.values)
    actor = actor_of(session, trainee_of(session, enrolment))
    services.take_newer_form(session, actor, entry)
    assert entry.values == before
    assert [field.code for field, _value in forms.left_aside(session, entry, forms.form_of(session, entry))] == [
        "source",
        "changed",
    ]
    save(session, entry, values={"mood": "Calme"})
    assert entry.values == before | {"mood": "Calme"}
    assert submit(session, entry).content["values"] == {"mood": "Calme"}


def test_another_activity_brings_its_form_and_keeps_every_answer(session: Session) -> None:
    entry = make_entry(session, activity="watch", values={"source": "Un dossier", "changed": "Un geste"})
    save(session, entry, activity=Activity.TRAINING_DAY)
    assert (entry.activity, entry.form_number) == (Activity.TRAINING_DAY, 2)
    save(session, entry, values={"theme": "Le sommeil"})
    save(session, entry, activity=Activity.WATCH)
    assert queries.content_of(session, entry).values == {"source": "Un dossier", "changed": "Un geste"}
    assert entry.values["theme"] == "Le sommeil"


def test_an_answer_of_another_nature_is_not_kept(session: Session) -> None:
    entry = make_entry(session, activity="watch")
    with pytest.raises(Invalid) as refusal:
        save(session, entry, values={"source_date": "hier"})
    assert refusal.value.field == "source_date"


@pytest.mark.parametrize(
    ("activity", "values", "field"),
    [("watch", {"source": "Un dossier"}, "changed"), ("partner_meeting", {}, "partner_kind")],
)
@pytest.mark.engines("sqlite")
def test_what_a_form_requires_must_be_answered(session: Session, activity: str, values: Any, field: str) -> None:
    entry = make_entry(session, activity=activity, values=values)
    with pytest.raises(Invalid) as refusal:
        submit(session, entry)
    assert (refusal.value.field, entry.state) == (field, EntryState.DRAFT)


@pytest.mark.engines("sqlite")
def test_the_author_says_what_part_an_ai_had_before_submitting(session: Session) -> None:
    entry = make_entry(session, ai_use=None)
    with pytest.raises(Invalid) as refusal:
        submit(session, entry)
    assert refusal.value.field == "ai_use"


@pytest.mark.engines("sqlite")
def test_an_added_answer_that_names_somebody_is_not_submitted(session: Session) -> None:
    entry = make_entry(session, activity="watch", values={"source": "Mme Exemple m’a dit", "changed": "Un geste"})
    with pytest.raises(Invalid, match="Mme Exemple") as refusal:
        submit(session, entry)
    assert refusal.value.field == "source"


@pytest.mark.engines("sqlite")
def test_the_same_form_again_makes_no_new_version(session: Session) -> None:
    body = make_organisation(session)
    first = make_form(session, body)
    actor = actor_of(session, make_member(session, body, Role.COORDINATOR))
    again = services.publish_form(session, actor, body, Activity.WATCH, document=first.content, known=1)
    assert again.id == first.id


def test_two_people_who_compose_a_form_at_once_do_not_overwrite_one_another(session: Session) -> None:
    body = make_organisation(session)
    form = make_form(session, body)
    actor = actor_of(session, make_member(session, body, Role.COORDINATOR))
    with pytest.raises(Conflict):
        services.publish_form(session, actor, body, Activity.WATCH, document=form.content, known=0)


def test_a_training_body_goes_back_to_the_form_that_ships(session: Session) -> None:
    body = make_organisation(session)
    make_form(session, body)
    actor = actor_of(session, make_member(session, body, Role.COORDINATOR))
    services.restore_shipped_form(session, actor, body, Activity.WATCH, known=1)
    form_id, number, form = queries.current_form(session, body.id, Activity.WATCH)
    assert (form_id, number, form) == (None, 2, competencies.shipped_form("watch"))
    history = forms.history(session, body.id, Activity.WATCH)
    assert [(one.row.number, one.is_shipped, one.is_current) for one in history] == [(2, True, True), (1, False, False)]


@pytest.mark.parametrize("activity", list(Activity))
def test_the_rows_of_the_editor_make_the_same_form(activity: Activity) -> None:
    form = competencies.shipped_form(activity.value)
    assert competencies.EntryForm.from_document(document_of(rows_of(form))) == form


def test_an_answer_worded_otherwise_stays_the_same_answer() -> None:
    rows = rows_of(competencies.shipped_form("partner_meeting"))
    index = next(position for position, row in enumerate(rows) if row.code == "partner_kind")
    lines = rows[index].options.splitlines()
    reworded = [lines[1], lines[0].replace("Protection maternelle et infantile (PMI)", "La PMI"), *lines[2:], "Théâtre"]
    rows[index] = replace(rows[index], options="\n".join(reworded))
    form = competencies.EntryForm.from_document(document_of(rows))
    field = form.field("partner_kind")
    assert field is not None
    codes = {option.label.fr: option.code for option in field.options}
    assert codes["Crèche, relais petite enfance, lieu d’accueil enfants-parents"] == "childcare"
    assert codes["Théâtre"] == "theatre"
    assert len(set(codes.values())) == len(codes)


def test_a_coordinator_composes_a_form_without_javascript(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    body = body_of(session, enrolment)
    client = signed_in_client(app, make_member(session, body, Role.COORDINATOR))
    page = visit(client, "/entry-forms")
    assert words(page).count("Livré avec le logiciel") == 6
    page = visit(client, f"/entry-forms/{body.id}/training_day")
    page = _press(client, page, "up:4")
    page = _press(client, page, "remove:4")
    page = _press(client, page, "add", **{"add-kind": "choice"})
    assert "Nouveau champ" in words(page)
    last = len(page.select(".form-row")) - 1
    refused = read(send(client, page, ".form-editor", press="Enregistrer une nouvelle version"), status=422)
    assert "donnez un intitulé" in words(refused)
    typed = {
        f"{last}-label-fr": "Format de la journée",
        f"{last}-options": "En présence | On site\nÀ distance | Remote",
        f"{last}-required": True,
    }
    page = _press(client, page, "preview", **typed)
    preview = page.select_one("#preview")
    assert preview is not None
    assert "Format de la journée" in preview.get_text()
    page = follow(client, send(client, page, ".form-editor", press="Enregistrer une nouvelle version"))
    assert "Le vôtre, version 1" in words(page)
    form = queries.current_form(session, body.id, Activity.TRAINING_DAY)[2]
    assert [field.code for field in form.fields][:4] == ["title", "happened_on", "minutes", "theme"]
    added = form.field("format_de_la_journee")
    assert added is not None
    assert ([option.code for option in added.options], added.is_required) == (["en_presence", "a_distance"], True)


def _press(client: Any, page: Page, value: str, **typed: Any) -> Page:
    form = page.select_one(".form-editor")
    assert form is not None
    button = form.select_one(f"button[value='{value}']")
    assert button is not None
    marker = "marked-button"
    button.string = marker
    return read(send(client, page, ".form-editor", press=marker, **typed))


def test_versions_of_a_form_are_read_and_the_shipped_one_taken_again(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    body = body_of(session, enrolment)
    version = make_form(session, body)
    client = signed_in_client(app, make_member(session, body, Role.COORDINATOR))
    assert "Climat" in words(visit(client, f"/entry-forms/versions/{version.id}"))
    page = visit(client, f"/entry-forms/{body.id}/watch")
    assert "Version 1" in words(page)
    page = follow(client, send(client, page, "form[action$='/shipped']"))
    assert "Le formulaire livré sert de nouveau" in words(page)
    session.expire_all()
    assert session.scalars(select(LogbookForm).order_by(LogbookForm.number.desc())).first().content == forms.SHIPPED  # type: ignore[union-attr]


def test_a_trainee_answers_the_fields_of_the_form_and_reads_them_again(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, "/logbook/new")
    page = follow(client, send(client, page, press="Veille documentaire"))
    wrong = {"value_source_address": "exemple.fr", "value_source_date": "31/02/2026"}
    refused = read(send(client, page, FORM, press="Enregistrer", **wrong), status=422)
    assert "n’existe pas" in words(refused)
    wrong = {"value_source_address": "exemple.fr", "value_source_date": ""}
    refused = read(send(client, page, FORM, press="Enregistrer", **wrong), status=422)
    assert "elle commence par https://" in words(refused)
    written = {
        "title": "Les écrans",
        "minutes": "45",
        "value_source": "Un organisme public",
        "value_source_address": "https://exemple.fr/dossier",
        "value_source_date": "12/06/2026",
        "value_reliability": ["official", "dated"],
        "account": "L’essentiel.",
        "value_changed": "Je cite ma source.",
        "value_shared": "no",
        "indicators": ["1.1.1"],
        "ai_use": "wording",
        "ai_account": "relecture",
        "private_note": "À garder pour moi.",
    }
    page = follow(client, send(client, page, FORM, press="Relire et soumettre", **written))
    read_again = words(page)
    for expected in ("12 juin 2026", "Organisme public ou société savante, Datée et à jour", "Non", "relecture"):
        assert expected in read_again
    assert "À garder pour moi" not in read_again
    page = follow(client, send(client, page, press="Soumettre la fiche", has_checked=True))
    assert "À garder pour moi" in words(page)
    entry = session.scalars(select(LogbookEntry)).one()
    assert "À garder" not in str(queries.versions_of(session, entry.id)[0].version.content)
    assert entry.values["shared"] is False


def test_a_draft_offers_the_newer_form_on_its_page(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_entry(session, enrolment, activity="watch", values={"source": "Un dossier"})
    make_form(session, body_of(session, enrolment))
    session.commit()
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/{entry.id}/edit")
    assert "Le formulaire de cette activité a changé" in words(page)
    form = page.select_one(FORM)
    assert form is not None
    form["action"] = f"/logbook/{entry.id}/form"
    typed = {"value_changed": "Écrit à l’instant."}
    page = follow(client, send(client, page, FORM, press="Passer au nouveau formulaire", **typed))
    told = words(page)
    assert "Gardé d’un autre formulaire" in told
    assert "Un dossier" in told
    assert "Écrit à l’instant." in told
    assert page.select_one("[name=value_mood]") is not None


def test_a_page_open_on_an_older_form_loses_nothing_that_was_typed_in_it(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_entry(session, enrolment, activity="watch")
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/{entry.id}/edit")
    make_form(session, body_of(session, enrolment))
    services.take_newer_form(session, actor_of(session, trainee_of(session, enrolment)), entry)
    session.commit()
    typed = {"title": "Autre titre", "value_changed": "Typed on the older page."}
    shown = words(read(send(client, page, FORM, press="Enregistrer", **typed), status=409))
    assert "Ce que vous aviez écrit dans des champs que la fiche n’a plus" in shown
    assert "Typed on the older page." in shown


def test_an_automatic_save_leaves_the_activity_and_keeps_the_private_note(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_entry(session, enrolment, activity="watch")
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/{entry.id}/edit")
    form = page.select_one(FORM)
    assert form is not None
    form["action"], before = str(form["data-autosave"]), entry.revision
    saved = send(client, page, FORM, press="Relire", activity="training_day", private_note="Pour moi.")
    assert saved.get_json()["revision"] == before + 1
    session.expire_all()
    assert (entry.activity, entry.private_note) == (Activity.WATCH, "Pour moi.")


@pytest.mark.engines("sqlite")
def test_make_content_gives_what_each_form_requires() -> None:
    for activity in Activity:
        content = make_content(activity=activity)
        assert competencies.shipped_form(activity.value).missing(content.values) == ()
