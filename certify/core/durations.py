"""Lengths of time as people type and read them: « 1 h 30 », « 90 min »."""

import re

from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l

LONGEST = 24 * 60
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_HOURS = re.compile(r"(?P<hours>\d{1,3})(?:h(?:eures?)?|:)(?P<minutes>\d{1,2})?(?:m(?:in(?:utes?)?)?)?", re.ASCII)
_HOURS_AND_PART = re.compile(r"(?P<hours>\d{1,2})[.,](?P<part>\d{1,2})h(?:eures?)?", re.ASCII)
_MINUTES = re.compile(r"(?P<minutes>\d{1,4})(?:m(?:in(?:utes?)?\.?)?)?", re.ASCII)


def parse_minutes(text: str) -> int:
    """Read a length written as « 90 », « 90 min », « 1h30 », « 1 h 30 », « 1:30 » or « 1,5 h ».

    Raises ValueError with a message for a person.
    """
    minutes = _read(_SPACES.sub("", text).lower())
    if minutes is None:
        raise ValueError(
            _l("« %(value)s » n’est pas une durée. Écrivez par exemple 1 h 30, ou 90 minutes.", value=text.strip()[:20])
        )
    if minutes == 0:
        raise ValueError(_l("La durée ne peut pas être nulle."))
    if minutes > LONGEST:
        raise ValueError(_l("La durée ne peut pas dépasser 24 heures."))
    return minutes


def _read(text: str) -> int | None:
    if (found := _HOURS.fullmatch(text)) is not None:
        rest = int(found["minutes"] or 0)
        return int(found["hours"]) * 60 + rest if rest < 60 else None
    if (found := _HOURS_AND_PART.fullmatch(text)) is not None:
        return round(float(f"{found['hours']}.{found['part']}") * 60)
    found = _MINUTES.fullmatch(text)
    return int(found["minutes"]) if found is not None else None


def show_minutes(minutes: int | None) -> str:
    """Write a length: « 1 h 30 », « 45 min »; nothing for none."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\u00a0min"
    if current_locale() == "en":
        return f"{hours}\u00a0h\u00a0{rest:02d}\u00a0min" if rest else f"{hours}\u00a0h"
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"
