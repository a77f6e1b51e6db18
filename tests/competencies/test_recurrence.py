"""Series of meetings: twice a month, on the weekday of the first, closures skipped."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import UnknownCode, series_dates

RHYTHMS = ("every_two_weeks", "first_and_third", "second_and_fourth")
_days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def test_every_two_weeks_keeps_its_weekday_whatever_the_month() -> None:
    assert series_dates("every_two_weeks", date(2026, 1, 6), date(2026, 3, 3)) == (
        date(2026, 1, 6), date(2026, 1, 20), date(2026, 2, 3), date(2026, 2, 17), date(2026, 3, 3),
    )  # fmt: skip


def test_first_and_third_tuesdays_jump_three_weeks_in_a_long_month() -> None:
    assert series_dates("first_and_third", date(2026, 3, 3), date(2026, 5, 1)) == (
        date(2026, 3, 3), date(2026, 3, 17), date(2026, 4, 7), date(2026, 4, 21),
    )  # fmt: skip


def test_second_and_fourth_start_at_the_next_one_when_the_first_day_is_neither() -> None:
    assert series_dates("second_and_fourth", date(2026, 3, 3), date(2026, 4, 1)) == (
        date(2026, 3, 10), date(2026, 3, 24),
    )  # fmt: skip


def test_a_closed_day_is_skipped_and_the_others_do_not_move() -> None:
    closed = {date(2026, 1, 20)}
    assert series_dates("every_two_weeks", date(2026, 1, 6), date(2026, 2, 5), closed.__contains__) == (
        date(2026, 1, 6), date(2026, 2, 3),
    )  # fmt: skip


def test_a_series_that_ends_before_it_begins_is_empty() -> None:
    assert series_dates("first_and_third", date(2026, 3, 3), date(2026, 3, 2)) == ()


def test_an_unknown_rhythm_is_refused() -> None:
    with pytest.raises(UnknownCode):
        series_dates("weekly", date(2026, 3, 3), date(2026, 4, 1))


@given(rhythm=st.sampled_from(RHYTHMS), first=_days, length=st.integers(0, 500), closed=st.frozensets(_days))
def test_a_series_stays_on_its_weekday_in_order_and_twice_a_month(
    rhythm: str, first: date, length: int, closed: frozenset[date]
) -> None:
    until = first + timedelta(days=length)
    found = series_dates(rhythm, first, until, closed.__contains__)
    assert list(found) == sorted(set(found))
    assert all(first <= day <= until and day.weekday() == first.weekday() and day not in closed for day in found)
    months = [(day.year, day.month) for day in found]
    assert all(months.count(month) <= (3 if rhythm == "every_two_weeks" else 2) for month in months)
    assert set(found) == set(series_dates(rhythm, first, until)) - closed
