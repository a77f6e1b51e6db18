"""What comes in about a file before a jury."""

from collections.abc import Iterable

from wtforms import SelectField

from certify.core import clock
from certify.core.forms import BaseForm, DateField, SelectChoice, filled, not_after, required, text_area
from certify.core.i18n import lazy as _l
from certify.eligibility.policies import REASON_LENGTH


class WaiverForm(BaseForm):
    """An exemption from one requirement."""

    requirement = SelectField(_l("Condition dont vous dispensez cette personne"), [required()])
    reason = text_area(
        _l("Motif"), filled(), rows=3, max_length=REASON_LENGTH,
        description=_l("Le jury le lit, et il reste au journal. Ni élément de santé, ni rien qui désigne une famille."),
    )  # fmt: skip

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Give the requirements that are neither met nor waived."""
        self.requirement.choices = [SelectChoice(code, label) for code, label in choices]


class DocumentForm(BaseForm):
    """A document that was received."""

    document = SelectField(_l("Pièce reçue"), [required()])
    received_on = DateField(
        _l("Reçue le"),
        [
            required(),
            not_after(clock.today, _l("Cette date est à venir. Indiquez le jour où la pièce est arrivée.")),
        ],
    )

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Give the documents still awaited."""
        self.document.choices = [SelectChoice(code, label) for code, label in choices]
