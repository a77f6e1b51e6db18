"""The framework a programme is certified on: blocks of competencies, observable indicators, a scale of levels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TypeVar

from competencies.faults import UnknownCode

T = TypeVar("T")

_SPACE_BEFORE = re.compile(r" (?=[;:?!»])")
_SPACE_AFTER = re.compile(r"(?<=«) ")


@lru_cache(maxsize=4096)
def _typeset(french: str) -> str:
    return _SPACE_AFTER.sub("\u202f", _SPACE_BEFORE.sub("\u202f", french))


@dataclass(frozen=True, slots=True)
class Text:
    """A wording in French and in English, written with the ordinary spaces of a keyboard."""

    fr: str
    en: str

    def to(self, locale: str) -> str:
        """Give the wording to show; French gets its narrow no-break spaces, any locale but English gets French."""
        return self.en if locale.partition("_")[0].partition("-")[0] == "en" else _typeset(self.fr)


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a scale; the sign lets the level be read without its colour."""

    code: str
    label: Text
    rank: int
    sign: str


@dataclass(frozen=True)
class Scale:
    """The ordered levels an assessor chooses from, lowest first, and the one from which the answer is « acquis »."""

    code: str
    levels: tuple[Level, ...]
    threshold: str

    @cached_property
    def _by_code(self) -> Mapping[str, Level]:
        return {level.code: level for level in self.levels}

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the levels, lowest first."""
        return tuple(level.code for level in self.levels)

    @property
    def lowest(self) -> Level:
        """The level below which there is none."""
        return min(self.levels, key=lambda level: level.rank)

    def level(self, code: str) -> Level:
        """Give a level by its code; UnknownCode when the scale does not have it."""
        return _find("Niveau", self._by_code, code)

    def rank(self, code: str) -> int:
        """Give the place of a level in the order of the scale."""
        return self.level(code).rank

    def is_reached(self, code: str) -> bool:
        """Tell whether a level is at or above the threshold."""
        return self.rank(code) >= self.rank(self.threshold)


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something an assessor can see or read in the field, with what it looks like at each level of the scale."""

    code: str
    wording: Text
    descriptors: Mapping[str, Text] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "descriptors", MappingProxyType(dict(self.descriptors)))


@dataclass(frozen=True, slots=True)
class Competency:
    """What a facilitator is able to do, proved by its indicators."""

    code: str
    title: Text
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A coherent set of competencies that is assessed and kept on its own (art. L6113-1 du code du travail)."""

    code: str
    number: int
    title: Text
    short_title: Text
    competencies: tuple[Competency, ...]

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator of the block, in order."""
        return tuple(indicator for competency in self.competencies for indicator in competency.indicators)


@dataclass(frozen=True)
class Framework:
    """One version of a framework; two frameworks with the same content are equal."""

    code: str
    version: str
    title: Text
    notice: Text
    scale: Scale
    blocks: tuple[Block, ...]

    @cached_property
    def competencies(self) -> tuple[Competency, ...]:
        """Every competency, in the order of the blocks."""
        return tuple(competency for block in self.blocks for competency in block.competencies)

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator, in the order of the blocks."""
        return tuple(indicator for block in self.blocks for indicator in block.indicators)

    @cached_property
    def _indicators(self) -> Mapping[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def _competencies(self) -> Mapping[str, Competency]:
        return {competency.code: competency for competency in self.competencies}

    @cached_property
    def _blocks(self) -> Mapping[str, Block]:
        return {block.code: block for block in self.blocks}

    @cached_property
    def _competency_of(self) -> Mapping[str, Competency]:
        return {indicator.code: competency for competency in self.competencies for indicator in competency.indicators}

    @cached_property
    def _block_of(self) -> Mapping[str, Block]:
        parts = {part.code: block for block in self.blocks for part in block.competencies}
        return parts | {indicator.code: block for block in self.blocks for indicator in block.indicators}

    def indicator(self, code: str) -> Indicator:
        """Give an indicator by its code; UnknownCode when there is none."""
        return _find("Indicateur", self._indicators, code)

    def competency(self, code: str) -> Competency:
        """Give a competency by its code; UnknownCode when there is none."""
        return _find("Compétence", self._competencies, code)

    def block(self, code: str) -> Block:
        """Give a block by its code; UnknownCode when there is none."""
        return _find("Bloc", self._blocks, code)

    def competency_of(self, indicator_code: str) -> Competency:
        """Give the competency that an indicator proves."""
        return _find("Indicateur", self._competency_of, indicator_code)

    def block_of(self, code: str) -> Block:
        """Give the block that holds an indicator or a competency."""
        return _find("Indicateur ou compétence", self._block_of, code)


def _find(kind: str, index: Mapping[str, T], code: str) -> T:
    try:
        return index[code]
    except KeyError:
        raise UnknownCode(kind, code) from None
