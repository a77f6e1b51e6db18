"""Comments on single fields, entries taken back before an answer, templates, entries told of a meeting."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, NotFound
from certify.evidence import queries as evidence
from certify.logbook import queries, services
from certify.logbook.models import Activity, EntrySource, EntryState, ReviewOutcome
from certify.logbook.queries.templates import own_template, own_templates
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import (
    answer,
    make_entry,
    make_file,
    make_submitted,
    make_template,
    make_trainer,
    submit,
    trainee_of,
)
from tests.factories.meetings import days_ago, make_meeting, make_scene
from tests.factories.people import actor_of
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, visit, words
from tests.services.visiting import submit as send


def author_of(session: Session, enrolment_id: uuid.UUID) -> Actor:
    return actor_of(session, trainee_of(session, session.get_one(Enrolment, enrolment_id)))


def test_an_entry_nobody_answered_is_taken_back_and_its_version_stays(session: Session) -> None:
    entry = make_entry(session, account="Comme soumise.")
    make_file(session, entry)
    submit(session, entry)
    actor = author_of(session, entry.enrolment_id)
    services.amend(session, actor, entry)
    assert entry.state is EntryState.AMENDING
    content = replace(queries.content_of(session, entry), account="Amendée.")
    services.save(session, actor, entry, revision=entry.revision, content=content)
    assert queries.versions_of(session, entry.id)[0].content.account == "Comme soumise."
    submit(session, entry)
    first, second = reversed(queries.versions_of(session, entry.id))
    assert (first.content.account, second.content.account) == ("Comme soumise.", "Amendée.")
    assert {item.state.value for item in evidence.items_of_entry(session, entry.id)} == {"submitted"}


def test_an_entry_taken_back_waits_for_no_answer_and_takes_none(session: Session) -> None:
    entry = make_submitted(session)
    services.amend(session, author_of(session, entry.enrolment_id), entry)
    session.flush()
    trainer = actor_of(session, make_trainer(session, session.get_one(Enrolment, entry.enrolment_id)))
    assert queries.reviews_waiting(session, trainer) == 0
    with pytest.raises(Conflict):
        services.review(session, trainer, entry, number=1, outcome=ReviewOutcome.ACCEPTED)


@pytest.mark.parametrize("outcome", list(ReviewOutcome))
@pytest.mark.engines("sqlite")
def test_an_entry_that_was_answered_is_not_taken_back(session: Session, outcome: ReviewOutcome) -> None:
    entry = make_submitted(session)
    answer(session, entry, outcome)
    with pytest.raises(Conflict):
        services.amend(session, author_of(session, entry.enrolment_id), entry)


def test_comments_on_fields_are_kept_and_alone_are_enough_to_return(session: Session) -> None:
    entry = make_submitted(session)
    review = answer(
        session, entry, ReviewOutcome.RETURNED, comment="", comments={"account": " Précisez. ", "nothing": "x"}
    )
    assert review.comments == {"account": "Précisez."}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("text", ["Demandez à Mme Exemple", "x" * 2001])
def test_a_comment_on_a_field_is_checked_as_the_others(session: Session, text: str) -> None:
    entry = make_submitted(session)
    with pytest.raises(Invalid) as refusal:
        answer(session, entry, ReviewOutcome.RETURNED, comments={"account": text})
    assert refusal.value.field == "comment_account"


def test_a_comment_on_a_field_is_read_beside_it_when_writing_again(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    client = signed_in_client(app, make_trainer(session, enrolment))
    page = visit(client, f"/reviews/{entry.id}")
    said = {"comment_account": "Combien de parents ?", "comment_indicators": "Un seul suffit."}
    follow(client, send(client, page, "#answer form", press="Renvoyer", **said))
    author = signed_in_client(app, trainee_of(session, enrolment))
    told = words(visit(author, f"/logbook/{entry.id}/edit"))
    assert "À propos de « Ce qui s’est passé » Combien de parents ?" in told
    assert "Un seul suffit." in told
    assert "Combien de parents ?" in words(visit(author, f"/logbook/{entry.id}"))


def test_what_changed_is_said_field_by_field(session: Session) -> None:
    entry = make_submitted(session, activity="watch", values={"source": "Un dossier", "changed": "Rien"})
    answer(session, entry, ReviewOutcome.RETURNED)
    actor = author_of(session, entry.enrolment_id)
    values = {"source": "Un dossier récent", "changed": "Rien", "shared": True, "source_date": "2026-06-12"}
    content = replace(queries.content_of(session, entry), values=values)
    services.save(session, actor, entry, revision=entry.revision, content=content)
    submit(session, entry)
    changes = queries.differences_between(queries.versions_of(session, entry.id))[2]
    said = {str(one.label): [(part.change.value, part.text) for part in one.passages] for one in changes}
    assert said["Source"] == [("same", "Un dossier"), ("added", " récent")]
    assert said["Partagée avec le groupe ou l’équipe"] == [("added", "Oui")]
    assert said["Date de la source"] == [("added", "12 juin 2026")]
    assert len(said) == 3


def test_the_author_takes_an_entry_back_from_its_page(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/{entry.id}")
    page = follow(client, send(client, page, "form[action$='/amend']"))
    assert "Vous avez repris cette fiche avant la réponse" in words(page)
    staff = signed_in_client(app, make_trainer(session, enrolment))
    assert "Reprise avant réponse" in words(visit(staff, f"/logbook/{entry.id}"))


def test_the_same_identity_begins_one_entry(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = author_of(session, enrolment.id)
    identity = uuid.uuid4()
    named: dict[str, Any] = {"activity": Activity.WATCH, "identity": identity, "source": EntrySource.FIELD}
    first = services.start(session, actor, enrolment, **named)
    assert services.start(session, actor, enrolment, **named) is first
    assert (first.id, first.source) == (identity, EntrySource.FIELD)
    other = make_enrolment(session)
    with pytest.raises(Conflict):
        services.start(session, author_of(session, other.id), other, **named)


def test_an_entry_told_of_a_meeting_takes_its_day_its_place_and_its_theme(session: Session) -> None:
    scene = make_scene(session)
    day = days_ago(3)
    meeting = make_meeting(session, scene.group, day, theme="Le sommeil", minutes=110)
    entry = services.start(
        session, scene.actor, scene.enrolment, activity=Activity.GROUP_MEETING, meeting_id=meeting.id
    )
    assert (entry.happened_on, entry.minutes, entry.place) == (day, 110, meeting.place)
    assert (entry.title, entry.values, entry.meeting_id) == ("Le sommeil", {"theme": "Le sommeil"}, meeting.id)
    other = make_enrolment(session)
    with pytest.raises(NotFound):
        services.start(
            session, author_of(session, other.id), other, activity=Activity.GROUP_MEETING, meeting_id=meeting.id
        )


def test_a_meeting_leads_to_its_entry(app: Flask, session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(3), theme="Le sommeil")
    session.commit()
    client = signed_in_client(app, scene.facilitator)
    page = visit(client, f"/logbook/new?meeting={meeting.id}")
    assert "La fiche reprendra la date" in words(page)
    page = follow(client, send(client, page, press="Rencontre de groupe"))
    title = page.select_one("[name=title]")
    assert title is not None
    assert title["value"] == "Le sommeil"


def test_a_template_starts_entries_without_the_date_files_or_ai_use(session: Session) -> None:
    entry = make_entry(session, activity="watch", title="Ma veille", values={"source": "Un dossier", "changed": "Rien"})
    make_file(session, entry)
    template = make_template(session, entry)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    begun = services.start_from(session, author_of(session, enrolment.id), enrolment, template)
    content = queries.content_of(session, begun)
    assert (content.title, content.values["source"], content.files, content.ai_use) == (
        "Ma veille",
        "Un dossier",
        (),
        None,
    )
    assert content.happened_on != entry.happened_on
    assert content.indicators == ("3.1.1", "3.3.1")


def test_a_template_is_renamed_and_retired_by_its_owner_only(session: Session) -> None:
    entry = make_entry(session)
    template = make_template(session, entry)
    actor = author_of(session, entry.enrolment_id)
    with pytest.raises(NotFound):
        own_template(session, author_of(session, make_enrolment(session).id), template.id)
    services.rename_template(session, actor, template, name=" Rencontre du mardi ")
    assert [one.name for one in own_templates(session, entry.enrolment_id)] == ["Rencontre du mardi"]
    with pytest.raises(Invalid):
        services.rename_template(session, actor, template, name=" ")
    services.retire_template(session, actor, template)
    session.flush()
    assert own_templates(session, entry.enrolment_id) == []


def test_templates_are_kept_used_renamed_and_retired_on_pages(app: Flask, session: Session) -> None:
    entry = make_entry(session, title="Rencontre ordinaire")
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    page = visit(client, f"/logbook/{entry.id}/edit")
    page = follow(client, send(client, page, "form[action$='/template']", name="Rencontre type"))
    assert "Rencontre type" in words(page)
    page = visit(client, "/logbook/new")
    page = follow(client, send(client, page, "form[action$='/start']"))
    title = page.select_one("[name=title]")
    assert title is not None
    assert title["value"] == "Rencontre ordinaire"
    page = visit(client, "/logbook/templates")
    rename = page.find("a", string=lambda text: bool(text) and "Renommer" in text) or page.select_one(
        "a[href*='/templates/']"
    )
    assert rename is not None
    page = visit(client, str(rename["href"]))
    page = follow(client, send(client, page, name="Le mardi"))
    assert "Le mardi" in words(page)
    page = follow(client, send(client, page, "form[action$='/retire']"))
    assert "n’est plus proposé" in words(page)
