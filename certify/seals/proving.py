"""A trial of a key before it is kept: it seals a blank page, and the seal is read back."""

import io

from flask import current_app
from pypdf import PdfWriter

from certify.core import clock
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.seals import authority, checking, keeping, providers, sealing
from certify.seals.bringing import Brought
from certify.seals.models import ProviderKind
from certify.seals.providers import KeyFacts


def prove(brought: Brought, provider: ProviderKind, *, field: str, device_label: str = "") -> None:
    """Refuse a key whose seal would not hold; Unavailable when its device does not answer."""
    facts = KeyFacts(
        fingerprint=authority.fingerprint_of(brought.certificate), provider=provider,
        certificate=authority.pem_of(brought.certificate),
        chain="".join(authority.pem_of(one) for one in brought.chain),
        private_key=keeping.closed(brought.secret) if brought.secret is not None else None, device_label=device_label,
    )  # fmt: skip
    settings = current_app.config["SETTINGS"].model_copy(update={"seal_timestamp_url": ""})
    try:
        content = sealing.seal(settings, facts, _blank(), reason="Essai", location="")
    except sealing.CannotSign as error:
        raise Invalid(_l("Cette clé n’a pas pu sceller une page d’essai : %(why)s", why=str(error)), field) from error
    finally:
        providers.forget(facts.fingerprint)
    root = brought.chain[-1] if brought.chain else brought.certificate
    verdict = checking.examine(content, [authority.pem_of(root)], clock.now())
    if not verdict.is_valid:
        raise Invalid(
            _l("Cette clé a scellé une page d’essai, mais le sceau ne tient pas : %(why)s", why=verdict.why[0]), field
        )


def _blank() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(out)
    return out.getvalue()
