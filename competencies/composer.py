"""Groups that could be made of the families who wait: same place, babies of about the same age, about ten of them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from competencies.fidelity_view import month_number
from competencies.thresholds import USUAL_THRESHOLDS, Thresholds


@dataclass(frozen=True, slots=True)
class Waiting:
    """A family who waits: where they could come, and the month of birth, past or due."""

    key: str
    place: str
    month: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """A group that could be made."""

    place: str
    keys: tuple[str, ...]
    size: int
    spread_months: int
    first_month: date
    last_month: date
    is_complete: bool = True
    """Whether it is large enough; otherwise it says who waits for a few more."""


def compose(waiting: Iterable[Waiting], thresholds: Thresholds = USUAL_THRESHOLDS) -> tuple[Proposal, ...]:
    """Propose groups that place as many families as can be, then with babies as close in age as can be.

    Those who are left are gathered in proposals that are not complete; somebody whom no other matches is in none.
    """
    found: list[Proposal] = []
    for families in _by_place(waiting):
        groups = _best_groups(families, thresholds)
        placed = {family.key for group in groups for family in group}
        found.extend(_proposal(group, True) for group in groups)
        left = [family for family in families if family.key not in placed]
        found.extend(_proposal(group, False) for group in _leftovers(left, thresholds))
    return tuple(sorted(found, key=lambda one: (not one.is_complete, one.first_month, one.place.casefold(), one.keys)))


def _by_place(waiting: Iterable[Waiting]) -> Iterator[list[Waiting]]:
    places: dict[str, list[Waiting]] = {}
    for family in sorted(waiting, key=lambda one: (one.month, one.key)):
        places.setdefault(" ".join(family.place.casefold().split()), []).append(family)
    yield from places.values()


def _best_groups(families: Sequence[Waiting], thresholds: Thresholds) -> list[Sequence[Waiting]]:
    """Cut families, sorted by month, into groups: the most placed, then the least months apart, then the fewest."""
    months = [month_number(family.month) for family in families]
    # best[i]: what the first i families can do, and the size of the last group that does it (0: family i is left).
    best: list[tuple[tuple[int, int, int], int]] = [((0, 0, 0), 0)]
    for end in range(1, len(families) + 1):
        choices = [(best[end - 1][0], 0)]
        earliest = bisect_left(months, months[end - 1] - thresholds.spread_months)
        for start in range(max(earliest, end - thresholds.size_max), end - thresholds.size_min + 1):
            placed, spread, groups = best[start][0]
            apart = months[end - 1] - months[start]
            choices.append(((placed + end - start, spread - apart, groups - 1), end - start))
        best.append(max(choices))
    found: list[Sequence[Waiting]] = []
    end = len(families)
    while end:
        size = best[end][1]
        if size:
            found.append(families[end - size : end])
        end -= size or 1
    return found


def _leftovers(families: Sequence[Waiting], thresholds: Thresholds) -> Iterator[Sequence[Waiting]]:
    start = 0
    while start < len(families):
        first = month_number(families[start].month)
        end = start + 1
        while end < len(families) and _fits(families[end], first, end - start, thresholds):
            end += 1
        if end - start > 1:
            yield families[start:end]
        start = end


def _fits(family: Waiting, first: int, size: int, thresholds: Thresholds) -> bool:
    return size < thresholds.size_max and month_number(family.month) - first <= thresholds.spread_months


def _proposal(families: Sequence[Waiting], is_complete: bool) -> Proposal:
    first, last = families[0].month, families[-1].month
    return Proposal(
        families[0].place.strip(),
        tuple(family.key for family in families),
        len(families),
        month_number(last) - month_number(first),
        first,
        last,
        is_complete,
    )
