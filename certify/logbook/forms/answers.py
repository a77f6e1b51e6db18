"""One control for each kind of field that a form of entries may ask."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import Field, RadioField, SelectField, StringField
from wtforms.validators import Optional
from wtforms.widgets import TextInput, URLInput

import competencies
from certify.core.durations import parse_minutes, show_minutes
from certify.core.forms import ChecklistField, DateField, SelectChoice, at_most, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.templating import number
from competencies.entry_form import LONGEST_SHORT_TEXT

_Kind = competencies.FieldKind
_FEW_LINES = 4


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


class NumberField(Field):
    """A number as people type it, with a comma or a point; its data is an int or a float."""

    widget = TextInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one number."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = _number(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return number(self.data, 6)


def _number(text: str) -> int | float:
    plain = text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        return int(plain) if plain.lstrip("+-").isdigit() else float(plain)
    except ValueError:
        raise ValueError(
            _l("« %(value)s » n’est pas un nombre. Écrivez par exemple 12 ou 3,5.", value=text[:20])
        ) from None


class AddressField(StringField):
    """A web address."""

    widget = URLInput()


def control_of(field: competencies.FormField) -> Any:
    """Return the control in which a field is answered; a draft may leave it empty even when it is required."""
    named: dict[str, Any] = {
        "label": field.label.to(current_locale()),
        "description": field.help.to(current_locale()) if field.help is not None else "",
    }
    optional = [] if field.is_required else [Optional()]
    return _CONTROLS[field.kind](field, named, optional)


def _choice(field: competencies.FormField, named: Mapping[str, Any], optional: list[Any]) -> Any:
    return SelectField(
        **named,
        validators=optional,
        choices=[SelectChoice("", _l("Choisir…")), *_offered(field)],
        validate_choice=False,
    )


def _yes_no(field: competencies.FormField, named: Mapping[str, Any], optional: list[Any]) -> Any:
    choices = [SelectChoice("yes", _l("Oui")), SelectChoice("no", _l("Non"))]
    if not field.is_required:
        choices.append(SelectChoice("", _l("Sans réponse")))
    return RadioField(**named, validators=optional, choices=choices, validate_choice=False, default="")


def _choices(field: competencies.FormField, named: Mapping[str, Any], optional: list[Any]) -> Any:
    return ChecklistField(**named, validators=optional, choices=_offered(field), validate_choice=False)


_CONTROLS: Mapping[competencies.FieldKind, Callable[[competencies.FormField, Mapping[str, Any], list[Any]], Any]] = {
    _Kind.SHORT_TEXT: lambda field, named, optional: StringField(
        **named, validators=[*optional, at_most(160 if field.is_standard else LONGEST_SHORT_TEXT)]
    ),
    _Kind.LONG_TEXT: lambda field, named, optional: text_area(
        named["label"], *optional, description=named["description"], rows=8 if field.code == "account" else _FEW_LINES
    ),
    _Kind.NUMBER: lambda _field, named, optional: NumberField(
        **named, validators=optional, render_kw={"inputmode": "decimal"}
    ),
    _Kind.DATE: lambda _field, named, optional: DateField(named["label"], optional, description=named["description"]),
    _Kind.YES_NO: _yes_no,
    _Kind.CHOICE: _choice,
    _Kind.CHOICES: _choices,
    _Kind.DURATION: lambda _field, named, optional: DurationField(**named, validators=optional),
    _Kind.ADDRESS: lambda _field, named, optional: AddressField(
        **named, validators=optional, render_kw={"placeholder": "https://", "inputmode": "url"}
    ),
    _Kind.INDICATORS: lambda _field, named, _optional: ChecklistField(**named, validate_choice=False),
}


def value_in(field: competencies.FormField, data: Any) -> Any:
    """Return what is kept of the data of a control."""
    if field.kind is _Kind.YES_NO:
        return {"yes": True, "no": False}.get(data)
    if field.kind is _Kind.DATE:
        return data.isoformat() if isinstance(data, date) else None
    if isinstance(data, str):
        return data.strip()
    return data


def data_for(field: competencies.FormField, value: Any) -> Any:
    """Return the data with which a control shows what is kept."""
    if field.kind is _Kind.YES_NO:
        return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
    if field.kind is _Kind.DATE:
        return date.fromisoformat(value) if value else None
    return value


def _offered(field: competencies.FormField) -> list[SelectChoice]:
    return [SelectChoice(option.code, option.label.to(current_locale())) for option in field.options]
