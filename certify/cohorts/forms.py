"""What comes in from a browser about cohorts and enrolments, and the words shown for their states."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import EmailField, FileField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from certify.cohorts import policies, roster
from certify.cohorts.models import AccessRoute, Cohort, EnrolmentState
from certify.cohorts.roster import Person
from certify.core.forms import BaseForm, DateField, SelectChoice, at_most, filled, required
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation

ROUTES = {
    AccessRoute.INITIAL: _l("Formation initiale (FI)"),
    AccessRoute.APPRENTICESHIP: _l("Contrat d’apprentissage (CA)"),
    AccessRoute.CONTINUING: _l("Formation continue (FC)"),
    AccessRoute.PROFESSIONALISATION: _l("Contrat de professionnalisation (CQ)"),
    AccessRoute.INDIVIDUAL: _l("Candidature individuelle libre (CL)"),
    AccessRoute.PRIOR_EXPERIENCE: _l("Validation des acquis de l’expérience (VAE)"),
}
"""Ways to a certification, as the open data of France compétences names them."""
STATES = {
    EnrolmentState.INVITED: _l("invitée"),
    EnrolmentState.ACTIVE: _l("en cours"),
    EnrolmentState.SUSPENDED: _l("suspendue"),
    EnrolmentState.COMPLETED: _l("terminée"),
    EnrolmentState.WITHDRAWN: _l("abandonnée"),
}
"""States of an enrolment (inscription)."""
TONES = {
    EnrolmentState.INVITED: "warning",
    EnrolmentState.ACTIVE: "ok",
    EnrolmentState.SUSPENDED: "warning",
    EnrolmentState.COMPLETED: "neutral",
    EnrolmentState.WITHDRAWN: "neutral",
}
_HOURS_TO_CONFIRM = 12


def _day(label: Any, hint: Any = None) -> DateField:
    return DateField(label, [required(_l("Donnez une date."))], description=hint or "")


class CohortForm(BaseForm):
    """Name, dates and framework of a cohort."""

    name = StringField(
        _l("Nom de la promotion"),
        [filled(_l("Donnez un nom à la promotion.")), at_most(120)],
        description=_l("Par exemple : Printemps 2026"),
    )
    starts_on = _day(_l("Début"))
    ends_on = _day(_l("Fin"))
    version = SelectField(
        _l("Référentiel et organisme certificateur"),
        [required(_l("Choisissez un référentiel."))],
        coerce=lambda value: uuid.UUID(str(value)),
        description=_l("Il ne change plus dès qu’une personne est inscrite."),
    )

    def offer(self, versions: Iterable[FrameworkVersion], bodies: Sequence[Organisation], locale: str) -> None:
        """Offer the framework versions in force of the certifying bodies that habilitate the training body."""
        names = {body.id: body.name for body in bodies}
        self.version.choices = []
        for one in versions:
            title = one.title_en if locale == "en" else one.title_fr
            parts = (title, one.version, names.get(one.certifying_body_id))
            self.version.choices.append(SelectChoice(str(one.id), " · ".join(part for part in parts if part)))

    def validate_ends_on(self, field: DateField) -> None:
        """Refuse a cohort that ends before it starts."""
        start = self.starts_on.data
        if field.data and start and not policies.is_in_order(start, field.data):
            raise ValidationError(_l("La fin doit venir après le début."))


class _EntryForm(BaseForm):
    access_route = SelectField(
        _l("Voie d’accès"),
        choices=[SelectChoice(route.value, words) for route, words in ROUTES.items()],
        coerce=AccessRoute,
        default=AccessRoute.CONTINUING,
    )
    entered_on = _day(_l("Date d’entrée en formation"))
    house_id = SelectField(_l("Maison"), [Optional()], coerce=lambda value: uuid.UUID(str(value)) if value else None)

    def offer(self, houses: Iterable[Organisation]) -> None:
        """Offer the houses of the programme."""
        none = SelectChoice("", _l("Aucune pour l’instant"))
        self.house_id.choices = [none, *(SelectChoice(str(one.id), one.name) for one in houses)]


class EnrolForm(_EntryForm):
    """Somebody to enrol."""

    given_name = StringField(_l("Prénom"), [filled(), at_most(policies.NAME_LENGTH)])
    family_name = StringField(_l("Nom"), [filled(), at_most(policies.NAME_LENGTH)])
    email = EmailField(
        _l("Adresse e-mail"),
        [filled(), at_most(policies.EMAIL_LENGTH)],
        description=_l("L’invitation y est envoyée. Préférez une adresse que la personne gardera après la formation."),
    )

    def validate_email(self, field: EmailField) -> None:
        """Refuse what is not one address."""
        if field.data and not policies.is_email(field.data):
            raise ValidationError(_l("Ce n’est pas une adresse e-mail. Écrivez par exemple prenom.nom@exemple.fr."))


class EnrolmentForm(_EntryForm):
    """The facts of an enrolment."""

    state = SelectField(
        _l("État de l’inscription"),
        choices=[SelectChoice(state.value, words) for state, words in STATES.items()],
        coerce=EnrolmentState,
    )


class EmptyForm(BaseForm):
    """A button alone."""


class ImportForm(BaseForm):
    """A list of people: a file, or text pasted from a spreadsheet."""

    file = FileField(_l("Fichier CSV"), [Optional()], description=_l("1 Mo et 2 000 lignes au plus."))
    pasted = TextAreaField(
        _l("Ou collez ici les lignes du tableur"),
        [Optional()],
        description=_l("Avec la ligne de titres. Le fichier est lu de préférence s’il y en a un."),
    )

    def content(self) -> bytes:
        """Return the bytes sent, one more than allowed at most; empty when nothing was."""
        upload = self.file.data
        if upload and upload.filename:
            data: bytes = upload.stream.read(roster.MAX_BYTES + 1)
            return data
        return str(self.pasted.data or "").encode()

    def validate_pasted(self, field: TextAreaField) -> None:
        """Refuse when neither a file nor a text was given."""
        if not (field.data or "").strip() and not (self.file.data and self.file.data.filename):
            raise ValidationError(_l("Choisissez un fichier ou collez des lignes."))


class ConfirmForm(BaseForm):
    """The people a preview showed, signed so that nothing else than what was shown is enrolled."""

    people = HiddenField()

    def seal(self, cohort: Cohort, people: Iterable[Person]) -> None:
        """Put the people shown into the form."""
        rows = [
            (
                one.given_name,
                one.family_name,
                one.email,
                one.access_route.value,
                one.entered_on.isoformat(),
                str(one.house_id or ""),
            )
            for one in people
        ]
        self.people.data = _signer(cohort.id).dumps(rows)

    def opened(self, cohort: Cohort) -> list[Person] | None:
        """Return the people of the form; nothing, with the reason beside the field, when they are not as signed."""
        try:
            rows = _signer(cohort.id).loads(self.people.data or "", max_age=_HOURS_TO_CONFIRM * 3600)
        except BadData:
            self.refuse(None, _l("Cet aperçu n’est plus valable : importez de nouveau la liste."))
            return None
        return [
            Person(
                given, family, email, AccessRoute(route), date.fromisoformat(day), uuid.UUID(house) if house else None
            )
            for given, family, email, route, day, house in rows
        ]


def _signer(cohort_id: uuid.UUID) -> URLSafeTimedSerializer:
    """Return the signer of one cohort: what was shown for one cannot be sent to another."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"cohorts.import:{cohort_id}")
