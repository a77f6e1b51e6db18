"""Tables of certificates: the register and its events, what a body sets of its documents, long jobs."""

from certify.certificates.models.documents import DocumentSettings
from certify.certificates.models.register import (
    Certificate,
    CertificateCounter,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
    CertificateState,
    RegisterExtract,
)

__all__ = [
    "Certificate",
    "CertificateCounter",
    "CertificateEvent",
    "CertificateEventKind",
    "CertificateKind",
    "CertificateState",
    "DocumentSettings",
    "RegisterExtract",
]
