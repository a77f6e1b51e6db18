"""A group with its members, ready to meet."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor, Role
from certify.groups.models import Closure, Meeting, MeetingState, Participant, PeerGroup, Stay
from certify.groups.queries.closures import holiday_on
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.fieldwork import make_group_of
from tests.factories.people import actor_of, make_member, make_user

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scene:
    """A group, who facilitates it, who follows it, and its participants in the order of their pseudonyms."""

    group: PeerGroup
    enrolment: Enrolment
    facilitator: User
    actor: Actor
    referent: User
    participants: tuple[Participant, ...]


def make_scene(session: Session, members: int = 3, **values: object) -> Scene:
    """Make a group of some participants, with the trainee who facilitates it and the referent who follows it."""
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort, make_user(session, given_name="Stagiaire", family_name="03"))
    body = session.get_one(Organisation, cohort.training_body_id)
    referent = make_member(session, body, Role.REFERENT, make_user(session, given_name="Référente", family_name="A"))
    group = make_group_of(session, enrolment, **{"referent_id": referent.id, "place": "Crèche des Lilas"} | values)
    participants = tuple(make_participant(session, group) for _n in range(members))
    facilitator = session.get_one(User, enrolment.user_id)
    session.commit()
    return Scene(group, enrolment, facilitator, actor_of(session, facilitator), referent, participants)


def make_participant(
    session: Session, group: PeerGroup, *, joined_on: date | None = None, left_on: date | None = None
) -> Participant:
    """Make a participant of a group, of it since it opened unless told otherwise."""
    participant = Participant(
        group_id=group.id, pseudonym=f"Participant {next(_numbers):03d}", month=date(2026, 3, 1),
        recorded_at=clock.now(),
    )  # fmt: skip
    session.add(participant)
    session.flush()
    stay = Stay(
        group_id=group.id, participant_id=participant.id, joined_on=joined_on or group.opened_on, left_on=left_on,
        recorded_at=clock.now(),
    )  # fmt: skip
    session.add(stay)
    session.flush()
    return participant


def make_meeting(session: Session, group: PeerGroup, on: date | None = None, **values: object) -> Meeting:
    """Make a meeting planned today at ten, unless told otherwise."""
    defaults: dict[str, object] = {
        "group_id": group.id, "training_body_id": group.training_body_id, "state": MeetingState.PLANNED,
        "starts_at": datetime.combine(on or clock.today(), time(10), clock.PARIS), "place": group.place,
        "created_at": clock.now(), "saved_at": clock.now(),
    }  # fmt: skip
    meeting = Meeting(**defaults | values)
    session.add(meeting)
    session.flush()
    return meeting


def days_ago(count: int) -> date:
    """Return a day of the past."""
    return clock.today() - timedelta(days=count)


def open_day(days: int) -> date:
    """Return a day to come, at least so many days ahead, on which people may meet."""
    day = clock.today() + timedelta(days=days)
    return day if holiday_on(day) is None else open_day(days + 1)


def armistice() -> date:
    """Return the next 11 November that is some weeks ahead: a public holiday every year."""
    this_year = date(clock.today().year, 11, 11)
    return this_year if this_year > clock.today() + timedelta(days=30) else this_year.replace(year=this_year.year + 1)


def end_of_summer_time() -> date:
    """Return the next Sunday on which the clocks go back, some days ahead."""
    for year in (clock.today().year, clock.today().year + 1):
        last = date(year, 10, 31)
        sunday = last - timedelta(days=(last.weekday() + 1) % 7)
        if sunday > clock.today() + timedelta(days=3):
            return sunday
    raise AssertionError("unreachable")


def make_closed_day(session: Session) -> Closure:
    """Make a day on which a group does not meet, and a meeting it had planned then."""
    group, day = make_scene(session).group, open_day(20)
    make_meeting(session, group, day)
    closure = Closure(
        training_body_id=group.training_body_id, group_id=group.id, starts_on=day, ends_on=day, created_at=clock.now()
    )
    session.add(closure)
    session.flush()
    return closure
