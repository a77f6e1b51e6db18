"""Files before a jury: the rules of a programme, and everything that a requirement counts."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating, Standing
from certify.cohorts.models import Attendance, Cohort, Enrolment, HalfDay, Presence, TrainingSession
from certify.core import clock
from certify.core.access import Role
from certify.frameworks.models import FrameworkVersion, ProgrammeRules
from certify.logbook.models import Activity, EntryState, LogbookEntry
from certify.organisations.models import Organisation
from competencies import Programme
from tests.factories.people import make_member

INDICATORS = tuple(indicator.code for indicator in competencies.demo().indicators)
COMPETENCIES = tuple(competency.code for competency in competencies.demo().competencies)


def make_rules(session: Session, cohort: Cohort, number: int = 1, **values: Any) -> Programme:
    """Set the rules of the programme a cohort follows."""
    version = session.get_one(FrameworkVersion, cohort.framework_version_id)
    programme = Programme(**values)
    session.add(
        ProgrammeRules(
            certifying_body_id=version.certifying_body_id, framework_code=version.code, number=number,
            content=programme.to_document(), recorded_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()
    return programme


def make_coordinator(session: Session, enrolment: Enrolment) -> User:
    """Make a coordinator of the body that trains somebody."""
    return make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.COORDINATOR)


def make_practice(session: Session, enrolment: Enrolment, entries: int = 1, **values: Any) -> list[LogbookEntry]:
    """Make accepted entries about group meetings of an hour and a half."""
    moment = clock.now()
    defaults: dict[str, Any] = {
        "enrolment_id": enrolment.id, "training_body_id": enrolment.training_body_id,
        "activity": Activity.GROUP_MEETING, "title": "Rencontre de parents", "minutes": 90,
        "happened_on": clock.today() - timedelta(days=7), "state": EntryState.ACCEPTED, "created_at": moment,
        "saved_at": moment, "submitted_at": moment, "accepted_at": moment,
    }  # fmt: skip
    made = [LogbookEntry(**defaults | values) for _ in range(entries)]
    session.add_all(made)
    session.flush()
    return made


def make_seen(
    session: Session, enrolment: Enrolment, *indicators: str, kind: AssessmentKind = AssessmentKind.OBSERVATION,
    assessor: User | None = None, **values: Any,
) -> Assessment:  # fmt: skip
    """Make an assessment as it stands once signed, with the indicators given seen as acquired."""
    assessor = assessor or make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.TRAINER)
    moment = clock.now()
    defaults: dict[str, Any] = {
        "enrolment_id": enrolment.id, "framework_version_id": enrolment.framework_version_id,
        "training_body_id": enrolment.training_body_id, "assessor_id": assessor.id, "kind": kind,
        "held_on": clock.today() - timedelta(days=1), "state": AssessmentState.DRAFT, "created_at": moment,
        "saved_at": moment, "ratings": [Rating(indicator=code, level="acquired") for code in indicators],
    }  # fmt: skip
    made = Assessment(**defaults | values)
    session.add(made)
    session.flush()
    if "state" not in values:
        made.state, made.signed_at, made.seal = AssessmentState.SIGNED, moment, "0" * 64
        session.flush()
    return made


def make_standing(session: Session, enrolment: Enrolment, *assessed: str) -> Standing:
    """Say which competencies have a proposed level: all of them unless some are given."""
    levels = dict.fromkeys(assessed or COMPETENCIES, "acquired")
    row = Standing(enrolment_id=enrolment.id, competencies=levels, disputed=[], assessed_at=clock.now())
    session.add(row)
    session.flush()
    return row


def make_attendance(session: Session, enrolment: Enrolment, present: int, absent: int = 0) -> None:
    """Hold half-days of training, each with somebody's presence recorded."""
    for n in range(present + absent):
        held = TrainingSession(
            cohort_id=enrolment.cohort_id, on=_day(n), half=HalfDay.MORNING, title="Formation", created_at=clock.now()
        )
        session.add(held)
        session.flush()
        presence = Presence.PRESENT if n < present else Presence.ABSENT
        session.add(
            Attendance(session_id=held.id, enrolment_id=enrolment.id, presence=presence, recorded_at=clock.now())
        )
    session.flush()


def _day(n: int) -> date:
    return clock.today() - timedelta(days=n + 1)
