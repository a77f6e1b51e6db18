"""Reads the CSV of Moodle's competency frameworks, exported by a site or written by hand; nothing is skipped silently.

Every row is a competency for Moodle: those at the root are our blocks, those below our competencies, then indicators.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from competencies.exchange import table
from competencies.exchange.description import read as read_description
from competencies.exchange.outline import (
    Node,
    Outline,
    Reading,
    assemble,
    both,
    levels_from,
    refused,
    share_out,
    slug,
)
from competencies.exchange.table import Row
from competencies.faults import Fault
from competencies.framework import Scale

HEADERS = (
    "Parent ID number",
    "ID number",
    "Short name",
    "Description",
    "Description format",
    "Scale values",
    "Scale configuration",
    "Rule type (optional)",
    "Rule outcome (optional)",
    "Rule config (optional)",
    "Cross-referenced competency ID numbers",
    "Exported ID (optional)",
    "Is framework",
    "Taxonomy",
)
PARENT, ID, NAME, DESCRIPTION, FORMAT, SCALE, CONFIGURATION = range(7)
RULE, OUTCOME, RULE_CONFIGURATION, RELATED, EXPORTED, IS_FRAMEWORK, TAXONOMY = range(7, 14)
RULE_ALL, RULE_POINTS = "core_competency\\competency_rule_all", "core_competency\\competency_rule_points"
_TRUE = ("1", "true", "yes", "oui")
_NO_SCALE = "les niveaux sont attendus du plus bas au plus haut, séparés par des virgules, deux au moins."
_NO_THRESHOLD = 'un JSON est attendu : [{"scaleid":"1"},{"id":2,"scaledefault":1,"proficient":1}], avec un seuil.'
_NO_POINTS = (
    'un JSON est attendu : {"base":{"points":2},"competencies":[{"id":1,"points":1,"required":0}]}, dont les '
    "numéros sont les « Exported ID » des lignes qui dépendent de celle-ci."
)


def read(text: str) -> Reading:
    """Read a file; every fault gives the line, the column and what is expected there."""
    rows, faults = table.read(text)
    if not faults:
        faults = _heading_faults(rows[0])
    if faults:
        return refused(faults)
    roots = [row for row in rows[1:] if row[IS_FRAMEWORK].strip().lower() in _TRUE]
    if len(roots) != 1:
        place = roots[1] if roots else rows[0]
        message = f"une seule ligne « 1 », celle du référentiel, est attendue ; {len(roots)} lue(s)."
        return refused([place.fault(IS_FRAMEWORK, HEADERS[IS_FRAMEWORK], message)])
    return _Reader(roots[0], [row for row in rows[1:] if row is not roots[0]]).reading()


def _heading_faults(heading: Row) -> list[Fault]:
    if len(heading.cells) < len(HEADERS):
        message = f"{len(HEADERS)} colonnes sont attendues, {len(heading.cells)} lues ; la première manquante est ici."
        return [heading.fault(len(heading.cells), HEADERS[len(heading.cells)], message)]
    # Moodle translates its headings: an unknown one is read by its position, a known one must be in its place.
    known = {name.casefold() for name in HEADERS}
    return [
        heading.fault(at, name, f"« {name} » est attendu ici ; « {read.strip()[:60]} » lu.")
        for at, (name, read) in enumerate(zip(HEADERS, heading.cells, strict=False))
        if read.strip().casefold() in known and read.strip().casefold() != name.casefold()
    ]


class _Reader:
    def __init__(self, root: Row, rows: Sequence[Row]) -> None:
        self.root = root
        self.rows = rows
        self.faults: list[Fault] = []
        self.scales: dict[tuple[str, int], Scale] = {}
        self.nodes: dict[str, Node] = {}
        self.row_of: dict[str, Row] = {}

    def _refuse(self, row: Row, column: int, message: str) -> None:
        self.faults.append(row.fault(column, HEADERS[column], message))

    def reading(self) -> Reading:
        outline = self._outline()
        for row in self.rows:
            self._read(outline, row)
        for row in self.rows:
            self._attach(outline, row)
        if not self.faults:
            self._check_circles(outline)
        if not self.faults:
            self._scales_of_competencies(outline)
            self._rules(outline)
            self._note(outline)
        return assemble(outline, self.faults)

    def _outline(self) -> Outline:
        root = self.root
        code, colon, version = root[ID].partition(":")
        description = read_description(root[DESCRIPTION])
        if not root[ID].strip():
            self._refuse(root, ID, "l’identifiant du référentiel est attendu ; la cellule est vide.")
        return Outline(
            code=code if colon else slug(code, "framework"),
            version=version.replace("%3C", "<").replace("%25", "%") if colon else "1",
            title=both(description.title or root[NAME]),
            notice=both(description.note),
            place=root.place,
            scale=self._scale(root) or Scale("scale", (), ""),
        )

    def _scale(self, row: Row) -> Scale | None:
        """Read the scale of a row: the same values with the same threshold are one scale, whatever the row."""
        labels = [label.strip() for label in row[SCALE].split(",")]
        if len(labels) < 2 or not all(labels):
            self._refuse(row, SCALE, _NO_SCALE)
            return None
        proficient = _proficient(row[CONFIGURATION], len(labels))
        if proficient is None:
            self._refuse(row, CONFIGURATION, _NO_THRESHOLD)
            return None
        levels = levels_from(labels)
        code = f"scale-{len(self.scales) + 1}" if self.scales else "scale"
        return self.scales.setdefault((",".join(labels), proficient), Scale(code, levels, levels[proficient - 1].code))

    def _read(self, outline: Outline, row: Row) -> None:
        own = row[ID].strip()
        for column in (ID, NAME):
            if not row[column].strip():
                self._refuse(
                    row, column, "une valeur est attendue ; Moodle passe cette ligne et celles qui en dépendent."
                )
        if own in self.nodes:
            self._refuse(row, ID, f"« {own[:60]} » est déjà à la {self.nodes[own].place}.")
        elif own:
            description = read_description(row[DESCRIPTION])
            self.row_of[row.place] = row
            self.nodes[own] = Node(
                code=own.removeprefix(f"{outline.code}:"),
                title=both(description.title or row[NAME]),
                place=row.place,
                short_title=both(description.note) if description.note else None,
                described=[(label, both(text)) for label, text in description.pairs],
                scale=self._scale(row) if row[SCALE].strip() else None,
            )

    def _attach(self, outline: Outline, row: Row) -> None:
        parent, node = row[PARENT].strip(), self.nodes.get(row[ID].strip())
        if node is None or node.place != row.place:
            return
        if not parent:
            outline.blocks.append(node)
        elif parent in self.nodes:
            self.nodes[parent].children.append(node)
        else:
            self._refuse(row, PARENT, f"« {parent[:60]} » n’est l’identifiant d’aucune ligne.")

    def _check_circles(self, outline: Outline) -> None:
        """Find the rows that depend on each other in a circle: no root leads to them."""
        reached = {node.place for node in _below(outline.blocks)}
        for place, row in self.row_of.items():
            if place not in reached:
                self._refuse(
                    row, PARENT, "la ligne dépend d’elle-même ; l’identifiant d’une ligne au-dessus est attendu."
                )

    def _scales_of_competencies(self, outline: Outline) -> None:
        """Keep for a competency the scale that all its indicators have; ours have none of their own."""
        unread = sum(1 for block in outline.blocks if block.scale not in (None, outline.scale))
        found = []
        for node in (node for block in outline.blocks for node in block.children):
            below = {part.scale or outline.scale for part in node.children}
            scale = below.pop() if len(below) == 1 else node.scale or outline.scale
            unread += sum(1 for part in (node, *node.children) if (part.scale or outline.scale) != scale)
            found.append(scale)
        share_out(outline, found)
        if unread:
            message = "Une échelle propre à un bloc ou à un indicateur n’est pas reprise : celle de sa compétence vaut"
            outline.notes.append(f"{message} ({unread}).")

    def _rules(self, outline: Outline) -> None:
        unread = 0
        for node in _below(outline.blocks):
            row = self.row_of[node.place]
            kind = row[RULE].strip()
            if kind == RULE_POINTS:
                node.completion = self._points(node, row)
                if node.completion is None:
                    self._refuse(row, RULE_CONFIGURATION, _NO_POINTS)
            elif kind not in ("", "null", RULE_ALL):
                unread += 1
        if unread:
            outline.notes.append(f"La règle d’achèvement d’une compétence n’est pas reprise ({unread}).")

    def _points(self, node: Node, row: Row) -> object:
        """Read a rule by points as our documents write it; None when the cell is not one."""
        children = {self.row_of[part.place][EXPORTED].strip(): part.code for part in node.children}
        try:
            config = json.loads(row[RULE_CONFIGURATION])
            parts = [(children[str(part["id"])], part["points"], part["required"]) for part in config["competencies"]]
            least = int(config["base"]["points"])
            points = {code: int(number) for code, number, _ in parts}
        except (ValueError, RecursionError, LookupError, TypeError, OverflowError):
            return None
        required = [code for code, _, needed in parts if needed not in (0, "0", False, "", None)]
        given = {"required": required, "points": {code: number for code, number in points.items() if number}}
        return {"kind": "points", "least": least, **{key: value for key, value in given.items() if value}}

    def _note(self, outline: Outline) -> None:
        count = sum(1 for row in self.rows if row[RELATED].strip() not in ("", "null"))
        if count:
            outline.notes.append(f"Les renvois d’une compétence à d’autres ne sont pas repris ({count}).")


def _below(nodes: Sequence[Node]) -> Iterator[Node]:
    """Give nodes and all those below, each once; a circle has no root and is never entered."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def _proficient(configuration: str, greatest: int) -> int | None:
    """Give the position of the lowest level that counts as reached, or nothing when the cell does not say."""
    try:
        entries = json.loads(configuration)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    reached = [_position(entry) for entry in entries if isinstance(entry, dict) and entry.get("proficient") in (1, "1")]
    return min((at for at in reached if 0 < at <= greatest), default=None)


def _position(entry: Mapping[str, object]) -> int:
    written = str(entry.get("id"))
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 0
