"""Facts that decide what may be done with a group, and what somebody typed about a family."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date

from certify.core.i18n import current_locale, typeset
from certify.groups.models import PeerGroup
from competencies.fidelity import Verdict
from competencies.fidelity_words import LABELS
from competencies.framework import Text
from competencies.pseudonyms import draw_pseudonym

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
OLDEST_MONTHS = 48
"""How old a child may be, in months, when a family joins a group of the first thousand days or waits for one."""
LATEST_DUE_MONTHS = 10
"""In how many months a birth may be due."""


def tidy_code(text: str) -> str:
    """Write a group's code the one way it is kept: capitals, no space."""
    return "".join(text.split()).upper()


def is_code(text: str) -> bool:
    """Whether a text can be the code of a group: letters without accents, digits and dashes."""
    return _CODE.fullmatch(text) is not None


def months_between(first: date, last: date) -> int:
    """Return how many months there are from the month of a day to that of another."""
    return (last.year - first.year) * 12 + last.month - first.month


def is_plausible_month(month: date, *, is_due: bool, today: date) -> bool:
    """Whether a child born, or due, in a month may come to a group of the first thousand days."""
    ahead = months_between(today, month)
    return -1 <= ahead <= LATEST_DUE_MONTHS if is_due else -OLDEST_MONTHS <= ahead <= 0


def is_open(group: PeerGroup) -> bool:
    """Whether a group still meets."""
    return group.closed_on is None


def last_day(group: PeerGroup, today: date) -> date:
    """Return the day on which a group is looked at: today, the day it opens if that is later, or its last day."""
    return max(group.opened_on, today if group.closed_on is None else min(group.closed_on, today))


def random_pseudonym(taken: frozenset[str]) -> str:
    """Draw a pseudonym that tells nothing: neither the order of arrival nor anything else."""
    return draw_pseudonym(taken, secrets.choice)


def shuffled(months: Sequence[tuple[date, bool]]) -> list[tuple[date, bool]]:
    """Return months in an order drawn by chance, so that nothing tells which family of a list each came from."""
    mixed = list(months)
    secrets.SystemRandom().shuffle(mixed)
    return mixed


VERDICTS: Mapping[str, Text] = {one.value: one.label for one in Verdict}
"""Verdicts of the fidelity rules, as they are shown."""
TONES: Mapping[str, str] = {
    Verdict.MET.value: "ok", Verdict.AT_RISK.value: "warning", Verdict.NOT_MET.value: "danger",
    Verdict.UNKNOWN.value: "neutral",
}  # fmt: skip
"""The tone of the badge of each verdict."""
RULES: Mapping[str, Text] = LABELS
"""Fidelity rules, by code, in a few words."""


def verdicts_said() -> dict[str, str]:
    """Write every verdict in the reader's language, the most favourable first."""
    return {value: said(text) for value, text in VERDICTS.items()}


def said(text: Text) -> str:
    """Write a sentence of the domain in the reader's language, with its typography."""
    locale = current_locale()
    return typeset(text.to(locale)) if locale == "fr" else text.to(locale)
