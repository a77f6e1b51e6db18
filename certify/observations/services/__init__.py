"""The verbs of observations."""

from certify.observations.services.answering import (
    LinkClosed,
    StaleDraft,
    contest,
    countersign,
    decline,
    open_link,
    save_draft,
    sign,
)
from certify.observations.services.asking import Wish, ask, resend, revoke

__all__ = [
    "LinkClosed",
    "StaleDraft",
    "Wish",
    "ask",
    "contest",
    "countersign",
    "decline",
    "open_link",
    "resend",
    "revoke",
    "save_draft",
    "sign",
]
