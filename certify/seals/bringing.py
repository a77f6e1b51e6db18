"""Reading the keys and certificates that an organisation brings: what can seal is kept, anything else is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12

from certify.core import clock
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l

SMALLEST_RSA = 2048
_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_LONGEST_CHAIN = 8


@dataclass(frozen=True)
class Brought:
    """A sealing certificate, those above it (root last), and its private key unless a device holds it."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    secret: bytes | None


def read_pkcs12(content: bytes, password: str) -> Brought:
    """Read a PKCS#12 file; raises Invalid with the reason, on the field that can be corrected."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError as error:
        reason = _l("Ce fichier ne s’ouvre pas : ce n’est pas un fichier .p12 ou .pfx, ou le mot de passe est faux.")
        raise Invalid(reason, "file") from error
    if key is None or certificate is None:
        raise Invalid(_l("Il manque dans ce fichier la clé privée ou son certificat."), "file")
    _require_sealing(certificate, "file")
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Brought(certificate, _ordered(certificate, others), secret)


def read_certificates(text: str) -> Brought:
    """Read the certificate of a key that a device holds, and those above it, as PEM; raises Invalid with the reason."""
    try:
        first, *others = x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        reason = _l("Collez un ou plusieurs certificats au format PEM, celui du sceau en premier.")
        raise Invalid(reason, "certificates") from error
    _require_sealing(first, "certificates")
    return Brought(first, _ordered(first, others), None)


def _ordered(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    found: list[x509.Certificate] = []
    below, left = certificate, list(others)
    while len(found) < _LONGEST_CHAIN and below.issuer != below.subject:
        above = next((one for one in left if _is_issued_by(below, one)), None)
        if above is None:
            break
        left.remove(above)
        found.append(above)
        below = above
    return tuple(found)


def _is_issued_by(below: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _require_sealing(certificate: x509.Certificate, field: str) -> None:
    """Refuse a certificate that PDF readers would not accept for a seal."""
    if not certificate.not_valid_before_utc <= clock.now() < certificate.not_valid_after_utc:
        raise Invalid(_l("Ce certificat n’est pas en cours de validité."), field)
    public = certificate.public_key()
    if isinstance(public, RSAPublicKey):
        if public.key_size < SMALLEST_RSA:
            raise Invalid(_l("Cette clé RSA est trop courte : il faut au moins 2048 bits."), field)
    elif not isinstance(public, EllipticCurvePublicKey) or public.curve.name not in _CURVES:
        raise Invalid(
            _l("Cette sorte de clé ne convient pas : il faut RSA, ou une courbe P-256, P-384 ou P-521."), field
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.content_commitment:
        reason = _l("Ce certificat n’est pas fait pour sceller : il lui manque l’usage « non-répudiation ».")
        raise Invalid(reason, field)
