"""Groups that lived for months: members and meetings with who came, made by the verbs, day after day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock
from certify.core.access import Actor, Role
from certify.groups.models import Meeting, Participant, PeerGroup, Presence
from certify.groups.queries.groups import facilitators_of
from certify.groups.services import attendance, composing, members
from certify.groups.services import groups as services
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.meetings import make_meeting
from tests.factories.people import actor_of, make_member, make_organisation, make_user

__all__ = ["at_noon", "lived_group", "make_coordinator", "month_of", "open_one", "trainee_of_group"]


def at_noon(day: date) -> datetime:
    """Return noon of a day, for the clock."""
    return datetime.combine(day, time(12), UTC)


def month_of(day: date, months: int = 0) -> date:
    """Return the first day of a month, some months away."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def make_coordinator(
    session: Session, body: Organisation | None = None, **values: object
) -> tuple[Actor, Organisation]:
    """Make somebody who coordinates a training body."""
    body = body or make_organisation(session)
    user = make_user(session, **{"given_name": "Coordinatrice", "family_name": "A"} | values)
    make_member(session, body, Role.COORDINATOR, user)
    return actor_of(session, user), body


def open_one(session: Session, actor: Actor, body: Organisation, **values: object) -> PeerGroup:
    """Open a group of a training body through the verb, with a new trainee who facilitates it."""
    if "facilitators" not in values:
        trainee = make_user(session, given_name="Stagiaire", family_name="03")
        values["facilitators"] = [make_enrolment(session, make_cohort(session, body), trainee).id]
    named = {"code": "ROUBAIX-03", "opened_on": clock.today(), "place": "Crèche des Lilas"} | values
    return services.open_group(session, actor, body.id, **named)


def lived_group(
    session: Session, actor: Actor, group: PeerGroup, *, size: int = 10, meetings: int = 8, every: int = 14
) -> tuple[Sequence[Participant], Sequence[Meeting]]:
    """Let a group live from the day it opened: members join, meetings are held, everybody comes but one at a time."""
    with clock.at(at_noon(group.opened_on)):
        people = [
            members.add(
                session, actor, group, month=month_of(group.opened_on, -1 - n % 3), is_due=False,
                joined_on=group.opened_on,
            )
            for n in range(size)
        ]  # fmt: skip
    held = []
    for number in range(meetings):
        on = group.opened_on + timedelta(days=every * number)
        with clock.at(at_noon(on)):
            meeting = make_meeting(session, group, on)
            came = {
                one.id: (Presence.EXCUSED if n == number % len(people) else Presence.PRESENT, False)
                for n, one in enumerate(people)
            }
            attendance.take(session, actor, meeting, rows=came, facilitator_present=True)
        held.append(meeting)
    return people, held


def trainee_of_group(session: Session, group: PeerGroup) -> User:
    """Return the first person who facilitates a group."""
    return session.get_one(User, facilitators_of(session, [group.id])[group.id][0].user_id)


def make_group_with_everything(session: Session) -> PeerGroup:
    """Make a group with somebody who facilitates it, a member, and a family who waits."""
    actor, body = make_coordinator(session)
    group = open_one(session, actor, body, code="TOUT-01")
    members.add(session, actor, group, month=month_of(clock.today(), -1), is_due=False, joined_on=group.opened_on)
    composing.wait(
        session, actor, body.id, place="Crèche", month=month_of(clock.today()), is_due=False, since=clock.today()
    )
    return group
