"""What is too old goes, a batch at a time, and leaves a trace of how many."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import FailedSignIn
from certify.anonymity.models import DeclaredName
from certify.core import clock, jobs
from certify.core.access import Role
from certify.core.errors import Invalid, NotFound
from certify.core.receipts import FormReceipt
from certify.core.types import new_id
from certify.identities.models import RegistrationNumber
from certify.juries import services as juries
from certify.juries.models import Candidacy, JurySeat, JurySession, SessionState, Vote
from certify.logbook.models import EntryState, LogbookEntry
from certify.retention import queries, services, tasks
from certify.retention.classes import CLASSES, class_of
from certify.retention.models import Purge
from competencies import BlockOutcome
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import make_appeal, make_jury, opened
from tests.factories.logbook import make_entry
from tests.factories.people import actor_of, make_certifying_body, make_member


def old_receipts(session: Session, count: int, days: int) -> None:
    at = clock.now() - timedelta(days=days)
    session.add_all(FormReceipt(id=new_id(), path="/", location="/", at=at) for _ in range(count))
    session.commit()


def kept(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_every_day_what_is_too_old_goes_and_the_log_says_how_much(session: Session) -> None:
    old_receipts(session, 3, days=31)
    old_receipts(session, 2, days=29)
    assert tasks.purge_what_is_due() == 3
    assert kept(session, FormReceipt) == 2
    [purge] = session.scalars(select(Purge))
    assert (purge.code, purge.count, purge.purged_by_id) == ("form_receipts", 3, None)
    session.rollback()
    assert tasks.purge_what_is_due() == 0


def test_a_purge_goes_on_batch_after_batch_until_nothing_is_left(
    session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_AT_ONCE", 2)
    old_receipts(session, 5, days=40)
    actor = actor_of(session, make_member(session, make_certifying_body(session), Role.ADMINISTRATOR))
    services.ask(session, actor, queries.known_class("form_receipts"))
    session.commit()
    jobs.run_pending()
    assert kept(session, FormReceipt) == 0
    assert [one.count for one in session.scalars(select(Purge).order_by(Purge.purged_at))] == [2, 2, 1]
    assert {one.purged_by_id for one in session.scalars(select(Purge))} == {actor.user_id}


def test_a_period_decided_counts_from_then_on(session: Session) -> None:
    old_receipts(session, 1, days=10)
    actor = actor_of(session, make_member(session, make_certifying_body(session), Role.ADMINISTRATOR))
    kind = queries.known_class("form_receipts")
    assert queries.count_due(session, kind, queries.periods(session)[kind.code]) == 0
    services.decide(session, actor, kind, days=7)
    assert queries.count_due(session, kind, queries.periods(session)[kind.code]) == 1


def test_a_period_shorter_than_what_the_class_needs_is_refused(session: Session) -> None:
    actor = actor_of(session, make_member(session, make_certifying_body(session), Role.ADMINISTRATOR))
    with pytest.raises(Invalid) as refusal:
        services.decide(session, actor, queries.known_class("field_operations"), days=3)
    assert refusal.value.field == "days"
    assert queries.periods(session)["field_operations"] == 180


def test_an_unknown_class_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.known_class("anything")


def test_a_draft_put_away_is_emptied_only_when_somebody_asks(session: Session) -> None:
    entry = make_entry(session, make_enrolment(session), title="Une rencontre", account="Ce qui s’est passé")
    entry.state, entry.saved_at = EntryState.DISCARDED, clock.now() - timedelta(days=800)
    session.commit()
    tasks.purge_what_is_due()
    session.refresh(entry)
    assert entry.account == "Ce qui s’est passé"
    kind = queries.known_class("discarded_drafts")
    assert services.purge_some(session, kind, queries.limit(kind.days)) == 1
    session.commit()
    session.refresh(entry)
    assert (entry.title, entry.account, entry.state) == ("", "", EntryState.DISCARDED)
    assert services.purge_some(session, kind, queries.limit(kind.days)) == 0
    assert kept(session, LogbookEntry) == 1


def test_declared_names_stay_while_training_lasts(session: Session) -> None:
    running, over = make_enrolment(session), make_enrolment(session)
    over.ended_on = clock.today() - timedelta(days=200)
    for enrolment in (running, over):
        session.add(DeclaredName(enrolment_id=enrolment.id, digest=enrolment.id.hex, declared_at=clock.now()))
    session.commit()
    assert tasks.purge_what_is_due() == 1
    assert session.scalars(select(DeclaredName.enrolment_id)).all() == [running.id]


def test_what_a_juror_noted_goes_long_after_publication_and_their_vote_stays(session: Session) -> None:
    made = opened(session, make_jury(session))
    acquired = BlockOutcome.ACQUIRED
    (vote,) = juries.vote(
        session, made.actor(session, made.members[1]), made.candidacies[0], outcomes={"1": acquired},
        comments={"1": "Très à l’aise."},
    )  # fmt: skip
    session.commit()
    assert tasks.purge_what_is_due() == 0
    kind = queries.known_class("deliberation_notes")
    later = clock.now() + timedelta(days=1)
    assert queries.count_due(session, kind, 0) == 0
    made.jury.state, made.jury.published_at = SessionState.PUBLISHED, clock.now()
    session.flush()
    assert services.purge_some(session, kind, later - timedelta(days=2)) == 0
    assert services.purge_some(session, kind, later) == 1
    session.commit()
    session.refresh(vote)
    assert (vote.comment, vote.outcome) == ("", acquired)


def test_what_a_juror_noted_stays_while_an_appeal_waits(session: Session) -> None:
    appeal = make_appeal(session)
    [seat] = session.scalars(select(JurySeat).join(JurySession).join(Candidacy).where(
        Candidacy.id == appeal.candidacy_id, JurySeat.is_president))  # fmt: skip
    session.add(
        Vote(
            id=new_id(), candidacy_id=appeal.candidacy_id, seat_id=seat.id, block="1", number=9, outcome="acquired",
            comment="Une hésitation.", at=clock.now(),
        )
    )  # fmt: skip
    session.commit()
    kind, later = queries.known_class("deliberation_notes"), clock.now() + timedelta(days=1)
    assert services.purge_some(session, kind, later) == 0
    appeal.answered_on = clock.today()
    session.flush()
    assert services.purge_some(session, kind, later) == 1


def test_a_number_never_transmitted_goes_and_says_when(session: Session) -> None:
    row = RegistrationNumber(
        id=new_id(), user_id=make_enrolment(session).user_id, content=b"x", recorded_at=clock.now()
    )  # fmt: skip
    session.add(row)
    session.commit()
    with clock.at(clock.now() + timedelta(days=800)):
        assert tasks.purge_what_is_due() == 1
    session.refresh(row)
    assert row.content is None
    assert row.purged_at is not None


def test_every_class_can_be_counted_and_purged_on_both_engines(session: Session) -> None:
    session.add(FailedSignIn(at=clock.now() - timedelta(days=90), account_hash="a", address_hash="b"))
    session.commit()
    assert {line.kind.code: line.due for line in queries.lines(session)}["failed_sign_ins"] == 1
    for kind in CLASSES:
        removed = services.purge_some(session, kind, clock.now() + timedelta(days=1))
        assert removed == (1 if kind.code == "failed_sign_ins" else 0), kind.code
    session.commit()


def test_codes_are_told_apart() -> None:
    assert len({kind.code for kind in CLASSES}) == len(CLASSES)
    assert class_of("nothing") is None
