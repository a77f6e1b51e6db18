"""What comes in from a browser about the recognition of a framework: registration, ROME, ESCO."""

from collections.abc import Mapping
from typing import Any

from wtforms import FieldList, FormField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from certify.core.forms import BaseForm, DateField, SelectChoice, at_most, required
from certify.core.i18n import lazy as _l
from certify.frameworks.models import Recognition, RegistrationState
from certify.frameworks.rows import RowForm, filled_rows
from certify.frameworks.services import EscoLink, NsfCode, Recognised, RomeLink

STATES: Mapping[RegistrationState, Any] = {
    RegistrationState.NOT_REGISTERED: _l("Non enregistrée"),
    RegistrationState.RNCP: _l("Enregistrée au RNCP"),
    RegistrationState.RS: _l("Enregistrée au répertoire spécifique"),
}
ROME_STATUSES: Mapping[str, Any] = {"aimed": _l("visé"), "granted": _l("attribué")}


class RomeForm(RowForm):
    """A job of the ROME near the certification."""

    code = StringField(_l("Code ROME"), [at_most(5)])
    label = StringField(_l("Intitulé"), [at_most(200)])
    status = SelectField(_l("Statut"), choices=[SelectChoice(*one) for one in ROME_STATUSES.items()], default="aimed")


class EscoForm(RowForm):
    """An occupation or a skill of ESCO."""

    uri = StringField(_l("Adresse ESCO"), [at_most(200)])
    label = StringField(_l("Intitulé"), [at_most(200)])


class NsfForm(RowForm):
    """A speciality of the NSF."""

    code = StringField(_l("Code NSF"), [at_most(5)])
    label = StringField(_l("Intitulé"), [at_most(200)])


class RecognitionForm(BaseForm):
    """What the State and public classifications say of a framework."""

    known = HiddenField()
    state = RadioField(
        _l("Enregistrement par France compétences"), [required(_l("Choisissez un état."))],
        choices=[SelectChoice(state.value, label) for state, label in STATES.items()],
    )  # fmt: skip
    reference = StringField(
        _l("Référence"), [at_most(20)], description=_l("Comme dans l’annuaire : RNCP12345 ou RS1234.")
    )
    level = IntegerField(
        _l("Niveau de qualification"),
        [Optional(), NumberRange(1, 8, _l("Écrivez un niveau de 3 à 8."))],
        description=_l("Pour le RNCP seulement, de 3 à 8."),
    )
    decided_on = DateField(_l("Date de la décision"), [Optional()])
    starts_on = DateField(_l("Premier jour"), [Optional()])
    ends_on = DateField(_l("Dernier jour"), [Optional()], description=_l("Cinq ans au plus après le premier jour."))
    rome = FieldList(FormField(RomeForm), label=_l("Métiers proches (ROME)"))
    esco = FieldList(FormField(EscoForm), label=_l("Classification européenne (ESCO)"))
    nsf = FieldList(FormField(NsfForm), label=_l("Spécialités de formation (NSF)"))

    @classmethod
    def showing(cls, row: Recognition | None) -> "RecognitionForm":
        """Return the form filled in with what was last recorded."""
        said = Recognised.of(row)
        facts = vars(said) | {
            "state": said.state.value, "known": str(row.number if row else 0),
            "rome": [vars(one) for one in said.rome], "esco": [vars(one) for one in said.esco],
            "nsf": [vars(one) for one in said.nsf],
        }  # fmt: skip
        return cls(formdata=None, data=facts)

    @property
    def known_number(self) -> int:
        """Number of the row that the person read."""
        typed = self.known.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    def said(self) -> Recognised:
        """Return what somebody says; a row in which nothing is written is left out."""
        rome = [row for row in filled_rows(self.rome) if row["code"] or row["label"]]
        return Recognised(
            RegistrationState(self.state.data), (self.reference.data or "").upper().replace(" ", ""), self.level.data,
            self.decided_on.data, self.starts_on.data, self.ends_on.data,
            tuple(RomeLink((row["code"] or "").upper(), row["label"] or "", row["status"]) for row in rome),
            tuple(EscoLink(row["uri"] or "", row["label"] or "") for row in filled_rows(self.esco)),
            tuple(NsfCode((row["code"] or "").lower(), row["label"] or "") for row in filled_rows(self.nsf)),
        )  # fmt: skip
