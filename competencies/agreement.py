"""How far several assessors agree on the same trainees, and what a calibration meeting should look at.

Source: K. Krippendorff, « Computing Krippendorff’s Alpha-Reliability », 2011.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from competencies.framework import Scale


class Unstated(StrEnum):
    """Why a figure of agreement is not given."""

    TOO_FEW = "too_few"
    """Fewer trainees seen by two assessors than the programme asks before any figure."""
    NO_VARIATION = "no_variation"
    """Everybody gave the same level to everybody: nothing tells agreement from habit."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The level one assessor gives to one indicator of one trainee."""

    trainee: str
    indicator: str
    assessor: str
    level: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far assessors agree, and on how much that rests.

    A unit is an indicator of a trainee with levels from two assessors or more. Figures that cannot be stated are None,
    `why_no_exact` and `why_no_alpha` saying why.
    """

    units: int
    assessors: int
    pairs: int
    """How many times two assessors can be compared."""
    agreeing_pairs: int
    disputed_units: int
    """Units on which not everybody gave the same level."""
    widest_gap: int
    """The furthest two assessors stand from each other on one unit, in steps of the scale."""
    exact: float | None
    """Share of the pairs that gave the very same level."""
    alpha: float | None
    """Krippendorff's alpha for ordered levels: 1 is perfect agreement, 0 what chance would give."""
    why_no_exact: Unstated | None
    why_no_alpha: Unstated | None


def agreement(scale: Scale, judgements: Iterable[Judgement], minimum: int) -> Agreement:
    """Measure the agreement on a set of judgements, whatever their order; no figure below `minimum` units.

    One judgement counts for each assessor, trainee and indicator: the caller passes the one that holds.
    """
    said: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    places = _places(scale)
    for one in judgements:
        said[one.trainee, one.indicator][one.assessor] = places[scale.level(one.level).code]
    pairable = [given for given in said.values() if len(given) > 1]
    return _measured([tuple(given.values()) for given in pairable], _people(pairable), len(places), minimum)


def by_indicator(scale: Scale, judgements: Iterable[Judgement], minimum: int) -> Mapping[str, Agreement]:
    """Measure the agreement on each indicator somebody judged."""
    sorted_out: defaultdict[str, list[Judgement]] = defaultdict(list)
    for one in judgements:
        sorted_out[one.indicator].append(one)
    return {code: agreement(scale, ones, minimum) for code, ones in sorted_out.items()}


def disputed(agreements: Mapping[str, Agreement]) -> tuple[str, ...]:
    """Return the codes to speak of in a calibration meeting, the most disputed first.

    First where the most trainees are seen differently, then where the views stand furthest apart, then where a smaller
    share of the pairs agree; what nobody disputes is left out. Ties keep the order given.
    """
    worth = [(code, found) for code, found in agreements.items() if found.disputed_units]
    ranked = sorted(
        worth,
        key=lambda pair: (
            -pair[1].disputed_units,
            -pair[1].widest_gap,
            Fraction(pair[1].agreeing_pairs, pair[1].pairs),
        ),
    )
    return tuple(code for code, _found in ranked)


def _places(scale: Scale) -> Mapping[str, int]:
    ordered = sorted(scale.levels, key=lambda level: level.rank)
    return {level.code: place for place, level in enumerate(ordered)}


def _people(pairable: Iterable[Mapping[str, int]]) -> int:
    return len({assessor for given in pairable for assessor in given})


def _measured(units: Sequence[Sequence[int]], assessors: int, levels: int, minimum: int) -> Agreement:
    pairs = sum(len(given) * (len(given) - 1) // 2 for given in units)
    agreeing = sum(first == second for given in units for first, second in combinations(given, 2))
    is_enough = len(units) >= max(1, minimum)
    alpha = _alpha(units, levels) if is_enough else None
    why = None if is_enough else Unstated.TOO_FEW
    return Agreement(
        units=len(units),
        assessors=assessors,
        pairs=pairs,
        agreeing_pairs=agreeing,
        disputed_units=sum(len(set(given)) > 1 for given in units),
        widest_gap=max((max(given) - min(given) for given in units), default=0),
        exact=agreeing / pairs if is_enough else None,
        alpha=None if alpha is None else float(alpha),
        why_no_exact=why,
        why_no_alpha=why or (Unstated.NO_VARIATION if alpha is None else None),
    )


def _alpha(units: Sequence[Sequence[int]], levels: int) -> Fraction | None:
    """Return alpha, exactly, or nothing when all the values are the same: both disagreements are then nil."""
    # Units that hold the same levels weigh the same, and there are few different ones.
    kinds = Counter(tuple(sorted(Counter(given).items())) for given in units)
    marginals = Counter[int]()
    for kind, times in kinds.items():
        for value, count in kind:
            marginals[value] += count * times
    total = sum(marginals.values())
    distance = _distances(marginals, levels)
    expected = sum(marginals[c] * marginals[k] * distance[c, k] for c, k in combinations(range(levels), 2))
    if not expected:
        return None
    observed = sum((times * _within(kind, distance) for kind, times in kinds.items()), start=Fraction())
    return 1 - (total - 1) * observed / expected


def _within(kind: Sequence[tuple[int, int]], distance: Mapping[tuple[int, int], Fraction]) -> Fraction:
    size = sum(count for _value, count in kind)
    apart = sum((n * m * distance[c, k] for (c, n), (k, m) in combinations(kind, 2)), start=Fraction())
    return apart / (size - 1)


def _distances(marginals: Mapping[int, int], levels: int) -> Mapping[tuple[int, int], Fraction]:
    """Return how far apart two ordered levels stand: squared, by how many values lie between them."""
    found = {}
    for low, high in combinations(range(levels), 2):
        between = sum(marginals[value] for value in range(low, high + 1))
        found[low, high] = (between - Fraction(marginals[low] + marginals[high], 2)) ** 2
    return found
