"""What changes from one version of a framework to the next: parts, wordings, places, scales, completion rules.

What becomes of each indicator, once the difference is known, is the mapping of `carrying`, given here as well.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from competencies.carrying import (
    Carried,
    Fate,
    check_mapping,
    compose,
    identity,
    mapping_from_document,
    mapping_to_document,
    propose_mapping,
)
from competencies.framework import Completion, Framework, Scale, Text

__all__ = [
    "Carried",
    "Fate",
    "Move",
    "Part",
    "PartKind",
    "Rescaling",
    "Revision",
    "Rewording",
    "Ruling",
    "check_mapping",
    "compose",
    "difference",
    "identity",
    "mapping_from_document",
    "mapping_to_document",
    "propose_mapping",
]


class PartKind(StrEnum):
    """What a code designates."""

    FRAMEWORK = "framework"
    BLOCK = "block"
    COMPETENCY = "competency"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True)
class Part:
    """A block, a competency or an indicator, named by its code, with its wording and the code it stands under."""

    code: str
    kind: PartKind
    wording: Text
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Rewording:
    """A wording that changes; `aspect` is title, short_title, notice, wording, or the code of a described level."""

    code: str
    kind: PartKind
    aspect: str
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class Move:
    """A part that stands elsewhere: under another parent, in another order, or a block under another number."""

    code: str
    kind: PartKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Rescaling:
    """A scale that changes; `aspect` is scale (certification), formative, or own for the scale of a competency."""

    code: str
    kind: PartKind
    aspect: str
    before: Scale | None
    after: Scale | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A completion rule that changes."""

    code: str
    kind: PartKind
    before: Completion
    after: Completion


@dataclass(frozen=True, slots=True)
class Revision:
    """All that changes between two versions but their number; `common` parts are in both, changed or not."""

    added: tuple[Part, ...]
    removed: tuple[Part, ...]
    common: tuple[Part, ...]
    reworded: tuple[Rewording, ...]
    moved: tuple[Move, ...]
    rescaled: tuple[Rescaling, ...]
    reruled: tuple[Ruling, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether both versions say the same."""
        return not (self.added or self.removed or self.reworded or self.moved or self.rescaled or self.reruled)


def difference(old: Framework, new: Framework) -> Revision:
    """Say what changes from one version to another, part by part in the order of the newer one."""
    before, after = _parts(old), _parts(new)
    common = tuple(part for key, part in after.items() if key in before)
    kept = [(part.kind, part.code) for part in common]
    return Revision(
        added=tuple(part for key, part in after.items() if key not in before),
        removed=tuple(part for key, part in before.items() if key not in after),
        common=common,
        reworded=tuple(_rewordings(old, new, kept)),
        moved=tuple(_moves(old, new, before, after)),
        rescaled=tuple(_rescalings(old, new, kept)),
        reruled=tuple(_rulings(old, new, kept)),
    )


_Key = tuple[PartKind, str]


def _parts(framework: Framework) -> dict[_Key, Part]:
    found: list[Part] = []
    for block in framework.blocks:
        found.append(Part(block.code, PartKind.BLOCK, block.title))
        for competency in block.competencies:
            found.append(Part(competency.code, PartKind.COMPETENCY, competency.title, block.code))
            for indicator in competency.indicators:
                found.append(Part(indicator.code, PartKind.INDICATOR, indicator.wording, competency.code))
    return {(part.kind, part.code): part for part in found}


def _wordings(framework: Framework) -> dict[tuple[PartKind, str, str], Text]:
    found = {
        (PartKind.FRAMEWORK, framework.code, "title"): framework.title,
        (PartKind.FRAMEWORK, framework.code, "notice"): framework.notice,
    }
    for block in framework.blocks:
        found[PartKind.BLOCK, block.code, "title"] = block.title
        found[PartKind.BLOCK, block.code, "short_title"] = block.short_title
    for competency in framework.competencies:
        found[PartKind.COMPETENCY, competency.code, "title"] = competency.title
    for indicator in framework.indicators:
        found[PartKind.INDICATOR, indicator.code, "wording"] = indicator.wording
        for level, text in indicator.descriptors.items():
            found[PartKind.INDICATOR, indicator.code, f"level {level}"] = text
    return found


def _rewordings(old: Framework, new: Framework, kept: Iterable[_Key]) -> Iterator[Rewording]:
    before, absent = _wordings(old), Text("", "")
    roots = {(PartKind.FRAMEWORK, "title"), (PartKind.FRAMEWORK, "notice")}
    known = set(kept)
    after = _wordings(new)
    for (kind, code, aspect), text in after.items():
        was = before.get((kind, old.code if (kind, aspect) in roots else code, aspect), absent)
        if ((kind, code) in known or kind is PartKind.FRAMEWORK) and was != text:
            yield Rewording(code, kind, aspect, was, text)
    for (kind, code, aspect), text in before.items():
        if (kind, code) in known and (kind, code, aspect) not in after:
            yield Rewording(code, kind, aspect, text, absent)


def _moves(old: Framework, new: Framework, before: Mapping[_Key, Part], after: Mapping[_Key, Part]) -> Iterator[Move]:
    numbers = {block.code: block.number for block in old.blocks}
    for block in new.blocks:
        if block.code in numbers and block.number != numbers[block.code]:
            yield Move(block.code, PartKind.BLOCK, str(numbers[block.code]), str(block.number))
    for key, part in after.items():
        was = before.get(key)
        if was is not None and was.parent != part.parent:
            yield Move(part.code, part.kind, was.parent, part.parent)
    places = {key: at for at, key in enumerate(before)}
    for children in _siblings(after):
        stayed = [key for key in children if key in before and before[key].parent == after[key].parent]
        for key in _out_of_order([(places[key], key) for key in stayed]):
            yield Move(after[key].code, after[key].kind, after[key].parent, after[key].parent)


def _siblings(parts: Mapping[_Key, Part]) -> Iterable[Sequence[_Key]]:
    found: dict[_Key, list[_Key]] = {}
    for key, part in parts.items():
        found.setdefault((part.kind, part.parent), []).append(key)
    return found.values()


def _out_of_order(placed: Sequence[tuple[int, _Key]]) -> Sequence[_Key]:
    """Give the fewest parts to move so that the others are in their former order."""
    ends: list[int] = []
    chains: list[tuple[_Key, ...]] = []
    for place, key in placed:
        at = bisect_left(ends, place)
        chain = (*(chains[at - 1] if at else ()), key)
        ends[at : at + 1], chains[at : at + 1] = [place], [chain]
    still = set(chains[-1]) if chains else set()
    return [key for _, key in placed if key not in still]


def _rescalings(old: Framework, new: Framework, kept: Iterable[_Key]) -> Iterator[Rescaling]:
    if old.scale != new.scale:
        yield Rescaling(new.code, PartKind.FRAMEWORK, "scale", old.scale, new.scale)
    if old.formative != new.formative:
        yield Rescaling(new.code, PartKind.FRAMEWORK, "formative", old.formative, new.formative)
    for kind, code in kept:
        if kind is PartKind.COMPETENCY:
            was, now = old.competency(code).scale, new.competency(code).scale
            if was != now:
                yield Rescaling(code, kind, "own", was, now)


def _rulings(old: Framework, new: Framework, kept: Iterable[_Key]) -> Iterator[Ruling]:
    for kind, code in kept:
        if kind is PartKind.INDICATOR:
            continue
        is_block = kind is PartKind.BLOCK
        was, now = ((one.block(code) if is_block else one.competency(code)).completion for one in (old, new))
        if was != now:
            yield Ruling(code, kind, was, now)
