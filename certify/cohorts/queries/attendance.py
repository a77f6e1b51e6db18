"""Reads about training half-days and who came to them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Subquery, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Attendance, Cohort, Enrolment, HalfDay, Presence, TrainingSession
from certify.cohorts.queries.pauses import is_expected
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound

IN_ORDER = (TrainingSession.on, case((TrainingSession.half == HalfDay.MORNING, 0), else_=1))
"""Half-days as they follow one another."""


@dataclass(frozen=True)
class Total:
    """Half-days of one trainee, among those whose sheet was filled in while they were expected."""

    present: int = 0
    excused: int = 0
    absent: int = 0
    minutes: int = field(default=0, compare=False)
    """Time of the half-days attended."""
    last_on: date | None = field(default=None, compare=False)
    """Day of the last half-day counted."""

    @property
    def expected(self) -> int:
        """Half-days counted."""
        return self.present + self.excused + self.absent

    @property
    def percentage(self) -> int | None:
        """Share of the half-days attended, rounded down; nothing as long as there is none."""
        return self.present * 100 // self.expected if self.expected else None


@dataclass(frozen=True)
class HalfDayLine:
    """One half-day of a list, with what its sheet says."""

    half_day: TrainingSession
    present: int
    recorded: int


@dataclass(frozen=True)
class Mark:
    """What was recorded about somebody at one moment."""

    presence: Presence
    at: datetime
    who: str


@dataclass(frozen=True)
class SheetRow:
    """One trainee of a sheet; the last mark is in force, the others are what it corrected."""

    enrolment_id: uuid.UUID
    name: str
    is_expected: bool
    marks: tuple[Mark, ...] = ()

    @property
    def presence(self) -> Presence | None:
        """Return what is in force."""
        return self.marks[-1].presence if self.marks else None


@dataclass(frozen=True)
class Sheet:
    """Who is expected to a half-day, and what was recorded."""

    rows: tuple[SheetRow, ...]
    revision: int = field(default=0)
    """How many marks there are: a page that shows fewer is out of date."""

    @property
    def is_recorded(self) -> bool:
        """Whether somebody has filled it in."""
        return self.revision > 0


def attendance_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """Return, for each enrolment, how many half-days were attended out of how many, in one statement.

    Only half-days that were held and whose sheet says something of the person count; an excused absence is expected
    and not attended.
    """
    return {one: (total.present, total.expected) for one, total in totals_of(session, enrolment_ids).items()}


def totals_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Total]:
    """Return the attendance of each enrolment, in one statement."""
    totals = dict.fromkeys(enrolment_ids, Total())
    if not totals:
        return totals
    latest = _latest(select(Attendance).where(Attendance.enrolment_id.in_(totals)))
    query = (
        select(
            latest.c.enrolment_id,
            *(func.sum(case((latest.c.presence == presence, 1), else_=0)) for presence in Presence),
            func.sum(case((latest.c.presence == Presence.PRESENT, TrainingSession.minutes), else_=0)),
            func.max(TrainingSession.on),
        )
        .join(TrainingSession, TrainingSession.id == latest.c.session_id)
        .join(Enrolment, Enrolment.id == latest.c.enrolment_id)
        .where(
            latest.c.rank == 1,
            TrainingSession.cancelled_at.is_(None),
            # Who came counts, even on a day that turned out to be one of suspension.
            or_(latest.c.presence == Presence.PRESENT, is_expected(TrainingSession.on)),
        )
        .group_by(latest.c.enrolment_id)
    )
    for enrolment_id, *counted in session.execute(query):
        totals[enrolment_id] = Total(*counted)
    return totals


def _latest(rows: Select[Any]) -> Subquery:
    rank = func.row_number().over(
        partition_by=(Attendance.session_id, Attendance.enrolment_id),
        order_by=(Attendance.recorded_at.desc(), Attendance.id.desc()),
    )
    return rows.add_columns(rank.label("rank")).subquery()


def half_days_of(cohort: Cohort) -> Select[*tuple[Any, ...]]:
    """Select the half-days of a cohort: (half-day, how many came, how many were recorded)."""
    of_cohort = select(Attendance).join(TrainingSession, TrainingSession.id == Attendance.session_id)
    latest = _latest(of_cohort.where(TrainingSession.cohort_id == cohort.id))
    counts = (
        select(
            latest.c.session_id,
            func.sum(case((latest.c.presence == Presence.PRESENT, 1), else_=0)).label("present"),
            func.count().label("recorded"),
        )
        .where(latest.c.rank == 1)
        .group_by(latest.c.session_id)
        .subquery()
    )
    return (
        select(
            TrainingSession,
            func.coalesce(counts.c.present, 0).label("present"),
            func.coalesce(counts.c.recorded, 0).label("recorded"),
        )
        .outerjoin(counts, counts.c.session_id == TrainingSession.id)
        .where(TrainingSession.cohort_id == cohort.id)
    )


def half_day_for(
    session: Session, actor: Actor, cohort_id: uuid.UUID, half_day_id: uuid.UUID, permission: Permission
) -> tuple[TrainingSession, Cohort]:
    """Return a half-day of a cohort on which the actor may do something; raise NotFound otherwise."""
    query = (
        select(TrainingSession, Cohort)
        .join(Cohort, Cohort.id == TrainingSession.cohort_id)
        .where(
            TrainingSession.id == half_day_id,
            Cohort.id == cohort_id,
            Cohort.training_body_id.in_(actor.organisations(permission)),
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def sheet_of(session: Session, half_day: TrainingSession) -> Sheet:
    """Return the sheet of a half-day: who is expected, or was recorded, by name; two statements."""
    marks = _marks_of(session, half_day)
    expected = is_expected(half_day.on)
    query = (
        select(Enrolment.id, User, expected.label("is_expected"))
        .join(User, User.id == Enrolment.user_id)
        .where(Enrolment.cohort_id == half_day.cohort_id, or_(expected, Enrolment.id.in_(list(marks))))
        .order_by(Enrolment.sort_name, Enrolment.id)
    )
    rows = tuple(
        SheetRow(enrolment_id, person.name, bool(is_expected_then), tuple(marks.get(enrolment_id, ())))
        for enrolment_id, person, is_expected_then in session.execute(query)
    )
    return Sheet(rows, sum(len(one) for one in marks.values()))


def _marks_of(session: Session, half_day: TrainingSession) -> dict[uuid.UUID, list[Mark]]:
    marks: dict[uuid.UUID, list[Mark]] = defaultdict(list)
    recorder = aliased(User)
    query = (
        select(Attendance, recorder)
        .outerjoin(recorder, recorder.id == Attendance.recorded_by_id)
        .where(Attendance.session_id == half_day.id)
        .order_by(Attendance.recorded_at, Attendance.id)
    )
    for row, person in session.execute(query):
        marks[row.enrolment_id].append(Mark(row.presence, row.recorded_at, person.name if person else ""))
    return marks


def presences_of(
    session: Session, cohort: Cohort, enrolment_ids: Collection[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, uuid.UUID], Presence]:
    """Return what is in force for each (half-day, enrolment) of a cohort, in one statement."""
    of_cohort = select(Attendance).join(TrainingSession, TrainingSession.id == Attendance.session_id)
    latest = _latest(
        of_cohort.where(TrainingSession.cohort_id == cohort.id, Attendance.enrolment_id.in_(enrolment_ids))
    )
    query = select(latest.c.session_id, latest.c.enrolment_id, latest.c.presence).where(latest.c.rank == 1)
    return {(half_day, enrolment): presence for half_day, enrolment, presence in session.execute(query)}


def held_half_days(session: Session, cohort: Cohort, until: date) -> list[TrainingSession]:
    """Return the half-days of a cohort up to a day that were not cancelled, as they follow one another."""
    query = select(TrainingSession).where(
        TrainingSession.cohort_id == cohort.id, TrainingSession.cancelled_at.is_(None), TrainingSession.on <= until
    )
    return list(session.scalars(query.order_by(*IN_ORDER)))


def attended(enrolment: Enrolment) -> Select[*tuple[Any, ...]]:
    """Select the half-days of somebody's cohort: (half-day, what is in force about them, whether they are expected)."""
    latest = _latest(select(Attendance).where(Attendance.enrolment_id == enrolment.id))
    return (
        select(TrainingSession, latest.c.presence.label("presence"), is_expected(TrainingSession.on).label("expected"))
        .join(Enrolment, Enrolment.cohort_id == TrainingSession.cohort_id)
        .outerjoin(latest, (latest.c.session_id == TrainingSession.id) & (latest.c.rank == 1))
        .where(Enrolment.id == enrolment.id, TrainingSession.cancelled_at.is_(None))
    )


def attendees_of(cohort: Cohort, words: str = "") -> Select[*tuple[Any, ...]]:
    """Select who has a place on the sheets of a cohort: (enrolment, person)."""
    return (
        select(Enrolment, User)
        .join(User, User.id == Enrolment.user_id)
        .where(Enrolment.cohort_id == cohort.id, *listing.matches(words, Enrolment.sort_name, User.email))
    )
