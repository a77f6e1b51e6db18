"""The verbs of evidence."""

from certify.evidence.services.carrying import carry, recount_all
from certify.evidence.services.deciding import accept, propose, return_
from certify.evidence.services.items import (
    attach_file,
    describe,
    follow_entry,
    link_entry,
    recount,
    remove,
)
from certify.evidence.services.pieces import add_file, add_link, add_text, amend, link, replace, submit
from certify.evidence.services.prior import amend_prior, declare_prior, submit_prior
from certify.evidence.services.reopening import reopen
from certify.evidence.services.uploads import begin_upload, forget_parts, give_up, receive, settle, store_part
from certify.evidence.services.versions import vouch_for_entry, vouch_for_faces

__all__ = [
    "accept",
    "add_file",
    "add_link",
    "add_text",
    "amend",
    "amend_prior",
    "attach_file",
    "begin_upload",
    "carry",
    "declare_prior",
    "describe",
    "follow_entry",
    "forget_parts",
    "give_up",
    "link",
    "link_entry",
    "propose",
    "receive",
    "recount",
    "recount_all",
    "remove",
    "reopen",
    "replace",
    "return_",
    "settle",
    "store_part",
    "submit",
    "submit_prior",
    "vouch_for_entry",
    "vouch_for_faces",
]
