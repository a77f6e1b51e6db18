"""What is wrong in a draft, each fault beside the field of the editor it speaks of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import competencies
from certify.core.i18n import lazy as _l
from certify.core.i18n import typeset
from certify.frameworks.queries.documents import (
    Document,
    is_removed,
    nodes_of,
    pruned,
    scales_of,
)

_NAMED = {"b": "bloc", "c": "compétence", "i": "indicateur"}
_LONGEST_SHOWN = 60
_QUOTED = re.compile(r"« (.+?) »")
_ROOT = "référentiel"
ASPECTS: dict[str, Any] = {
    "code": _l("code"), "version": _l("numéro de version"), "title": _l("intitulé"), "notice": _l("mention"),
    "short_title": _l("intitulé court"), "number": _l("numéro"), "wording": _l("formulation"), "label": _l("libellé"),
    "sign": _l("signe"), "threshold": _l("seuil"), "fr": _l("français"), "en": _l("anglais"),
    "descriptors": _l("description des niveaux"), "least": _l("minimum"), "completion": _l("règle de validation"),
    "required": _l("éléments indispensables"), "points": _l("points"), "rank": _l("rang"), "levels": _l("niveaux"),
    "blocks": _l("blocs"), "competencies": _l("compétences"), "indicators": _l("indicateurs"), "kind": _l("genre"),
}  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """One fault: the page of the editor, the part and the field it is about, and what was expected."""

    part: str
    node: str
    field: str
    label: str
    message: str

    @property
    def target(self) -> str:
        """Return the identifier on the page of what is to be corrected."""
        return self.field or self.node


@dataclass(frozen=True)
class Faults:
    """All that keeps a draft from being put in force."""

    all: tuple[Placed, ...]

    def of_field(self, name: str) -> tuple[str, ...]:
        """Return what is wrong with one field."""
        return tuple(fault.message for fault in self.all if fault.field == name)

    def of_node(self, name: str) -> tuple[str, ...]:
        """Return what is wrong with a part as a whole."""
        return tuple(fault.message for fault in self.all if fault.node == name and not fault.field)

    def of_part(self, part: str) -> tuple[Placed, ...]:
        """Return the faults of one page of the editor."""
        return tuple(fault for fault in self.all if fault.part == part)

    def below(self, name: str) -> int:
        """Count the faults of a part and of those below it."""
        inside = re.compile(rf"{re.escape(name)}(?!\d)")
        return sum(1 for fault in self.all if inside.match(fault.node))


def part_of(name: str) -> str:
    """Return the page of the editor on which a part is written."""
    found = re.match(r"b\d+(?!.*s)", name)
    if found is not None:
        return found.group()
    return "scales" if name.startswith("s") or re.match(r"b\d+c\d+s", name) else "general"


def faults_in(document: Document, taken: bool = False) -> Faults:
    """Read a draft as a framework in force is read, and place every fault; `taken`: its version number is in use."""
    try:
        competencies.from_document(pruned(document))
    except competencies.FrameworkFaults as refused:
        found = refused.faults
    else:
        found = ()
    places = _places(document)
    placed = [one for fault in found for one in _placed(document, places, fault)]
    return Faults((*placed, *_own_faults(document, taken)))


def _own_faults(document: Document, taken: bool) -> Iterator[Placed]:
    version = str(ASPECTS["version"])
    if taken:
        message = str(_l("Cette version existe déjà : donnez un autre numéro."))
        yield Placed("general", "general", "general-version", version, message)
    for field, label, value, most in (
        ("version", version, document["version"], 30),
        ("title-fr", str(ASPECTS["title"]), document["title"]["fr"], 200),
        ("title-en", str(ASPECTS["title"]), document["title"]["en"], 200),
    ):
        if len(value) > most:
            message = str(_l("Ce texte est trop long : %(max)s caractères au plus.", max=most))
            yield Placed("general", "general", f"general-{field}", label, message)


def _places(document: Document) -> dict[str, str]:
    """Return, for each place as the reader of frameworks names it, the part of the editor."""
    found: dict[str, str] = {_ROOT: "general"}
    # Those removed are not read: the others are counted without them.
    counted: dict[tuple[str, str], int] = {}
    wheres = {"": _ROOT}
    for name, node in nodes_of(document):
        parent = re.sub(r"[bci]\d+$", "", name)
        if is_removed(node) or parent not in wheres:
            continue
        kind = _NAMED[re.sub(r"\d", "", name)[-1]]
        counted[parent, kind] = counted.get((parent, kind), 0) + 1
        own = f"{kind} {_shown(node['code'])}" if node["code"].strip() else f"{kind} n° {counted[parent, kind]}"
        wheres[name] = own if not parent else f"{wheres[parent]} › {own}"
        found.setdefault(wheres[name], name)
    for name, scale in scales_of(document):
        for where in _scale_places(name, wheres):
            found.setdefault(where, name)
            kept = [(f"{name}l{n}", row) for n, row in enumerate(scale["levels"], 1) if not is_removed(row)]
            for position, (level, row) in enumerate(kept, 1):
                own = f"niveau {_shown(row['code'])}" if row["code"].strip() else f"niveau n° {position}"
                found.setdefault(f"{where} › {own}", level)
    return found


def _scale_places(name: str, wheres: Mapping[str, str]) -> tuple[str, ...]:
    if name == "s0":
        return ("échelle",)
    if name == "s1":
        return ("échelle de la formation",)
    owner = wheres.get(name.removesuffix("s"), "")
    return (f"{owner} › échelle",)


def _shown(code: str) -> str:
    return code if len(code) <= _LONGEST_SHOWN else f"{code[: _LONGEST_SHOWN - 1]}…"


def _placed(document: Document, places: Mapping[str, str], fault: competencies.Fault) -> Iterator[Placed]:
    where = fault.where
    rest: list[str] = []
    while where not in places and " › " in where:
        where, _sign, last = where.rpartition(" › ")
        rest.insert(0, last)
    node = places.get(where, "general")
    message = typeset(fault.message[:1].upper() + fault.message[1:])
    label = _label(document, where, rest)
    doubled = list(_doubled(document, node, rest, fault.message))
    if doubled:
        for name, field in doubled:
            yield Placed(part_of(name), name, f"{name}-{field}", label, message)
        return
    field = _field(document, node, rest, fault.message)
    yield Placed(part_of(node), node, f"{node}-{field}" if field else "", label, message)


def _label(document: Document, where: str, rest: list[str]) -> str:
    levels = {row["code"]: row["label"]["fr"] for _name, scale in scales_of(document) for row in scale["levels"]}
    words = [str(ASPECTS.get(word, levels.get(word) or word)) for word in rest]
    shown = [] if where == _ROOT else [where]
    return typeset(" › ".join([*shown, *words]) or str(_l("Référentiel")))


def _doubled(document: Document, node: str, rest: list[str], message: str) -> Iterator[tuple[str, str]]:
    """Give every field that holds a value found more than once."""
    quoted = _QUOTED.search(message)
    if rest or "en double" not in message or quoted is None:
        return
    if message.startswith("des échelles"):
        yield from ((name, "code") for name, scale in scales_of(document) if _shown(scale["code"]) == quoted[1])
        return
    if message.startswith("le code de niveau"):
        scale = dict(scales_of(document)).get(node, {"levels": []})
        for position, row in enumerate(scale["levels"], 1):
            if _shown(row["code"]) == quoted[1] and not is_removed(row):
                yield f"{node}l{position}", "code"
        return
    aspect = "number" if "numéro" in message else "code"
    for name, one in nodes_of(document):
        if not is_removed(one) and aspect in one and _shown(str(one[aspect])) == quoted[1]:
            yield name, aspect


def _field(document: Document, node: str, rest: list[str], message: str) -> str:
    if not rest:
        return "threshold" if "seuil" in message else ""
    if rest[0] == "descriptors":
        return _descriptor_field(document, node, rest[1:])
    if rest[0] == "completion":
        return "least" if rest[-1] == "least" else "completion"
    if rest[0] in ("title", "short_title", "notice", "wording", "label"):
        return "-".join(rest[:2]) if len(rest) > 1 else f"{rest[0]}-fr"
    return rest[0] if rest[0] in ("code", "version", "number", "sign", "threshold") else ""


def _descriptor_field(document: Document, node: str, rest: list[str]) -> str:
    indicator = dict(nodes_of(document)).get(node)
    if indicator is None or not rest:
        return ""
    described = list(indicator["descriptors"])
    if rest[0] not in described:
        return ""
    return f"d{described.index(rest[0]) + 1}-{rest[1] if len(rest) > 1 else 'fr'}"
