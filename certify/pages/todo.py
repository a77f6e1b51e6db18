"""One line of what there is to do."""

from dataclasses import dataclass
from datetime import date

from certify.core import clock
from certify.core.i18n import gettext as _
from certify.core.templating import day

NAMED = 3
"""How many people or things are named one by one before the rest is counted."""


@dataclass(frozen=True)
class Todo:
    """One thing to do: a verb and its object, why, when."""

    title: str
    url: str
    icon: str
    why: str = ""
    when: str = ""
    is_late: bool = False


def on(moment: date) -> str:
    """Write a day, or « aujourd’hui »."""
    return _("aujourd’hui") if moment == clock.today() else day(moment)
