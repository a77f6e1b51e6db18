"""The clocks of a VAE against dated cases, and how many files a year somebody may submit."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.vae import (
    RULES,
    Clock,
    ClockState,
    Filing,
    Step,
    StepKind,
    add_months,
    admitted_on,
    clocks,
    end_of_month,
    filing_faults,
)

FILED, ADMITTED, REFUSED = StepKind.FEASIBILITY_FILED, StepKind.ADMITTED, StepKind.NOT_ADMITTED
MOVED, DEPOSITED = StepKind.STEP_TAKEN, StepKind.VALIDATION_FILED
JURY, RESULT = StepKind.JURY_HELD, StepKind.RESULT_NOTIFIED
LATER = date(2100, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def steps(*told: tuple[StepKind, str]) -> list[Step]:
    return [Step(kind, day(on)) for kind, on in told]


def clock(code: str, told: list[Step], today: str) -> Clock:
    return [one for one in clocks(told, day(today)) if one.code == code][-1]


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 2, "2027-01-30"),
        ("2026-10-31", 2, "2026-12-31"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-05-15", 0, "2026-05-15"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(start: str, months: int, expected: str) -> None:
    assert add_months(day(start), months) == day(expected)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 6, "2026-07-31"),
        ("2026-01-01", 6, "2026-07-31"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-01", 6, "2028-02-29"),
        ("2026-06-30", 6, "2026-12-31"),
        ("2026-07-01", 6, "2027-01-31"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-01-15", 3, "2026-04-30"),
        ("2026-10-01", 3, "2027-01-31"),
        ("2026-09-30", 3, "2026-12-31"),
    ],
)
def test_the_nth_month_ends_with_its_last_day(start: str, months: int, expected: str) -> None:
    assert end_of_month(day(start), months) == day(expected)


ANSWER = [
    # (filed, answer or nothing, today, due, state, whether silence admits)
    ("2026-03-05", None, "2026-03-05", "2026-05-05", "running", False),
    ("2026-03-05", None, "2026-05-05", "2026-05-05", "running", False),
    ("2026-03-05", None, "2026-05-06", "2026-05-05", "met", True),
    ("2026-03-05", (ADMITTED, "2026-05-05"), "2026-06-01", "2026-05-05", "met", False),
    ("2026-03-05", (ADMITTED, "2026-03-05"), "2026-03-05", "2026-05-05", "met", False),
    ("2026-03-05", (REFUSED, "2026-04-30"), "2026-06-01", "2026-05-05", "met", False),
    ("2026-03-05", (REFUSED, "2026-05-06"), "2026-06-01", "2026-05-05", "late", True),
    ("2026-03-05", (ADMITTED, "2026-05-20"), "2026-06-01", "2026-05-05", "met", True),
    ("2026-12-31", None, "2027-02-28", "2027-02-28", "running", False),
    ("2026-12-31", None, "2027-03-01", "2027-02-28", "met", True),
    ("2027-12-31", None, "2028-02-29", "2028-02-29", "running", False),
    ("2027-12-31", (ADMITTED, "2028-02-29"), "2028-03-10", "2028-02-29", "met", False),
    ("2026-01-31", None, "2026-03-31", "2026-03-31", "running", False),
    ("2026-07-31", None, "2026-09-30", "2026-09-30", "running", False),
    ("2026-07-31", None, "2026-10-01", "2026-09-30", "met", True),
]


@pytest.mark.parametrize(("filed", "answer", "today", "due", "state", "is_tacit"), ANSWER)
def test_the_certifier_has_two_months_to_answer_and_its_silence_admits(
    filed: str, answer: tuple[StepKind, str] | None, today: str, due: str, state: str, is_tacit: bool
) -> None:
    told = steps((FILED, filed), *([answer] if answer else []))
    found = clock("answer", told, today)
    assert (found.due_on, found.state.value, found.is_tacit) == (day(due), state, is_tacit)
    assert found.source == "Code du travail, art. L6412-2"


IDLE = [
    ("2026-01-15", None, "2026-07-31", "2026-07-31", "running"),
    ("2026-01-15", None, "2026-08-01", "2026-07-31", "lapsed"),
    ("2026-01-31", None, "2026-07-31", "2026-07-31", "running"),
    ("2026-01-31", (MOVED, "2026-01-31"), "2026-12-01", "2026-07-31", "met"),
    ("2026-01-31", (MOVED, "2026-07-31"), "2026-12-01", "2026-07-31", "met"),
    ("2026-01-31", (MOVED, "2026-08-01"), "2026-12-01", "2026-07-31", "lapsed"),
    ("2026-01-31", (MOVED, "2026-01-30"), "2026-12-01", "2026-07-31", "lapsed"),
    ("2026-08-31", None, "2027-02-28", "2027-02-28", "running"),
    ("2026-08-31", None, "2027-03-01", "2027-02-28", "lapsed"),
    ("2027-08-31", None, "2028-02-29", "2028-02-29", "running"),
    ("2026-06-30", (DEPOSITED, "2026-12-31"), "2027-05-01", "2026-12-31", "met"),
    ("2026-07-01", (DEPOSITED, "2027-02-01"), "2027-05-01", "2027-01-31", "lapsed"),
]


@pytest.mark.parametrize(("admitted", "move", "today", "due", "state"), IDLE)
def test_an_admission_lapses_without_a_step_before_the_end_of_the_sixth_month(
    admitted: str, move: tuple[StepKind, str] | None, today: str, due: str, state: str
) -> None:
    filed = (day(admitted) - timedelta(days=10)).isoformat()
    told = steps((FILED, filed), (ADMITTED, admitted), *([move] if move else []))
    found = clock("idle", told, today)
    assert (found.started_on, found.due_on, found.state.value) == (day(admitted), day(due), state)


JURIES = [
    ("2026-01-15", None, "2026-04-30", "2026-04-30", "running"),
    ("2026-01-15", None, "2026-05-01", "2026-04-30", "late"),
    ("2026-01-31", "2026-04-30", "2026-06-01", "2026-04-30", "met"),
    ("2026-01-31", "2026-05-01", "2026-06-01", "2026-04-30", "late"),
    ("2026-11-30", None, "2027-02-28", "2027-02-28", "running"),
    ("2027-11-01", "2028-02-29", "2028-03-01", "2028-02-29", "met"),
    ("2026-10-31", "2027-02-01", "2027-03-01", "2027-01-31", "late"),
    ("2026-03-10", "2026-03-10", "2026-03-10", "2026-06-30", "met"),
]


@pytest.mark.parametrize(("deposited", "held", "today", "due", "state"), JURIES)
def test_the_jury_meets_before_the_end_of_the_third_month(
    deposited: str, held: str | None, today: str, due: str, state: str
) -> None:
    told = steps((DEPOSITED, deposited), *([(JURY, held)] if held else []))
    found = clock("jury", told, today)
    assert (found.due_on, found.state.value) == (day(due), state)


RESULTS = [
    ("2026-06-01", None, "2026-06-16", "2026-06-16", "running"),
    ("2026-06-01", None, "2026-06-17", "2026-06-16", "late"),
    ("2026-06-01", "2026-06-01", "2026-06-01", "2026-06-16", "met"),
    ("2026-06-01", "2026-06-17", "2026-07-01", "2026-06-16", "late"),
    ("2026-12-20", "2027-01-04", "2027-02-01", "2027-01-04", "met"),
    ("2028-02-20", None, "2028-03-06", "2028-03-06", "running"),
    ("2027-02-20", None, "2027-03-07", "2027-03-07", "running"),
]


@pytest.mark.parametrize(("held", "told_on", "today", "due", "state"), RESULTS)
def test_the_result_is_notified_within_fifteen_days(
    held: str, told_on: str | None, today: str, due: str, state: str
) -> None:
    told = steps((DEPOSITED, held), (JURY, held), *([(RESULT, told_on)] if told_on else []))
    found = clock("result", told, today)
    assert (found.due_on, found.state.value) == (day(due), state)


def test_nothing_has_started_without_a_step_and_every_clock_says_its_rule() -> None:
    found = clocks([], day("2026-01-01"))
    assert [one.code for one in found] == ["answer", "idle", "jury", "result"]
    assert {one.state for one in found} == {ClockState.NOT_STARTED}
    assert set(RULES) == {one.code for one in found}
    assert not any(one.is_pending for one in found)


def test_what_is_dated_after_today_has_not_happened_yet() -> None:
    told = steps((FILED, "2026-03-05"), (ADMITTED, "2026-04-01"))
    assert clock("answer", told, "2026-03-20").state is ClockState.RUNNING
    assert admitted_on(told, day("2026-03-20")) is None


@pytest.mark.parametrize(
    ("told", "today", "expected"),
    [
        ([(FILED, "2026-03-05"), (ADMITTED, "2026-04-01")], "2026-04-01", "2026-04-01"),
        ([(FILED, "2026-03-05")], "2026-05-05", None),
        ([(FILED, "2026-03-05")], "2026-05-06", "2026-05-05"),
        ([(FILED, "2026-03-05"), (REFUSED, "2026-04-01")], "2026-12-01", None),
        ([(FILED, "2026-03-05"), (REFUSED, "2026-04-01"), (ADMITTED, "2026-06-01")], "2026-12-01", "2026-06-01"),
        ([(FILED, "2026-03-05"), (REFUSED, "2026-06-01")], "2026-12-01", "2026-05-05"),
        ([(ADMITTED, "2026-02-02")], "2026-12-01", "2026-02-02"),
        ([(FILED, "2025-03-05"), (ADMITTED, "2025-04-01"), (FILED, "2026-03-05")], "2026-03-06", "2025-04-01"),
        ([(FILED, "2025-03-05"), (ADMITTED, "2025-04-01"), (FILED, "2026-03-05")], "2026-06-01", "2026-05-05"),
        ([], "2026-06-01", None),
    ],
)
def test_the_day_of_admission_is_notified_or_comes_by_silence(
    told: list[tuple[StepKind, str]], today: str, expected: str | None
) -> None:
    assert admitted_on(steps(*told), day(today)) == (day(expected) if expected else None)


def test_another_file_opens_clocks_anew_and_leaves_the_former_ones() -> None:
    told = steps((FILED, "2025-03-05"), (ADMITTED, "2025-04-01"), (FILED, "2026-03-05"))
    found = [(one.code, one.state.value) for one in clocks(told, day("2026-03-10"))]
    assert found[:3] == [("answer", "met"), ("idle", "lapsed"), ("answer", "running")]
    assert found[3:] == [("idle", "not_started"), ("jury", "not_started"), ("result", "not_started")]


def test_a_second_jury_after_a_partial_validation_has_clocks_of_its_own() -> None:
    told = steps((DEPOSITED, "2026-01-10"), (JURY, "2026-03-01"), (RESULT, "2026-03-05"), (DEPOSITED, "2026-09-10"))
    found = [(one.due_on, one.state.value) for one in clocks(told, day("2026-09-11")) if one.code == "jury"]
    assert found == [(day("2026-04-30"), "met"), (day("2026-12-31"), "running")]


def test_depositing_again_while_the_jury_is_awaited_gives_no_more_time() -> None:
    told = steps((DEPOSITED, "2026-01-10"), (DEPOSITED, "2026-03-20"))
    assert clock("jury", told, "2026-03-21").due_on == day("2026-04-30")


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
TOLD = st.lists(st.builds(Step, st.sampled_from(list(StepKind)), DAYS), max_size=12)


@given(TOLD, DAYS, st.randoms())
def test_the_order_in_which_steps_are_given_changes_nothing(
    told: list[Step], today: date, chance: random.Random
) -> None:
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert clocks(shuffled, today) == clocks(told, today)
    assert admitted_on(shuffled, today) == admitted_on(told, today)


@given(TOLD, st.sampled_from(list(StepKind)), st.integers(0, 400))
def test_a_later_step_never_makes_an_earlier_clock_later(told: list[Step], kind: StepKind, after: int) -> None:
    last = max((step.on for step in told), default=date(2026, 1, 1))
    before = {(one.code, one.started_on): one.due_on for one in clocks(told, LATER) if one.started_on}
    with_it = [*told, Step(kind, last + timedelta(days=after + 1))]
    now = {(one.code, one.started_on): one.due_on for one in clocks(with_it, LATER) if one.started_on}
    for (code, started_on), due_on in before.items():
        if (code, started_on) in now:
            assert now[code, started_on] == due_on
        else:
            assert any(other == code and start and start <= started_on for other, start in now) or code == "idle"


@given(TOLD, DAYS)
def test_a_clock_ends_after_it_starts_and_says_one_state(told: list[Step], today: date) -> None:
    for one in clocks(told, today):
        assert (one.state is ClockState.NOT_STARTED) == (one.started_on is None)
        if one.started_on and one.due_on:
            assert one.started_on <= one.due_on
            assert one.started_on <= today or one.is_tacit
            assert one.state is not ClockState.RUNNING or today <= one.due_on


@pytest.mark.parametrize(
    ("files", "new", "expected"),
    [
        ([], ("a", "2026-01-01", False), ()),
        ([("a", "2026-01-01", False)], ("a", "2026-12-31", False), ("same_certification",)),
        ([("a", "2026-12-31", False)], ("a", "2027-01-01", False), ()),
        ([("a", "2026-05-05", False)], ("a", "2026-05-05", False), ("same_certification",)),
        ([("a", "2026-01-01", True)], ("a", "2026-02-01", False), ()),
        ([("a", "2026-01-01", False)], ("a", "2026-02-01", True), ()),
        ([("a", "2026-01-01", False), ("b", "2026-01-02", False)], ("c", "2026-01-03", False), ()),
        (
            [("a", "2026-01-01", False), ("b", "2026-01-02", False), ("c", "2026-01-03", False)],
            ("d", "2026-12-31", False),
            ("too_many",),
        ),
        (
            [("a", "2026-01-01", False), ("b", "2026-01-02", True), ("c", "2026-01-03", False)],
            ("d", "2026-12-31", False),
            (),
        ),
        (
            [("a", "2025-12-31", False), ("b", "2026-01-02", False), ("c", "2026-01-03", False)],
            ("d", "2026-12-31", False),
            (),
        ),
        (
            [("a", "2026-01-01", False), ("b", "2026-01-02", False), ("c", "2026-01-03", False)],
            ("d", "2026-12-31", True),
            (),
        ),
        (
            [("a", "2026-01-01", False), ("b", "2026-01-02", False), ("c", "2026-01-03", False)],
            ("b", "2026-12-31", False),
            ("same_certification",),
        ),
    ],
)
def test_a_year_holds_one_file_a_certification_and_three_in_all(
    files: list[tuple[str, str, bool]], new: tuple[str, str, bool], expected: tuple[str, ...]
) -> None:
    def filing(one: tuple[str, str, bool]) -> Filing:
        return Filing(one[0], day(one[1]), one[2])

    found = filing_faults(map(filing, files), filing(new))
    assert tuple(one.code for one in found) == expected
    assert all(one.source == "Code du travail, art. R6412-3" for one in found)
