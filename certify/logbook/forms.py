"""What comes in about a logbook entry."""

from collections.abc import Sequence

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput, TextInput

import competencies
from certify.core.durations import parse_minutes, show_minutes
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, required, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.logbook.models import Activity, EntryContent, LogbookEntry, ReviewOutcome

_ACTIVITIES = [SelectChoice(activity.value, activity.label) for activity in Activity]


class DurationField(Field):
    """A length of time as people type it; its data is a number of minutes."""

    widget = TextInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one length."""
        self.data = parse_minutes(valuelist[0]) if valuelist and valuelist[0].strip() else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return show_minutes(self.data)


class StartForm(BaseForm):
    """Which activity the new entry is about."""

    activity = RadioField(_l("Activité"), [required(_l("Choisissez une activité."))], choices=_ACTIVITIES)
    indicator = HiddenField()


class EntryForm(BaseForm):
    """An entry being written, and perhaps one file to attach. Everything is optional: it is a draft."""

    activity = SelectField(_l("Activité"), choices=_ACTIVITIES)
    title = StringField(_l("Titre"), [at_most(160)])
    happened_on = DateField(_l("Date"), [Optional()])
    minutes = DurationField(_l("Durée"), description=_l("Par exemple 1 h 30, ou 90 minutes."))
    place = StringField(
        _l("Lieu"),
        [at_most(160)],
        description=_l("Un lieu d’accueil ou un type de lieu, jamais l’adresse d’une famille."),
    )
    account = text_area(
        _l("Ce qui s’est passé"),
        description=_l("Les faits, et ce que vous avez fait. Aucun nom, aucune date de naissance."),
        rows=8,
    )
    reflection = text_area(
        _l("Ce que j’en retiens"), description=_l("Ce que vous en gardez pour votre pratique."), rows=5
    )
    indicators = ChecklistField(_l("Indicateurs illustrés par la fiche"), validate_choice=False)
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    evidence_file = FileField(_l("Fichier"))
    evidence_title = StringField(_l("Titre de la preuve"), [at_most(160)])
    evidence_indicators = ChecklistField(_l("Indicateurs illustrés par ce fichier"), validate_choice=False)

    def content(self, framework: competencies.Framework) -> EntryContent:
        """Return what was written; indicators the framework does not know are left out."""
        wanted = set(self.indicators.data or ())
        return EntryContent(
            Activity(self.activity.data),
            self.title.data or "",
            self.happened_on.data,
            self.minutes.data,
            self.place.data or "",
            self.account.data or "",
            self.reflection.data or "",
            tuple(indicator.code for indicator in framework.indicators if indicator.code in wanted),
        )

    def offer(self, framework: competencies.Framework) -> "EntryForm":
        """Offer the indicators of a framework."""
        choices = indicator_choices(framework)
        self.indicators.choices = choices
        self.evidence_indicators.choices = choices
        return self

    def show_revision(self, revision: int) -> None:
        """Have the form stand on what is saved now."""
        self.revision.data, self.revision.raw_data = revision, None

    @property
    def known_revision(self) -> int:
        """The revision the writer started from."""
        return int(self.revision.data or 0)

    @property
    def has_file(self) -> bool:
        """Whether a file came with the entry."""
        return bool(self.evidence_file.data and self.evidence_file.data.filename)

    @classmethod
    def showing(cls, entry: LogbookEntry, content: EntryContent) -> "EntryForm":
        """Return the form filled in with what is saved."""
        return cls(
            formdata=None,
            activity=content.activity.value,
            title=content.title,
            happened_on=content.happened_on,
            minutes=content.minutes,
            place=content.place,
            account=content.account,
            reflection=content.reflection,
            indicators=list(content.indicators),
            revision=entry.revision,
        )


class SubmitForm(BaseForm):
    """The author vouches for what was read again."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    has_checked = BooleanField(
        _l("J’ai vérifié qu’aucune famille n’est reconnaissable"),
        [required(_l("Cochez cette case après avoir relu la fiche."))],
    )


class ReviewForm(BaseForm):
    """A trainer's answer to one version."""

    number = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1)])
    outcome = HiddenField()
    comment = text_area(
        _l("Commentaire"),
        description=_l("Obligatoire pour renvoyer la fiche, facultatif pour l’accepter. Le ou la stagiaire le lira."),
        rows=5,
        max_length=5000,
    )

    def answer(self) -> ReviewOutcome | None:
        """Return the button pressed."""
        return ReviewOutcome(self.outcome.data) if self.outcome.data in set(ReviewOutcome) else None


def indicator_choices(framework: competencies.Framework) -> list[SelectChoice]:
    """Return every indicator of a framework, as a code and a wording."""
    locale = current_locale()
    return [
        SelectChoice(indicator.code, f"{indicator.code} {indicator.wording.to(locale)}")
        for indicator in framework.indicators
    ]
