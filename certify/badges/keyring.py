"""The private keys of badges: made here, kept encrypted with the installation's key, read once in a process."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from certify.badges.addresses import Publisher
from certify.badges.models import BadgeKey, BadgeKeyKind
from certify.badges.openbadges import Signer
from certify.core import keys
from certify.settings import Settings

_RSA_BITS = 3072
"""Good beyond 2030 (ANSSI, Guide des mécanismes cryptographiques, rule RègleFact-1)."""


@dataclass(frozen=True)
class NewKey:
    """A key just made, not kept yet."""

    kind: BadgeKeyKind
    secret: bytes
    """PKCS#8."""
    public_jwk: dict[str, Any]


def new_pair() -> list[NewKey]:
    """Make the two keys of an organisation; RSA takes up to a second, so never inside a transaction that writes."""
    rsa, ed25519 = generate_private_key(65537, _RSA_BITS), Ed25519PrivateKey.generate()
    rsa_jwk = json.loads(RSAAlgorithm.to_jwk(rsa.public_key()))
    return [
        NewKey(BadgeKeyKind.RSA, _secret(rsa), {name: rsa_jwk[name] for name in ("kty", "n", "e")}),
        NewKey(BadgeKeyKind.ED25519, _secret(ed25519), json.loads(OKPAlgorithm.to_jwk(ed25519.public_key()))),
    ]


def _secret(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signer(settings: Settings, publisher: Publisher, in_use: Sequence[BadgeKey]) -> Signer:
    """Return what signs for an organisation: its keys in use, one of each kind."""
    held = {key.kind: key for key in in_use}
    rsa, ed25519 = held[BadgeKeyKind.RSA], held[BadgeKeyKind.ED25519]
    return Signer(
        _read(settings, rsa), publisher.method(rsa.name), _read(settings, ed25519), publisher.method(ed25519.name)
    )


def _read(settings: Settings, key: BadgeKey) -> Any:
    return _parsed(key.id, keys.open_(settings, key.private_key))


@lru_cache(maxsize=64)
def _parsed(_key_id: uuid.UUID, secret: bytes) -> Any:
    # Checking an RSA key takes longer than signing with it ten times.
    return serialization.load_der_private_key(secret, None)
