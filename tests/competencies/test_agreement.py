"""The agreement between assessors: against worked examples, and against another implementation."""

import math
from collections.abc import Sequence

import krippendorff
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import Level, Scale, Text
from competencies.agreement import Agreement, Judgement, Unstated, agreement, by_indicator, disputed


def _scale(levels: int) -> Scale:
    steps = tuple(Level(str(rank), Text(f"niveau {rank}", f"level {rank}"), rank, "●") for rank in range(1, levels + 1))
    return Scale("steps", steps, "2")


def _judgements(rows: Sequence[Sequence[int | None]], indicator: str = "1.1.1") -> list[Judgement]:
    """Read a table of Krippendorff's: one row for each observer, one column for each unit, None where missing."""
    return [
        Judgement(f"trainee {column}", indicator, f"assessor {row}", str(value))
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    ]


_ = None
# « Computing Krippendorff’s Alpha-Reliability » (2011), section D: four observers, twelve units, values missing.
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# The same text, section B: two observers, twelve units, nominal data read here as ordered.
TWO_OBSERVERS = [[1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]]
# The table of three observers and fifteen units that encyclopaedias quote.
THREE_OBSERVERS = [
    [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
    [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
    [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
]


def test_the_published_example_of_four_observers_gives_the_published_alpha() -> None:
    found = agreement(_scale(5), _judgements(FOUR_OBSERVERS), 2)
    assert found.alpha == pytest.approx(0.815, abs=0.0005)
    assert (found.units, found.assessors) == (11, 4)


def test_the_table_of_three_observers_counts_only_what_can_be_compared() -> None:
    found = agreement(_scale(4), _judgements(THREE_OBSERVERS), 2)
    assert found.alpha == pytest.approx(0.807, abs=0.0005)
    assert (found.units, found.pairs, found.agreeing_pairs) == (12, 16, 12)
    assert found.exact == pytest.approx(12 / 16)
    assert (found.disputed_units, found.widest_gap) == (3, 2)


@pytest.mark.parametrize("table", [FOUR_OBSERVERS, TWO_OBSERVERS, THREE_OBSERVERS])
def test_worked_examples_agree_with_the_other_implementation(table: list[list[int | None]]) -> None:
    found = agreement(_scale(5), _judgements(table), 2)
    assert found.alpha == pytest.approx(_oracle(table))


def _oracle(table: Sequence[Sequence[int | None]], levels: int = 5) -> float:
    data = numpy.array([[math.nan if value is None else float(value) for value in row] for row in table])
    domain = numpy.arange(1, levels + 1, dtype=float)
    return float(krippendorff.alpha(reliability_data=data, value_domain=domain, level_of_measurement="ordinal"))


@st.composite
def _tables(draw: st.DrawFn) -> tuple[int, list[list[int | None]]]:
    """Levels, and a table of two to five assessors and one to twelve trainees, with holes."""
    levels, assessors, trainees = draw(st.integers(2, 6)), draw(st.integers(2, 5)), draw(st.integers(1, 12))
    value = st.one_of(st.none(), st.integers(1, levels))
    row = st.lists(value, min_size=trainees, max_size=trainees)
    return levels, draw(st.lists(row, min_size=assessors, max_size=assessors))


@given(_tables())
def test_alpha_is_that_of_the_other_implementation_wherever_it_is_defined(
    case: tuple[int, list[list[int | None]]],
) -> None:
    levels, table = case
    found = agreement(_scale(levels), _judgements(table), 1)
    values = {value for unit in _pairable(table) for value in unit}
    if len(values) < 2:
        assert found.alpha is None
    else:
        assert found.alpha == pytest.approx(_oracle(table, levels), abs=1e-9)


def _pairable(table: Sequence[Sequence[int | None]]) -> list[list[int]]:
    units = ([value for value in unit if value is not None] for unit in zip(*table, strict=True))
    return [unit for unit in units if len(unit) > 1]


@given(_tables(), st.randoms(use_true_random=False))
def test_the_order_of_judgements_changes_nothing(case: tuple[int, list[list[int | None]]], random: object) -> None:
    levels, table = case
    judgements = _judgements(table)
    shuffled = list(judgements)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert agreement(_scale(levels), shuffled, 1) == agreement(_scale(levels), judgements, 1)


@given(_tables())
def test_counts_hold_together_whatever_the_table(case: tuple[int, list[list[int | None]]]) -> None:
    levels, table = case
    found = agreement(_scale(levels), _judgements(table), 1)
    units = _pairable(table)
    assert found.units == len(units)
    assert found.pairs == sum(len(unit) * (len(unit) - 1) // 2 for unit in units)
    assert found.disputed_units == sum(len(set(unit)) > 1 for unit in units)
    assert (found.agreeing_pairs == found.pairs) is (found.disputed_units == 0)
    assert 0 <= found.widest_gap < levels
    assert (found.exact is None) is (found.units == 0)


@given(st.lists(st.integers(1, 3), min_size=2, max_size=12).filter(lambda values: len(set(values)) > 1))
def test_perfect_agreement_is_one(levels: list[int]) -> None:
    found = agreement(_scale(3), _judgements([list(levels)] * 3), 1)
    assert (found.alpha, found.exact, found.disputed_units) == (1.0, 1.0, 0)


def test_without_variation_alpha_is_not_defined_and_the_share_still_is() -> None:
    found = agreement(_scale(3), _judgements([[2] * 6, [2] * 6]), 5)
    assert (found.alpha, found.why_no_alpha) == (None, Unstated.NO_VARIATION)
    assert (found.exact, found.why_no_exact) == (1.0, None)


def test_below_the_minimum_there_is_no_figure_and_the_counts_stay() -> None:
    found = agreement(_scale(3), _judgements([[1, 2, 3, 3], [1, 2, 3, 1]]), 5)
    assert (found.exact, found.why_no_exact) == (None, Unstated.TOO_FEW)
    assert (found.alpha, found.why_no_alpha) == (None, Unstated.TOO_FEW)
    assert (found.units, found.pairs, found.disputed_units, found.widest_gap) == (4, 4, 1, 2)


def test_nobody_to_compare_gives_no_figure_even_without_a_minimum() -> None:
    found = agreement(_scale(3), _judgements([[1, 2, 3]]), 0)
    assert (found.units, found.assessors, found.pairs) == (0, 0, 0)
    assert (found.exact, found.alpha, found.why_no_alpha) == (None, None, Unstated.TOO_FEW)


def test_each_indicator_is_measured_on_its_own() -> None:
    judgements = _judgements([[1, 2, 3], [1, 2, 3]], "a") + _judgements([[1, 1, 3], [3, 3, 1]], "b")
    found = by_indicator(_scale(3), judgements, 2)
    assert found["a"].alpha == 1.0
    assert found["b"].alpha is not None
    assert found["b"].alpha < 0


def _agreement(disputed_units: int, gap: int, agreeing: int, pairs: int = 10) -> Agreement:
    return Agreement(10, 2, pairs, agreeing, disputed_units, gap, None, None, Unstated.TOO_FEW, Unstated.TOO_FEW)


def test_a_meeting_begins_with_what_most_trainees_are_seen_differently_on() -> None:
    found = {
        "quiet": _agreement(0, 0, 10),
        "near": _agreement(2, 1, 8),
        "far": _agreement(2, 2, 8),
        "many": _agreement(5, 1, 5),
        "worse": _agreement(2, 1, 6),
    }
    assert disputed(found) == ("many", "far", "worse", "near")
