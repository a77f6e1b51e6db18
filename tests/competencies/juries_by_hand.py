"""Reads the juries composed by hand in juries.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from competencies import SETTABLE_CONFLICTS, Balance, JuryRules, Seat, Violation

_GENDERS = {"woman": "F", "man": "M"}
_OF_PEOPLE = {"president", "external", "internal", "qualified", "reserve", "absent", "recused", "silent", *_GENDERS}

Told = tuple[str, str | None]
"""Code of a violation, and whom it names."""


@dataclass(frozen=True)
class JuryByHand:
    """One jury, and what a person found wrong."""

    name: str
    seats: tuple[Seat, ...]
    rules: JuryRules
    is_vae: bool
    waived: frozenset[Told]
    wrong: tuple[Told, ...]
    on_the_day: tuple[Told, ...] | None
    undeclared: tuple[str, ...]
    balance: Balance | None


def juries_by_hand() -> list[JuryByHand]:
    """Return every jury of the table."""
    text = Path(__file__).with_name("juries.toml").read_text(encoding="utf-8")
    return [_jury(row) for row in tomllib.loads(text)["jury"]]


def told(violations: Iterable[Violation]) -> tuple[Told, ...]:
    """Return violations as the table writes them."""
    return tuple((one.code, one.who) for one in violations)


def _jury(row: Mapping[str, Any]) -> JuryByHand:
    blocking = frozenset(SETTABLE_CONFLICTS) - set(row.get("lets_pass", []))
    on_the_day, balance = row.get("on_the_day"), row.get("balance")
    return JuryByHand(
        row["name"],
        tuple(_seat(line) for line in row["seats"]),
        JuryRules(**row.get("rules", {}), blocking=blocking),
        row.get("vae", False),
        frozenset(_told(row.get("waived", []))),
        _told(row["wrong"]),
        None if on_the_day is None else _told(on_the_day),
        tuple(row.get("undeclared", [])),
        None if balance is None else Balance(*balance),
    )


def _told(lines: Iterable[str]) -> tuple[Told, ...]:
    parts = (line.partition(": ") for line in lines)
    return tuple((code, who or None) for code, _colon, who in parts)


def _seat(line: str) -> Seat:
    who, _colon, rest = line.partition(": ")
    said = rest.split(", ")
    links = frozenset(word.removeprefix("link ") for word in said if word.startswith("link "))
    words = {word for word in said if not word.startswith("link ")}
    assert words <= _OF_PEOPLE, line
    assert len(words & {"external", "internal"}) == 1, line
    return Seat(
        who,
        is_president="president" in words,
        is_external="external" in words,
        conflicts=links,
        has_declared="silent" not in words,
        is_reserve="reserve" in words,
        is_qualified="qualified" in words,
        gender=next((sign for word, sign in _GENDERS.items() if word in words), ""),
        is_present=not words & {"absent", "recused"},
    )
