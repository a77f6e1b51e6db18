"""Reads an untrusted framework document and keeps every fault, so that its author corrects them all at once."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from competencies.faults import Fault, FrameworkFaults
from competencies.framework import Block, Competency, Framework, Indicator, Level, Scale, Text

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

    def table(self, value: object, where: str, keys: Collection[str]) -> Table:
        """Check that a value is a table that holds these keys and no other."""
        table = self._expect(value, dict, where, {})
        if table or isinstance(value, dict):
            for key in keys:
                if key not in table:
                    self.refuse(where, f"la clé « {key} » manque.")
            for key in table:
                if key not in keys:
                    self.refuse(where, f"la clé « {_shown(key)} » est inconnue ; clés possibles : {', '.join(keys)}.")
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
    table = reading.table(document, _ROOT, ("code", "version", "title", "notice", "scale", "blocks"))
    scale = _scale(reading, table)
    framework = Framework(
        code=reading.code(table, _ROOT),
        version=reading.string(table, "version", _ROOT),
        title=reading.text(table, "title", _ROOT),
        notice=reading.text(table, "notice", _ROOT),
        scale=scale,
        blocks=reading.each(table, "blocks", _ROOT, "bloc", lambda row, where: _block(reading, scale, row, where)),
    )
    _check_uniqueness(reading, framework)
    if reading.faults:
        raise FrameworkFaults(tuple(reading.faults))
    return framework


def _scale(reading: _Reading, document: Table) -> Scale:
    where = "échelle"
    if "scale" not in document:
        return Scale("", (), "")
    table = reading.table(document["scale"], where, ("code", "levels", "threshold"))
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
    table = reading.table(row, where, ("code", "number", "title", "short_title", "competencies"))
    code = reading.code(table, where)
    return Block(
        code=code,
        number=reading.number(table, "number", where),
        title=reading.text(table, "title", where),
        short_title=reading.text(table, "short_title", where),
        competencies=reading.each(
            table,
            "competencies",
            where,
            "compétence",
            lambda part, inside: _competency(reading, scale, code, part, inside),
        ),
    )


def _competency(reading: _Reading, scale: Scale, parent: str, row: object, where: str) -> Competency:
    table = reading.table(row, where, ("code", "title", "indicators"))
    code = reading.code(table, where)
    reading.prefixed(code, parent, where)
    return Competency(
        code=code,
        title=reading.text(table, "title", where),
        indicators=reading.each(
            table,
            "indicators",
            where,
            "indicateur",
            lambda part, inside: _indicator(reading, scale, code, part, inside),
        ),
    )


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
