"""The verbs of certificates: issue from a jury's decision, revoke, reinstate."""

from certify.certificates.services.issuing import issue, issue_all
from certify.certificates.services.standing import SHORTEST_REASON, reinstate, revoke

__all__ = ["SHORTEST_REASON", "issue", "issue_all", "reinstate", "revoke"]
