"""A sample of assessments to verify: drawn at random, a share of each assessor's, and drawn again the same at will."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from competencies.faults import DomainFault


def draw(population: Mapping[str, Sequence[str]], percentage: int, seed: str) -> frozenset[str]:
    """Draw a percentage of each assessor's assessments, rounded up: at least one of whoever has any.

    The same population, percentage and seed give the same sample, in whatever order things come. With the same seed, a
    greater percentage gives the smaller sample and more.
    """
    if not 1 <= percentage <= 100:
        raise DomainFault(f"un pourcentage va de 1 à 100, pas {percentage}")
    return frozenset(one for assessor, ones in population.items() for one in _first(assessor, ones, percentage, seed))


def size_of(count: int, percentage: int) -> int:
    """Return how many of so many are drawn: the percentage, rounded up."""
    return -(-count * percentage // 100)


def _first(assessor: str, ones: Sequence[str], percentage: int, seed: str) -> Sequence[str]:
    different = set(ones)
    ranked = sorted(different, key=lambda one: (_lot(seed, assessor, one), one))
    return ranked[: size_of(len(different), percentage)]


def _lot(seed: str, assessor: str, one: str) -> str:
    # A list in JSON cannot be mistaken for another one, whatever its texts hold.
    return hashlib.sha256(json.dumps([seed, assessor, one]).encode()).hexdigest()
