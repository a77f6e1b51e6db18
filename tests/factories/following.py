"""What happens to an enrolment: half-days and who came, suspensions, steps of a VAE, prior learning."""

import itertools
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import (
    Attendance,
    Cohort,
    Enrolment,
    HalfDay,
    Pause,
    PauseReason,
    Presence,
    TrainingSession,
    VaeStep,
    VaeStepKind,
)
from certify.core import clock
from certify.evidence import services as evidence
from certify.evidence.queries import EvidenceItem
from tests.factories.people import actor_of

_numbers = itertools.count(1)


def make_half_day(session: Session, cohort: Cohort, on: date | None = None, **values: object) -> TrainingSession:
    """Make a morning of training, yesterday by default."""
    defaults = {
        "cohort_id": cohort.id, "on": on or clock.today() - timedelta(days=1), "half": HalfDay.MORNING,
        "title": f"Module {next(_numbers)}", "minutes": 210, "created_at": clock.now(),
    }  # fmt: skip
    row = TrainingSession(**defaults | values)
    session.add(row)
    session.flush()
    return row


def mark(
    session: Session, half_day: TrainingSession, enrolment: Enrolment, presence: Presence = Presence.PRESENT,
    by: User | None = None,
) -> Attendance:  # fmt: skip
    """Record whether somebody came."""
    row = Attendance(
        session_id=half_day.id, enrolment_id=enrolment.id, presence=presence, recorded_at=clock.now(),
        recorded_by_id=by.id if by else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def make_pause(session: Session, enrolment: Enrolment, starts_on: date, ends_on: date | None = None) -> Pause:
    """Make a suspension, over or not."""
    row = Pause(
        enrolment_id=enrolment.id, starts_on=starts_on, ends_on=ends_on, reason=PauseReason.LEAVE, precision="",
        recorded_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def make_step(
    session: Session, enrolment: Enrolment, kind: VaeStepKind, on: date, by: User | None = None, **values: Any
) -> VaeStep:
    """Make a step of a VAE."""
    defaults: dict[str, Any] = {"blocks": [], "recorded_at": clock.now(), "recorded_by_id": by.id if by else None}
    row = VaeStep(enrolment_id=enrolment.id, kind=kind, on=on, **defaults | values)
    session.add(row)
    session.flush()
    return row


def make_prior(session: Session, enrolment: Enrolment, *, submitted: bool = False, **values: Any) -> EvidenceItem:
    """Make a piece of prior learning, as a draft or waiting for an answer."""
    author = actor_of(session, session.get_one(User, enrolment.user_id))
    said: dict[str, Any] = {
        "title": f"Acquis {next(_numbers)}", "obtained_on": date(2024, 6, 30),
        "account": "J’ai tenu un lieu d’accueil pendant trois ans.", "indicators": ["1.1.1", "3.3.1"],
    }  # fmt: skip
    item = evidence.declare_prior(session, author, enrolment, **said | values)
    session.flush()
    if submitted:
        evidence.submit_prior(session, author, enrolment, item, faces_checked=True)
        session.flush()
    return item
