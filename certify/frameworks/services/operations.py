"""What can be done to the parts of a draft: add, remove, put back, move, renumber. Pure: a document in, a document out.

An operation is written `verb:place`, as a button of the editor sends it: `up:b1c2`, `add:b1`, `scale:b1c2`;
`move:b1c2i3>b2c1:2` puts a part second under another parent. `certify.frameworks.queries.documents` names the places.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.frameworks.queries.documents import (
    CHILDREN,
    REMOVED,
    Document,
    Place,
    holds_text,
    is_removed,
    level_codes,
    place_of,
    scale_for,
    scales_of,
    shaped,
)

MOST_LEVELS = 10
MOST_PARTS = 100
"""Of one kind under one parent; no framework of the world comes near."""
_MOVE = re.compile(r"([\w]+)>(\w*):(\d{1,3})")


@dataclass(frozen=True)
class Done:
    """A changed document, where the reader should be brought back, on what, and what to tell them."""

    document: Document
    at: str
    focus: str
    message: Any = ""


def empty_document(code: str, version: str) -> Document:
    """Return the smallest framework there is to fill in: one block, one competency, one indicator, three levels."""
    levels = [
        ("not_acquired", "non acquis", "not acquired", "○"),
        ("partly_acquired", "partiellement acquis", "partly acquired", "◐"),
        ("acquired", "acquis", "acquired", "●"),
    ]
    scale = {
        "code": "certification",
        "threshold": "acquired",
        "levels": [
            {"code": name, "label": {"fr": fr, "en": en}, "rank": rank, "sign": sign}
            for rank, (name, fr, en, sign) in enumerate(levels)
        ],
    }
    return shaped({"code": code, "version": version, "scale": scale, "blocks": [_new_block("1", 1)]})


def carry_out(document: Document, wish: str, target: str = "") -> Done:
    """Do what a button asks to a copy of the document; `target` is the new parent, for a move to elsewhere."""
    verb, _colon, name = wish.partition(":")
    act = _VERBS.get(verb)
    if act is None:
        raise _unknown()
    return act(deepcopy(document), name, target)


def _unknown() -> Invalid:
    return Invalid(_l("Cette partie du référentiel n’existe plus. Rouvrez la page pour voir où elle en est."))


def _found(document: Document, name: str) -> Place:
    place = place_of(document, name)
    if place is None:
        raise _unknown()
    return place


def _nothing(code: str) -> Document:
    return {"code": code, "title": {}}


def _new_block(code: str, number: int) -> Document:
    competency = _nothing(f"{code}.1") | {"indicators": [{"code": f"{code}.1.1"}]}
    return _nothing(code) | {"number": number, "competencies": [competency]}


def _next_code(siblings: list[Document], parent: str) -> str:
    """Return the first code under a parent that comes after those in use."""
    start = f"{parent}." if parent else ""
    tails = [row["code"].removeprefix(start) for row in siblings if row["code"].startswith(start)]
    numbers = [int(tail) for tail in tails if tail.isascii() and tail.isdigit()]
    return f"{start}{max([*numbers, len(siblings)] if not parent else [*numbers, 0]) + 1}"


def _room_for_one(siblings: list[Document], most: int = MOST_PARTS) -> None:
    if len([row for row in siblings if not is_removed(row)]) >= most:
        raise Invalid(_l("%(most)s éléments au plus peuvent se trouver à cet endroit.", most=most))


def _add(document: Document, name: str, _target: str) -> Done:
    """Add a part below another one; to the framework itself when no place is named."""
    place = _found(document, name) if name else None
    parent = place.node if place else document
    if place and (place.kind == "s" or name in ("s0", "s1")):
        return _add_level(document, name, parent)
    kind = place.kind if place else ""
    if kind not in CHILDREN:
        raise _unknown()
    siblings = parent[CHILDREN[kind]]
    _room_for_one(siblings)
    code = _next_code(siblings, parent["code"] if place else "")
    if kind == "":
        numbers = [row["number"] for row in siblings if isinstance(row["number"], int)]
        siblings.append(_new_block(code, max([*numbers, 0]) + 1))
    elif kind == "b":
        siblings.append(_nothing(code) | {"indicators": [{"code": f"{code}.1"}]})
    else:
        siblings.append({"code": code})
    letter = {"": "b", "b": "c", "c": "i"}[kind]
    return Done(shaped(document), f"{name}{letter}{len(siblings)}", "first")


def _add_level(document: Document, name: str, scale: Document) -> Done:
    _room_for_one(scale["levels"], MOST_LEVELS)
    scale["levels"].append({"code": "", "label": {}, "sign": ""})
    _rank(scale)
    return Done(shaped(document), f"{name}l{len(scale['levels'])}", "first")


def _rank(scale: Document) -> None:
    """Number the levels anew, since their order is what their ranks say."""
    for rank, level in enumerate(row for row in scale["levels"] if not is_removed(row)):
        level["rank"] = rank


def _add_scale(document: Document, name: str, _target: str) -> Done:
    """Give the training, or one competency, a scale of its own, to begin with the one in use."""
    if name == "formative":
        document["formative"] = _copied(document["scale"], "formative")
        return Done(shaped(document), "s1", "first")
    place = _found(document, name)
    if place.kind != "c":
        raise _unknown()
    competency = place.node
    competency["scale"] = _copied(scale_for(document, competency), competency["code"] or "propre")
    return Done(shaped(document), f"{name}s", "first")


def _copied(scale: Document, code: str) -> Document:
    kept = [row for row in scale["levels"] if not is_removed(row)]
    return {"code": code, "threshold": scale["threshold"], "levels": deepcopy(kept)}


def _remove(document: Document, name: str, _target: str) -> Done:
    """Mark a part as removed; one that holds nothing goes at once."""
    place = _found(document, name)
    if name == "s0":
        raise Invalid(_l("L’échelle de certification ne se retire pas : le jury se prononce sur elle."))
    if place.kind == "s" or holds_text(place.node):
        place.node[REMOVED] = True
        at, focus, message = (
            name,
            "restore",
            _l("L’élément est retiré. Vous pouvez le remettre jusqu’à votre enregistrement."),
        )
    else:
        del place.siblings[place.index]
        at, focus, message = (
            place.parent_id or "general",
            "add",
            _l("L’élément est retiré : il ne contenait aucun texte."),
        )
    if place.kind == "l":
        _rank(_found(document, place.parent_id).node)
    return Done(shaped(document), at, focus, message)


def _restore(document: Document, name: str, _target: str) -> Done:
    place = _found(document, name)
    place.node.pop(REMOVED, None)
    if place.kind == "l":
        _rank(_found(document, place.parent_id).node)
    return Done(shaped(document), name, "first", _l("L’élément est remis à sa place."))


def _shift(step: int) -> Callable[[Document, str, str], Done]:
    def move(document: Document, name: str, _target: str) -> Done:
        place = _found(document, name)
        there = place.index + step
        focus = "up" if step < 0 else "down"
        if place.kind == "s" or not 0 <= there < len(place.siblings):
            return Done(document, name, focus)
        place.siblings.insert(there, place.siblings.pop(place.index))
        if place.kind == "l":
            _rank(_found(document, place.parent_id).node)
        stem = re.sub(r"\d+$", "", name)
        return Done(shaped(document), f"{stem}{there + 1}", focus)

    return move


def _into(document: Document, name: str, target: str) -> Done:
    """Put a part last under another parent."""
    place = _found(document, name)
    parent = _found(document, target)
    if (place.kind, parent.kind) not in (("c", "b"), ("i", "c")):
        raise _unknown()
    siblings = parent.node[CHILDREN[parent.kind]]
    return _put(document, place, parent.node, target, len(siblings))


def _move(document: Document, name: str, _target: str) -> Done:
    """Put a part at a place under a parent, as dropped there."""
    asked = _MOVE.fullmatch(name)
    if asked is None:
        raise _unknown()
    place = _found(document, asked[1])
    parent = _found(document, asked[2]) if asked[2] else None
    kinds = (place.kind, parent.kind if parent else "")
    if kinds not in (("b", ""), ("c", "b"), ("i", "c")):
        raise _unknown()
    return _put(document, place, parent.node if parent else document, asked[2], int(asked[3]) - 1)


def _put(document: Document, place: Place, parent: Document, parent_id: str, index: int) -> Done:
    siblings = parent[CHILDREN["" if parent is document else ("b" if "competencies" in parent else "c")]]
    is_same_parent = siblings is place.siblings
    if not is_same_parent:
        _room_for_one(siblings)
    node = place.siblings.pop(place.index)
    message: Any = ""
    if not is_same_parent and parent is not document:
        before = node["code"]
        _recode(node, _next_code(siblings, parent["code"]))
        message = _l("« %(before)s » devient « %(after)s ».", before=before, after=node["code"])
    siblings.insert(max(0, min(index, len(siblings))), node)
    # The parent itself may have moved: found again by what it is.
    at = next((name for name, one in _named(document) if one is node), parent_id)
    return Done(shaped(document), at, "up", message)


def _named(document: Document) -> list[tuple[str, Document]]:
    found = []
    for b, block in enumerate(document["blocks"], 1):
        found.append((f"b{b}", block))
        for c, competency in enumerate(block["competencies"], 1):
            found.append((f"b{b}c{c}", competency))
            found += [(f"b{b}c{c}i{i}", part) for i, part in enumerate(competency["indicators"], 1)]
    return found


def _recode(node: Document, code: str) -> None:
    """Give a part another code, and those below it codes that begin with it."""
    before, node["code"] = node["code"], code
    key = next((key for key in CHILDREN.values() if key in node), None)
    if key is None:
        return
    renamed = {}
    for position, part in enumerate(node[key], 1):
        old = part["code"]
        tail = old.removeprefix(f"{before}.") if before and old.startswith(f"{before}.") else old.rpartition(".")[2]
        renamed[old] = f"{code}.{tail or position}"
        _recode(part, renamed[old])
    rule = node.get("completion")
    if isinstance(rule, dict):
        rule["required"] = [renamed.get(one, one) for one in rule.get("required", ())]
        rule["points"] = {renamed.get(one, one): n for one, n in rule.get("points", {}).items()}


def _renumber(document: Document, name: str, _target: str) -> Done:
    """Make the codes below a part begin with its own."""
    place = _found(document, name)
    if place.kind not in ("b", "c"):
        raise _unknown()
    _recode(place.node, place.node["code"])
    return Done(
        document,
        name,
        "first",
        _l("Les codes de dessous commencent maintenant par « %(code)s ».", code=place.node["code"]),
    )


def _drop_old_levels(document: Document, name: str, _target: str) -> Done:
    """Take away what describes levels that no scale has any more, in one indicator or everywhere."""
    for owner, competency in ((one, node) for one, node in _named(document) if "indicators" in node):
        levels = level_codes(scale_for(document, competency))
        for position, indicator in enumerate(competency["indicators"], 1):
            if name in ("", f"{owner}i{position}"):
                described = indicator["descriptors"]
                indicator["descriptors"] = {level: text for level, text in described.items() if level in levels}
    return Done(document, name, "first", _l("Les descriptions de niveaux disparus sont retirées."))


def rename_levels(document: Document, renamed: dict[str, dict[str, str]]) -> Document:
    """Let the descriptions follow levels whose code was changed: by scale place, the former codes and the new ones."""
    changed = deepcopy(document)
    places = {id(scale): name for name, scale in scales_of(changed)}
    for _name, competency in ((one, node) for one, node in _named(changed) if "indicators" in node):
        new = renamed.get(places[id(scale_for(changed, competency))], {})
        for indicator in competency["indicators"]:
            described = indicator["descriptors"]
            # What already stands under the new code of a level, and keeps that code, is never covered.
            free = {old: level for old, level in new.items() if level in new or not holds_text(described.get(level))}
            kept = {level: text for level, text in described.items() if level in free or level not in free.values()}
            indicator["descriptors"] = {free.get(level, level): text for level, text in kept.items()}
    return shaped(changed)


_VERBS: dict[str, Callable[[Document, str, str], Done]] = {
    "add": _add,
    "scale": _add_scale,
    "remove": _remove,
    "restore": _restore,
    "up": _shift(-1),
    "down": _shift(1),
    "into": _into,
    "move": _move,
    "recode": _renumber,
    "drop-levels": _drop_old_levels,
}
