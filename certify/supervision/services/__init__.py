"""The verbs of supervision."""

from certify.supervision.services.planning import amend, cancel, plan
from certify.supervision.services.recording import StaleSession, record_presence, write_notes
from certify.supervision.services.signing import sign_as_supervisor, sign_as_trainee

__all__ = [
    "StaleSession",
    "amend",
    "cancel",
    "plan",
    "record_presence",
    "sign_as_supervisor",
    "sign_as_trainee",
    "write_notes",
]
