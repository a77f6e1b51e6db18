"""A framework document while it is written: whatever was typed, in a shape that pages and verbs can rely on.

A part is named by its place: `b2` the second block, `b2c1` its first competency, `b2c1i3` an indicator, `s0` the
certification scale, `s1` the formative one, `b2c1s` the scale of one competency, `s0l2` a level. What is removed stays,
marked, until the draft is saved: it can be put back.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import competencies
from competencies import Text
from competencies.framework import Completion, CompletionKind

Document = dict[str, Any]
LOCALES = ("fr", "en")
REMOVED = "removed"
CHILDREN = {"": "blocks", "b": "competencies", "c": "indicators"}
"""Where a part of each kind keeps the parts below it."""
_TOKEN = re.compile(r"([bcisl])(\d*)")
_WHOLE = re.compile(r"(?:b\d+(?:c\d+(?:i\d+|s(?:l\d+)?)?)?|s[01](?:l\d+)?)")


@dataclass(frozen=True)
class Place:
    """One part of a document: its name, itself, and the list it stands in."""

    id: str
    node: Document
    siblings: list[Document]
    index: int

    @property
    def kind(self) -> str:
        """Return b, c, i, s or l."""
        return str(_TOKEN.findall(self.id)[-1][0])

    @property
    def parent_id(self) -> str:
        """Return the name of the part above; empty for a block or a scale of the framework."""
        tokens = _TOKEN.findall(self.id)
        return "".join(letter + digits for letter, digits in tokens[:-1])


def shaped(content: object) -> Document:
    """Return a document in which every part has its keys, with what was typed left as it is."""
    given = content if isinstance(content, dict) else {}
    document: Document = {
        **given,
        "code": _string(given.get("code")), "version": _string(given.get("version")),
        "title": _text(given.get("title")), "notice": _text(given.get("notice")),
        "scale": _scale(given.get("scale")),
        "blocks": [_block(row) for row in _rows(given.get("blocks"))],
    }  # fmt: skip
    if "formative" in given:
        document["formative"] = _scale(given["formative"])
    for _id, competency in competencies_of(document):
        levels = level_codes(scale_for(document, competency))
        for indicator in competency["indicators"]:
            described = indicator["descriptors"]
            # Of a level the scale has no more, only what somebody wrote is worth keeping.
            kept = {level: text for level, text in described.items() if level in levels or any(text.values())}
            missing = {level: {"fr": "", "en": ""} for level in levels if level not in described}
            indicator["descriptors"] = kept | missing
    return document


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _rows(value: object) -> list[Document]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _text(value: object) -> Document:
    given = value if isinstance(value, dict) else {}
    return {locale: _string(given.get(locale)) for locale in LOCALES}


def _kept(row: Document) -> Document:
    return {REMOVED: True} if row.get(REMOVED) else {}


def _rule(row: Document) -> Document:
    rule = row.get("completion")
    if not isinstance(rule, dict):
        return {}
    required, points = rule.get("required"), rule.get("points")
    own: Document = (
        {"required": [one for one in required if isinstance(one, str)]} if isinstance(required, list) else {}
    )
    own |= {"points": {str(code): number for code, number in points.items()}} if isinstance(points, dict) else {}
    return {"completion": {key: value for key, value in rule.items() if key not in ("required", "points")} | own}


def _scale(value: object) -> Document:
    given = value if isinstance(value, dict) else {}
    levels = [
        {
            **_kept(row),
            "code": _string(row.get("code")), "label": _text(row.get("label")),
            "rank": row.get("rank", position), "sign": _string(row.get("sign")),
        }
        for position, row in enumerate(_rows(given.get("levels")))
    ]  # fmt: skip
    return {
        **_kept(given),
        "code": _string(given.get("code")),
        "threshold": _string(given.get("threshold")),
        "levels": levels,
    }


def _block(row: Document) -> Document:
    return {
        **_kept(row), **_rule(row),
        "code": _string(row.get("code")), "number": row.get("number", ""),
        "title": _text(row.get("title")), "short_title": _text(row.get("short_title")),
        "competencies": [_competency(part) for part in _rows(row.get("competencies"))],
    }  # fmt: skip


def _competency(row: Document) -> Document:
    own = {"scale": _scale(row["scale"])} if isinstance(row.get("scale"), dict) else {}
    return {
        **_kept(row), **_rule(row), **own,
        "code": _string(row.get("code")), "title": _text(row.get("title")),
        "indicators": [_indicator(part) for part in _rows(row.get("indicators"))],
    }  # fmt: skip


def _indicator(row: Document) -> Document:
    described = row.get("descriptors")
    texts = {str(level): _text(text) for level, text in described.items()} if isinstance(described, dict) else {}
    return {**_kept(row), "code": _string(row.get("code")), "wording": _text(row.get("wording")), "descriptors": texts}


def is_removed(node: Mapping[str, Any]) -> bool:
    """Whether a part is marked as removed."""
    return bool(node.get(REMOVED))


def scale_for(document: Document, competency: Document) -> Document:
    """Return the scale on which a competency is described: its own, the formative one, or the certification's."""
    for scale in (competency.get("scale"), document.get("formative")):
        if isinstance(scale, dict) and not is_removed(scale):
            return scale
    scale = document["scale"]
    assert isinstance(scale, dict)
    return scale


def level_codes(scale: Document) -> tuple[str, ...]:
    """Return the codes of the levels of a scale that are not removed, each once, without those still empty."""
    return tuple(dict.fromkeys(row["code"] for row in scale["levels"] if row["code"].strip() and not is_removed(row)))


def scales_of(document: Document) -> Iterator[tuple[str, Document]]:
    """Give every scale of the document with the name of its place."""
    yield "s0", document["scale"]
    if "formative" in document:
        yield "s1", document["formative"]
    for name, competency in competencies_of(document):
        if "scale" in competency:
            yield f"{name}s", competency["scale"]


def competencies_of(document: Document) -> Iterator[tuple[str, Document]]:
    """Give every competency with the name of its place."""
    for b, block in enumerate(document["blocks"], 1):
        for c, competency in enumerate(block["competencies"], 1):
            yield f"b{b}c{c}", competency


def nodes_of(document: Document) -> Iterator[tuple[str, Document]]:
    """Give every block, competency and indicator with the name of its place, in reading order."""
    for b, block in enumerate(document["blocks"], 1):
        yield f"b{b}", block
        for c, competency in enumerate(block["competencies"], 1):
            yield f"b{b}c{c}", competency
            for i, indicator in enumerate(competency["indicators"], 1):
                yield f"b{b}c{c}i{i}", indicator


def place_of(document: Document, name: str) -> Place | None:
    """Find a part by the name of its place; None when there is none of that name."""
    if not _WHOLE.fullmatch(name):
        return None
    node: Document | None = document
    siblings: list[Document] = []
    index = 0
    for letter, digits in _TOKEN.findall(name):
        assert node is not None
        if letter == "s":
            siblings, index = [], 0
            key = {"0": "scale", "1": "formative", "": "scale"}[digits]
            node = node.get(key)
        else:
            siblings, index = (
                node[{"b": "blocks", "c": "competencies", "i": "indicators", "l": "levels"}[letter]],
                (int(digits) - 1),
            )
            node = siblings[index] if 0 <= index < len(siblings) else None
        if node is None:
            return None
    assert node is not None
    return Place(name, node, siblings, index)


def pruned(document: Document) -> Document:
    """Return the document as it is without what is marked as removed: what is read, shown and put in force."""
    kept = deepcopy(document)
    gone = {name: _gone_levels(scale) for name, scale in scales_of(kept)}
    for name, competency in competencies_of(kept):
        levels = _levels_lost(kept, competency, name, gone)
        for indicator in competency["indicators"]:
            described = indicator["descriptors"]
            indicator["descriptors"] = {level: text for level, text in described.items() if level not in levels}
    for _name, scale in scales_of(kept):
        scale["levels"] = [row for row in scale["levels"] if not is_removed(row)]
    for owner in (kept, *(competency for _name, competency in competencies_of(kept))):
        key = "formative" if owner is kept else "scale"
        if key in owner and is_removed(owner[key]):
            del owner[key]
    _drop_removed(kept, "blocks", "competencies", "indicators")
    return kept


def _gone_levels(scale: Document) -> set[str]:
    return {row["code"] for row in scale["levels"] if is_removed(row)} - set(level_codes(scale))


def _levels_lost(document: Document, competency: Document, name: str, gone: Mapping[str, set[str]]) -> set[str]:
    scale = scale_for(document, competency)
    if scale is document["scale"]:
        return gone["s0"]
    return gone["s1"] if scale is document.get("formative") else gone[f"{name}s"]


def _drop_removed(node: Document, key: str, *below: str) -> None:
    lost = {part["code"] for part in node[key] if is_removed(part)}
    node[key] = [part for part in node[key] if not is_removed(part)]
    rule = node.get("completion")
    if lost and isinstance(rule, dict):
        lost -= {part["code"] for part in node[key]}
        rule["required"] = [code for code in rule.get("required", ()) if code not in lost]
        rule["points"] = {code: n for code, n in rule.get("points", {}).items() if code not in lost}
    if below:
        for part in node[key]:
            _drop_removed(part, *below)


def holds_text(node: object) -> bool:
    """Whether somebody wrote a wording somewhere in a part."""
    if isinstance(node, list):
        return any(map(holds_text, node))
    if not isinstance(node, dict):
        return False
    if set(node) == set(LOCALES):
        return any(isinstance(text, str) and text.strip() for text in node.values())
    return any(map(holds_text, node.values()))


def framework_as_typed(document: Document) -> competencies.Framework:
    """Return the framework a draft would be, faults and all: to compare it, never to put it in force."""
    kept = pruned(document)
    formative = kept.get("formative")
    return competencies.Framework(
        code=kept["code"], version=kept["version"], title=Text(**kept["title"]), notice=Text(**kept["notice"]),
        scale=_as_scale(kept["scale"]), formative=_as_scale(formative) if formative else None,
        blocks=tuple(
            competencies.Block(
                code=block["code"], number=_whole(block["number"]), title=Text(**block["title"]),
                short_title=Text(**block["short_title"]), completion=_as_completion(block.get("completion")),
                competencies=tuple(_as_competency(part) for part in block["competencies"]),
            )
            for block in kept["blocks"]
        ),
    )  # fmt: skip


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _as_scale(scale: Document) -> competencies.Scale:
    levels = tuple(
        competencies.Level(row["code"], Text(**row["label"]), _whole(row["rank"]), row["sign"])
        for row in scale["levels"]
    )
    return competencies.Scale(scale["code"], levels, scale["threshold"])


def _as_completion(rule: object) -> Completion:
    if not isinstance(rule, dict) or rule.get("kind") not in set(CompletionKind):
        return Completion()
    points = {str(code): _whole(n) for code, n in dict(rule.get("points", {})).items()}
    required = frozenset(map(str, rule.get("required", ())))
    return Completion(CompletionKind(rule["kind"]), _whole(rule.get("least", 0)), required, points)


def _as_competency(row: Document) -> competencies.Competency:
    own = row.get("scale")
    return competencies.Competency(
        code=row["code"], title=Text(**row["title"]), completion=_as_completion(row.get("completion")),
        scale=_as_scale(own) if own else None,
        indicators=tuple(
            competencies.Indicator(
                part["code"], Text(**part["wording"]), {key: Text(**text) for key, text in part["descriptors"].items()}
            )
            for part in row["indicators"]
        ),
    )  # fmt: skip
