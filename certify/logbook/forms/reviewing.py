"""What comes in when a trainer answers an entry."""

from typing import Any

from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

import competencies
from certify.core.forms import BaseForm, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.logbook.models import ReviewOutcome

_LONGEST = 2000


class ReviewForm(BaseForm):
    """A trainer's answer to one version: of the whole, and of each field of its form. `on` gives it the latter."""

    definition: competencies.EntryForm

    number = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1)])
    outcome = HiddenField()
    comment = text_area(
        _l("Commentaire général"),
        description=_l(
            "Un commentaire, ici ou sous une rubrique, est obligatoire pour renvoyer la fiche. "
            "Le ou la stagiaire le lira."
        ),
        rows=5,
        max_length=5000,
    )

    @classmethod
    def on(cls, definition: competencies.EntryForm, **values: Any) -> "ReviewForm":
        """Return what comes in about an entry written with a form: one comment for each of its fields."""
        controls = {f"comment_{field.code}": _control(field) for field in definition.fields}
        return type("AnsweringForm", (cls,), {**controls, "definition": definition})(**values)  # type: ignore[no-any-return]

    @property
    def by_field(self) -> dict[str, Any]:
        """The control of each field's comment, by the field's code."""
        return {field.code: self._fields[f"comment_{field.code}"] for field in self.definition.fields}

    @property
    def comments(self) -> dict[str, str]:
        """What is said of single fields, by their codes."""
        return {code: control.data for code, control in self.by_field.items() if control.data}

    def answer(self) -> ReviewOutcome | None:
        """Return the button pressed."""
        return ReviewOutcome(self.outcome.data) if self.outcome.data in set(ReviewOutcome) else None


def _control(field: competencies.FormField) -> Any:
    label = _l("Commentaire sur « %(label)s »", label=field.label.to(current_locale()))
    return text_area(label, Optional(), rows=2, max_length=_LONGEST)
