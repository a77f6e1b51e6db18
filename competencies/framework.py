"""The framework a programme is certified on: blocks of competencies, observable indicators, a scale of levels."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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

    @cached_property
    def _below(self) -> Level:
        return max(
            (level for level in self.levels if level.rank < self.rank(self.threshold)), key=lambda level: level.rank
        )

    def translate(self, code: str, to: "Scale") -> str:
        """Say a level of this scale on another one: reached stays reached, lowest stays lowest, the rest lies between.

        On a scale of two levels what lies between is said by the lowest.
        """
        if to == self:
            return self.level(code).code
        if self.is_reached(code):
            return to.threshold
        return to.lowest.code if code == self.lowest.code else to._below.code


class CompletionKind(StrEnum):
    """The ways to tell that a whole is reached from which of its parts are."""

    ALL = "all"
    AT_LEAST = "at_least"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Completion:
    """When a whole is reached: all of its parts, at least so many, or so many points of those reached.

    `required` parts are needed whatever the count; a part without points counts none.
    """

    kind: CompletionKind = CompletionKind.ALL
    least: int = 0
    required: frozenset[str] = frozenset()
    points: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        # No points and none given are the same rule: both are written the same.
        object.__setattr__(self, "points", MappingProxyType({part: n for part, n in self.points.items() if n}))

    def is_met(self, parts: Collection[str], reached: Collection[str]) -> bool:
        """Tell whether a whole made of these parts is reached once these ones are."""
        got = frozenset(parts) & frozenset(reached)
        if self.kind is CompletionKind.ALL:
            return len(got) == len(frozenset(parts))
        if not self.required <= got:
            return False
        if self.kind is CompletionKind.AT_LEAST:
            return len(got) >= self.least
        return sum(self.points.get(part, 0) for part in got) >= self.least


EVERY_PART = Completion()
"""The rule when none is given: all of the parts."""


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
    scale: Scale | None = None
    """The scale its indicators are assessed on during the training, when it is not the framework's."""
    completion: Completion = EVERY_PART
    """How many of its indicators must be reached."""


@dataclass(frozen=True, slots=True)
class Block:
    """A coherent set of competencies that is assessed and kept on its own (art. L6113-1 du code du travail)."""

    code: str
    number: int
    title: Text
    short_title: Text
    competencies: tuple[Competency, ...]
    completion: Completion = EVERY_PART
    """How many of its competencies must be reached."""

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
    """The certification scale: examinations, proposals and decisions are said on it."""
    blocks: tuple[Block, ...]
    formative: Scale | None = None
    """The scale of the training, when it is another than the certification's."""

    def scale_of(self, code: str, *, is_certifying: bool = False) -> Scale:
        """Give the scale on which a competency, or one of its indicators, is assessed and described.

        Certification examinations use the certification scale, whatever the scales of the training.
        """
        if is_certifying:
            return self.scale
        competency = self._competencies.get(code) or self.competency_of(code)
        return competency.scale or self.formative or self.scale

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
