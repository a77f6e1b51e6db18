"""The verbs of the logbook."""

from certify.logbook.services.entries import (
    StaleEntry,
    amend,
    attach,
    discard,
    resume,
    save,
    start,
    submit,
    take_newer_form,
)
from certify.logbook.services.forms import publish_form, restore_shipped_form
from certify.logbook.services.reviews import AlreadyAnswered, review
from certify.logbook.services.templates import keep_as_template, rename_template, retire_template, start_from

__all__ = [
    "AlreadyAnswered",
    "StaleEntry",
    "amend",
    "attach",
    "discard",
    "keep_as_template",
    "publish_form",
    "rename_template",
    "restore_shipped_form",
    "resume",
    "retire_template",
    "review",
    "save",
    "start",
    "start_from",
    "submit",
    "take_newer_form",
]
