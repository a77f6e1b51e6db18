"""What comes in about members of a group and families who wait: a month, a day, a coded reason, nothing else."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms import MonthField as WTMonthField
from wtforms.validators import Optional

from certify.core import clock
from certify.core.forms import BaseForm, DateField, SelectChoice, at_most, filled, not_after, required
from certify.core.i18n import lazy as _l
from certify.groups.forms.groups import PLACE_HINT, OpenForm
from certify.groups.models import LeavingReason, WaitingOutcome
from certify.groups.queries.groups import as_id
from certify.organisations.models import Organisation

_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{4})")


class MonthField(WTMonthField):
    """A month, from the browser's calendar (`2026-06`) or typed (`06/2026`); never a day."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one month as its first day."""
        if not valuelist or not valuelist[0].strip():
            return
        text = valuelist[0].strip()
        if found := _YEAR_FIRST.fullmatch(text):
            year, month = int(found[1]), int(found[2])
        elif found := _MONTH_FIRST.fullmatch(text):
            year, month = int(found[2]), int(found[1])
        else:
            raise ValueError(_l("« %(value)s » n’est pas un mois. Écrivez par exemple 06/2026.", value=text[:20]))
        if not (1 <= month <= 12 and 1900 <= year <= 2200):
            raise ValueError(_l("Le mois « %(value)s » n’existe pas.", value=text[:20]))
        self.data = date(year, month, 1)


def _past_day(label: Any, message: Any) -> DateField:
    return DateField(label, [required(message), not_after(clock.today, _l("Ce jour n’est pas encore venu."))])


class ChildMonth(BaseForm):
    """The month of a birth, past or to come."""

    is_due = RadioField(
        _l("L’enfant"),
        [required(_l("Dites si l’enfant est né ou attendu."))],
        choices=[SelectChoice("born", _l("est né")), SelectChoice("due", _l("est attendu"))],
        coerce=lambda value: value if value in ("born", "due") else None,
    )
    month = MonthField(
        _l("Mois de naissance, ou du terme prévu"),
        [required(_l("Indiquez le mois."))],
        description=_l("Le mois et l’année seulement, par exemple 06/2026. Le jour n’est jamais demandé."),
    )

    def values(self) -> dict[str, Any]:
        """Return the data by name, with what was chosen of the birth as a fact."""
        return super().values() | {"is_due": self.is_due.data == "due"}


class JoinForm(ChildMonth):
    """Somebody who joins a group."""

    joined_on = DateField(_l("Entrée dans le groupe"), [required(_l("Indiquez le jour d’entrée."))])


class AmendMonthForm(ChildMonth):
    """The right month of a participant."""


class JoinAgainForm(BaseForm):
    """The day somebody comes back."""

    joined_on = DateField(_l("De nouveau dans le groupe depuis le"), [required(_l("Indiquez le jour du retour."))])


class LeaveForm(BaseForm):
    """The day somebody is no longer of a group, and why."""

    left_on = _past_day(_l("Premier jour hors du groupe"), _l("Indiquez le jour du départ."))
    reason = RadioField(
        _l("Raison"),
        [required(_l("Choisissez une raison."))],
        choices=[SelectChoice(one.value, one.label) for one in LeavingReason],
        coerce=lambda value: LeavingReason(value) if value in set(LeavingReason) else None,
    )


class WaitingForm(ChildMonth):
    """A family who waits."""

    place = StringField(
        _l("Lieu souhaité"), [filled(_l("Indiquez un lieu ou un quartier.")), at_most(160)], description=PLACE_HINT
    )
    house_id = SelectField(_l("Maison"), [Optional()], coerce=lambda value: as_id(str(value or "")))
    since = _past_day(_l("Attend depuis le"), _l("Indiquez le jour de la demande."))

    def offer(self, houses: Iterable[Organisation]) -> None:
        """Set the houses to choose from."""
        self.house_id.choices = [
            SelectChoice("", _l("Aucune Maison")), *(SelectChoice(str(one.id), one.name) for one in houses)
        ]  # fmt: skip


class OutcomeForm(BaseForm):
    """What became of a family who no longer waits."""

    outcome = RadioField(
        _l("Ce qu’il en est"),
        [required(_l("Choisissez une réponse."))],
        choices=[
            SelectChoice(one.value, one.label) for one in (WaitingOutcome.WITHDRAWN, WaitingOutcome.NO_NEWS)
        ],
        coerce=lambda value: WaitingOutcome(value) if value in set(WaitingOutcome) else None,
    )  # fmt: skip


class PlaceForm(OpenForm):
    """A group to open with families who wait: their numbers, as the proposal showed them."""

    families = HiddenField(validators=[filled(_l("Choisissez au moins une famille."))])

    def numbers(self) -> list[int]:
        """Return the numbers of the families proposed."""
        words = str(self.families.data or "").split(",")
        return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 10]
