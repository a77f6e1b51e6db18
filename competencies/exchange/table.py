"""Rows of a CSV file with the line each starts on, and one way to say where a fault is."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from competencies.faults import Fault


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts on and its cells; a cell that the row does not have is empty."""

    line: int
    cells: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where the row is, for a person."""
        return f"ligne {self.line}"

    def __getitem__(self, column: int) -> str:
        return self.cells[column] if 0 <= column < len(self.cells) else ""

    def fault(self, column: int, name: str, message: str) -> Fault:
        """Say what is wrong in a cell of this row."""
        return Fault(f"ligne {self.line}, colonne {column + 1} (« {name} »)", message)


def write(rows: Iterable[Sequence[str]]) -> str:
    """Write rows as RFC 4180 asks for: commas, quotes where needed, lines ended by CR LF."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def read(text: str) -> tuple[list[Row], list[Fault]]:
    """Read the rows that are not empty; a comma or, as French spreadsheets write, a semicolon separates the cells."""
    text = text.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    separator = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(start, tuple(cells)))
            start = reader.line_num + 1
    except csv.Error:
        message = "la ligne n’est pas lisible : un guillemet n’est pas refermé, ou une cellule est trop longue."
        return rows, [Fault(f"ligne {start}, colonne 1", message)]
    if not rows:
        return rows, [Fault("ligne 1, colonne 1", "le fichier est vide ; une ligne d’en-têtes est attendue.")]
    return rows, []
