"""What every reader gives: a framework or its faults; and the loose outline that readers fill from foreign files."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from competencies.catalogue import from_document, scale_to_document
from competencies.faults import Fault, FrameworkFaults
from competencies.framework import Framework, Level, Scale, Text

_NAMED = re.compile(r"(?:bloc|compétence|indicateur) (\S+)")
_NOT_CODE = re.compile(r"[^a-z0-9]+")
_SIGNS = {1: "●", 2: "○●", 3: "○◐●", 4: "○◔◑●", 5: "○◔◑◕●"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a file: a framework, or every fault that refuses it; notes say what was supplied or left out."""

    framework: Framework | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Node:
    """A block, a competency or an indicator as a file gives it, with the place where the file gives it."""

    code: str
    title: Text
    place: str
    short_title: Text | None = None
    number: int | None = None
    described: Sequence[tuple[str, Text]] = ()
    children: list["Node"] = field(default_factory=list)
    scale: Scale | None = None
    completion: object = None
    """The completion rule as a framework document writes it, not yet checked; None when the file gives none."""


@dataclass(slots=True)
class Outline:
    """A framework as a file gives it, before anything says that it holds together."""

    code: str
    version: str
    title: Text
    notice: Text
    place: str
    scale: Scale
    formative: Scale | None = None
    blocks: list[Node] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def language(locale: str) -> str:
    """Give the language a file of one language is written in: English when asked for, French otherwise."""
    return "en" if locale.partition("_")[0].partition("-")[0] == "en" else "fr"


def plain(text: Text, locale: str) -> str:
    """Give a wording of one language as it was typed, without the spaces the screen adds."""
    return text.en if language(locale) == "en" else text.fr


def both(wording: str) -> Text:
    """Use the only wording a file gives in both languages."""
    return Text(wording, wording)


def slug(label: str, otherwise: str) -> str:
    """Make a code from a label: lower case, no accent, dashes."""
    letters = (letter for letter in unicodedata.normalize("NFKD", label) if not unicodedata.combining(letter))
    return _NOT_CODE.sub("-", "".join(letters).lower())[:34].strip("-") or otherwise


def levels_from(labels: Sequence[str], ranks: Sequence[int] | None = None) -> tuple[Level, ...]:
    """Make the levels of a scale from their labels, lowest first; codes come from the labels, signs from the order."""
    signs = _SIGNS.get(len(labels)) or [str(position) for position in range(1, len(labels) + 1)]
    codes: list[str] = []
    for position, label in enumerate(labels, start=1):
        code = slug(label, f"level-{position}")
        codes.append(code if code not in codes else f"{code}-{position}")
    places = range(len(labels)) if ranks is None else ranks
    return tuple(
        Level(code, both(label), rank, sign)
        for code, label, rank, sign in zip(codes, labels, places, signs, strict=True)
    )


def share_out(outline: Outline, scales: Sequence[Scale | None]) -> None:
    """Give each competency its scale, as few times as possible: one that all have is the scale of the training.

    The scales come in the order of the competencies; None, or the framework's own, stands for the framework's.
    """
    nodes = [node for block in outline.blocks for node in block.children]
    used = [scale if scale != outline.scale else None for scale in scales]
    if used and None not in used:
        outline.formative = Counter(used).most_common(1)[0][0]
    for node, scale in zip(nodes, used, strict=True):
        node.scale = scale if scale != outline.formative else None


def refused(faults: Sequence[Fault]) -> Reading:
    """Give the reading of a file in which these faults were found."""
    return Reading(None, tuple(dict.fromkeys(faults)))


def assemble(outline: Outline, faults: Sequence[Fault] = ()) -> Reading:
    """Check that an outline holds together and make it a framework; its faults are placed where the file has them."""
    found = list(faults) + _too_deep(outline)
    if found:
        return refused(found)
    supplied: Counter[str] = Counter()
    document = _document(outline, supplied)
    try:
        framework = from_document(document)
    except FrameworkFaults as refusal:
        return refused(_placed(outline, refusal.faults))
    notes = [f"{what} ({count})." for what, count in supplied.items()]
    return Reading(framework, (), (*dict.fromkeys(outline.notes), *notes))


def _too_deep(outline: Outline) -> list[Fault]:
    indicators = (part for block in outline.blocks for competency in block.children for part in competency.children)
    message = "un quatrième étage est de trop ; trois sont attendus : blocs, compétences, indicateurs."
    return [Fault(part.children[0].place, message) for part in indicators if part.children]


def _placed(outline: Outline, faults: Sequence[Fault]) -> list[Fault]:
    places: dict[str, str] = {}
    for block in outline.blocks:
        for node in (block, *block.children, *(part for child in block.children for part in child.children)):
            places.setdefault(node.code, node.place)
    placed = []
    for fault in faults:
        known = [places[code] for code in _NAMED.findall(fault.where) if code in places]
        placed.append(Fault(f"{known[-1] if known else outline.place}, {fault.where}", fault.message))
    return placed


def _document(outline: Outline, supplied: Counter[str]) -> dict[str, object]:
    if not (outline.notice.fr.strip() and outline.notice.en.strip()):
        supplied["La mention du référentiel manque : son titre la remplace"] += 1
        outline.notice = outline.title
    return {
        "code": outline.code,
        "version": outline.version,
        "title": _text(outline.title),
        "notice": _text(outline.notice),
        "scale": scale_to_document(outline.scale),
        **({} if outline.formative is None else {"formative": scale_to_document(outline.formative)}),
        "blocks": [_block(outline, node, at, supplied) for at, node in enumerate(outline.blocks, start=1)],
    }


def _block(outline: Outline, node: Node, position: int, supplied: Counter[str]) -> dict[str, object]:
    if node.short_title is None:
        supplied["Le titre court du bloc manque : son titre le remplace"] += 1
    return {
        "code": node.code,
        "number": position if node.number is None else node.number,
        "title": _text(node.title),
        "short_title": _text(node.short_title or node.title),
        **({} if node.completion is None else {"completion": node.completion}),
        "competencies": [_competency(outline, part, supplied) for part in node.children],
    }


def _competency(outline: Outline, node: Node, supplied: Counter[str]) -> dict[str, object]:
    children = node.children
    if not children:
        supplied["Une compétence sans indicateur en reçoit un, qui porte sa formulation"] += 1
        children = [Node(f"{node.code}.1", node.title, node.place, described=node.described)]
    scale = node.scale or outline.formative or outline.scale
    return {
        "code": node.code,
        "title": _text(node.title),
        **({} if node.scale is None else {"scale": scale_to_document(node.scale)}),
        **({} if node.completion is None else {"completion": node.completion}),
        "indicators": [
            {"code": part.code, "wording": _text(part.title), "descriptors": _descriptors(scale, part, supplied)}
            for part in children
        ],
    }


def _descriptors(scale: Scale, node: Node, supplied: Counter[str]) -> dict[str, object]:
    given = [text for _, text in node.described]
    if len(given) != len(scale.levels):
        by_label = {label.strip().casefold(): text for label, text in node.described}
        absent = both("")
        given = [by_label.get(plain(level.label, "fr").strip().casefold(), absent) for level in scale.levels]
    descriptors: dict[str, object] = {}
    for level, text in zip(scale.levels, given, strict=True):
        if not (text.fr.strip() and text.en.strip()):
            supplied["Un descripteur de niveau manque : le libellé du niveau le remplace"] += 1
            text = level.label
        descriptors[level.code] = _text(text)
    return descriptors


def _text(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}
