"""What comes in about meetings: one or a series, its room, who came, closures."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField
from wtforms.fields import TimeField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, required
from certify.core.i18n import lazy as _l
from certify.groups.models import Meeting, Presence, Rhythm
from certify.groups.models.rooms import RoomItem
from certify.groups.queries.closures import Preview
from certify.groups.queries.meetings import local_start
from certify.groups.services.meetings import LONGEST, SHORTEST, moment_of
from certify.groups.services.series import Pattern

_HOUR = re.compile(r"(\d{1,2})\s*[:hH]\s*(\d{2})?(?::\d{2})?")
USUAL_START, USUAL_MINUTES = time(10), 120
YES, NO = "yes", "no"
_YES_NO = [SelectChoice(YES, _l("Oui")), SelectChoice(NO, _l("Non"))]


class HourField(TimeField):
    """A time of the day, from the browser's clock (`14:15`) or typed (`14h15`, `14 h 15`)."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one time; what is none is named."""
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        shape = _HOUR.fullmatch(text)
        hour, minute = (int(shape[1]), int(shape[2] or 0)) if shape else (24, 0)
        if hour > 23 or minute > 59:
            raise ValueError(_l("« %(value)s » n’est pas une heure. Écrivez par exemple 10:00.", value=text[:20]))
        self.data = time(hour, minute)


class CountField(IntegerField):
    """A whole number, or a message a person understands."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one number; what is none is named."""
        text = valuelist[0].strip() if valuelist else ""
        if text and not (text.isascii() and text.isdigit() and len(text) < 7):
            self.data = None
            raise ValueError(_l("« %(value)s » n’est pas un nombre entier.", value=text[:20]))
        if text:
            self.data = int(text)


def _at() -> Any:
    missing = _l("Indiquez l’heure de début, par exemple 10:00.")
    return HourField(_l("Heure de début"), [required(missing)], default=USUAL_START)


def _minutes() -> Any:
    message = _l("Une rencontre dure de %(least)s à %(most)s minutes.", least=SHORTEST, most=LONGEST)
    return CountField(
        _l("Durée en minutes"), [required(), NumberRange(SHORTEST, LONGEST, message)], default=USUAL_MINUTES
    )


def _place() -> Any:
    return StringField(
        _l("Lieu"),
        [at_most(160)],
        description=_l("La crèche, le centre social, la PMI… Jamais l’adresse d’une famille."),
    )


def _theme() -> Any:
    return StringField(
        _l("Thème"), [at_most(160)], description=_l("Ce dont on parlera : le sommeil, la diversification… Aucun nom.")
    )


def _despite_closure() -> Any:
    return BooleanField(_l("Prévoir la rencontre quand même"))


def _reason(label: Any, description: Any, length: int) -> Any:
    return StringField(label, [at_most(length)], description=description)


class MeetingForm(BaseForm):
    """One meeting to plan."""

    day = DateField(_l("Jour"), [required(_l("Indiquez le jour de la rencontre."))])
    at = _at()
    minutes = _minutes()
    place = _place()
    theme = _theme()
    despite_closure = _despite_closure()

    @property
    def starts_at(self) -> datetime:
        """When the meeting starts."""
        return moment_of(_given(self.day), self.at.data)


class AmendForm(BaseForm):
    """A meeting as it stands, to correct."""

    at = _at()
    minutes = _minutes()
    place = _place()
    theme = _theme()
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    @classmethod
    def showing(cls, meeting: Meeting) -> "AmendForm":
        """Return the form of a meeting."""
        return cls(
            at=local_start(meeting).time(), minutes=meeting.minutes, place=meeting.place, theme=meeting.theme,
            revision=meeting.revision,
        )  # fmt: skip


class CancelForm(BaseForm):
    """Why a meeting does not take place."""

    reason = _reason(
        _l("Raison de l’annulation"),
        _l("Une raison pratique : le lieu fermé, la facilitatrice absente… Rien sur une personne."),
        200,
    )


class MoveForm(BaseForm):
    """To which day a meeting is moved."""

    day = DateField(_l("Nouveau jour"), [required(_l("Indiquez le nouveau jour."))])
    at = _at()
    place = _place()
    reason = _reason(_l("Raison du report"), _l("Une raison pratique. Rien sur une personne."), 200)
    despite_closure = _despite_closure()

    @property
    def starts_at(self) -> datetime:
        """When the meeting starts."""
        return moment_of(_given(self.day), self.at.data)


class SeriesForm(BaseForm):
    """How the meetings of a series come back, and which of its dates are kept."""

    rhythm = RadioField(
        _l("Rythme"),
        [required(_l("Choisissez un rythme."))],
        choices=[SelectChoice(one.value, one.label) for one in Rhythm],
        default=Rhythm.EVERY_TWO_WEEKS.value,
    )
    first_on = DateField(
        _l("Première rencontre"),
        [required(_l("Indiquez le jour de la première rencontre."))],
        description=_l("Les suivantes ont lieu le même jour de la semaine."),
    )
    until = DateField(_l("Jusqu’au"), [required(_l("Indiquez jusqu’à quand la série continue."))])
    at = _at()
    minutes = _minutes()
    place = _place()
    days = ChecklistField(_l("Dates de la série"), validate_choice=False)

    def pattern(self) -> Pattern:
        """Return the series asked for."""
        return Pattern(
            Rhythm(self.rhythm.data), _given(self.first_on), _given(self.until), self.at.data, self.minutes.data,
            self.place.data or "",
        )  # fmt: skip

    def offer(self, found: Preview, name: Any) -> None:
        """Offer the dates of a preview, all ticked."""
        self.days.choices = [SelectChoice(day.isoformat(), name(day)) for day in found.days]
        self.days.data = [day.isoformat() for day in found.days]

    @property
    def kept(self) -> list[date]:
        """The dates ticked; what is no date is left out."""
        return [day for day in map(_day, self.days.data or ()) if day is not None]


class FacilitatorForm(BaseForm):
    """Whether the facilitator accompanied a meeting that is declared held."""

    facilitator_present = RadioField(
        _l("La facilitatrice ou le facilitateur était là"), [required(_l("Dites si la rencontre a été accompagnée."))],
        choices=_YES_NO,
    )  # fmt: skip


class RoomForm(BaseForm):
    """What of the room is ready."""

    ready = ChecklistField(
        _l("La salle est prête"),
        choices=[SelectChoice(one.value, one.label) for one in RoomItem],
        validate_choice=False,
    )


class AttendanceForm(BaseForm):
    """A sheet of attendance; what is said of each participant is read by `rows`."""

    facilitator_present = RadioField(
        _l("La facilitatrice ou le facilitateur était là"), [Optional()], choices=_YES_NO, validate_choice=False
    )
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    @property
    def is_facilitator_present(self) -> bool | None:
        """Whether the facilitator was there; nothing when nobody said so."""
        return {YES: True, NO: False}.get(self.facilitator_present.data or "")

    @staticmethod
    def rows(sent: Mapping[str, str], participants: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[Presence, bool]]:
        """Return what was ticked for each participant; those about whom nothing was are left out."""
        ticked = {one: sent.get(f"presence-{one}", "") for one in participants}
        return {
            one: (Presence(value), sent.get(f"second-{one}", "") != "")
            for one, value in ticked.items()
            if value in set(Presence)
        }


class ClosureForm(BaseForm):
    """Days on which nobody meets."""

    starts_on = DateField(_l("Premier jour"), [required(_l("Indiquez le premier jour."))])
    ends_on = DateField(_l("Dernier jour"), [Optional()], description=_l("Laissez vide pour un seul jour."))
    reason = _reason(_l("Raison"), _l("Par exemple : fermeture d’été de la crèche. Rien sur une personne."), 120)
    training_body_id = HiddenField()

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day."""
        first = _given(self.starts_on)
        return first, self.ends_on.data or first


def _given(field: DateField) -> date:
    assert field.data is not None  # asked of every form that was accepted
    return field.data


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
