"""Reads about a month of meetings, and about what a calendar program is told."""

import calendar
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import access, clock
from certify.core.access import Actor, Role
from certify.core.errors import NotFound
from certify.groups.models import CalendarFeed, Facilitator, Meeting, MeetingState, PeerGroup
from certify.groups.queries.closures import ClosedDay, closures_between, days_of, holidays_between, said_of
from certify.groups.queries.groups import visible
from certify.groups.queries.meetings import day_of, start_of

MOST_SHOWN = 400
"""Meetings that a month shows at most; beyond, the page says to choose a group."""
BEFORE, AFTER = timedelta(days=120), timedelta(days=550)
"""How far a calendar program is told, around today."""


@dataclass(frozen=True)
class Entry:
    """One meeting of a calendar."""

    meeting: Meeting
    code: str


@dataclass(frozen=True)
class Day:
    """One day of a month: its meetings, and why nobody meets if so."""

    day: date
    is_of_month: bool
    entries: tuple[Entry, ...] = ()
    closed: tuple[ClosedDay, ...] = ()


@dataclass(frozen=True)
class Month:
    """A month by weeks, from Monday to Sunday."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    is_cut: bool
    """Whether there are more meetings than are shown."""

    @property
    def before(self) -> date:
        """First day of the month before."""
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        """First day of the month after."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def count(self) -> int:
        """How many meetings are shown."""
        return sum(len(day.entries) for week in self.weeks for day in week if day.is_of_month)


@dataclass(frozen=True)
class Event:
    """One meeting as a calendar program knows it: when moved, its identity goes on and its number rises."""

    identity: uuid.UUID
    number: int
    meeting: Meeting
    code: str


def mine(actor: Actor) -> Select[PeerGroup]:
    """Select the groups that concern the actor: facilitated, followed as a referent, or of a body one coordinates."""
    facilitated = (
        select(Facilitator.group_id)
        .join(Enrolment, Enrolment.id == Facilitator.enrolment_id)
        .where(Enrolment.user_id == actor.user_id)
    )
    coordinated = {grant.scope_id for grant in actor.grants if grant.role is Role.COORDINATOR}
    return visible(actor).where(
        or_(
            PeerGroup.id.in_(facilitated),
            PeerGroup.referent_id == actor.user_id,
            PeerGroup.training_body_id.in_(coordinated),
            PeerGroup.house_id.in_(coordinated),
        )
    )


def month_of(session: Session, groups: Select[PeerGroup], first: date) -> Month:
    """Return a month of the meetings of some groups, with holidays and closures; two statements, whatever there is."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    since, until = weeks[0][0], weeks[-1][-1]
    entries = _entries(session, groups, since, until)
    closed = _closed(session, groups, since, until)
    shown: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries[:MOST_SHOWN]:
        shown[day_of(entry.meeting)].append(entry)
    return Month(
        first,
        tuple(
            tuple(Day(day, day.month == first.month, tuple(shown[day]), tuple(closed.get(day, ()))) for day in week)
            for week in weeks
        ),
        len(entries) > MOST_SHOWN,
    )


def _entries(session: Session, groups: Select[PeerGroup], since: date, until: date) -> list[Entry]:
    query = (
        select(Meeting, PeerGroup.code)
        .join(PeerGroup, PeerGroup.id == Meeting.group_id)
        .where(
            Meeting.group_id.in_(groups.with_only_columns(PeerGroup.id).order_by(None)),
            Meeting.starts_at >= start_of(since),
            Meeting.starts_at < start_of(until + timedelta(days=1)),
        )
        .order_by(Meeting.starts_at, PeerGroup.code, Meeting.id)
        .limit(MOST_SHOWN + 1)
    )
    return [Entry(meeting, code) for meeting, code in session.execute(query)]


def _closed(session: Session, groups: Select[PeerGroup], since: date, until: date) -> Mapping[date, list[ClosedDay]]:
    bodies = groups.with_only_columns(PeerGroup.training_body_id).order_by(None)
    ids = groups.with_only_columns(PeerGroup.id).order_by(None)
    closed: dict[date, list[ClosedDay]] = defaultdict(list)
    for day, holiday in holidays_between(since, until).items():
        closed[day].append(holiday)
    for closure in closures_between(session, bodies, ids, since, until):
        for day in days_of(closure, since, until):
            closed[day].append(ClosedDay(day, said_of(closure)))
    return closed


def feed_of(session: Session, actor: Actor) -> CalendarFeed | None:
    """Return the actor's own feed, if they made one."""
    return session.get(CalendarFeed, actor.user_id)


def owner_of(session: Session, token: str) -> Actor:
    """Return whose feed a secret address is, with what they may see today; raise NotFound otherwise."""
    query = select(User).join(CalendarFeed, CalendarFeed.user_id == User.id)
    user = session.scalars(query.where(CalendarFeed.token == token, User.active.is_(True))).one_or_none()
    if user is None:
        raise NotFound
    return Actor(user.id, user.name, access.load_grants(session, user.id))


def events_of(session: Session, groups: Select[PeerGroup], today: date | None = None) -> list[Event]:
    """Return what a calendar program is told of the meetings of some groups; two statements, whatever their number."""
    today = today or clock.today()
    entries = _told(session, groups, today)
    ids = groups.with_only_columns(PeerGroup.id).order_by(None)
    moved = select(Meeting.moved_to_id, Meeting.id, Meeting.revision).where(
        Meeting.group_id.in_(ids), Meeting.state == MeetingState.MOVED
    )
    before = {later: (earlier, revision) for later, earlier, revision in session.execute(moved) if later}
    return [Event(*_identity(entry.meeting, before), entry.meeting, entry.code) for entry in entries]


def _told(session: Session, groups: Select[PeerGroup], today: date) -> list[Entry]:
    query = (
        select(Meeting, PeerGroup.code)
        .join(PeerGroup, PeerGroup.id == Meeting.group_id)
        .where(
            Meeting.group_id.in_(groups.with_only_columns(PeerGroup.id).order_by(None)),
            Meeting.state != MeetingState.MOVED,
            Meeting.starts_at >= start_of(today - BEFORE),
            Meeting.starts_at < start_of(today + AFTER),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [Entry(meeting, code) for meeting, code in session.execute(query)]


def _identity(meeting: Meeting, before: Mapping[uuid.UUID, tuple[uuid.UUID, int]]) -> tuple[uuid.UUID, int]:
    """Return under which identity a meeting was first told, and how many changes were made since."""
    identity, number = meeting.id, meeting.revision
    while identity in before:
        identity, revision = before[identity]
        number += revision
    return identity, number - 1
