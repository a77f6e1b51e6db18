"""The base of every form: trimmed text, messages a person understands, dates as people type them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField as WTDateField
from wtforms import Field, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice as SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from certify.core.errors import Invalid, Unavailable
from certify.core.i18n import lazy as _l

LONG_TEXT = 20_000
"""Longest text of a free field, in characters."""


def strip(value: Any) -> Any:
    """Trim text and remove what no person types: control characters, line-ending variants."""
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in value if c in "\n\t" or c.isprintable() or c in "\u200d\u200c\u00a0\u202f").strip()


class BaseForm(FlaskForm):
    """A form of the application; `values()` are its fields' data by name."""

    status_of_refusal = 422
    """Of the page that shows this form refused: 503 when something outside did not answer."""

    class Meta(FlaskForm.Meta):
        """Trim every text field."""

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Add the trimming filter to text fields."""
            if issubclass(unbound_field.field_class, StringField):
                options["filters"] = [*unbound_field.kwargs.pop("filters", ()), strip]
            return unbound_field.bind(form=form, **options)

    def values(self) -> dict[str, Any]:
        """Return the data of every field but the token."""
        return {field.name: field.data for field in self if field.type not in ("CSRFTokenField", "SubmitField")}

    def refuse(self, field: str | None, message: Any) -> None:
        """Show a refusal of a verb beside the field it speaks of, or for the whole form."""
        if field and field in self._fields:
            self._fields[field].errors = [*self._fields[field].errors, message]
        else:
            self.form_errors.append(message)

    @contextmanager
    def showing_refusals(self, **fields: str) -> Iterator[None]:
        """Run a verb; what it refuses, or cannot do for now, is shown on the form that the view renders again.

        `fields` gives the verb's names of fields that the form calls otherwise. A refusal of anything else goes on.
        """
        try:
            yield
        except Invalid as refusal:
            self.refuse(fields.get(refusal.field or "", refusal.field), refusal.message)
        except Unavailable as refusal:
            self.status_of_refusal = 503
            self.refuse(next(iter(fields.values()), None), refusal.message)


class DateField(WTDateField):
    """A day, from the browser's calendar (`2026-06-12`) or typed (`12/06/2026`); a day that does not exist is named."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one day."""
        if not valuelist or not valuelist[0].strip():
            return
        self.data = parse_day(valuelist[0])


def parse_day(text: str) -> date:
    """Read a day: 2026-06-12, 12/06/2026, 12-06-2026 or 12.06.2026; ValueError holds a message for a person."""
    text = text.strip()
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
        if 1900 <= found.year <= 2200:
            return found
    shape = text.replace("/", "-").replace(".", "-").split("-")
    if len(shape) == 3 and all(part.isdigit() for part in shape):
        raise ValueError(_l("La date « %(value)s » n’existe pas.", value=text[:20]))
    raise ValueError(_l("« %(value)s » n’est pas une date. Écrivez par exemple 12/06/2026.", value=text[:20]))


class ChecklistField(SelectMultipleField):
    """Several choices among many, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def required(message: Any = None) -> InputRequired:
    """A field that must be filled in."""
    return InputRequired(message or _l("Remplissez ce champ."))


def filled(message: Any = None) -> DataRequired:
    """A text that must hold more than spaces."""
    return DataRequired(message or _l("Remplissez ce champ."))


def at_most(length: int) -> Length:
    """A text of at most so many characters."""
    return Length(max=length, message=_l("Ce texte est trop long : %(max)s caractères au plus.", max=length))


def not_after(limit: Callable[[], date], message: Any) -> Callable[[Any, Field], None]:
    """A day not after another, read when the form is checked."""

    def check(_form: Any, field: Field) -> None:
        if field.data is not None and field.data > limit():
            raise ValidationError(message)

    return check


def text_area(label: Any, *validators: Any, rows: int = 5, **kwargs: Any) -> Any:
    """A long free text, bounded."""
    return TextAreaField(
        label, [*validators, at_most(kwargs.pop("max_length", LONG_TEXT))], render_kw={"rows": rows}, **kwargs
    )
