"""Tables of the logbook: entries with their versions and reviews, forms, templates and imports."""

from certify.logbook.models.entries import (
    Activity,
    AiUse,
    EntryContent,
    EntryReview,
    EntrySource,
    EntryState,
    EntryVersion,
    FileFact,
    LogbookEntry,
    ReviewOutcome,
)
from certify.logbook.models.writing import EntryTemplate, ImportState, LogbookForm, LogbookImport

__all__ = [
    "Activity",
    "AiUse",
    "EntryContent",
    "EntryReview",
    "EntrySource",
    "EntryState",
    "EntryTemplate",
    "EntryVersion",
    "FileFact",
    "ImportState",
    "LogbookEntry",
    "LogbookForm",
    "LogbookImport",
    "ReviewOutcome",
]
