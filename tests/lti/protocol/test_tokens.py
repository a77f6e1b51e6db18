"""Tokens: signed by the key they name and by nothing else, of now, for us, for this login."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certify.lti.protocol import tokens
from certify.lti.protocol.errors import LaunchRefused
from tests.lti.protocol.messages import ABSENT, CLIENT, ISSUER, KID, NONCE, NOW, claims, key, key_for, weak_key

ISSUED = int(NOW.timestamp())


def segment(value: Any) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def signed(header: Any, payload: Any) -> str:
    """Return a token with any header over any payload, signed by the platform."""
    return jwt.api_jws.PyJWS().encode(
        payload if isinstance(payload, bytes) else json.dumps(payload).encode(),
        key(),
        algorithm="RS256",
        headers=header,
    )


def refusal(token: str) -> str:
    with pytest.raises(LaunchRefused) as caught:
        tokens.verify(token, key_for=key_for)
    return caught.value.code


def test_a_token_we_sign_is_read_by_us_and_by_others() -> None:
    said = claims(name="Stagiaire é “03”")
    token = tokens.sign(said, kid=KID, key=key())

    assert tokens.verify(token, key_for=key_for) == said
    assert jwt.decode(token, key().public_key(), ["RS256"], options={"verify_exp": False}, audience=CLIENT) == said
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": KID, "typ": "JWT"}


def test_a_token_of_another_library_is_read() -> None:
    token = jwt.encode(claims(), key(), "RS256", headers={"kid": KID})

    assert tokens.verify(token, key_for=key_for) == claims()


def test_the_key_is_asked_for_by_the_name_in_the_token() -> None:
    asked = []

    def remembered(kid: str) -> RSAPublicKey:
        asked.append(kid)
        return key().public_key()

    tokens.verify(tokens.sign(claims(), kid="the second key", key=key()), key_for=remembered)

    assert asked == ["the second key"]


def test_a_refused_key_refuses_the_token() -> None:
    def none(kid: str) -> RSAPublicKey:
        raise LaunchRefused("kid-unknown", kid)

    with pytest.raises(LaunchRefused, match="kid-unknown: key-1"):
        tokens.verify(tokens.sign(claims(), kid=KID, key=key()), key_for=none)


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = tokens.sign(claims(), kid=KID, key=key()).split(".")

    assert refusal(f"{header}.{segment(claims(sub='5'))}.{signature}") == "signature-wrong"


def test_a_changed_header_is_refused() -> None:
    _, payload, signature = tokens.sign(claims(), kid=KID, key=key()).split(".")

    assert refusal(f"{segment({'alg': 'RS256', 'kid': 'key-2'})}.{payload}.{signature}") == "signature-wrong"


def test_a_token_without_a_signature_is_refused() -> None:
    payload = segment(claims())

    assert refusal(f"{segment({'alg': 'none', 'kid': KID})}.{payload}.") == "token-malformed"
    assert refusal(f"{segment({'alg': 'none', 'kid': KID})}.{payload}.AAAA") == "algorithm-refused"
    assert refusal(f"{segment({'alg': 'RS256', 'kid': KID})}.{payload}.AAAA") == "signature-wrong"


def test_a_token_signed_with_the_public_key_as_a_password_is_refused() -> None:
    public = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = f"{segment({'alg': 'HS256', 'kid': KID})}.{segment(claims())}"
    proof = hmac.new(public, body.encode(), hashlib.sha256).digest()

    assert refusal(f"{body}.{segment(proof)}") == "algorithm-refused"


@pytest.mark.parametrize("algorithm", ["RS384", "PS256", "ES256", "rs256", "", None, 256, ["RS256"]])
def test_only_rs256_is_taken(algorithm: Any) -> None:
    assert refusal(f"{segment({'alg': algorithm, 'kid': KID})}.{segment(claims())}.AAAA") == "algorithm-refused"


@pytest.mark.parametrize("kid", [None, "", 1, ["key-1"], {}])
def test_a_token_must_name_its_key(kid: Any) -> None:
    assert refusal(f"{segment({'alg': 'RS256', 'kid': kid})}.{segment(claims())}.AAAA") == "kid-missing"
    assert refusal(f"{segment({'alg': 'RS256'})}.{segment(claims())}.AAAA") == "kid-missing"


def test_an_extension_we_must_understand_and_do_not_is_refused() -> None:
    header = {"alg": "RS256", "kid": KID, "crit": ["b64"], "b64": False}

    assert refusal(f"{segment(header)}.{segment(claims())}.AAAA") == "token-malformed"


def test_a_short_key_is_refused() -> None:
    token = tokens.sign(claims(), kid=KID, key=weak_key())

    with pytest.raises(LaunchRefused, match="key-too-weak: 1024 bits"):
        tokens.verify(token, key_for=lambda kid: weak_key().public_key())


def test_a_token_longer_than_any_real_one_is_refused_unread() -> None:
    assert refusal("a" * (tokens.MAX_BYTES + 1)) == "token-too-large"
    assert refusal("a" * tokens.MAX_BYTES) == "token-malformed"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a..c",
        "e30.e30.é",
        "e30.e30.e3=",
        "e30 .e30.e30",
        "e30.e30.e30\n",
        "+/8.e30.e30",
    ],
)
def test_what_is_not_three_parts_in_base64url_is_refused(token: str) -> None:
    assert refusal(token) == "token-malformed"


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b'"text"',
        b"",
        b"\xff\xfe",
        b'{"exp": NaN}',
        b'{"exp": -Infinity}',
        b'{"exp": 1} ,',
        b"[" * 20_000,
        b'{"a":' * 5_000,
        b'{"exp": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_signed_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    assert refusal(signed({"kid": KID}, payload or b" ")) == "token-malformed"


def test_a_signature_of_an_impossible_length_is_refused() -> None:
    assert refusal(f"{segment({'alg': 'RS256', 'kid': KID})}.{segment(claims())}.AAAAA") == "token-malformed"


@pytest.mark.parametrize("header", [b"[]", b"null", b"{", b"\xff"])
def test_a_header_that_is_no_object_is_refused(header: bytes) -> None:
    assert refusal(f"{segment(header)}.{segment(claims())}.AAAA") == "token-malformed"


def test_what_is_kept_of_a_nonce_is_its_digest() -> None:
    assert tokens.digest("é") == hashlib.sha256("é".encode()).hexdigest()
    assert len(tokens.digest("\ud800")) == 64


def check(said: dict[str, Any], **changes: Any) -> str:
    """Return the code of the broken rule, or nothing."""
    expected: dict[str, Any] = {
        "issuer": ISSUER,
        "client_id": CLIENT,
        "nonce_hash": tokens.digest(NONCE),
        "now": NOW,
    }
    try:
        tokens.check(said, **(expected | changes))
    except LaunchRefused as refused:
        return refused.code
    return ""


def test_claims_of_now_for_us_are_taken() -> None:
    assert check(claims()) == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://autre.exemple.fr"}, "issuer-wrong"),
        ({"iss": ISSUER + "/"}, "issuer-wrong"),
        ({"iss": ABSENT}, "issuer-wrong"),
        ({"iss": [ISSUER]}, "issuer-wrong"),
        ({"aud": "client-2"}, "audience-wrong"),
        ({"aud": []}, "audience-wrong"),
        ({"aud": ABSENT}, "audience-wrong"),
        ({"aud": {CLIENT: 1}}, "audience-wrong"),
        ({"aud": "client-1 client-2"}, "audience-wrong"),
        ({"aud": [CLIENT, "client-2"], "azp": CLIENT}, "audience-wrong"),
        ({"aud": [CLIENT, ["client-2"]], "azp": CLIENT}, "audience-wrong"),
        ({"azp": "client-2"}, "azp-wrong"),
        ({"azp": 1}, "azp-wrong"),
        ({"azp": ""}, "azp-wrong"),
        ({"exp": ABSENT}, "time-missing"),
        ({"iat": ABSENT}, "time-missing"),
        ({"iat": None}, "time-missing"),
        ({"exp": True}, "claims-malformed"),
        ({"iat": True}, "claims-malformed"),
        ({"exp": str(ISSUED + 60)}, "claims-malformed"),
        ({"exp": 10**400}, "claims-malformed"),
        ({"exp": float("inf")}, "claims-malformed"),
        ({"exp": ISSUED - 30}, "expired"),
        ({"iat": 11111, "exp": 22222}, "expired"),
        ({"iat": ISSUED + 31}, "issued-in-future"),
        ({"iat": ISSUED - 631}, "issued-too-long-ago"),
        ({"exp": ISSUED + 86_401}, "lifetime-too-long"),
        ({"nonce": ABSENT}, "nonce-missing"),
        ({"nonce": ""}, "nonce-missing"),
        ({"nonce": 5}, "nonce-missing"),
        ({"nonce": "another"}, "nonce-wrong"),
        ({"nonce": "\ud800"}, "nonce-wrong"),
        ({"sub": ABSENT}, "subject-missing"),
        ({"sub": ""}, "subject-missing"),
        ({"sub": 4}, "claims-malformed"),
    ],
)
def test_claims_that_break_a_rule_are_refused(changes: dict[str, Any], code: str) -> None:
    assert check(claims(**changes)) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT]},
        {"azp": CLIENT},
        {"azp": None},
        {"exp": ISSUED - 29},
        {"iat": ISSUED + 30},
        {"iat": ISSUED - 629},
        {"iat": float(ISSUED), "exp": ISSUED + 60.5},
        {"exp": ISSUED + 86_400},
    ],
)
def test_what_the_rules_allow_is_taken(changes: dict[str, Any]) -> None:
    assert check(claims(**changes)) == ""


def test_another_audience_is_taken_when_it_is_listed_and_we_are_the_party() -> None:
    both = ["client-2", CLIENT]

    assert check(claims(aud=both, azp=CLIENT), audiences={"client-2"}) == ""
    assert check(claims(aud=both), audiences=("client-2",)) == "azp-wrong"
    assert check(claims(aud=both, azp="client-2"), audiences=["client-2"]) == "azp-wrong"


def test_the_tolerances_can_be_set() -> None:
    late = NOW + timedelta(minutes=5)

    assert check(claims(), now=late) == "expired"
    assert check(claims(), now=late, leeway=timedelta(minutes=5)) == ""
    assert check(claims(), now=late, leeway=timedelta(minutes=5), oldest=timedelta(0), longest=timedelta(0)) != ""
    assert check(claims(exp=ISSUED + 3600), longest=timedelta(minutes=30)) == "lifetime-too-long"
    assert check(claims(exp=ISSUED + 3600), now=late, oldest=timedelta(minutes=1)) == "issued-too-long-ago"
