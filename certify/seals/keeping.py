"""Private keys of seals at rest: closed with the installation's key, opened to sign."""

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import current_app

from certify.core import keys
from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.seals.authority import Made
from certify.seals.models import SealKey
from certify.settings import Settings


def closed(secret: bytes) -> bytes:
    """Return a private key as it is kept."""
    return keys.close(_settings(), secret)


def opened(key: SealKey) -> Made:
    """Return the authority a kept key is, able to sign."""
    private = serialization.load_der_private_key(keys.open_(_settings(), key.private_key or b""), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise Unavailable(_l("L’autorité de cette installation n’a pas la clé attendue."))
    return Made(x509.load_pem_x509_certificate(key.certificate.encode()), private)


def years() -> int:
    """Return how long a sealing certificate made here lasts."""
    return _settings().seal_years


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
