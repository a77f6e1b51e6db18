"""What one cell says: a day, a length of time, a number, yes or no; each raises ValueError with words for a person."""

import math
import re
from datetime import date, timedelta
from enum import StrEnum

from certify.core.durations import LONGEST, parse_minutes
from certify.core.forms import parse_day
from certify.core.i18n import lazy as _l

_EXCEL_FIRST = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_000)
"""Serial numbers of spreadsheets for days between 1954 and 2119; anything else that is a number is no day."""
_SHORT_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})", re.ASCII)
_WITH_TIME = re.compile(r"(\S+)[T ]+\d{1,2}(?:[:hH]\d{0,2}){1,2}(?:[.,]\d+)?Z?", re.ASCII)
_IN_WORDS = re.compile(r"(?:[a-zéû]+\.? )?(\d{1,2})(?:er)? ([a-zéûôè]+)\.? (\d{4})", re.IGNORECASE)
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,9})?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?", re.ASCII)
_YES = frozenset({"oui", "o", "x", "yes", "y", "vrai", "true", "1"})
_NO = frozenset({"non", "n", "no", "faux", "false", "0", "-"})


class Unit(StrEnum):
    """What a length without a unit is in."""

    HOURS = "hours"
    MINUTES = "minutes"


def day(text: str) -> date:
    """Read a day: 12/06/2026, 12/06/26, 2026-06-12, 12 juin 2026, with a time or not, or a spreadsheet's number."""
    plain = " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())
    if plain.isascii() and plain.isdigit() and len(plain) < 6 and int(plain) in _EXCEL_DAYS:
        return _EXCEL_FIRST + timedelta(days=int(plain))
    if found := _WITH_TIME.fullmatch(plain):
        plain = found[1]
    if found := _SHORT_YEAR.fullmatch(plain):
        plain = f"{found[1]}/{found[2]}/20{found[3]}"
    if found := _IN_WORDS.fullmatch(plain):
        month = _month(found[2])
        plain = f"{found[1]}/{month}/{found[3]}" if month else plain
    return parse_day(plain)


def _month(word: str) -> int:
    start = word.lower()
    found = [number for number, name in enumerate(_MONTHS, start=1) if len(start) >= 3 and name.startswith(start)]
    return found[0] if len(found) == 1 else 0


def minutes(text: str, unit: Unit) -> int:
    """Read a length: 1 h 30, 1:30, 90 min, 1,5 h; a bare number is in `unit`, one with decimals in hours."""
    plain = "".join(text.split()).replace("\u202f", "").replace("\u00a0", "")
    if found := _CLOCK.fullmatch(plain):
        return parse_minutes(f"{found[1]}h{found[2]}")
    if not _NUMBER.fullmatch(plain):
        return parse_minutes(plain.replace("mn", "min"))
    value = number(plain)
    is_hours = unit is Unit.HOURS or (isinstance(value, float) and value <= 24)
    total = round(value * 60) if is_hours else round(value)
    if not 0 < total <= LONGEST:
        raise ValueError(_l("« %(value)s » n’est pas une durée entre une minute et 24 heures.", value=text[:20]))
    return total


def unit_of(heading: str, texts: list[str]) -> Unit:
    """Guess what bare numbers of a column of lengths are in: what its heading says, else what they look like."""
    words = heading.lower()
    if "min" in words:
        return Unit.MINUTES
    if re.search(r"heure|\bh\b|hour", words):
        return Unit.HOURS
    bare = [number(text) for text in texts if _NUMBER.fullmatch(text)]
    return Unit.HOURS if bare and max(bare) <= 12 else Unit.MINUTES


def number(text: str) -> int | float:
    """Read a number with a comma or a point."""
    plain = "".join(text.split()).replace("\u202f", "").replace("\u00a0", "")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(_l("« %(value)s » n’est pas un nombre. Écrivez par exemple 12 ou 3,5.", value=text[:20]))
    value = float(plain.replace(",", "."))
    return int(value) if math.isfinite(value) and value.is_integer() else value


def yes_or_no(text: str) -> bool:
    """Read oui, non, x…"""
    plain = text.strip().lower()
    if plain not in _YES | _NO:
        raise ValueError(_l("« %(value)s » n’est ni oui ni non.", value=text[:20]))
    return plain in _YES
