"""Groups somebody facilitates, their meetings, coded actions and supervision sessions."""

import itertools
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort, Enrolment, HalfDay
from certify.core import clock
from certify.fragility.models import ActionKind, Channel, FragilityAction, ProtectionProcedure
from certify.frameworks.models import FrameworkVersion
from certify.groups.models import Facilitator, Meeting, MeetingState, PeerGroup
from certify.supervision.models import SupervisionKind, SupervisionPresence, SupervisionSession

_numbers = itertools.count(1)


def make_group_of(session: Session, enrolment: Enrolment, **values: object) -> PeerGroup:
    """Make a group that a trainee facilitates since it opened."""
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    defaults = {
        "training_body_id": enrolment.training_body_id,
        "certifying_body_id": cohort.certifying_body_id,
        "framework_code": version.code,
        "code": f"GT-{next(_numbers):03d}",
        "opened_on": clock.today() - timedelta(days=200),
        "created_at": clock.now(),
    }
    group = PeerGroup(**defaults | values)
    session.add(group)
    session.flush()
    session.add(
        Facilitator(group_id=group.id, enrolment_id=enrolment.id, starts_on=group.opened_on, recorded_at=clock.now())
    )
    session.flush()
    return group


def make_held_meeting(session: Session, group: PeerGroup, on: date, **values: object) -> Meeting:
    """Make a meeting that was held with its facilitator."""
    starts_at = datetime.combine(on, time(10), clock.PARIS)
    defaults = {
        "group_id": group.id,
        "training_body_id": group.training_body_id,
        "starts_at": starts_at,
        "state": MeetingState.HELD,
        "facilitator_present": True,
        "held_at": starts_at + timedelta(hours=2),
        "created_at": clock.now(),
        "saved_at": clock.now(),
    }
    meeting = Meeting(**defaults | values)
    session.add(meeting)
    session.flush()
    return meeting


def make_supervision(
    session: Session, supervisor_id: object, *enrolments: Enrolment, **values: object
) -> SupervisionSession:
    """Make a practice-analysis session of today, to which some trainees are expected."""
    defaults = {
        "training_body_id": enrolments[0].training_body_id,
        "kind": SupervisionKind.PRACTICE_ANALYSIS,
        "on": clock.today(),
        "half": HalfDay.MORNING,
        "theme": "Accueillir",
        "supervisor_id": supervisor_id,
        "created_at": clock.now(),
    }
    held = SupervisionSession(**defaults | values)
    session.add(held)
    session.flush()
    for enrolment in enrolments:
        session.add(SupervisionPresence(session_id=held.id, enrolment_id=enrolment.id, recorded_at=held.created_at))
    session.flush()
    return held


def make_fieldwork_of_somebody(session: Session) -> None:
    """Make one action, one procedure and one session of supervision of the first trainee there is."""
    enrolment = session.scalars(select(Enrolment).order_by(Enrolment.id).limit(1)).one()
    facts = {"enrolment_id": enrolment.id, "training_body_id": enrolment.training_body_id, "on": clock.today()}
    session.add(FragilityAction(kind=ActionKind.PMI, recorded_at=clock.now(), **facts))
    session.add(ProtectionProcedure(channel=Channel.CRIP, recorded_at=clock.now(), **facts))
    make_supervision(session, enrolment.user_id, enrolment)
