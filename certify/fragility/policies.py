"""Which figures may be shown without pointing at a family."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

K = TypeVar("K")

SMALLEST = 5
"""Figures from one to one less than this are never shown: with so few, somebody could be recognised."""
Counts = Mapping[tuple[Any, uuid.UUID], int]
"""By what is counted and cohort: how many."""


@dataclass(frozen=True)
class Figure:
    """One figure of the page: the count, or nothing when it is kept back."""

    of: Any
    value: int | None

    @property
    def is_kept_back(self) -> bool:
        """Whether the page says « moins de… » instead."""
        return self.value is None


def kept_back(values: Mapping[K, int], smallest: int = SMALLEST) -> frozenset[K]:
    """Return which cells of a row, whose total is shown, are kept back.

    Small ones are; and as long as the total minus what is shown would give away a small figure, the smallest of those
    still shown is kept back too (complementary suppression).
    """
    hidden = {key for key, value in values.items() if 0 < value < smallest}
    shown = sorted((key for key, value in values.items() if value >= smallest), key=lambda key: values[key])
    while hidden and (len(hidden) == 1 or sum(values[key] for key in hidden) < smallest) and shown:
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def protected(counts: Counts, cohort_id: uuid.UUID | None, kinds: Sequence[Any]) -> tuple[Figure, ...]:
    """Return the figures of one cohort, or of all of them together, with those kept back as nothing."""
    figures = []
    for kind in kinds:
        row = {cohort: count for (of, cohort), count in counts.items() if of == kind}
        if cohort_id is None:
            total = sum(row.values())
            figures.append(Figure(kind, None if 0 < total < SMALLEST else total))
        else:
            value = row.get(cohort_id, 0)
            figures.append(Figure(kind, None if cohort_id in kept_back(row) else value))
    return tuple(figures)
