"""Reads about meetings and who came to them."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import folded
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.groups.models import Attendance, Facilitator, Meeting, MeetingState, Participant, PeerGroup, Presence
from certify.groups.queries.groups import facilitates_on, visible
from certify.groups.queries.rosters import roster_on

STANDING = (MeetingState.PLANNED, MeetingState.HELD)
"""Meetings that take place, or took place, on their day."""


@dataclass(frozen=True)
class Mark:
    """What is in force about a participant at a meeting."""

    presence: Presence
    second_parent: bool
    recorded_at: datetime


@dataclass(frozen=True)
class Noted:
    """What somebody recorded about a participant at one moment."""

    presence: Presence
    second_parent: bool
    at: datetime
    who: str


@dataclass(frozen=True)
class SheetRow:
    """One participant of an attendance sheet; the last mark is in force, the others are what it corrected."""

    participant_id: uuid.UUID
    pseudonym: str
    month: date
    is_due: bool
    is_expected: bool
    """Whether they were of the group on that day."""
    marks: tuple[Noted, ...] = ()

    @property
    def last(self) -> Noted | None:
        """Return what is in force."""
        return self.marks[-1] if self.marks else None


@dataclass(frozen=True)
class Counts:
    """What the sheet of a meeting says in figures."""

    present: int = 0
    excused: int = 0
    absent: int = 0
    second_parents: int = 0

    @property
    def recorded(self) -> int:
        """Participants about whom something was noted."""
        return self.present + self.excused + self.absent


@dataclass(frozen=True)
class MeetingLine:
    """One meeting of a list, with its group and what its sheet says."""

    meeting: Meeting
    code: str
    counts: Counts
    moved_to: datetime | None = None
    """When the meeting that replaces it starts."""


def local_start(meeting: Meeting) -> datetime:
    """Return when a meeting starts, on the wall clock of Paris."""
    return meeting.starts_at.astimezone(clock.PARIS)


def day_of(meeting: Meeting) -> date:
    """Return the day of a meeting, in Paris."""
    return local_start(meeting).date()


def start_of(day: date) -> datetime:
    """Return when a day begins in Paris."""
    return datetime.combine(day, time(), clock.PARIS)


def meeting_for(
    session: Session,
    actor: Actor,
    meeting_id: uuid.UUID,
    permission: Permission = Permission.GROUP_READ,
    *,
    lock: bool = False,
) -> Meeting:
    """Return a meeting of a group on which the actor may do something; raise NotFound otherwise."""
    groups = visible(actor, permission).with_only_columns(PeerGroup.id).order_by(None)
    query = select(Meeting).where(Meeting.id == meeting_id, Meeting.group_id.in_(groups))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    meeting = session.scalars(query).one_or_none()
    if meeting is None:
        raise NotFound
    return meeting


def upcoming(session: Session, group_ids: Collection[uuid.UUID], since: date, until: date) -> list[Meeting]:
    """Return the meetings planned or held between two days, both included, as they follow one another."""
    query = select(Meeting).where(
        Meeting.group_id.in_(group_ids),
        Meeting.state.in_(STANDING),
        Meeting.starts_at >= start_of(since),
        Meeting.starts_at < start_of(until + timedelta(days=1)),
    )
    return list(session.scalars(query.order_by(Meeting.starts_at, Meeting.id)))


def _latest(meetings: Select[Any] | Collection[uuid.UUID]) -> Subquery:
    rank = func.row_number().over(
        partition_by=(Attendance.meeting_id, Attendance.participant_id),
        order_by=(Attendance.recorded_at.desc(), Attendance.id.desc()),
    )
    return select(Attendance).where(Attendance.meeting_id.in_(meetings)).add_columns(rank.label("rank")).subquery()


def attendance_of(session: Session, meeting_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, Mark]]:
    """Return what is in force about each participant at each meeting, in one statement."""
    marks: dict[uuid.UUID, dict[uuid.UUID, Mark]] = {one: {} for one in meeting_ids}
    if not marks:
        return marks
    latest = _latest(list(marks))
    query = select(
        latest.c.meeting_id, latest.c.participant_id, latest.c.presence, latest.c.second_parent, latest.c.recorded_at
    ).where(latest.c.rank == 1)
    for meeting_id, participant_id, presence, second_parent, recorded_at in session.execute(query):
        marks[meeting_id][participant_id] = Mark(presence, second_parent, recorded_at)
    return marks


def counts_of(session: Session, meeting_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Counts]:
    """Return the figures of each meeting, in one statement."""
    counts = dict.fromkeys(meeting_ids, Counts())
    if not counts:
        return counts
    latest = _latest(list(counts))
    both = (latest.c.presence == Presence.PRESENT) & latest.c.second_parent
    query = (
        select(
            latest.c.meeting_id,
            func.sum(case((latest.c.presence == Presence.PRESENT, 1), else_=0)),
            func.sum(case((latest.c.presence == Presence.EXCUSED, 1), else_=0)),
            func.sum(case((latest.c.presence == Presence.ABSENT, 1), else_=0)),
            func.sum(case((both, 1), else_=0)),
        )
        .where(latest.c.rank == 1)
        .group_by(latest.c.meeting_id)
    )
    for meeting_id, present, excused, absent, second_parents in session.execute(query):
        counts[meeting_id] = Counts(present, excused, absent, second_parents)
    return counts


def sheet_of(session: Session, meeting: Meeting) -> tuple[SheetRow, ...]:
    """Return the sheet of a meeting: who was of the group that day, or was noted all the same, with every mark."""
    marks = _marks_of(session, meeting.id)
    seats = roster_on(session, meeting.group_id, day_of(meeting))
    rows = [
        SheetRow(
            seat.participant_id,
            seat.pseudonym,
            seat.month,
            seat.is_due,
            True,
            tuple(marks.pop(seat.participant_id, ())),
        )
        for seat in seats
    ]
    if marks:
        others = select(Participant).where(Participant.id.in_(list(marks))).order_by(Participant.pseudonym)
        rows += [
            SheetRow(one.id, one.pseudonym, one.month, one.is_due, False, tuple(marks[one.id]))
            for one in session.scalars(others)
        ]
    return tuple(sorted(rows, key=lambda row: (not row.is_expected, folded(row.pseudonym))))


def _marks_of(session: Session, meeting_id: uuid.UUID) -> dict[uuid.UUID, list[Noted]]:
    marks: dict[uuid.UUID, list[Noted]] = defaultdict(list)
    query = (
        select(Attendance, User)
        .outerjoin(User, User.id == Attendance.recorded_by_id)
        .where(Attendance.meeting_id == meeting_id)
        .order_by(Attendance.recorded_at, Attendance.id)
    )
    for row, person in session.execute(query):
        who = person.name if person else ""
        marks[row.participant_id].append(Noted(row.presence, row.second_parent, row.recorded_at, who))
    return marks


def lines_of(session: Session, rows: Collection[tuple[Meeting, str]]) -> list[MeetingLine]:
    """Return meetings and the codes of their groups as lines of a list; two statements, whatever their number."""
    counts = counts_of(session, [meeting.id for meeting, _code in rows])
    wanted = [meeting.moved_to_id for meeting, _code in rows if meeting.moved_to_id]
    moved: dict[uuid.UUID, datetime] = {}
    if wanted:
        later = select(Meeting.id, Meeting.starts_at).where(Meeting.id.in_(wanted))
        moved = {row.id: row.starts_at for row in session.execute(later)}
    return [
        MeetingLine(meeting, code, counts[meeting.id], moved.get(meeting.moved_to_id) if meeting.moved_to_id else None)
        for meeting, code in rows
    ]


def meetings_of(group_id: uuid.UUID) -> Select[Meeting]:
    """Select the meetings of a group."""
    return select(Meeting).where(Meeting.group_id == group_id)


def moved_from(session: Session, meeting: Meeting) -> Meeting | None:
    """Return the meeting that this one replaces, if any."""
    return session.scalars(select(Meeting).where(Meeting.moved_to_id == meeting.id).limit(1)).first()


def is_takeable(meeting: Meeting, today: date) -> bool:
    """Whether attendance may be noted: on its day, and ever after."""
    return meeting.state in STANDING and day_of(meeting) <= today


def is_facilitator(session: Session, actor: Actor, group_id: uuid.UUID, day: date) -> bool:
    """Whether the actor facilitates a group on a day."""
    query = (
        select(Facilitator.id)
        .join(Enrolment, Enrolment.id == Facilitator.enrolment_id)
        .where(Facilitator.group_id == group_id, Enrolment.user_id == actor.user_id, facilitates_on(day))
    )
    return session.scalar(query.limit(1)) is not None


def was_facilitating(facilitator: Facilitator, day: date) -> bool:
    """Whether somebody facilitated a group on a day."""
    return facilitator.starts_on <= day and (facilitator.ends_on is None or facilitator.ends_on > day)


def next_of(session: Session, group_id: uuid.UUID) -> Meeting | None:
    """Return the meeting of a group to prepare: the first planned from today on."""
    query = select(Meeting).where(
        Meeting.group_id == group_id,
        Meeting.state == MeetingState.PLANNED,
        Meeting.starts_at >= start_of(clock.today()),
    )
    return session.scalars(query.order_by(Meeting.starts_at, Meeting.id).limit(1)).first()


def noted(sheet: Collection[SheetRow]) -> list[tuple[SheetRow, Noted]]:
    """Return everything noted on a sheet, the latest first: who noted what about whom."""
    every = [(row, mark) for row in sheet for mark in row.marks]
    return sorted(every, key=lambda pair: (pair[1].at, pair[0].pseudonym), reverse=True)


def counted(sheet: Collection[SheetRow]) -> Counts:
    """Return the figures of a sheet."""
    last = [row.last for row in sheet if row.last]
    by = Counter(one.presence for one in last)
    both = sum(1 for one in last if one.second_parent)
    return Counts(by[Presence.PRESENT], by[Presence.EXCUSED], by[Presence.ABSENT], both)
