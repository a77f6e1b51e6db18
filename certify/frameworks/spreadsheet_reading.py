"""Reads the workbook of a framework, written by us and changed by people: any bytes in, a framework or faults out."""

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import python_calamine

from certify.core import sniffing, tabular
from certify.core.errors import Invalid
from certify.frameworks.spreadsheet import (
    BLOCK,
    CERTIFICATION,
    COMPETENCY,
    INDICATOR_COLUMNS,
    INDICATORS,
    PART_COLUMNS,
    PARTS,
    RULES,
    SCALE_COLUMNS,
    SCALES,
    TRAINING,
    WHOLE,
    column_name,
)
from competencies import CompletionKind, Fault, Level, Scale, Text
from competencies.exchange.outline import Node, Outline, Reading, assemble, refused

_DESCRIPTOR = re.compile(r"\[(\S+) › (\S+)\]\s*\((fr|en)\)\s*$")
_POINTS = re.compile(r"(\S+)\s*=\s*(\d{1,4})")
_NO_ENGLISH = "Une formulation anglaise manque : la française la remplace"
_COLUMN_OF = {
    "title › fr": "Titre (fr)", "title › en": "Titre (en)", "short_title › fr": "Titre court (fr)",
    "short_title › en": "Titre court (en)", "notice › fr": "Mention (fr)", "notice › en": "Mention (en)",
    "wording › fr": "Formulation (fr)", "wording › en": "Formulation (en)", "code": "Code", "number": "Numéro",
    "version": "Version", "kind": "Règle", "least": "Minimum", "required": "Obligatoires", "points": "Points",
}  # fmt: skip


@dataclass(frozen=True)
class _Line:
    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Sequence[str]

    @property
    def place(self) -> str:
        return f"feuille « {self.sheet} », ligne {self.number}"

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def fault(self, column: str, message: str) -> Fault:
        at = column_name(self.columns.index(column)) if column in self.columns else "A"
        return Fault(f"{self.place}, colonne {at} (« {column} »)", message)


def read(content: bytes) -> Reading:
    """Read a workbook; every fault names the sheet, the row and the column."""
    try:
        sniffing.media_type(content, "classeur.xlsx", sniffing.OFFICE)
        tabular.check_extent(content)
        sheets = _sheets(content)
    except Invalid as refusal:
        return refused([Fault("fichier", str(refusal.message))])
    except tabular.DAMAGED:
        return refused([Fault("fichier", "ce classeur est illisible : il est abîmé, ou protégé par un mot de passe.")])
    return _Reader(sheets).reading()


def _sheets(content: bytes) -> Mapping[str, Sequence[Sequence[Any]]]:
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
            if name in (PARTS, SCALES, INDICATORS)
        }


def _said(value: object) -> str:
    """Give a cell as it was typed: a code or a version may have been taken for a number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = "" if value is None else str(value)
    return tabular.unescaped(text)


class _Reader:
    def __init__(self, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        self.sheets = sheets
        self.faults: list[Fault] = []
        self.supplied: Counter[str] = Counter()
        self.scales: dict[str, Scale] = {}
        self.usages: dict[str, Scale] = {}

    def reading(self) -> Reading:
        parts = self._lines(PARTS, PART_COLUMNS)
        levels = self._lines(SCALES, SCALE_COLUMNS)
        indicators = self._lines(INDICATORS, INDICATOR_COLUMNS)
        if self.faults:
            return refused(self.faults)
        self._scales(levels)
        outline = self._outline(parts)
        competencies = {} if outline is None else self._tree(outline, parts)
        for line in indicators:
            self._indicator(line, competencies)
        if outline is None or self.faults:
            return refused(self.faults)
        outline.notes += [f"{what} ({count})." for what, count in self.supplied.items()]
        reading = assemble(outline)
        columns = {PARTS: PART_COLUMNS, INDICATORS: indicators[0].columns if indicators else (), SCALES: SCALE_COLUMNS}
        return Reading(reading.framework, tuple(_located(one, columns) for one in reading.faults), reading.notes)

    def _lines(self, sheet: str, expected: Sequence[str]) -> list[_Line]:
        """Read the rows of a sheet by its headings, in whatever order they stand."""
        rows = self.sheets.get(sheet)
        if not rows:
            known = f"« {PARTS} », « {SCALES} » et « {INDICATORS} »"
            message = f"cette feuille est attendue ; les feuilles d’un référentiel sont {known}."
            self.faults.append(Fault(f"feuille « {sheet} », ligne 1, colonne A", message))
            return []
        columns = [_said(cell).strip() for cell in rows[0]]
        for at, column in enumerate(expected):
            if column not in columns:
                place = f"feuille « {sheet} », ligne 1, colonne {column_name(at)}"
                self.faults.append(Fault(place, f"la colonne « {column} » est attendue."))
        found = []
        for number, row in enumerate(rows[1:], start=2):
            cells = {column: _said(cell) for column, cell in zip(columns, row, strict=False) if column}
            if any(cell.strip() for cell in cells.values()):
                found.append(_Line(sheet, number, cells, columns))
        return found

    def _text(self, line: _Line, column: str) -> Text:
        fr, en = line[f"{column} (fr)"], line[f"{column} (en)"]
        if fr.strip() and not en.strip():
            self.supplied[_NO_ENGLISH] += 1
            en = fr
        return Text(fr, en)

    def _number(self, line: _Line, column: str) -> int:
        written = line[column].strip()
        if re.fullmatch(r"-?\d{1,4}", written, re.ASCII):
            return int(written)
        self.faults.append(line.fault(column, f"un nombre entier est attendu ; « {written[:40]} » lu."))
        return 0

    def _scales(self, lines: Sequence[_Line]) -> None:
        grouped: dict[tuple[str, str], list[_Line]] = {}
        for line in lines:
            usage = line["Usage"].strip().casefold()
            grouped.setdefault((usage, line["Échelle"].strip()), []).append(line)
        for (usage, code), rows in grouped.items():
            levels = tuple(self._level(row) for row in rows)
            reached = [row["Niveau"].strip() for row in rows if row["Seuil"].strip()]
            if len(reached) != 1:
                message = f"un seul « x » est attendu pour l’échelle « {code} » ; {len(reached)} lu(s)."
                self.faults.append(rows[0].fault("Seuil", message))
                continue
            scale = Scale(code, levels, reached[0])
            if self.scales.setdefault(code, scale) != scale:
                self.faults.append(rows[0].fault("Échelle", f"« {code} » désigne déjà une autre échelle."))
            if usage in (CERTIFICATION, TRAINING) and self.usages.setdefault(usage, scale) != scale:
                self.faults.append(rows[0].fault("Usage", f"une seule échelle de {usage} est attendue."))

    def _level(self, line: _Line) -> Level:
        sign = line["Signe"]
        if not sign.strip():
            self.faults.append(line.fault("Signe", "un signe est attendu : il se lit sans couleur."))
        return Level(line["Niveau"].strip(), self._text(line, "Libellé"), self._number(line, "Rang"), sign)

    def _outline(self, lines: Sequence[_Line]) -> Outline | None:
        roots = [line for line in lines if line["Élément"].strip().casefold() == WHOLE]
        scale = self.usages.get(CERTIFICATION)
        if len(roots) != 1:
            place = roots[1].place if roots else f"feuille « {PARTS} », ligne 2"
            message = f"une seule ligne « {WHOLE} » est attendue ; {len(roots)} lue(s)."
            self.faults.append(Fault(f"{place}, colonne A (« Élément »)", message))
        if scale is None:
            place = f"feuille « {SCALES} », ligne 2, colonne B (« Usage »)"
            self.faults.append(Fault(place, f"une échelle de « {CERTIFICATION} » est attendue."))
        if len(roots) != 1 or scale is None:
            return None
        (root,) = roots
        return Outline(
            code=root["Code"].strip(), version=root["Version"], title=self._text(root, "Titre"),
            notice=self._text(root, "Mention"), place=root.place, scale=scale, formative=self.usages.get(TRAINING),
        )  # fmt: skip

    def _tree(self, outline: Outline, lines: Sequence[_Line]) -> Mapping[str, Node]:
        """Hang the competencies on the block above them."""
        found: dict[str, Node] = {}
        for line in lines:
            kind = line["Élément"].strip().casefold()
            if kind == BLOCK:
                short = self._text(line, "Titre court") if line["Titre court (fr)"].strip() else None
                node = Node(line["Code"].strip(), self._text(line, "Titre"), line.place, short)
                node.number = self._number(line, "Numéro")
                outline.blocks.append(node)
            elif kind == COMPETENCY and outline.blocks:
                node = Node(line["Code"].strip(), self._text(line, "Titre"), line.place)
                node.scale = self._own_scale(line)
                outline.blocks[-1].children.append(node)
                found.setdefault(node.code, node)
            elif kind == WHOLE:
                continue
            else:
                message = f"« {BLOCK} », puis ses « {COMPETENCY} », sont attendus ; « {kind[:40]} » lu."
                self.faults.append(line.fault("Élément", message))
                continue
            node.completion = self._rule(line)
        return found

    def _own_scale(self, line: _Line) -> Scale | None:
        code = line["Échelle"].strip()
        if code and code not in self.scales:
            self.faults.append(line.fault("Échelle", f"« {code[:40]} » n’est pas décrite dans « {SCALES} »."))
        return self.scales.get(code)

    def _rule(self, line: _Line) -> object:
        word = line["Règle"].strip().casefold()
        kind = RULES.get(word or "toutes")
        if kind is None:
            known = ", ".join(f"« {one} »" for one in RULES)
            self.faults.append(line.fault("Règle", f"une règle parmi {known} est attendue ; « {word[:40]} » lu."))
            return None
        if kind is CompletionKind.ALL:
            return None
        rule: dict[str, object] = {"kind": kind.value, "least": self._number(line, "Minimum")}
        required = [code for code in re.split(r"[,;\s]+", line["Obligatoires"]) if code]
        points = _POINTS.findall(line["Points"])
        if _POINTS.sub("", line["Points"]).strip(" ,;\n"):
            self.faults.append(line.fault("Points", "des points comme « 1.1 = 2, 1.2 = 3 » sont attendus."))
        given = {"required": required, "points": {code: int(number) for code, number in points}}
        return {**rule, **{key: value for key, value in given.items() if value}}

    def _indicator(self, line: _Line, competencies: Mapping[str, Node]) -> None:
        above = competencies.get(line["Compétence"].strip())
        if above is None:
            message = f"« {line['Compétence'][:40]} » n’est le code d’aucune compétence de « {PARTS} »."
            self.faults.append(line.fault("Compétence", message))
            return
        node = Node(line["Code"].strip(), self._text(line, "Formulation"), line.place)
        scale = above.scale or self.usages.get(TRAINING) or self.usages.get(CERTIFICATION)
        given: dict[tuple[str, str, str], str] = {}
        for column, cell in line.cells.items():
            named = _DESCRIPTOR.search(column)
            if named is not None:
                given[named[1], named[2], named[3]] = cell
        for level in () if scale is None else scale.levels:
            fr, en = (given.get((scale.code if scale else "", level.code, tongue), "") for tongue in ("fr", "en"))
            if fr.strip() and not en.strip():
                self.supplied[_NO_ENGLISH] += 1
            node.described = [*node.described, (level.label.fr, Text(fr, en if en.strip() else fr))]
        above.children.append(node)


def _located(fault: Fault, columns: Mapping[str, Sequence[str]]) -> Fault:
    """Add to a fault found in the content the column that holds what is wrong."""
    found = re.match(r"(feuille « (.+?) », ligne \d+)(.*)", fault.where, re.DOTALL)
    if found is None:
        return fault
    place, sheet, rest = found[1], found[2], found[3]
    named = next((column for ending, column in _COLUMN_OF.items() if rest.endswith(f"› {ending}")), "Code")
    known = columns.get(sheet, ())
    at = column_name(list(known).index(named)) if named in known else "A"
    return Fault(f"{place}, colonne {at} (« {named} »){rest}", fault.message)
