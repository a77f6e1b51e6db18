"""What comes in from a browser about supervision."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import IntegerField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from certify.accounts.models import User
from certify.cohorts.models import Enrolment, HalfDay, Presence
from certify.core.forms import (
    BaseForm,
    ChecklistField,
    DateField,
    SelectChoice,
    at_most,
    filled,
    required,
    text_area,
)
from certify.core.i18n import lazy as _l
from certify.groups.models import PeerGroup
from certify.supervision import policies
from certify.supervision.models import SupervisionKind, SupervisionSession

NOTES_LENGTH = 6000


def _id(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def _one_of(kind: Any) -> Any:
    return lambda value: kind(value) if value in set(kind) else None


class RevisionForm(BaseForm):
    """A button pressed on the page of a session, as it was read."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class SessionForm(RevisionForm):
    """Half a day of supervision."""

    on = DateField(_l("Jour"), [required(_l("Donnez un jour."))])
    half = RadioField(
        _l("Demi-journée"),
        [required(_l("Choisissez une demi-journée."))],
        choices=[SelectChoice(one.value, one.label) for one in HalfDay],
        coerce=_one_of(HalfDay),
    )
    minutes = IntegerField(
        _l("Durée en minutes"),
        [
            required(_l("Donnez une durée.")),
            NumberRange(
                policies.SHORTEST,
                policies.LONGEST,
                _l("Une séance dure de %(least)s à %(most)s minutes.", least=policies.SHORTEST, most=policies.LONGEST),
            ),
        ],
    )
    place = StringField(_l("Lieu"), [Optional(), at_most(160)])
    theme = StringField(
        _l("Thème"), [Optional(), at_most(160)], description=_l("Un sujet de travail, jamais une famille ni un nom.")
    )
    trainees = ChecklistField(_l("Personnes attendues"), coerce=_id)

    def offer(self, people: Iterable[tuple[Enrolment, User]]) -> "SessionForm":
        """Offer the trainees who may be expected."""
        self.trainees.choices = [SelectChoice(str(one.id), person.name) for one, person in people]
        return self

    def planned(self) -> dict[str, Any]:
        """Return what was planned, by the names of the verbs."""
        return {
            "on": self.on.data, "half": self.half.data, "minutes": self.minutes.data or 0,
            "place": self.place.data or "", "theme": self.theme.data or "",
        }  # fmt: skip

    @classmethod
    def of(cls, held: SupervisionSession) -> "SessionForm":
        """Return the form of a session that exists, filled from what it says or from what was sent."""
        return cls(
            revision=held.revision, on=held.on, half=held.half, minutes=held.minutes, place=held.place,
            theme=held.theme, trainees=[],
        )  # fmt: skip


class PlanForm(SessionForm):
    """A session to plan."""

    kind = RadioField(
        _l("Séance"),
        [required(_l("Choisissez une séance."))],
        choices=[SelectChoice(one.value, one.label) for one in SupervisionKind],
        coerce=_one_of(SupervisionKind),
    )
    group_id = SelectField(
        _l("Groupe"),
        coerce=_id,
        description=_l(
            "Pour l’observation d’une rencontre et le retour qui la suit. "
            "Sans personne cochée plus bas, ses facilitateur·rices sont attendu·es."
        ),
    )

    def offer_groups(self, groups: Iterable[PeerGroup]) -> "PlanForm":
        """Offer the groups in which somebody can be observed."""
        self.group_id.choices = [
            SelectChoice("", _l("Aucun groupe")),
            *(SelectChoice(str(one.id), f"{one.code} · {one.place}" if one.place else one.code) for one in groups),
        ]
        return self


class PresenceForm(RevisionForm):
    """Who came, ticked for each trainee."""

    @staticmethod
    def presences(sent: Mapping[str, str], enrolments: Iterable[uuid.UUID]) -> dict[uuid.UUID, Presence]:
        """Return what was ticked for each trainee; whatever makes no sense is left out."""
        ticked = {one: sent.get(f"presence-{one}", "") for one in enrolments}
        return {one: Presence(value) for one, value in ticked.items() if value in set(Presence)}


class NotesForm(RevisionForm):
    """What both sides keep of a session."""

    notes = text_area(
        _l("Notes"),
        max_length=NOTES_LENGTH,
        rows=12,
        description=_l(
            "Ce qui a été observé du travail de facilitation, ce qui en est retenu. "
            "Jamais une famille, un enfant, un nom ni un pseudonyme."
        ),
    )


class SignHereForm(RevisionForm):
    """The trainee confirms, on the supervisor's device, with their own password."""

    password = PasswordField(_l("Mot de passe de la personne qui signe"), [filled(_l("Écrivez votre mot de passe."))])
