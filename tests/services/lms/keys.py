"""Keys of the platform: signing, publishing, changing them; and reading those of the tool."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.services.lms.vocabulary import ABSENT

_HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}
_SPARE: list[RSAPrivateKey] = []
"""Keys of platforms that are closed: making one takes longer than most tests."""


@dataclass(frozen=True)
class Key:
    """A private key and the name it is published under."""

    kid: str
    private: RSAPrivateKey

    @property
    def public_jwk(self) -> dict[str, Any]:
        """Return its public half as a JWK."""
        made = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"kty": "RSA", "n": made["n"], "e": made["e"], "kid": self.kid, "alg": "RS256", "use": "sig"}


def new_key(*, bits: int = 2048) -> Key:
    """Make a key, or take one that nobody uses any more."""
    private = _SPARE.pop() if _SPARE and bits == 2048 else generate_private_key(65537, bits)
    return Key(secrets.token_hex(10), private)


class KeyRing:
    """The keys of one platform; the last one signs."""

    def __init__(self) -> None:
        self.published = [new_key()]
        self._made = list(self.published)

    @property
    def current(self) -> Key:
        """Return the key that signs."""
        return self.published[-1]

    def rotate(self, *, keep_old: bool = True) -> Key:
        """Sign with a new key from now on; the old ones stay published, or not."""
        key = new_key()
        self._made.append(key)
        self.published = [*(self.published if keep_old else []), key]
        return key

    def document(self) -> dict[str, Any]:
        """Return the JWKS."""
        return {"keys": [key.public_jwk for key in self.published]}

    def close(self) -> None:
        """Leave the keys to the next platform."""
        _SPARE.extend(key.private for key in self._made)
        self._made.clear()


def signed(claims: Mapping[str, Any], key: Key, header: Mapping[str, Any]) -> str:
    """Return a compact JWS, with whatever header a test wants, a wrong one included."""
    fields = {"typ": "JWT", "alg": "RS256", "kid": key.kid, **header}
    fields = {name: value for name, value in fields.items() if value is not ABSENT}
    text = f"{_segment(_json(fields))}.{_segment(_json(claims))}"
    return f"{text}.{_segment(_signature(text.encode(), key, fields.get('alg')))}"


def _signature(text: bytes, key: Key, algorithm: object) -> bytes:
    if algorithm == "none":
        return b""
    if algorithm == "HS256":
        # The classic confusion: the public key taken for a shared secret.
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return hmac.digest(key.private.public_key().public_bytes(*form), text, hashlib.sha256)
    return key.private.sign(text, padding.PKCS1v15(), _HASHES.get(str(algorithm), hashes.SHA256()))


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
