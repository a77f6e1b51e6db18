"""What comes in about logbook entries: written, answered."""

from certify.logbook.forms.answers import DurationField
from certify.logbook.forms.reviewing import ReviewForm
from certify.logbook.forms.writing import (
    EntryForm,
    StartForm,
    SubmitForm,
    TemplateForm,
    anchor,
    field_name,
    indicator_choices,
)

__all__ = [
    "DurationField",
    "EntryForm",
    "ReviewForm",
    "StartForm",
    "SubmitForm",
    "TemplateForm",
    "anchor",
    "field_name",
    "indicator_choices",
]
