"""What comes in about an entry being written: fixed fields, and those its form asks for."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

import competencies
from certify.core.forms import BaseForm, ChecklistField, SelectChoice, at_most, filled, required, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.logbook.forms.answers import control_of, data_for, value_in
from certify.logbook.models import Activity, AiUse, EntryContent, LogbookEntry
from competencies.entry_form import STANDARD

_ACTIVITIES = [SelectChoice(activity.value, activity.label) for activity in Activity]
_ADDED = "value_"


class StartForm(BaseForm):
    """Which activity the new entry is about."""

    activity = RadioField(_l("Activité"), [required(_l("Choisissez une activité."))], choices=_ACTIVITIES)
    indicator = HiddenField()
    meeting = HiddenField()


class EntryForm(BaseForm):
    """An entry being written, and perhaps one file to attach. Everything may be left empty: it is a draft.

    `on` gives it the fields of a form; what is here is asked whatever the form.
    """

    definition: competencies.EntryForm

    activity = SelectField(_l("Activité"), choices=_ACTIVITIES)
    ai_use = RadioField(
        _l("Une IA vous a-t-elle aidé·e à écrire cette fiche ?"),
        choices=[SelectChoice(use.value, use.label) for use in AiUse],
        validate_choice=False,
        description=_l("Ce n’est pas une faute : votre formateur·rice a besoin de le savoir pour vous lire."),
    )
    ai_account = StringField(
        _l("Laquelle, et pour quoi ?"),
        [Optional(), at_most(500)],
        description=_l("Par exemple « relecture de l’orthographe ». Aucun nom dans ce que vous lui avez confié."),
    )
    private_note = text_area(
        _l("Note privée"),
        Optional(),
        description=_l("Pour vous seul·e : elle n’est jamais transmise, ni imprimée, ni exportée."),
        rows=4,
    )
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    evidence_file = FileField(_l("Fichier"))
    evidence_title = StringField(_l("Titre de la preuve"), [at_most(160)])
    evidence_indicators = ChecklistField(_l("Indicateurs illustrés par ce fichier"), validate_choice=False)

    @classmethod
    def on(cls, definition: competencies.EntryForm, **values: Any) -> "EntryForm":
        """Return what comes in, or `values`, in the fields that a form asks for."""
        controls = {
            field_name(field.code): control_of(field)
            for field in definition.fields
            if field.kind is not competencies.FieldKind.FILES
        }
        asking = type("AskingForm", (cls,), {**controls, "definition": definition})
        return asking(**values)  # type: ignore[no-any-return]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each control, then what the form itself says of the answers."""
        if not super().validate(extra_validators):
            return False
        faults = self.definition.check(self._values())
        for fault in faults:
            self.refuse(fault.field, fault.message.to(current_locale()))
        return not faults

    def refuse(self, field: str | None, message: Any) -> None:
        """Show a refusal beside the field it speaks of, called as the form calls it."""
        super().refuse(field if field in self._fields else field_name(field or ""), message)

    @property
    def asked(self) -> list[tuple[competencies.FormField, Any]]:
        """Each field of the form, in its order, with its control; files have none."""
        return [(field, self._fields.get(field_name(field.code))) for field in self.definition.fields]

    def content(self, framework: competencies.Framework, activity: Activity | None = None) -> EntryContent:
        """Return what was written; indicators the framework does not know are left out."""
        wanted = set(self._data("indicators") or ())
        return EntryContent(
            activity=activity or Activity(self.activity.data),
            title=self._data("title") or "",
            happened_on=self._data("happened_on"),
            minutes=self._data("minutes"),
            place=self._data("place") or "",
            account=self._data("account") or "",
            reflection=self._data("reflection") or "",
            indicators=tuple(indicator.code for indicator in framework.indicators if indicator.code in wanted),
            values=self.definition.typed(self._values()),
            ai_use=AiUse(self.ai_use.data) if self.ai_use.data in set(AiUse) else None,
            ai_account=self.ai_account.data or "",
            form=self.definition.to_document(),
        )

    def offer(self, framework: competencies.Framework) -> "EntryForm":
        """Offer the indicators of a framework."""
        choices = indicator_choices(framework)
        self["indicators"].choices = choices
        self.evidence_indicators.choices = choices
        return self

    def show_revision(self, revision: int) -> None:
        """Have the form stand on what is saved now."""
        self.revision.data, self.revision.raw_data = revision, None

    @property
    def note(self) -> str | None:
        """The private note, or nothing when the page did not ask for it."""
        return (self.private_note.data or "") if self.private_note.raw_data else None

    @property
    def known_revision(self) -> int:
        """The revision the writer started from."""
        return int(self.revision.data or 0)

    @property
    def has_file(self) -> bool:
        """Whether a file came with the entry."""
        return bool(self.evidence_file.data and self.evidence_file.data.filename)

    def _data(self, code: str) -> Any:
        return self._fields[code].data if code in self._fields else None

    def _values(self) -> dict[str, Any]:
        return {field.code: value_in(field, self._data(field_name(field.code))) for field in self.definition.added}

    @classmethod
    def showing(cls, entry: LogbookEntry, content: EntryContent, definition: competencies.EntryForm) -> "EntryForm":
        """Return the form filled in with what is saved."""
        added = {field_name(one.code): data_for(one, content.values.get(one.code)) for one in definition.added}
        standard = {
            code: getattr(content, code)
            for code in ("title", "happened_on", "minutes", "place", "account", "reflection")
            if code in definition
        }
        return cls.on(
            definition,
            formdata=None,
            activity=content.activity.value,
            indicators=list(content.indicators),
            ai_use=content.ai_use.value if content.ai_use else "",
            ai_account=content.ai_account,
            private_note=entry.private_note,
            revision=entry.revision,
            **standard,
            **added,
        )


class SubmitForm(BaseForm):
    """The author vouches for what was read again."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    has_checked = BooleanField(
        _l("J’ai vérifié qu’aucune famille n’est reconnaissable"),
        [required(_l("Cochez cette case après avoir relu la fiche."))],
    )


class TemplateForm(BaseForm):
    """How a text to start entries from is called."""

    name = StringField(_l("Nom du modèle"), [filled(_l("Donnez un nom au modèle.")), at_most(120)])


def field_name(code: str) -> str:
    """Return how the control of a field is called in a page: standard fields have names of their own."""
    return code if code in STANDARD else f"{_ADDED}{code}"


def anchor(code: str) -> str:
    """Return where, in the page on which an entry is written, a field or a part of it stands."""
    return {"files": "evidence", "evidence": "evidence", "ai_use": "ai_use", "ai_account": "ai_account"}.get(
        code, field_name(code)
    )


def indicator_choices(framework: competencies.Framework) -> list[SelectChoice]:
    """Return every indicator of a framework, as a code and a wording."""
    locale = current_locale()
    return [
        SelectChoice(indicator.code, f"{indicator.code} {indicator.wording.to(locale)}")
        for indicator in framework.indicators
    ]
