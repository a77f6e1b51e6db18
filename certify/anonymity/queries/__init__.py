"""Reads of the guard: what identifies somebody in a text, which first names were declared, what was flagged."""

from certify.anonymity.queries.flags import (
    FlagLine,
    count_to_rewrite,
    flag_for,
    flags_in_bodies,
    flags_to_rewrite,
    masks_of,
    unsettled,
)
from certify.anonymity.queries.names import count_declared, declared_digests, digest_of, findings
from certify.anonymity.queries.subjects import flaggable, subject_for, subjects_of

__all__ = [
    "FlagLine",
    "count_declared",
    "count_to_rewrite",
    "declared_digests",
    "digest_of",
    "findings",
    "flag_for",
    "flaggable",
    "flags_in_bodies",
    "flags_to_rewrite",
    "masks_of",
    "subject_for",
    "subjects_of",
    "unsettled",
]
