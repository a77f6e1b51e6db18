"""A row of the results, and how rows are shown and kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KEPT = ("name", "value", "unit", "reference", "ratio", "limit", "holds")
PREFIXES = ("house.", "lti.", "cohort.", "field.", "certificates.")


@dataclass(frozen=True)
class Row:
    """One measured value beside the peer or floor it is compared with.

    `limit` bounds the ratio, or the value itself where that is what was promised; `rule` says how.
    """

    name: str
    value: float
    unit: str
    reference: float | None
    of: str
    """What the reference is the measure of."""
    limit: float | None
    rule: str
    holds: bool

    @property
    def ratio(self) -> float | None:
        """The value in terms of the reference."""
        return self.value / self.reference if self.reference else None


def information(name: str, value: float, unit: str, reference: float | None = None, of: str = "") -> Row:
    """Return a row that tells something and has no limit."""
    return Row(name, value, unit, reference, of, None, "", True)


def at_most(name: str, value: float, unit: str, reference: float, of: str, limit: float) -> Row:
    """Return a row whose ratio to a peer must stay under a limit."""
    return Row(name, value, unit, reference, of, limit, "<", value / reference < limit)


def at_least(name: str, value: float, unit: str, reference: float, of: str, limit: float) -> Row:
    """Return a row whose ratio to a peer must reach a limit."""
    return Row(name, value, unit, reference, of, limit, "≥", value / reference >= limit)


def equal(name: str, value: int, unit: str, reference: int, of: str) -> Row:
    """Return a row whose count must be that of another case."""
    return Row(name, value, unit, reference, of, 1, "=", value == reference)


def within(name: str, value: float, unit: str, limit: float, reference: float | None = None, of: str = "") -> Row:
    """Return a row whose value itself must not exceed a limit."""
    return Row(name, value, unit, reference, of, limit, "valeur ≤", value <= limit)


def failed(name: str) -> Row:
    """Return the row of something that could not be measured at all."""
    return Row(name, 0, "", None, "mesure impossible", None, "", False)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text, in columns."""
    lines = [("mesure", "valeur", "référence", "rapport", "limite", "")]
    for row in rows:
        reference = f"{_number(row.reference)} ({row.of})" if row.reference else row.of
        limit = f"{row.rule} {_number(row.limit)}" if row.limit is not None else ""
        verdict = "NON TENU" if not row.holds else "tenu" if limit else ""
        lines.append((row.name, f"{_number(row.value)} {row.unit}", reference, _number(row.ratio), limit, verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def write(rows: Sequence[Row], path: Path) -> None:
    """Keep the rows for a machine, one object a row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    objects = [{key: getattr(row, key) for key in KEPT} for row in rows]
    path.write_text(json.dumps(objects, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"
