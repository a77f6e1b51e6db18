"""The verbs of certificates: issue, attest attendance, correct, duplicate, suspend, lift, revoke, reinstate."""

from certify.certificates.services.attendance import attest
from certify.certificates.services.correcting import changes, correct
from certify.certificates.services.duplicating import duplicate
from certify.certificates.services.issuing import issue, issue_all
from certify.certificates.services.printing import hindrances
from certify.certificates.services.settings import save as save_document
from certify.certificates.services.standing import (
    SHORTEST_REASON,
    TURNED,
    lift,
    locked_with_events,
    reinstate,
    revoke,
    suspend,
    turn,
)

__all__ = [
    "SHORTEST_REASON", "TURNED", "attest", "changes", "correct", "duplicate", "hindrances", "issue", "issue_all",
    "lift", "locked_with_events", "reinstate", "revoke", "save_document", "suspend", "turn",
]  # fmt: skip
