"""What comes in from a browser about cohorts and enrolments, and the words shown for their states."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import (
    EmailField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import HiddenInput

from certify.cohorts import policies, roster
from certify.cohorts.models import AccessRoute, Cohort, EnrolmentState, HalfDay, PauseReason, Presence, VaeStepKind
from certify.cohorts.roster import Person
from certify.core.forms import (
    BaseForm,
    ChecklistField,
    DateField,
    SelectChoice,
    at_most,
    filled,
    parse_day,
    required,
    text_area,
)
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation
from competencies.vae import ClockState

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
CLOCK_STATES = {
    ClockState.NOT_STARTED: (_l("pas commencé"), "neutral"),
    ClockState.RUNNING: (_l("en cours"), "neutral"),
    ClockState.MET: (_l("respecté"), "ok"),
    ClockState.LATE: (_l("dépassé"), "danger"),
    ClockState.LAPSED: (_l("caduc"), "danger"),
}
"""State of a delay, in words, with its tone."""
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
        description=_l("Pour suspendre ou reprendre une formation, ouvrez la page des suspensions."),
    )

    def offer_states(self, current: EnrolmentState) -> None:
        """Offer the states that may follow: a training is suspended and resumed on its own page, with its dates."""
        suspended = EnrolmentState.SUSPENDED
        going_on = (EnrolmentState.INVITED, EnrolmentState.ACTIVE)
        left_out = going_on if current is suspended else (suspended,)
        self.state.choices = [SelectChoice(one.value, words) for one, words in STATES.items() if one not in left_out]


class PlanForm(BaseForm):
    """Half-days of training to add to a cohort: one day, or a series."""

    title = StringField(
        _l("Intitulé"),
        [filled(_l("Donnez un intitulé : il figure sur la feuille d’émargement.")), at_most(160)],
        description=_l("Le même que sur le programme, par exemple : Animer un groupe de parents"),
    )
    day = _day(_l("Jour"))
    more_days = text_area(
        _l("Autres jours de la même série"),
        Optional(),
        description=_l("Un par ligne, par exemple 12/06/2026."),
        rows=3,
        max_length=4000,
    )
    halves = ChecklistField(
        _l("Demi-journées"),
        choices=[SelectChoice(half.value, half.label) for half in HalfDay],
        default=[half.value for half in HalfDay],
        coerce=HalfDay,
    )
    minutes = IntegerField(_l("Durée de chaque demi-journée, en minutes"), [required()], default=210)

    def validate_more_days(self, field: TextAreaField) -> None:
        """Read each line as a day."""
        for line in (field.data or "").replace(",", "\n").replace(";", "\n").splitlines():
            if line.strip():
                try:
                    parse_day(line)
                except ValueError as fault:
                    raise ValidationError(fault.args[0]) from fault

    @property
    def days(self) -> list[date]:
        """Every day asked for."""
        lines = (self.more_days.data or "").replace(",", "\n").replace(";", "\n").splitlines()
        first = [self.day.data] if self.day.data else []
        return first + [parse_day(line) for line in lines if line.strip()]


class SheetForm(BaseForm):
    """A sheet of attendance; what is said of each trainee is read by `presences`."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    @staticmethod
    def presences(sent: Mapping[str, str], enrolments: Iterable[uuid.UUID]) -> dict[uuid.UUID, Presence]:
        """Return what was ticked for each trainee; whatever makes no sense is left out."""
        ticked = {one: sent.get(f"presence-{one}", "") for one in enrolments}
        return {one: Presence(value) for one, value in ticked.items() if value in set(Presence)}


class StepForm(BaseForm):
    """One dated step of a VAE."""

    kind = SelectField(
        _l("Étape"), choices=[SelectChoice(one.value, one.label) for one in VaeStepKind], coerce=VaeStepKind
    )
    on = _day(_l("Date de l’étape"))
    blocks = ChecklistField(
        _l("Dossier limité à certains blocs"),
        [Optional()],
        description=_l("Pour un dossier de faisabilité seulement. N’en cochez aucun pour toute la certification."),
    )

    def offer(self, blocks: Iterable[tuple[str, str]]) -> "StepForm":
        """Offer the blocks of the framework."""
        self.blocks.choices = [SelectChoice(code, f"{code} {title}") for code, title in blocks]
        return self


class StrikeForm(BaseForm):
    """A step recorded by mistake, and why it is struck out."""

    step_id = HiddenField()
    reason = StringField(_l("Raison"), [filled(_l("Dites pourquoi cette étape est barrée.")), at_most(300)])

    @property
    def step(self) -> uuid.UUID | None:
        """Return the step meant, if it is one."""
        try:
            return uuid.UUID(self.step_id.data or "")
        except ValueError:
            return None


class PauseForm(BaseForm):
    """A suspension of somebody's training."""

    starts_on = _day(_l("Premier jour de suspension"))
    reason = RadioField(
        _l("Raison"),
        [required(_l("Choisissez une raison."))],
        choices=[SelectChoice(one.value, one.label) for one in PauseReason],
        coerce=lambda value: PauseReason(value) if value in set(PauseReason) else None,
    )
    precision = StringField(
        _l("Précision"),
        [Optional(), at_most(200)],
        description=_l("Jamais un motif de santé, jamais le nom d’une personne."),
    )


class ResumeForm(BaseForm):
    """The day a training goes on."""

    ends_on = _day(_l("Premier jour de reprise"))


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
