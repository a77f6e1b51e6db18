"""The days of a series of meetings, twice a month, closures skipped."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from competencies.faults import UnknownCode

_TWO_WEEKS = timedelta(days=14)
_RANKS = {"first_and_third": frozenset({1, 3}), "second_and_fourth": frozenset({2, 4})}
EVERY_TWO_WEEKS = "every_two_weeks"


def series_dates(
    rhythm: str, first: date, until: date, is_closed: Callable[[date], bool] = lambda day: False
) -> tuple[date, ...]:
    """Give the days of a series from the first to the last included, on the weekday of the first.

    A closed day is skipped, not replaced: the following ones stay where they are.
    """
    if rhythm != EVERY_TWO_WEEKS and rhythm not in _RANKS:
        raise UnknownCode("Rythme", rhythm)
    return tuple(day for day in _days(rhythm, first, until) if not is_closed(day))


def _days(rhythm: str, first: date, until: date) -> Iterator[date]:
    step = _TWO_WEEKS if rhythm == EVERY_TWO_WEEKS else timedelta(days=7)
    for weeks in range((until - first).days // step.days + 1):
        day = first + weeks * step
        # The rank of a weekday in its month: the third Tuesday is the 15th to the 21st.
        if rhythm == EVERY_TWO_WEEKS or (day.day + 6) // 7 in _RANKS[rhythm]:
            yield day
