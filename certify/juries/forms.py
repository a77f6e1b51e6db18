"""What comes in about jury sessions."""

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

import competencies
from certify.cohorts.policies import is_email
from certify.core.db import db
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, filled, required, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries import queries

_REFERENCE = _l("Écrivez des lettres, des chiffres, des tirets ou des points, par exemple 2026-014.")
_ADDRESS = _l("Cette adresse n’est pas complète. Écrivez par exemple prenom.nom@exemple.fr.")


class SessionForm(BaseForm):
    """A session to prepare."""

    certifying_body = SelectField(_l("Organisme certificateur"), [required()])
    version = SelectField(_l("Référentiel"), [required()])
    reference = StringField(
        _l("Référence"), [filled(), at_most(30), Regexp(r"^[\w.-]+$", message=_REFERENCE)],
        description=_l("Elle numérote le procès-verbal. Une référence est proposée : vous pouvez la changer."),
    )  # fmt: skip
    held_on = DateField(_l("Date de la session"), [required()])
    place = StringField(_l("Lieu"), [filled(), at_most(160)], description=_l("Ville et salle, ou « à distance »."))

    def validate_reference(self, field: Any) -> None:
        """Refuse a number already given."""
        body = self.chosen_body
        if body is not None and queries.reference_is_taken(db.session, body.id, field.data):
            raise ValidationError(_l("Cette référence est déjà celle d’une autre session. Choisissez-en une autre."))

    def validate_version(self, field: Any) -> None:
        """Refuse the framework of another body."""
        body, version = self.chosen_body, self.chosen_version
        if body is not None and version is not None and version.certifying_body_id != body.id:
            raise ValidationError(_l("Ce référentiel n’est pas celui de l’organisme certificateur choisi."))

    def offer(self, bodies: list[Any], versions: list[Any]) -> None:
        """Give the choices of the two lists."""
        self._bodies = {str(one.id): one for one in bodies}
        self._versions = {str(one.id): one for one in versions}
        title = "title_en" if current_locale() == "en" else "title_fr"
        self.certifying_body.choices = [SelectChoice(key, one.name) for key, one in self._bodies.items()]
        self.version.choices = [
            SelectChoice(key, f"{getattr(one, title)} – {one.version}") for key, one in self._versions.items()
        ]

    @property
    def chosen_body(self) -> Any:
        """The certifying body chosen, if it is one of those offered."""
        return self._bodies.get(self.certifying_body.data)

    @property
    def chosen_version(self) -> Any:
        """The framework version chosen, if it is one of those offered."""
        return self._versions.get(self.version.data)


class SeatForm(BaseForm):
    """Somebody to call to a jury."""

    email = StringField(
        _l("Adresse e-mail"), [filled(), at_most(254)],
        description=_l("Une personne connue est retrouvée par cette adresse ; les autres reçoivent une invitation."),
    )  # fmt: skip
    given_name = StringField(_l("Prénom"), [filled(), at_most(80)])
    family_name = StringField(_l("Nom"), [filled(), at_most(80)])
    quality = StringField(
        _l("Qualité"), [filled(), at_most(160)],
        description=_l("Telle qu’elle figurera au procès-verbal : métier, type d’employeur."),
    )  # fmt: skip
    is_external = RadioField(
        _l("Position"), [required()], default="1",
        choices=[SelectChoice("1", _l("externe")), SelectChoice("0", _l("interne"))],
        description=_l("Externe : sans lien avec l’organisme certificateur ni avec les organismes de formation."),
    )  # fmt: skip
    is_president = BooleanField(_l("Préside le jury"))

    def validate_email(self, field: StringField) -> None:
        """Refuse what is not one address."""
        if field.data and not is_email(field.data):
            raise ValidationError(_ADDRESS)


class CandidatesForm(BaseForm):
    """People to present to a session."""

    enrolments = ChecklistField(_l("Candidatures"), [InputRequired(_l("Cochez au moins une personne."))])

    def offer(self, people: dict[str, str]) -> None:
        """Give the people to choose from: names by identifier."""
        self.enrolments.choices = [SelectChoice(key, name) for key, name in people.items()]


class CloseForm(BaseForm):
    """The end of a session: who sat."""

    present = ChecklistField(
        _l("Membres présents"), [InputRequired(_l("Cochez les membres qui ont siégé."))],
        description=_l("Le procès-verbal indique qui était présent. La composition est vérifiée sur eux."),
    )  # fmt: skip

    def offer(self, members: dict[str, str]) -> None:
        """Give the members to choose from: names by seat."""
        self.present.choices = [SelectChoice(key, name) for key, name in members.items()]


BLOCK_OUTCOMES = {
    competencies.BlockOutcome.ACQUIRED: _l("acquis"),
    competencies.BlockOutcome.PARTLY_ACQUIRED: _l("partiellement acquis"),
    competencies.BlockOutcome.NOT_ACQUIRED: _l("non acquis"),
}
WHOLE_OUTCOMES = {
    competencies.WholeOutcome.OBTAINED: _l("obtenue"),
    competencies.WholeOutcome.PARTLY_OBTAINED: _l("partiellement obtenue"),
    competencies.WholeOutcome.REFUSED: _l("refusée"),
    competencies.WholeOutcome.ADJOURNED: _l("ajournée"),
}
_REASON_LENGTH = 4000


class DecisionForm(BaseForm):
    """A decision on one candidate; `decision_form` adds the two fields of each block."""

    expected = IntegerField(_l("Décision précédente"), [InputRequired()], widget=HiddenInput())
    outcome = RadioField(
        _l("Décision globale"), [required(_l("Choisissez la décision globale."))],
        choices=[SelectChoice(key.value, label) for key, label in WHOLE_OUTCOMES.items()],
    )  # fmt: skip
    reason = text_area(_l("Motif de la décision globale"), Optional(), rows=3, max_length=_REASON_LENGTH)
    framework: competencies.Framework
    proposed: dict[str, competencies.BlockOutcome]

    @property
    def blocks(self) -> dict[str, competencies.BlockOutcome]:
        """What is decided on each block, so far."""
        chosen = {block.code: self[f"block-{block.code}-outcome"].data for block in self.framework.blocks}
        return {code: competencies.BlockOutcome(value) for code, value in chosen.items() if value}

    @property
    def reasons(self) -> dict[str, str]:
        """Why, for each block."""
        return {block.code: self[f"block-{block.code}-reason"].data or "" for block in self.framework.blocks}

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the rules of decisions; each rule not kept is shown beside its field."""
        if not super().validate(extra_validators):
            return False
        violations = competencies.check_decision(
            self.framework, blocks=self.blocks, whole=competencies.WholeOutcome(self.outcome.data),
            proposed=self.proposed, reasons=self.reasons, whole_reason=self.reason.data or "",
        )  # fmt: skip
        for violation in violations:
            self.refuse(self._field_of(violation), violation.message.to(current_locale()))
        return not violations

    def _field_of(self, violation: competencies.Violation) -> str:
        if violation.who is not None:
            return f"block-{violation.who}-{'outcome' if violation.code == 'block_undecided' else 'reason'}"
        return "reason" if violation.code == "whole_reason_missing" else "outcome"


def decision_form(
    framework: competencies.Framework, proposed: dict[str, competencies.BlockOutcome], **values: Any
) -> DecisionForm:
    """Make the form of a decision on this framework's blocks."""
    fields: dict[str, Any] = {"framework": framework, "proposed": proposed}
    choices = [SelectChoice(key.value, label) for key, label in BLOCK_OUTCOMES.items()]
    undecided = _l("Choisissez la décision sur ce bloc.")
    for block in framework.blocks:
        label, motive = (
            _l("Bloc %(number)s", number=block.number),
            _l("Motif pour le bloc %(number)s", number=block.number),
        )
        fields[f"block-{block.code}-outcome"] = RadioField(label, [required(undecided)], choices=choices)
        fields[f"block-{block.code}-reason"] = text_area(motive, Optional(), rows=2, max_length=_REASON_LENGTH)
    form: DecisionForm = type("BlockDecisionForm", (DecisionForm,), fields)(data=values)
    return form


class ConfirmForm(BaseForm):
    """A button alone; the hidden field keeps which one."""

    what = HiddenField()
