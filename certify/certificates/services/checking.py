"""Checking a file somebody was given: the register by its hash, the seal by its own rules; nothing is kept of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from certify.certificates import policies, queries
from certify.certificates.models import Certificate
from certify.certificates.services.duplicating import sheets_of
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.seals.checking import Fault
from certify.seals.queries import Examined, examined

LARGEST = 5 * 1024 * 1024


class Finding(StrEnum):
    """What a file is, once the register and its seal are read."""

    ISSUED = "issued"
    """Byte for byte a document of the register."""
    SEALED = "sealed"
    """Sealed by a body known here and untouched since, but not a certificate of the register."""
    UNPROVED = "unproved"
    """Sealed by a body known here and untouched since, but nothing proves that its key could still seal then."""
    ALTERED = "altered"
    """Carries a seal that does not hold."""
    UNREAD = "unread"
    """Asks for too much time or memory to be examined."""
    UNKNOWN = "unknown"
    """Neither sealed nor in the register."""


_UNDATED = frozenset({Fault.OUTDATED, Fault.TIMESTAMP})
"""What leaves the content whole: only the moment of the seal is not proved."""


@dataclass(frozen=True)
class FileVerdict:
    """The answer about one file."""

    finding: Finding
    sha256: str
    seal: Examined
    certificate: Certificate | None = None
    duplicate: int | None = None
    """Number of the duplicate whose sheet this is."""

    @property
    def state(self) -> policies.State | None:
        """What the certificate is worth now."""
        return policies.state_of(self.certificate) if self.certificate else None

    @property
    def is_good(self) -> bool:
        """The bottom line: this very document was issued here, and is worth what it says today."""
        return self.state is not None and self.state.is_valid

    @property
    def is_before_seals(self) -> bool:
        """Whether it was issued when documents bore no seal yet."""
        return self.certificate is not None and self.certificate.sealed_at is None and self.duplicate is None

    @property
    def key_retired_at(self) -> datetime | None:
        """When the key of the seal was retired, for a file that nothing else speaks for."""
        is_doubtful = self.finding is Finding.SEALED and not self.seal.is_proof_alone
        return self.seal.retired_at if is_doubtful else None


def check_file(session: Session, content: bytes) -> FileVerdict:
    """Tell what a PDF is: the register answers by SHA-256, the seal by pyHanko's bottom line.

    Raises Invalid when it is no PDF or weighs too much.
    """
    if len(content) > LARGEST:
        raise Invalid(_l("Ce fichier est trop lourd : un certificat pèse moins de 5 Mo."), "file")
    if b"%PDF-" not in content[:1024]:
        raise Invalid(
            _l("Ce fichier n’est pas un PDF. Déposez le fichier reçu, non une photo ni une copie d’écran."), "file"
        )
    sha256 = hashlib.sha256(content).hexdigest()
    found = queries.certificate_of_hash(session, sha256)
    certificate, duplicate = found or (None, None)
    seal = examined(session, content, at=_sealed_at(certificate, duplicate) if certificate else None)
    return FileVerdict(_finding(certificate, seal), sha256, seal, certificate, duplicate)


def _sealed_at(certificate: Certificate, duplicate: int | None) -> datetime | None:
    """Return when the register says that a file was sealed: the sheet of a duplicate, as the duplicate was given."""
    if duplicate is None:
        return certificate.sealed_at
    return next(event.at for event in sheets_of(certificate) if event.number == duplicate)


def _finding(certificate: Certificate | None, seal: Examined) -> Finding:
    if certificate is not None:
        return Finding.ISSUED
    if seal.is_valid:
        return Finding.SEALED
    faults = set(seal.verdict.faults)
    if Fault.TOO_LONG in faults:
        return Finding.UNREAD
    if faults & {Fault.NO_SEAL, Fault.UNREADABLE}:
        return Finding.UNKNOWN
    is_whole = seal.organisation is not None and faults <= _UNDATED
    return Finding.UNPROVED if is_whole else Finding.ALTERED
