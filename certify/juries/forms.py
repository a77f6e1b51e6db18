"""What comes in about jury sessions."""

from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

import competencies
from certify.cohorts.policies import is_email
from certify.core.db import db
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, filled, required
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.groups.forms.meetings import HourField
from certify.juries import queries
from certify.juries.models import JurySeat, MeetingMode

_REFERENCE = _l("Écrivez des lettres, des chiffres, des tirets ou des points, par exemple 2026-014.")
_LINK = _l("Cette adresse n’est pas complète. Elle commence par https://.")
_ADDRESS = _l("Cette adresse n’est pas complète. Écrivez par exemple prenom.nom@exemple.fr.")


class MeetingForm(BaseForm):
    """When and where a session meets."""

    held_on = DateField(_l("Date de la session"), [required()], description=_l("Par exemple 12/06/2026."))
    starts_at = HourField(_l("Heure de début"), [Optional()], description=_l("Demandée pour convoquer."))
    ends_at = HourField(_l("Heure de fin"), [Optional()])
    mode = RadioField(
        _l("La session se tient"), [required()], default=MeetingMode.PLACE.value,
        choices=[SelectChoice(one.value, one.label) for one in MeetingMode],
    )  # fmt: skip
    place = StringField(_l("Lieu"), [at_most(160)], description=_l("Ville et salle, avec l’adresse si besoin."))
    video_url = StringField(
        _l("Adresse de la visioconférence"), [Optional(), at_most(500), Regexp(r"^https://[^\s]+$", message=_LINK)],
        description=_l("Elle figure dans les convocations. Elle commence par https://."),
    )  # fmt: skip

    @property
    def meeting(self) -> dict[str, Any]:
        """What the verbs take."""
        return {
            "held_on": self.held_on.data, "starts_at": self.starts_at.data, "ends_at": self.ends_at.data,
            "mode": MeetingMode(self.mode.data), "place": self.place.data or "", "video_url": self.video_url.data or "",
        }  # fmt: skip

    def validate_place(self, field: Any) -> None:
        """Ask for a place where somebody comes."""
        if self.mode.data != MeetingMode.VIDEO and not field.data:
            raise ValidationError(_l("Indiquez le lieu, ou choisissez la visioconférence."))


class SessionForm(MeetingForm):
    """A session to prepare."""

    certifying_body = SelectField(_l("Organisme certificateur"), [required()])
    version = SelectField(_l("Référentiel"), [required()])
    reference = StringField(
        _l("Référence"), [filled(), at_most(30), Regexp(r"^[\w.-]+$", message=_REFERENCE)],
        description=_l("Elle numérote le procès-verbal. Une référence est proposée : vous pouvez la changer."),
    )  # fmt: skip

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


class SeatFactsForm(BaseForm):
    """In what quality somebody sits."""

    quality = StringField(
        _l("Qualité"), [filled(), at_most(160)],
        description=_l("Telle qu’elle figurera au procès-verbal : métier, type d’employeur."),
    )  # fmt: skip
    employer = StringField(
        _l("Employeur"), [Optional(), at_most(160)],
        description=_l("Comparé aux organismes et aux Maisons des personnes candidates."),
    )  # fmt: skip
    is_external = RadioField(
        _l("Position"), [required()], default="1",
        choices=[SelectChoice("1", _l("externe")), SelectChoice("0", _l("interne"))],
        description=_l("Externe : sans lien avec l’organisme certificateur ni avec les organismes de formation."),
    )  # fmt: skip
    gender = RadioField(
        _l("Équilibre entre femmes et hommes"), [Optional()], default="",
        choices=[SelectChoice("F", _l("femme")), SelectChoice("M", _l("homme")), SelectChoice("", _l("non précisé"))],
        description=_l("Montré pour les candidatures par la VAE, et rien d’autre."),
    )  # fmt: skip
    is_president = BooleanField(_l("Préside le jury"))
    is_reserve = BooleanField(
        _l("Suppléant·e"), description=_l("Siège seulement en remplacement d’un membre absent ou récusé.")
    )
    is_qualified = BooleanField(
        _l("Qualifié·e au titre de la certification"),
        description=_l("Titulaire de la certification, ou exerçant le métier : demandé pour la VAE."),
    )

    @classmethod
    def of(cls, seat: JurySeat) -> "SeatFactsForm":
        """Make the form of a seat, as it stands."""
        return cls(
            quality=seat.quality, employer=seat.employer, is_external="1" if seat.is_external else "0",
            gender=seat.gender, is_president=seat.is_president, is_reserve=seat.is_reserve,
            is_qualified=seat.is_qualified,
        )  # fmt: skip

    @property
    def facts(self) -> dict[str, Any]:
        """What the verbs take."""
        return {
            "quality": self.quality.data or "", "employer": self.employer.data or "",
            "is_external": self.is_external.data == "1", "gender": self.gender.data or "",
            "is_president": self.is_president.data, "is_reserve": self.is_reserve.data,
            "is_qualified": self.is_qualified.data,
        }  # fmt: skip


class SeatForm(SeatFactsForm):
    """Somebody to call to a jury."""

    email = StringField(
        _l("Adresse e-mail"), [filled(), at_most(254)],
        description=_l("Une personne connue est retrouvée par cette adresse ; les autres reçoivent une invitation."),
    )  # fmt: skip
    given_name = StringField(_l("Prénom"), [filled(), at_most(80)])
    family_name = StringField(_l("Nom"), [filled(), at_most(80)])

    @property
    def person(self) -> dict[str, Any]:
        """Who it is, as the verb takes it."""
        return {name: self[name].data or "" for name in ("email", "given_name", "family_name")}

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


class ConfirmForm(BaseForm):
    """A button alone; the hidden field keeps which one."""

    what = HiddenField()
