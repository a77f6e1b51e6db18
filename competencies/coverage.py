"""What a candidate's accepted evidence covers in the framework, and what is still missing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from competencies.framework import Framework, Indicator


class PieceKind(StrEnum):
    """What a piece of evidence is; the order is the one in which they are shown."""

    OBSERVATION = "observation"
    """A level given to the indicator by somebody who watched."""
    GROUP_DATA = "group_data"
    LOGBOOK = "logbook"
    DOCUMENT = "document"
    PRIOR = "prior"
    """What was acquired before the training."""


_BY_OTHERS = frozenset({PieceKind.OBSERVATION.value, PieceKind.GROUP_DATA.value})
"""Kinds that do not come from the candidate's own hand."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence for one indicator; the same file used for two indicators makes two pieces."""

    indicator: str
    kind: str
    on: date
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Share:
    """So many indicators covered out of so many."""

    covered: int
    total: int

    @property
    def ratio(self) -> float:
        """The part covered, from 0 to 1."""
        return self.covered / self.total if self.total else 0.0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.covered == self.total


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer to « qu’est-ce qui est prouvé, qu’est-ce qui manque ? » for one candidate."""

    framework: Framework = field(repr=False)
    counts: Mapping[str, int]

    @property
    def covered(self) -> frozenset[str]:
        """Indicators with at least one piece of accepted evidence."""
        return frozenset(code for code, count in self.counts.items() if count)

    @property
    def missing(self) -> tuple[str, ...]:
        """Indicators without any accepted evidence, in the order of the framework."""
        return tuple(code for code, count in self.counts.items() if not count)

    @property
    def whole(self) -> Share:
        """The share of the whole framework that is covered."""
        return self._share(self.framework.indicators)

    def block(self, code: str) -> Share:
        """Give the share of a block that is covered."""
        return self._share(self.framework.block(code).indicators)

    def competency(self, code: str) -> Share:
        """Give the share of a competency that is covered."""
        return self._share(self.framework.competency(code).indicators)

    def _share(self, indicators: tuple[Indicator, ...]) -> Share:
        return Share(sum(1 for indicator in indicators if self.counts[indicator.code]), len(indicators))


def cover(framework: Framework, pieces: Iterable[Piece]) -> Coverage:
    """Count the accepted pieces of each indicator; a piece that nobody has accepted yet proves nothing."""
    counts = {indicator.code: 0 for indicator in framework.indicators}
    for piece in pieces:
        code = framework.indicator(piece.indicator).code
        counts[code] += piece.is_accepted
    return Coverage(framework, MappingProxyType(counts))


@dataclass(frozen=True, slots=True)
class Tally:
    """What proves one indicator: how many pieces of each kind, how recent, from whom."""

    indicator: Indicator
    kinds: Mapping[str, int] = field(hash=False)
    latest: date | None = None
    is_stale: bool = False
    """The block asks for recent evidence, and what there is has become too old."""

    @property
    def total(self) -> int:
        """How many pieces there are."""
        return sum(self.kinds.values())

    @property
    def own(self) -> int:
        """How many come from the candidate's own hand."""
        return sum(count for kind, count in self.kinds.items() if kind not in _BY_OTHERS)

    @property
    def others(self) -> int:
        """How many come from somebody else."""
        return self.total - self.own

    @property
    def is_only_own_writing(self) -> bool:
        """Whether nobody but the candidate says that it was done."""
        return self.own > 0 and not self.others

    @property
    def is_only_observed(self) -> bool:
        """Whether it was seen, while the file holds nothing that shows it."""
        return self.total > 0 and self.total == self.kinds.get(PieceKind.OBSERVATION, 0)


def tally(
    framework: Framework, pieces: Iterable[Piece], *, today: date, freshness: Mapping[str, int] | None = None
) -> Mapping[str, Tally]:
    """Tell what proves each indicator, in the order of the framework; `freshness` gives months by block code."""
    kinds: dict[str, Counter[str]] = {indicator.code: Counter() for indicator in framework.indicators}
    latest: dict[str, date] = {}
    for piece in pieces:
        code = framework.indicator(piece.indicator).code
        if piece.is_accepted:
            kinds[code][piece.kind] += 1
            latest[code] = max(piece.on, latest.get(code, piece.on))
    told = {}
    for block in framework.blocks:
        since = months_before(today, (freshness or {}).get(block.code, 0))
        for indicator in block.indicators:
            on = latest.get(indicator.code)
            is_stale = since != today and on is not None and on < since
            counted = MappingProxyType(dict(sorted(kinds[indicator.code].items(), key=_place)))
            told[indicator.code] = Tally(indicator, counted, on, is_stale)
    return MappingProxyType(told)


def _place(counted: tuple[str, int]) -> tuple[int, str]:
    order = list(PieceKind)
    return (order.index(PieceKind(counted[0])) if counted[0] in order else len(order), counted[0])


def months_before(day: date, months: int) -> date:
    """Give the same day so many months earlier, or the last day of that month when it is shorter."""
    index = max(day.year * 12 + day.month - 1 - months, 12)
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))
