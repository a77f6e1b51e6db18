"""Questions about one certificate."""

from dataclasses import dataclass
from datetime import date, datetime

from certify.certificates.models import Certificate, CertificateEventKind, CertificateKind

KIND_LABELS = {kind.value: kind.label for kind in CertificateKind}
"""What each kind of document is called."""


@dataclass(frozen=True)
class State:
    """Where a certificate stands after its events."""

    is_valid: bool
    since: datetime


def state_of(certificate: Certificate) -> State:
    """Return the state told by the last event; the certificate's events are loaded."""
    last = certificate.events[-1]
    return State(last.kind is not CertificateEventKind.REVOKED, last.at)


def decided_on(certificate: Certificate) -> date:
    """Return the day of the jury that the facts quote."""
    return date.fromisoformat(certificate.facts["decided_on"])
