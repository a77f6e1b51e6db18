"""Which figures may be shown: never a small one, not even by subtraction."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from certify.fragility.policies import SMALLEST, kept_back, protected

ROWS = st.dictionaries(st.integers(0, 30), st.integers(0, 40), max_size=12)


@given(ROWS)
def test_no_small_figure_is_shown(row: dict[int, int]) -> None:
    hidden = kept_back(row)
    assert all(value == 0 or value >= SMALLEST for key, value in row.items() if key not in hidden)


@given(ROWS)
def test_no_small_figure_is_found_by_taking_the_others_from_the_total(row: dict[int, int]) -> None:
    hidden = kept_back(row)
    left = sum(row[key] for key in hidden)
    shown = [key for key, value in row.items() if key not in hidden and value >= SMALLEST]
    # Nothing more could be hidden: then the total itself is a small figure, which the page does not show either.
    assert not hidden or not shown or (len(hidden) > 1 and left >= SMALLEST)


@given(ROWS)
def test_a_row_without_small_figures_is_shown_whole(row: dict[int, int]) -> None:
    assert kept_back({key: value * SMALLEST for key, value in row.items()}) == frozenset()


def test_one_small_cohort_takes_the_next_smallest_with_it() -> None:
    small, middle, big = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
    counts = {("a", small): 2, ("a", middle): 6, ("a", big): 9}
    assert [protected(counts, one, ["a"])[0].value for one in (small, middle, big)] == [None, None, 9]
    assert protected(counts, None, ["a"])[0].value == 17
    assert protected({("a", small): 3}, None, ["a", "b"])[0].is_kept_back
    assert protected({("a", small): 3}, None, ["a", "b"])[1].value == 0
