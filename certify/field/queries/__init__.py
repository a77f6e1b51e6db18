"""Reads of the field: what a device carries away, what it sent, what waits for a choice."""

from certify.field.queries.carrying import Draft, Drafts, Gathering, drafts_of, form_key, gatherings_of
from certify.field.queries.comparing import entry_document, sheet_document, sheet_in_force
from certify.field.queries.operations import (
    conflict_for,
    form_row,
    open_conflicts,
    operation_of,
    own_entry_or_none,
)
from certify.field.queries.showing import Conflict, Pair, conflicts_shown

__all__ = [
    "Conflict",
    "Draft",
    "Drafts",
    "Gathering",
    "Pair",
    "conflict_for",
    "conflicts_shown",
    "drafts_of",
    "entry_document",
    "form_key",
    "form_row",
    "gatherings_of",
    "open_conflicts",
    "operation_of",
    "own_entry_or_none",
    "sheet_document",
    "sheet_in_force",
]
