"""The verbs of evidence."""

from certify.evidence.services.carrying import carry, recount_all
from certify.evidence.services.items import (
    attach_file,
    describe,
    follow_entry,
    link_entry,
    recount,
    remove,
)
from certify.evidence.services.prior import amend_prior, answer_prior, declare_prior, submit_prior

__all__ = [
    "amend_prior",
    "answer_prior",
    "attach_file",
    "carry",
    "declare_prior",
    "describe",
    "follow_entry",
    "link_entry",
    "recount",
    "recount_all",
    "remove",
    "submit_prior",
]
