"""Sealing a PDF: PAdES, a certification signature after which nothing may change (ETSI EN 319 142-1)."""

import io
import uuid
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy.orm import Session

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.seals import device, providers, queries
from certify.seals.loops import away_from_loops
from certify.seals.providers import KeyFacts
from certify.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

FIELD = "Sceau"
_OVERHEAD = 3000
_TIMESTAMP = 8000
_timestampers: "dict[str, TimeStamper]" = {}


class NoSeal(Unavailable):
    """The organisation has no key to seal with."""


class CannotSign(Exception):
    """The key does not go with its certificate, or its device refuses to sign."""


def sealed(session: Session, organisation_id: uuid.UUID, content: bytes, *, reason: str, location: str) -> bytes:
    """Return a PDF sealed with an organisation's key in use; reads only, for the `prepare` of a job.

    Raises NoSeal when the organisation has no key, Unavailable when the device or the time-stamping service that
    this asks for does not answer.
    """
    key = queries.current_key(session, organisation_id)
    if key is None:
        raise NoSeal(_l("Cet organisme n’a pas de clé de sceau en service."))
    settings: Settings = current_app.config["SETTINGS"]
    return seal(settings, KeyFacts.of(key), content, reason=reason, location=location)


def seal(settings: Settings, key: KeyFacts, content: bytes, *, reason: str, location: str) -> bytes:
    """Return a PDF sealed with a key, time-stamped when a service is set (RFC 3161)."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.timestamps import TimestampRequestError

    timestamper = _timestamper(settings)
    meta = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES, reason=reason, location=location,
    )  # fmt: skip
    out = io.BytesIO()
    try:
        with device.turn(key):
            signer = providers.signer_for(settings, key)
            sealer = PdfSigner(meta, signer, timestamper=timestamper)
            away_from_loops(
                lambda: sealer.sign_pdf(
                    IncrementalPdfFileWriter(io.BytesIO(content)), output=out,
                    bytes_reserved=_room(key, is_timestamped=timestamper is not None),
                )
            )  # fmt: skip
    except TimestampRequestError as error:
        raise Unavailable(_l("Le service d’horodatage ne répond pas : le document sera scellé plus tard.")) from error
    except (SigningError, ValueError) as error:
        providers.forget(key.fingerprint)
        raise CannotSign(str(error)) from error
    return out.getvalue()


def _room(key: KeyFacts, *, is_timestamped: bool) -> int:
    """Return how many hexadecimal digits to keep for the signature: said, it need not be tried once for its size."""
    certificates = (len(key.certificate) + len(key.chain)) * 3 // 4
    return 2 * (certificates + _OVERHEAD + (_TIMESTAMP if is_timestamped else 0))


def _timestamper(settings: Settings) -> "TimeStamper | None":
    if not (address := settings.seal_timestamp_url):
        return None
    if address not in _timestampers:
        from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

        _timestampers[address] = HTTPTimeStamper(  # type: ignore[no-untyped-call]
            address, timeout=settings.seal_timestamp_seconds
        )
    return _timestampers[address]
