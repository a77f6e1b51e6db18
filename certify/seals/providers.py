"""Where sealing keys are held: in this installation, encrypted, or on a device that never lets them out."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from certify.core import keys
from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.seals.models import ProviderKind, SealKey
from certify.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer

_MOST_KEPT = 64
_opening = threading.Lock()
_signers: "dict[str, Signer]" = {}


@dataclass(frozen=True)
class KeyFacts:
    """What sealing needs of a key: a value, so that nothing of the database is held while a document is sealed."""

    fingerprint: str
    provider: ProviderKind
    certificate: str
    chain: str
    private_key: bytes | None
    device_label: str

    @classmethod
    def of(cls, key: SealKey) -> "KeyFacts":
        """Return the facts of a kept key."""
        return cls(key.fingerprint, key.provider, key.certificate, key.chain, key.private_key, key.device_label)


class SealProvider(Protocol):
    """Something that holds sealing keys and signs with them."""

    def signer(self, key: KeyFacts) -> "Signer":
        """Return what signs for a key; raises Unavailable when the key cannot be reached."""


class LocalProvider:
    """Keys kept in the database, encrypted with the installation's key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def signer(self, key: KeyFacts) -> "Signer":
        """Decrypt the key, once."""
        secret = keys.open_(self._settings, key.private_key or b"")
        return preloaded(key.certificate, key.chain, _private_key(secret))


class MemoryProvider:
    """Keys that are nowhere but in this process, by fingerprint."""

    def __init__(self, held: dict[str, RSAPrivateKey | EllipticCurvePrivateKey]) -> None:
        self._held = held

    def signer(self, key: KeyFacts) -> "Signer":
        """Return the signer of a key given in advance."""
        return preloaded(key.certificate, key.chain, self._held[key.fingerprint])


def signer_for(settings: Settings, key: KeyFacts) -> "Signer":
    """Return what signs for a key, opened once in this process."""
    with _opening:
        if key.fingerprint not in _signers:
            from certify.seals.device import DeviceProvider

            provider: SealProvider = (
                DeviceProvider(settings) if key.provider is ProviderKind.PKCS11 else LocalProvider(settings)
            )
            while len(_signers) >= _MOST_KEPT:
                _signers.pop(next(iter(_signers)))
            _signers[key.fingerprint] = provider.signer(key)
        return _signers[key.fingerprint]


def forget(fingerprint: str) -> None:
    """Let go of a key that could not sign: it is opened anew next time."""
    with _opening:
        _signers.pop(fingerprint, None)


def preloaded(certificate: str, chain: str, private: RSAPrivateKey | EllipticCurvePrivateKey) -> "Signer":
    """Return a signer whose key is read once: pyHanko's own reads and checks an RSA key anew at every signature."""
    from certify.seals.signing import PreloadedSigner

    signing, above = loaded_certificates(certificate, chain)
    return PreloadedSigner(signing, above, private)


def loaded_certificates(certificate: str, chain: str):  # type: ignore[no-untyped-def] # asn1crypto has no types
    """Return a certificate and those above it as asn1crypto reads them."""
    from asn1crypto import x509 as asn1

    def read(one: x509.Certificate) -> asn1.Certificate:
        return asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER))

    above: Sequence[x509.Certificate] = x509.load_pem_x509_certificates(chain.encode()) if chain.strip() else []
    return read(x509.load_pem_x509_certificate(certificate.encode())), [read(one) for one in above]


def _private_key(secret: bytes) -> RSAPrivateKey | EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(secret, password=None)
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise Unavailable(_l("Cette clé ne sait pas sceller un PDF."))
    return key
