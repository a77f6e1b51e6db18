"""The verbs of juries: prepare a session, declare, open, decide, close."""

from certify.juries.services.deciding import close, decide, digest
from certify.juries.services.preparing import (
    add_candidates,
    add_seat,
    create_session,
    declare,
    open_deliberation,
    remove_candidate,
    remove_seat,
)

__all__ = [
    "add_candidates",
    "add_seat",
    "close",
    "create_session",
    "decide",
    "declare",
    "digest",
    "open_deliberation",
    "remove_candidate",
    "remove_seat",
]
