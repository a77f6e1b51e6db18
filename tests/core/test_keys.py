from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.orm import Session

from certify.core import clock, keys
from certify.core.errors import Unavailable
from certify.core.types import new_id
from certify.settings import Settings

HERE = Settings(env="test", keys_secret=SecretStr("one key of the tests"))
ELSEWHERE = Settings(env="test", keys_secret=SecretStr("another key of the tests"))


@given(st.binary(max_size=2000))
def test_what_is_closed_opens_as_it_was(value: bytes) -> None:
    closed = keys.close(HERE, value)
    assert keys.open_(HERE, closed) == value
    assert not value or value not in closed or len(value) < 4


def test_what_another_installation_closed_does_not_open() -> None:
    with pytest.raises(Unavailable, match="CERTIFY_KEYS_SECRET"):
        keys.open_(ELSEWHERE, keys.close(HERE, b"secret"))


def test_something_altered_does_not_open() -> None:
    closed = bytearray(keys.close(HERE, b"secret"))
    closed[20] ^= 1
    with pytest.raises(Unavailable):
        keys.open_(HERE, bytes(closed))


def test_a_signing_key_is_kept_encrypted_and_signs(session: Session) -> None:
    key = keys.make_signing_key(session, HERE, "lti")
    session.flush()
    assert b"PRIVATE" not in key.private_key
    private = serialization.load_der_private_key(keys.open_(HERE, key.private_key), None)
    public = serialization.load_pem_public_key(key.public_key.encode())
    assert isinstance(private, rsa.RSAPrivateKey)
    assert isinstance(public, rsa.RSAPublicKey)
    signature = private.sign(b"facts", padding.PKCS1v15(), hashes.SHA256())
    public.verify(signature, b"facts", padding.PKCS1v15(), hashes.SHA256())


def test_the_newest_key_in_use_signs_for_its_purpose_and_body_alone(session: Session) -> None:
    body = new_id()
    old = keys.make_signing_key(session, HERE, "lti", body)
    old.created_at = clock.now() - timedelta(days=1)
    newest = keys.make_signing_key(session, HERE, "lti", body)
    retired = keys.make_signing_key(session, HERE, "lti", body)
    retired.retired_at = clock.now()
    session.flush()
    found = keys.signing_key(session, "lti", body)
    assert found is not None
    assert found.id == newest.id
    assert keys.signing_key(session, "lti") is None
    assert keys.signing_key(session, "badge", body) is None
