"""What a candidate's accepted evidence covers in the framework, and what is still missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from competencies.framework import Framework, Indicator


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
