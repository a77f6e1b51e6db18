"""How many entries and hours of practice, by activity and by month."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, extract, func, select
from sqlalchemy.orm import Session

from certify.logbook import policies
from certify.logbook.models import Activity, EntryState, LogbookEntry


@dataclass(frozen=True)
class Count:
    """Entries of one activity or one month, and the minutes they tell of."""

    entries: int = 0
    minutes: int = 0
    accepted_entries: int = 0
    accepted_minutes: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.entries + other.entries,
            self.minutes + other.minutes,
            self.accepted_entries + other.accepted_entries,
            self.accepted_minutes + other.accepted_minutes,
        )


@dataclass(frozen=True)
class Counters:
    """The counters of a logbook; `months` holds every month from the first entry to the last, empty ones included."""

    activities: dict[Activity, Count]
    months: dict[date, Count]
    by_month: dict[tuple[date, Activity], Count]
    undated: int

    @property
    def total(self) -> Count:
        """Everything put together."""
        return sum(self.activities.values(), Count())

    @property
    def most_minutes(self) -> int:
        """The minutes of the fullest month, at least one."""
        return max([1, *(count.minutes for count in self.months.values())])


def counters_of(session: Session, enrolment_id: uuid.UUID, *, for_staff: bool = False) -> Counters:
    """Count the entries of a logbook in one statement; staff count what was submitted, its author drafts too."""
    is_accepted = LogbookEntry.state == EntryState.ACCEPTED
    year, month = extract("year", LogbookEntry.happened_on), extract("month", LogbookEntry.happened_on)
    states = policies.READABLE_BY_STAFF if for_staff else policies.READABLE_BY_STAFF | {EntryState.DRAFT}
    minutes = func.coalesce(LogbookEntry.minutes, 0)
    query = (
        select(
            LogbookEntry.activity,
            year,
            month,
            func.count(),
            func.sum(minutes),
            func.sum(case((is_accepted, 1), else_=0)),
            func.sum(case((is_accepted, minutes), else_=0)),
        )
        .where(LogbookEntry.enrolment_id == enrolment_id, LogbookEntry.state.in_(states))
        .group_by(LogbookEntry.activity, year, month)
    )
    activities: defaultdict[Activity, Count] = defaultdict(Count)
    by_month: dict[tuple[date, Activity], Count] = {}
    undated = 0
    for activity, in_year, in_month, *figures in session.execute(query):
        count = Count(*(int(figure) for figure in figures))
        activities[activity] += count
        if in_year is None:
            undated += count.entries
        else:
            by_month[date(int(in_year), int(in_month), 1), activity] = count
    ordered = {activity: activities[activity] for activity in Activity if activity in activities}
    return Counters(ordered, _months(by_month), by_month, undated)


def _months(by_month: dict[tuple[date, Activity], Count]) -> dict[date, Count]:
    if not by_month:
        return {}
    first, last = min(month for month, _ in by_month), max(month for month, _ in by_month)
    # A date typed wrong, years away, must not draw hundreds of empty months.
    totals: defaultdict[date, Count] = defaultdict(Count)
    for (month, _activity), count in by_month.items():
        totals[month] += count
    every = [first]
    while every[-1] < last and len(every) < _MOST_MONTHS:
        every.append(_next(every[-1]))
    shown = every if every[-1] == last else sorted(totals)
    return {month: totals[month] for month in shown}


_MOST_MONTHS = 36


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
