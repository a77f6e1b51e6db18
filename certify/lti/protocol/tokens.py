"""Signed tokens: reading those of platforms, making ours (JSON Web Signature, RS256 only)."""

import binascii
import hmac
import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from certify.lti.protocol.errors import LaunchRefused

MAX_BYTES = 64 * 1024
"""Longest token read; those of real platforms take 2 to 10 kilobytes."""
ALGORITHM = "RS256"
MIN_KEY_BITS = 2048

_LEEWAY = timedelta(seconds=30)
_OLDEST = timedelta(minutes=10)
_LONGEST = timedelta(hours=24)
_LATEST_MOMENT = 253_402_300_800
"""The year 10000, in seconds: a number beyond is no moment."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"", b"==", b"=")
_SCHEME = PKCS1v15()
_HASH = SHA256()


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal: what is kept of states and nonces."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def verify(token: str, *, key_for: Callable[[str], RSAPublicKey]) -> dict[str, Any]:
    """Return the claims of a token signed by the key of its `kid`, or refuse; nothing is said of what they claim.

    https://www.imsglobal.org/spec/security/v1p0/#authentication-response-validation
    """
    if len(token) > MAX_BYTES:
        raise LaunchRefused("token-too-large", f"{len(token)} characters")
    header, payload, signature = _parts(token)
    kid = _kid(_document(header, "header"))
    proof = _octets(signature, "signature")
    key = key_for(kid)
    if key.key_size < MIN_KEY_BITS:
        raise LaunchRefused("key-too-weak", f"{key.key_size} bits")
    try:
        key.verify(proof, header + b"." + payload, _SCHEME, _HASH)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as fault:
        raise LaunchRefused("signature-wrong", f"key {_short(kid)}") from fault
    return _document(payload, "payload")


def _parts(token: str) -> list[bytes]:
    """Return the three parts of a compact token: https://www.rfc-editor.org/rfc/rfc7515#section-7.1."""
    written = token.encode("ascii", "replace")
    parts = written.split(b".")
    # What remains without the alphabet tells faster than looking at each character.
    if written.translate(None, _ALPHABET) != b".." or not all(parts):
        raise LaunchRefused("token-malformed", "not three parts in base64url")
    return parts


def _kid(header: dict[str, Any]) -> str:
    """Return which key signed, from the only kind of header that is taken.

    https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11: an extension marked critical must be understood, and we
    know none.
    """
    if header.get("alg") != ALGORITHM:
        raise LaunchRefused("algorithm-refused", _short(header.get("alg")))
    if "crit" in header:
        raise LaunchRefused("token-malformed", "critical extension")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused("kid-missing")
    return kid


def _document(segment: bytes, name: str) -> dict[str, Any]:
    try:
        document = _DECODER.decode(_octets(segment, name).decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise LaunchRefused("token-malformed", f"{name} is not JSON") from fault
    if not isinstance(document, dict):
        raise LaunchRefused("token-malformed", f"{name} is not an object")
    return document


def _octets(segment: bytes, name: str) -> bytes:
    try:
        return binascii.a2b_base64(segment.translate(_STANDARD) + _PADDING[len(segment) % 4])
    except binascii.Error as fault:
        raise LaunchRefused("token-malformed", f"{name} is not base64url") from fault


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def check(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce_hash: str,
    now: datetime,
    leeway: timedelta = _LEEWAY,
    oldest: timedelta = _OLDEST,
    longest: timedelta = _LONGEST,
    audiences: Collection[str] = (),
) -> None:
    """Refuse claims that are not from this issuer, for us, for this login and of now.

    https://www.imsglobal.org/spec/security/v1p0/#authentication-response-validation; `azp` as
    https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation points 3 to 5.
    """
    if claims.get("iss") != issuer:
        raise LaunchRefused("issuer-wrong", _short(claims.get("iss")))
    _check_audience(claims, client_id, audiences)
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    present, margin = now.timestamp(), leeway.total_seconds()
    if expires <= present - margin:
        raise LaunchRefused("expired", f"{present - expires:.0f} s ago")
    if issued > present + margin:
        raise LaunchRefused("issued-in-future", f"in {issued - present:.0f} s")
    if issued < present - oldest.total_seconds() - margin:
        raise LaunchRefused("issued-too-long-ago", f"{present - issued:.0f} s ago")
    if expires - issued > longest.total_seconds():
        raise LaunchRefused("lifetime-too-long", f"{expires - issued:.0f} s")
    _check_nonce(claims.get("nonce"), nonce_hash)
    _check_subject(claims.get("sub"))


def _check_audience(claims: Mapping[str, Any], client_id: str, others: Collection[str]) -> None:
    claimed = claims.get("aud")
    audience = [claimed] if isinstance(claimed, str) else claimed
    if not isinstance(audience, list) or client_id not in audience:
        raise LaunchRefused("audience-wrong", _short(claimed))
    for one in audience:
        if one != client_id and not (isinstance(one, str) and one in others):
            raise LaunchRefused("audience-wrong", f"also for {_short(one)}")
    party = claims.get("azp")
    if party != client_id and (party is not None or len(audience) > 1):
        raise LaunchRefused("azp-wrong", _short(party))


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if value is None:
        raise LaunchRefused("time-missing", name)
    if type(value) not in (int, float) or not -_LATEST_MOMENT < value < _LATEST_MOMENT:
        raise LaunchRefused("claims-malformed", f"{name} is not a moment")
    return float(value)


def _check_nonce(nonce: Any, nonce_hash: str) -> None:
    if not nonce or not isinstance(nonce, str):
        raise LaunchRefused("nonce-missing")
    if not hmac.compare_digest(digest(nonce).encode(), nonce_hash.encode()):
        raise LaunchRefused("nonce-wrong")


def _check_subject(subject: Any) -> None:
    if subject is None or subject == "":
        raise LaunchRefused("subject-missing")
    if not isinstance(subject, str):
        raise LaunchRefused("claims-malformed", "sub is not a text")


def _short(value: Any) -> str:
    return value[:120] if isinstance(value, str) else type(value).__name__


def sign(claims: Mapping[str, Any], *, kid: str, key: RSAPrivateKey) -> str:
    """Return a token signed with a key that was parsed once and kept: parsing one costs a hundred signatures."""
    header = {"alg": ALGORITHM, "kid": kid, "typ": "JWT"}
    signed = f"{_segment(_json(header))}.{_segment(_json(claims))}"
    return f"{signed}.{_segment(key.sign(signed.encode('ascii'), _SCHEME, _HASH))}"


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(document), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _segment(octets: bytes) -> str:
    return binascii.b2a_base64(octets, newline=False).decode("ascii").replace("+", "-").replace("/", "_").rstrip("=")
