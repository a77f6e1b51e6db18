"""Reads of the logbook: forms, entries, what they say, their versions, what waits for an answer."""

from certify.logbook.queries.contents import (
    answer_to,
    answers_of,
    comments_of,
    content_of,
    differs,
    in_current_language,
    shown,
    shown_value,
)
from certify.logbook.queries.counters import Count, Counters, counters_of
from certify.logbook.queries.entries import (
    ENTRY_READ,
    Readable,
    entries_of_trainee,
    entries_returned,
    own_entries,
    own_entry,
    readable,
    reviewable,
    was_read_today,
)
from certify.logbook.queries.flagging import versions_to_flag
from certify.logbook.queries.forms import current_form, form_of
from certify.logbook.queries.reviews import Waiting, cohorts_in_queue, next_waiting, queue, reviews_waiting
from certify.logbook.queries.versions import (
    Difference,
    SubmittedVersion,
    differences_between,
    last_number,
    latest_contents,
    masked_content,
    versions_of,
)

__all__ = [
    "ENTRY_READ",
    "Count",
    "Counters",
    "Difference",
    "Readable",
    "SubmittedVersion",
    "Waiting",
    "answer_to",
    "answers_of",
    "cohorts_in_queue",
    "comments_of",
    "content_of",
    "counters_of",
    "current_form",
    "differences_between",
    "differs",
    "entries_of_trainee",
    "entries_returned",
    "form_of",
    "in_current_language",
    "last_number",
    "latest_contents",
    "masked_content",
    "next_waiting",
    "own_entries",
    "own_entry",
    "queue",
    "readable",
    "reviewable",
    "reviews_waiting",
    "shown",
    "shown_value",
    "versions_of",
    "versions_to_flag",
    "was_read_today",
]
