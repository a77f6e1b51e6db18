"""What is signed, decided or recorded for good is refused by the session itself."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from certify.assessments.models import Assessment, AssessmentState, Rating
from certify.core import audit, sealing
from certify.core.audit import AuditEvent
from certify.core.db import Base, separate_session
from certify.core.sealing import KEEPS_SEALS, Sealed
from certify.logbook.models import EntryReview, EntryVersion, ReviewOutcome
from tests.factories.assessments import make_draft, make_signed
from tests.factories.logbook import answer, make_submitted

Making = Callable[[Session], Any]


def _signed_rating(session: Session) -> Rating:
    signed = make_signed(session)
    return session.scalars(select(Rating).where(Rating.assessment_id == signed.id).limit(1)).one()


def _version(session: Session) -> EntryVersion:
    entry = make_submitted(session)
    return session.scalars(select(EntryVersion).where(EntryVersion.entry_id == entry.id)).one()


def _review(session: Session) -> EntryReview:
    return answer(session, make_submitted(session), ReviewOutcome.ACCEPTED)


def _event(session: Session) -> AuditEvent:
    audit.record(session, None, "test:thing:happened")
    session.commit()
    return session.scalars(select(AuditEvent)).one()


SEALED: list[tuple[Making, str, Any]] = [
    (make_signed, "comment", "autre"),
    (_signed_rating, "level", "not_acquired"),
    (_version, "number", 7),
    (_review, "comment", "autre"),
    (_event, "tag", "test:thing:denied"),
]


@pytest.mark.parametrize(("make", "column", "value"), SEALED)
def test_a_sealed_row_cannot_be_changed(session: Session, make: Making, column: str, value: object) -> None:
    row = make(session)
    session.commit()
    before = getattr(row, column)
    setattr(row, column, value)
    with pytest.raises(Sealed):
        session.commit()
    session.rollback()
    assert getattr(row, column) == before


@pytest.mark.parametrize("make", [make for make, _column, _value in SEALED])
def test_a_sealed_row_cannot_be_deleted(session: Session, make: Making) -> None:
    row = make(session)
    session.commit()
    session.delete(row)
    with pytest.raises(Sealed):
        session.flush()


@pytest.mark.parametrize("kind", [Assessment, Rating, EntryVersion, EntryReview, AuditEvent])
def test_bulk_statements_on_sealed_tables_are_refused(session: Session, kind: type[Base]) -> None:
    for statement in (update(kind).values(id=None), delete(kind)):
        with pytest.raises(Sealed):
            session.execute(statement)


def test_a_signature_cannot_be_taken_back_even_on_a_row_not_read_yet(app: Flask, session: Session) -> None:
    identity = make_signed(session).id
    session.commit()
    with separate_session() as own:
        row = own.get_one(Assessment, identity)
        own.expire(row)
        row.state = AssessmentState.DRAFT
        with pytest.raises(Sealed):
            own.flush()
        own.rollback()
    session.expire_all()
    assert session.get_one(Assessment, identity).state is AssessmentState.SIGNED


def test_a_draft_may_change_and_go(session: Session) -> None:
    draft = make_draft(session)
    draft.comment = "autre"
    session.flush()
    session.delete(draft)
    session.flush()
    assert session.get(Assessment, draft.id) is None


def test_setting_the_value_it_already_has_is_no_change(session: Session) -> None:
    signed = make_signed(session, comment="dit")
    session.commit()
    signed.comment = "dit"
    session.commit()
    assert signed.comment == "dit"


def test_whoever_checked_what_they_touch_may_say_so(session: Session) -> None:
    make_draft(session)
    drafts = update(Assessment).where(Assessment.state == AssessmentState.DRAFT).values(comment="repris")
    session.execute(drafts, execution_options={KEEPS_SEALS: True})
    assert session.scalars(select(Assessment.comment)).all() == ["repris"]


def test_what_must_never_change_says_so() -> None:
    names = (
        "JuryDecision",
        "BlockDecision",
        "CertificateEvent",
        "Certificate",
        "EntryVersion",
        "EntryReview",
        "AuditEvent",
    )
    sealed = {
        mapper.class_.__name__: getattr(mapper.class_, "__sealed_when__", None) for mapper in Base.registry.mappers
    }
    assert {name: sealed[name] for name in names} == dict.fromkeys(names, sealing.always)
