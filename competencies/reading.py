"""Reads an untrusted framework document and keeps every fault, so that its author corrects them all at once."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from competencies.faults import Fault, FrameworkFaults
from competencies.framework import (
    EVERY_PART,
    Block,
    Competency,
    Completion,
    CompletionKind,
    Framework,
    Indicator,
    Level,
    Scale,
    Text,
)

T = TypeVar("T")
Table = Mapping[str, object]

_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
# Tabs and line ends are harmless in a wording; other control characters and lone surrogates break databases and PDFs.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_KINDS = {str: "un texte", int: "un nombre entier", dict: "une table", list: "une liste"}
_ROOT = "référentiel"
_GREATEST_NUMBER = 1000


@dataclass
class _Reading:
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, where: str, message: str) -> None:
        self.faults.append(Fault(where, message))

    def _expect(self, value: object, kind: type[T], where: str, empty: T) -> T:
        # A boolean is an int for Python, never for the author of a framework.
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
        self.refuse(where, f"{_KINDS[kind]} est attendu{'e' if kind in (dict, list) else ''} ici.")
        return empty

    def table(self, value: object, where: str, keys: Collection[str], optional: Collection[str] = ()) -> Table:
        """Check that a value is a table that holds these keys, perhaps the optional ones, and no other."""
        table = self._expect(value, dict, where, {})
        if table or isinstance(value, dict):
            for key in keys:
                if key not in table:
                    self.refuse(where, f"la clé « {key} » manque.")
            known = (*keys, *optional)
            for key in table:
                if key not in known:
                    self.refuse(where, f"la clé « {_shown(key)} » est inconnue ; clés possibles : {', '.join(known)}.")
        return table

    def string(self, table: Table, key: str, where: str) -> str:
        """Read a text that is not empty; an absent key has been reported with its table."""
        if key not in table:
            return ""
        inside = f"{where} › {key}"
        value = self._expect(table[key], str, inside, " ")
        if not value:
            self.refuse(inside, "le texte est vide ; écrivez sa formulation.")
        elif isinstance(table[key], str) and not value.strip():
            self.refuse(inside, "le texte ne contient que des espaces ; écrivez sa formulation.")
        if _UNSTORABLE.search(value):
            self.refuse(inside, "le texte contient un caractère de contrôle ; retirez-le.")
        return value

    def code(self, table: Table, where: str) -> str:
        value = self.string(table, "code", where)
        if value.strip() and not _CODE.fullmatch(value):
            self.refuse(
                f"{where} › code",
                f"« {_shown(value)} » n’est pas un code ; 40 lettres sans accent, chiffres, points ou tirets au plus.",
            )
        return value

    def number(self, table: Table, key: str, where: str) -> int:
        """Read a small whole number; an absent key has been reported with its table."""
        value = self._expect(table[key], int, f"{where} › {key}", 0) if key in table else 0
        if abs(value) > _GREATEST_NUMBER:
            self.refuse(f"{where} › {key}", f"le nombre est trop grand ; {_GREATEST_NUMBER} au plus.")
            return 0
        return value

    def text(self, table: Table, key: str, where: str) -> Text:
        if key not in table:
            return Text("", "")
        inside = f"{where} › {key}"
        wording = self.table(table[key], inside, ("fr", "en"))
        return Text(self.string(wording, "fr", inside), self.string(wording, "en", inside))

    def each(self, table: Table, key: str, where: str, named: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        """Read every element of a list that must hold at least one."""
        if key not in table:
            return ()
        inside = f"{where} › {key}"
        rows = self._expect(table[key], list, inside, [])
        if not rows and isinstance(table[key], list):
            self.refuse(inside, "la liste est vide ; au moins un élément est attendu.")
        return tuple(read(row, _place(row, where, named, position)) for position, row in enumerate(rows, start=1))

    def codes(self, value: object, where: str) -> list[str]:
        """Read a list of texts."""
        return [self._expect(one, str, where, "") for one in self._expect(value, list, where, [])]

    def once(self, values: Collection[object], where: str, what: str) -> None:
        """Refuse values that come back; empty ones have already been reported."""
        seen: set[object] = set()
        for value in values:
            if value in seen and value != "":
                self.refuse(where, f"{what} « {_shown(value)} » est en double.")
            seen.add(value)

    def prefixed(self, code: str, parent: str, where: str) -> None:
        if code and parent and not code.startswith(f"{parent}."):
            self.refuse(f"{where} › code", f"« {_shown(code)} » doit commencer par « {_shown(parent)}. ».")


def _shown(value: object) -> str:
    text = str(value).encode("ascii", "backslashreplace").decode() if _UNSTORABLE.search(str(value)) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _place(row: object, where: str, named: str, position: int) -> str:
    code = row.get("code") if isinstance(row, dict) else None
    own = f"{named} {_shown(code)}" if isinstance(code, str) and code.strip() else f"{named} n° {position}"
    return own if where == _ROOT else f"{where} › {own}"


def read(document: object) -> Framework:
    """Build the framework a document describes, or raise FrameworkFaults with all that is wrong in it."""
    reading = _Reading()
    table = reading.table(document, _ROOT, ("code", "version", "title", "notice", "scale", "blocks"), ("formative",))
    scale = _scale(reading, table, "scale", "échelle")
    formative = _scale(reading, table, "formative", "échelle de la formation") if "formative" in table else None
    training = formative or scale
    framework = Framework(
        code=reading.code(table, _ROOT),
        version=reading.string(table, "version", _ROOT),
        title=reading.text(table, "title", _ROOT),
        notice=reading.text(table, "notice", _ROOT),
        scale=scale,
        blocks=reading.each(table, "blocks", _ROOT, "bloc", lambda row, where: _block(reading, training, row, where)),
        formative=formative,
    )
    _check_uniqueness(reading, framework)
    if reading.faults:
        raise FrameworkFaults(tuple(reading.faults))
    return framework


def _scale(reading: _Reading, document: Table, key: str, where: str) -> Scale:
    if key not in document:
        return Scale("", (), "")
    table = reading.table(document[key], where, ("code", "levels", "threshold"))
    levels = reading.each(table, "levels", where, "niveau", lambda row, inside: _level(reading, row, inside))
    scale = Scale(reading.code(table, where), levels, reading.string(table, "threshold", where))
    ranks = [level.rank for level in levels]
    reading.once(scale.codes, where, "le code de niveau")
    if len(levels) == 1:
        reading.refuse(where, "une échelle a au moins deux niveaux.")
    if ranks != sorted(set(ranks)):
        reading.refuse(where, "les rangs doivent croître du premier niveau au dernier.")
    if scale.threshold.strip() and scale.threshold not in scale.codes:
        known = ", ".join(_shown(code) for code in scale.codes)
        reading.refuse(where, f"le seuil « {_shown(scale.threshold)} » n’est pas un niveau ; niveaux : {known}.")
    elif len(levels) > 1 and scale.threshold == levels[0].code:
        reading.refuse(where, "le seuil ne peut pas être le niveau le plus bas : tout serait acquis d’avance.")
    return scale


def _level(reading: _Reading, row: object, where: str) -> Level:
    table = reading.table(row, where, ("code", "label", "rank", "sign"))
    return Level(
        code=reading.code(table, where),
        label=reading.text(table, "label", where),
        rank=reading.number(table, "rank", where),
        sign=reading.string(table, "sign", where),
    )


def _block(reading: _Reading, scale: Scale, row: object, where: str) -> Block:
    keys = ("code", "number", "title", "short_title", "competencies")
    table = reading.table(row, where, keys, ("completion",))
    code = reading.code(table, where)
    competencies = reading.each(
        table, "competencies", where, "compétence", lambda part, inside: _competency(reading, scale, code, part, inside)
    )
    return Block(
        code=code,
        number=reading.number(table, "number", where),
        title=reading.text(table, "title", where),
        short_title=reading.text(table, "short_title", where),
        competencies=competencies,
        completion=_completion(reading, table, where, [part.code for part in competencies]),
    )


def _competency(reading: _Reading, scale: Scale, parent: str, row: object, where: str) -> Competency:
    table = reading.table(row, where, ("code", "title", "indicators"), ("scale", "completion"))
    code = reading.code(table, where)
    reading.prefixed(code, parent, where)
    own = _scale(reading, table, "scale", f"{where} › échelle") if "scale" in table else None
    used = own or scale
    indicators = reading.each(
        table, "indicators", where, "indicateur", lambda part, inside: _indicator(reading, used, code, part, inside)
    )
    return Competency(
        code=code,
        title=reading.text(table, "title", where),
        indicators=indicators,
        scale=own,
        completion=_completion(reading, table, where, [part.code for part in indicators]),
    )


def _completion(reading: _Reading, parent: Table, above: str, parts: Sequence[str]) -> Completion:
    """Read when a whole is reached; an absent key asks for every part."""
    if "completion" not in parent:
        return EVERY_PART
    where = f"{above} › completion"
    table = reading.table(parent["completion"], where, ("kind",), ("least", "required", "points"))
    written = reading.string(table, "kind", where)
    if written not in set(CompletionKind):
        known = ", ".join(kind.value for kind in CompletionKind)
        reading.refuse(f"{where} › kind", f"« {_shown(written)} » n’est pas une règle ; règles possibles : {known}.")
        return EVERY_PART
    kind = CompletionKind(written)
    allowed = {CompletionKind.ALL: (), CompletionKind.AT_LEAST: ("least", "required")}.get(kind, tuple(table))
    for key in table:
        if key not in ("kind", *allowed) and key in ("least", "required", "points"):
            reading.refuse(f"{where} › {key}", f"la règle « {kind.value} » ne se sert pas de cette clé ; retirez-la.")
    if kind is CompletionKind.ALL:
        return EVERY_PART
    points = _points(reading, table, where, parts) if kind is CompletionKind.POINTS else {}
    least = reading.number(table, "least", where)
    greatest = sum(points.values()) if kind is CompletionKind.POINTS else len(parts)
    if kind is CompletionKind.POINTS and parts and greatest < 1:
        reading.refuse(f"{where} › points", "des points sont attendus pour une partie au moins.")
    elif not 1 <= least <= greatest and parts:
        reading.refuse(f"{where} › least", f"un nombre entre 1 et {greatest} est attendu : au-delà, rien ne l’atteint.")
    return Completion(kind, least, _required(reading, table, where, parts), points)


def _points(reading: _Reading, table: Table, where: str, parts: Sequence[str]) -> dict[str, int]:
    inside = f"{where} › points"
    points = reading.table(table.get("points", {}), inside, (), parts)
    found = {part: reading.number(points, part, inside) for part in points if part in parts}
    for part, number in found.items():
        if number < 0:
            reading.refuse(f"{inside} › {part}", "un nombre de points ne peut pas être négatif.")
    return found


def _required(reading: _Reading, table: Table, where: str, parts: Sequence[str]) -> frozenset[str]:
    if "required" not in table:
        return frozenset()
    inside = f"{where} › required"
    codes = reading.codes(table["required"], inside)
    for code in codes:
        if code not in parts:
            reading.refuse(inside, f"« {_shown(code)} » n’en est pas une partie ; parties : {', '.join(parts)}.")
    return frozenset(codes)


def _indicator(reading: _Reading, scale: Scale, parent: str, row: object, where: str) -> Indicator:
    table = reading.table(row, where, ("code", "wording", "descriptors"))
    code = reading.code(table, where)
    reading.prefixed(code, parent, where)
    inside = f"{where} › descriptors"
    levels = tuple(dict.fromkeys(level for level in scale.codes if level))
    # Without a readable scale nothing can be expected of the descriptors: the scale's own faults say enough.
    described = reading.table(table["descriptors"], inside, levels) if levels and "descriptors" in table else {}
    return Indicator(
        code=code,
        wording=reading.text(table, "wording", where),
        descriptors={level: reading.text(described, level, inside) for level in levels},
    )


def _check_uniqueness(reading: _Reading, framework: Framework) -> None:
    codes = [block.code for block in framework.blocks]
    codes += [competency.code for competency in framework.competencies]
    codes += [indicator.code for indicator in framework.indicators]
    reading.once(codes, _ROOT, "le code")
    reading.once([block.number for block in framework.blocks], _ROOT, "le numéro de bloc")
    own = [competency.scale for competency in framework.competencies]
    scales = dict.fromkeys(scale for scale in (framework.scale, framework.formative, *own) if scale is not None)
    # One code for two scales could not be told apart on a page, nor in a file where scales are named by their code.
    reading.once([scale.code for scale in scales], "échelles", "des échelles différentes portent un même code :")
