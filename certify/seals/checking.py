"""Whether the seal of a PDF still holds, by pyHanko's bottom line; nothing is ever fetched to know it."""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import current_app

from certify.core import clock, pdf
from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.seals import authority
from certify.seals.loops import away_from_loops
from certify.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus
    from pyhanko_certvalidator.context import ValidationContext

_SECONDS = 15


class Fault(StrEnum):
    """Why a seal does not hold."""

    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    NO_SEAL = "no_seal"
    NOT_INTACT = "not_intact"
    CHANGED = "changed"
    PARTLY_COVERED = "partly_covered"
    NO_CERTIFICATION = "no_certification"
    UNTRUSTED = "untrusted"
    OUTDATED = "outdated"
    TIMESTAMP = "timestamp"
    NOT_VALID = "not_valid"

    @property
    def text(self) -> Any:
        """The reason in words."""
        return _TEXTS[self]


_TEXTS = {
    Fault.UNREADABLE: _l("Ce fichier n’est pas un PDF que l’on puisse lire."),
    Fault.TOO_LONG: _l("Ce fichier demande trop de temps ou de mémoire pour être examiné."),
    Fault.NO_SEAL: _l("Ce PDF ne porte pas de sceau."),
    Fault.NOT_INTACT: _l("Le contenu a été modifié après la pose du sceau."),
    Fault.CHANGED: _l("Quelque chose a été ajouté ou modifié après la pose du sceau, ce que le sceau interdit."),
    Fault.PARTLY_COVERED: _l("Le sceau ne couvre pas tout le fichier : il a été complété depuis."),
    Fault.NO_CERTIFICATION: _l("Ce sceau n’est pas de ceux que posent les organismes : il permet des modifications."),
    Fault.UNTRUSTED: _l("Le sceau n’a pas été posé avec la clé d’un organisme connu ici."),
    Fault.OUTDATED: _l("Le certificat du sceau n’était pas en cours de validité."),
    Fault.TIMESTAMP: _l("L’horodatage joint au sceau n’est pas valide ou vient d’un service inconnu ici."),
    Fault.NOT_VALID: _l("Ce sceau n’est pas valide."),
}


@dataclass(frozen=True)
class SealVerdict:
    """What can be said of the seal of a PDF."""

    is_valid: bool
    """The bottom line: intact, complete, nothing added since, by a key that hangs from a trusted root."""
    is_intact: bool = False
    covers_whole: bool = False
    is_unchanged: bool = False
    """Nothing was added after the seal, or nothing that it forbids."""
    signer: str = ""
    """The name in the certificate: a claim until `is_valid`."""
    fingerprint: str = ""
    """SHA-256 of the sealing certificate, to find whose key it is."""
    signed_at: datetime | None = None
    """By the time-stamp when there is a good one, else by the sealing machine's clock."""
    is_timestamped: bool = False
    reason: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def why(self) -> tuple[Any, ...]:
        """Everything that is wrong, in words; empty when the seal holds."""
        return tuple(fault.text for fault in self.faults)


def known_timestamp_roots() -> list[str]:
    """Return the certificates (PEM) that time-stamps are judged with, as the settings name them."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.seal_timestamp_roots is None:
        return []
    found = x509.load_pem_x509_certificates(settings.seal_timestamp_roots.read_bytes())
    return [authority.pem_of(one) for one in found]


def check(
    content: bytes, *, trusted: Sequence[str], at: datetime | None = None, timestamp_roots: Sequence[str] = ()
) -> SealVerdict:
    """Tell whether the seal of a PDF somebody sent still holds; in a process of its own, bounded in time and memory.

    `trusted` holds roots as PEM. `at` is a moment when the document is known to have existed, when the register says
    so: the certificate of the seal is judged at that moment, or at the time-stamp's, or now.
    """
    moment = at or clock.now()
    try:
        return pdf.apart(
            examine, content, tuple(trusted), moment, at is not None, tuple(timestamp_roots), seconds=_SECONDS
        )
    except Unavailable:
        return SealVerdict(is_valid=False, faults=(Fault.TOO_LONG,))


def examine(
    content: bytes,
    trusted: Sequence[str],
    moment: datetime,
    is_moment_known: bool = True,
    timestamp_roots: Sequence[str] = (),
) -> SealVerdict:
    """Tell whether the seal of a PDF holds, in this process; `check` is for what strangers send."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        # A refused seal is an answer, not an incident.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return away_from_loops(lambda: _examine(content, trusted, moment, is_moment_known, timestamp_roots))
    except Exception:  # noqa: BLE001 — the reader meets whatever bytes a stranger sends
        return SealVerdict(is_valid=False, faults=(Fault.UNREADABLE,))


def _examine(
    content: bytes, trusted: Sequence[str], moment: datetime, is_moment_known: bool, timestamp_roots: Sequence[str]
) -> SealVerdict:
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(content))
    signatures = reader.embedded_regular_signatures
    if not signatures:
        return SealVerdict(is_valid=False, faults=(Fault.NO_SEAL,))
    signature, judged_at = signatures[0], moment
    status = _status(signature, _context(trusted, moment), _context(timestamp_roots, moment))
    stamp = _good_stamp(status)
    if stamp is not None and not is_moment_known:
        # What a third party dated is judged at that date: certificates end, documents stay.
        judged_at = stamp
        signature = PdfFileReader(io.BytesIO(content)).embedded_regular_signatures[0]
        status = _status(signature, _context(trusted, stamp), _context(timestamp_roots, moment))
    return _verdict(signature, status, stamp, judged_at)


def _good_stamp(status: "PdfSignatureStatus") -> datetime | None:
    stamp = status.timestamp_validity
    return stamp.timestamp if stamp and stamp.valid and stamp.intact and stamp.trusted else None


def _status(
    signature: "EmbeddedPdfSignature", signers: "ValidationContext", stamps: "ValidationContext"
) -> "PdfSignatureStatus":
    from pyhanko.sign.validation import validate_pdf_signature

    return validate_pdf_signature(signature, signers, stamps)


def _context(roots: Sequence[str], moment: datetime) -> "ValidationContext":
    from asn1crypto import x509 as asn1
    from pyhanko_certvalidator.context import ValidationContext

    loaded = [x509.load_pem_x509_certificate(root.encode()) for root in roots]
    anchors = [asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in loaded]
    return ValidationContext(trust_roots=anchors, moment=moment, allow_fetching=False)


def _verdict(
    signature: "EmbeddedPdfSignature", status: "PdfSignatureStatus", stamp: datetime | None, judged_at: datetime
) -> SealVerdict:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    level = status.modification_level
    is_intact = bool(status.intact and status.valid)
    is_unchanged = bool(status.docmdp_ok) and level is not None and level <= ModificationLevel.LTA_UPDATES
    covers_whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    checks = {
        Fault.NOT_INTACT: is_intact,
        Fault.CHANGED: is_unchanged,
        # pyHanko lets a title or a proof of upkeep be added; nothing of ours ever is, and a title is read.
        Fault.PARTLY_COVERED: covers_whole,
        Fault.NO_CERTIFICATION: signature.docmdp_level is MDPPerm.NO_CHANGES,
        Fault.OUTDATED if _is_outdated(certificate, judged_at) else Fault.UNTRUSTED: bool(status.trusted)
        or not is_intact,
        Fault.TIMESTAMP: status.timestamp_validity is None or stamp is not None,
        Fault.NOT_VALID: bool(status.bottom_line),
    }
    faults = [fault for fault, holds in checks.items() if not holds]
    return SealVerdict(
        is_valid=not faults, is_intact=is_intact, covers_whole=covers_whole, is_unchanged=is_unchanged,
        signer=authority.common_name(certificate), fingerprint=signature.signer_cert.sha256.hex(),
        signed_at=stamp or status.signer_reported_dt, is_timestamped=stamp is not None,
        reason=str(signature.sig_object.get("/Reason", "")),
        # The bottom line is told in words only when nothing says it better.
        faults=tuple(faults if len(faults) == 1 else [fault for fault in faults if fault is not Fault.NOT_VALID]),
    )  # fmt: skip


def _is_outdated(certificate: x509.Certificate, moment: datetime) -> bool:
    return not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
