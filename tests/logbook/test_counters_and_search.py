"""What a logbook is searched by, what it counts, and the trace of who read it."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.anonymity.policies import Passage
from certify.anonymity.queries import subject_for
from certify.anonymity.services import flag
from certify.cohorts.models import Enrolment
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.core.listing import Wanted
from certify.logbook import queries, services
from certify.logbook.models import Activity, LogbookEntry, ReviewOutcome
from certify.logbook.queries.counters import Count
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import answer, make_entry, make_submitted, make_trainer, submit, trainee_of
from tests.factories.people import actor_of
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import titles_of, visit, words


def found_by_author(session: Session, enrolment: Enrolment, words: str, **filters: str) -> list[str]:
    actor = actor_of(session, trainee_of(session, enrolment))
    found = queries.own_entries(session, actor, Wanted("/logbook", words, filters=filters))
    return [entry.title for entry in found.rows]


def found_by_staff(session: Session, enrolment: Enrolment, words: str) -> list[str]:
    found = queries.entries_of_trainee(session, enrolment, Wanted("/logbook", words))
    return [entry.title for entry in found.rows]


@pytest.mark.parametrize("words", ["eveil", "ÉVEIL", "l'accueil", "theatre", "coeur", "pmi maternelle", "100%"])
def test_an_entry_is_found_without_accents_and_by_the_answers_chosen(session: Session, words: str) -> None:
    enrolment = make_enrolment(session)
    make_entry(
        session,
        enrolment,
        activity="partner_meeting",
        title="Éveil",
        account="À l’accueil du théâtre, au cœur du quartier : 100% des places.",
    )
    make_entry(session, enrolment, title="Autre chose", place="Salle")
    assert found_by_author(session, enrolment, words) == ["Éveil"]


def test_a_private_note_is_found_by_nobody(session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_submitted(session, enrolment)
    entry.private_note = "introuvable"
    session.flush()
    assert found_by_author(session, enrolment, "introuvable") == []
    assert "introuvable" not in entry.search_text


def test_staff_find_what_was_submitted_not_what_is_being_rewritten(session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_submitted(session, enrolment, title="Première", account="Les siestes.")
    answer(session, entry, ReviewOutcome.RETURNED)
    actor = actor_of(session, trainee_of(session, enrolment))
    content = queries.content_of(session, entry)
    rewritten = replace(content, account="Les doudous.")
    services.save(session, actor, entry, revision=entry.revision, content=rewritten)
    assert (found_by_staff(session, enrolment, "siestes"), found_by_staff(session, enrolment, "doudous")) == (
        ["Première"],
        [],
    )
    assert found_by_author(session, enrolment, "doudous") == ["Première"]
    submit(session, entry)
    assert found_by_staff(session, enrolment, "doudous") == ["Première"]


def test_entries_are_filtered_by_period_and_by_indicator(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_entry(session, enrolment, title="Mars", happened_on=date(2026, 3, 2), indicators=("1.1.1",))
    make_entry(session, enrolment, title="Juin", happened_on=date(2026, 6, 2), indicators=("3.1.1",))
    assert found_by_author(session, enrolment, "", since="2026-04-01") == ["Juin"]
    assert found_by_author(session, enrolment, "", until="2026-03-02") == ["Mars"]
    assert found_by_author(session, enrolment, "", indicator="1.1.1") == ["Mars"]
    assert found_by_author(session, enrolment, "", since="hier", indicator="9") == []


def test_hours_are_counted_by_activity_and_month(session: Session) -> None:
    enrolment = make_enrolment(session)
    accepted = make_submitted(session, enrolment, happened_on=date(2026, 3, 2), minutes=90)
    answer(session, accepted, ReviewOutcome.ACCEPTED)
    make_submitted(session, enrolment, happened_on=date(2026, 5, 3), minutes=30)
    make_entry(session, enrolment, activity="watch", happened_on=None, minutes=45)
    found = queries.counters_of(session, enrolment.id)
    assert found.activities == {Activity.GROUP_MEETING: Count(2, 120, 1, 90), Activity.WATCH: Count(1, 45)}
    assert list(found.months) == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
    assert (found.total, found.undated, found.most_minutes) == (Count(3, 165, 1, 90), 1, 90)
    for_staff = queries.counters_of(session, enrolment.id, for_staff=True)
    assert for_staff.total == Count(2, 120, 1, 90)


@pytest.mark.engines("sqlite")
def test_counters_are_one_statement_and_a_date_far_away_draws_no_empty_century(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_entry(session, enrolment, happened_on=date(1999, 1, 1))
    make_entry(session, enrolment, happened_on=date(2026, 5, 3))
    session.flush()
    with count_statements(db.engine) as sent:
        found = queries.counters_of(session, enrolment.id)
    assert len(sent) == 1
    assert list(found.months) == [date(1999, 1, 1), date(2026, 5, 1)]


def test_counters_are_read_by_the_trainee_and_the_staff(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_submitted(session, enrolment, happened_on=date(2026, 3, 2), minutes=90)
    session.commit()
    page = visit(signed_in_client(app, trainee_of(session, enrolment)), "/logbook/counters")
    assert "mars 2026" in words(page)
    assert page.select_one("svg.hours-bar") is not None
    trainer = signed_in_client(app, make_trainer(session, enrolment))
    assert "1 h 30" in words(visit(trainer, f"/trainees/{enrolment.id}/logbook/counters"))
    stranger = signed_in_client(app, make_trainer(session, make_enrolment(session)))
    assert stranger.get(f"/trainees/{enrolment.id}/logbook/counters").status_code == 404


def test_reading_an_entry_of_somebody_else_leaves_one_trace_a_day(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    entry_id, trainer = entry.id, make_trainer(session, enrolment)
    session.commit()
    visit(signed_in_client(app, trainee_of(session, enrolment)), f"/logbook/{entry_id}")
    client = signed_in_client(app, trainer)
    for path in (f"/logbook/{entry_id}", f"/reviews/{entry_id}", f"/logbook/{entry_id}"):
        visit(client, path)
    traces = select(AuditEvent).where(AuditEvent.tag == queries.ENTRY_READ, AuditEvent.object_id == entry_id)
    session.expire_all()
    assert [trace.actor_id for trace in session.scalars(traces)] == [trainer.id]


def test_a_flagged_passage_is_masked_for_the_staff_and_not_for_its_author(app: Flask, session: Session) -> None:
    entry = make_submitted(
        session, activity="watch", title="Titre", values={"source": "Chez Exemple", "changed": "Rien"}
    )
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    version = queries.versions_of(session, entry.id)[0].version
    trainer = make_trainer(session, enrolment)
    actor = actor_of(session, trainer)
    subject = subject_for(session, actor, "logbook_version", version.id)
    flag(session, actor, subject, passages=[Passage("source", 5, 12), Passage("account", 0, 4)])
    session.commit()
    page = visit(signed_in_client(app, trainer), f"/logbook/{entry.id}")
    assert page.select_one(f"a[href='/flags/logbook_version/{version.id}']") is not None
    told = words(page)
    assert "Chez ███████" in told
    assert "████ parents sont venus" in told
    assert "Chez Exemple" in words(visit(signed_in_client(app, trainee_of(session, enrolment)), f"/logbook/{entry.id}"))
    assert queries.latest_contents(session, [entry.id])[entry.id].values["source"] == "Chez ███████"


@pytest.mark.engines("sqlite")
def test_the_lists_take_as_many_statements_whatever_their_size(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainee = signed_in_client(app, trainee_of(session, enrolment))
    trainer = signed_in_client(app, make_trainer(session, enrolment))
    sent: list[tuple[int, ...]] = []
    for size in (2, 9):
        while (session.scalar(select(func.count()).select_from(LogbookEntry)) or 0) < size:
            make_submitted(session, enrolment)
        session.commit()
        counts = []
        for client, path in (
            (trainee, "/logbook"),
            (trainee, "/logbook/counters"),
            (trainer, f"/trainees/{enrolment.id}/logbook"),
            (trainer, "/reviews"),
        ):
            visit(client, path)
            with count_statements(db.engine) as seen:
                visit(client, path)
            counts.append(len(seen))
        sent.append(tuple(counts))
    assert sent[0] == sent[1]


@pytest.mark.engines("sqlite")
def test_the_staff_list_says_what_was_submitted(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_submitted(session, enrolment, title="Comme soumise")
    answer(session, entry, ReviewOutcome.RETURNED)
    entry.title, entry.account = "En train d’être réécrite", "Un brouillon."
    session.commit()
    client = signed_in_client(app, make_trainer(session, enrolment))
    assert titles_of(visit(client, f"/trainees/{enrolment.id}/logbook")) == ["Comme soumise"]
    exported = client.get(f"/trainees/{enrolment.id}/logbook?format=csv").get_data(as_text=True)
    assert "Comme soumise" in exported
    assert "Un brouillon." not in exported
