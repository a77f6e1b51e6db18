"""The keys certify signs with towards platforms: published a day before use, and a week after.

The key in use is the oldest one not retired: a newer one waits until then, so that platforms that keep our key set for
hours know it before they meet it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from jwt.utils import to_base64url_uint
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.core.keys import SigningKey, make_signing_key, open_
from certify.lti.client import keeping
from certify.settings import Settings

PURPOSE = "lti"
NOTICE = timedelta(hours=24)
"""How long a key is published before it signs."""
RETIREMENT = timedelta(days=7)
"""How long a key is still published once it signs no more."""

_FIRST = 0x6C7469
"""Name of the lock under which the first key is made."""
_parsed: dict[uuid.UUID, RSAPrivateKey] = {}


class KeyState(StrEnum):
    """Where a key stands."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"
    """No longer published, because its time is over or because it was replaced at once."""


@dataclass(frozen=True)
class KeyFact:
    """What an administrator may know of a key."""

    kid: str
    state: KeyState
    created_at: datetime
    used_from: datetime
    """When it signs, or began to."""
    retired_at: datetime | None
    published_until: datetime | None


def signing(session: Session, settings: Settings) -> tuple[str, RSAPrivateKey]:
    """Return the key to sign with and its published name; it is parsed once and kept in memory."""
    with keeping.reading(session) as own:
        active = _active(_moments(own), clock.now())
    if active is None:
        active = _make_first(session, settings)
    return active.hex, _parsed.get(active) or _parse(session, settings, active)


def published(session: Session, settings: Settings) -> dict[str, Any]:
    """Return our key set as platforms read it: https://www.rfc-editor.org/rfc/rfc7517#section-5."""
    now = clock.now()
    with keeping.reading(session) as own:
        rows = own.execute(_keys(SigningKey.id, SigningKey.public_key, *_MOMENTS)).all()
    if _active(rows, now) is None:
        _make_first(session, settings)
        with keeping.reading(session) as own:
            rows = own.execute(_keys(SigningKey.id, SigningKey.public_key, *_MOMENTS)).all()
    return {"keys": [_public(row.id, row.public_key) for row in rows if _is_published(row, now)]}


def rotate(session: Session, settings: Settings, actor: Actor | None, *, at_once: bool = False) -> SigningKey:
    """Make the next key, which takes over once platforms had a day to learn it.

    At once is for a key that somebody else may know: the new one signs immediately, those before are no longer
    published and their secrets are destroyed.
    """
    now = clock.now()
    earlier = session.scalars(_keys(SigningKey)).all()
    key = make_signing_key(session, settings, PURPOSE)
    for row in earlier:
        if row.retired_at is not None and row.retired_at + RETIREMENT <= now:
            session.delete(row)
        elif at_once:
            row.private_key, row.retired_at = b"", min(row.retired_at or now, now)
            _parsed.pop(row.id, None)
        else:
            row.retired_at = row.retired_at or now + NOTICE
    audit.record(session, actor, "lti:key:rotated", key, at_once=at_once)
    return key


def state_of(session: Session) -> list[KeyFact]:
    """Return what is known of our keys, the newest first."""
    now = clock.now()
    rows = _moments(session)
    active = _active(rows, now)
    facts, used_from = [], None
    for row in rows:
        until = row.retired_at + RETIREMENT if row.retired_at and not row.is_destroyed else row.retired_at
        state = _state(row, active, now)
        facts.append(KeyFact(row.id.hex, state, row.created_at, used_from or row.created_at, row.retired_at, until))
        used_from = row.retired_at
    return facts[::-1]


_MOMENTS = (
    SigningKey.created_at,
    SigningKey.retired_at,
    (SigningKey.private_key == b"").label("is_destroyed"),
)


def _keys(*columns: Any) -> Any:
    query = select(*columns).where(SigningKey.purpose == PURPOSE, SigningKey.organisation_id.is_(None))
    return query.order_by(SigningKey.created_at, SigningKey.id)


# Asked with each signature: made once.
_ALL_MOMENTS = _keys(SigningKey.id, *_MOMENTS)


def _moments(session: Session) -> Sequence[Row[Any]]:
    return session.execute(_ALL_MOMENTS).all()


def _active(rows: Sequence[Row[Any]], now: datetime) -> uuid.UUID | None:
    return next((row.id for row in rows if row.retired_at is None or row.retired_at > now), None)


def _is_published(row: Row[Any], now: datetime) -> bool:
    return not row.is_destroyed and (row.retired_at is None or now < row.retired_at + RETIREMENT)


def _state(row: Row[Any], active: uuid.UUID | None, now: datetime) -> KeyState:
    if row.id == active:
        return KeyState.ACTIVE
    if row.retired_at is None or row.retired_at > now:
        return KeyState.NEXT
    return KeyState.RETIRED if _is_published(row, now) else KeyState.WITHDRAWN


def _make_first(session: Session, settings: Settings) -> uuid.UUID:
    with keeping.writing(session) as own:
        if own.get_bind().dialect.name == "postgresql":
            # Processes that begin together agree on one key; SQLite has them wait for each other anyway.
            own.execute(select(func.pg_advisory_xact_lock(_FIRST)))
        active = _active(_moments(own), clock.now())
        if active is None:
            key = make_signing_key(own, settings, PURPOSE)
            audit.record(own, None, "lti:key:created", key)
            own.flush()
            active = key.id
    return active


def _parse(session: Session, settings: Settings, key_id: uuid.UUID) -> RSAPrivateKey:
    with keeping.reading(session) as own:
        closed = own.scalar(select(SigningKey.private_key).where(SigningKey.id == key_id))
    if not closed:
        raise Unavailable(_l("La clé de signature vient d’être remplacée. Recommencez."))
    # Checking the numbers of a key takes 40 ms; ours was sealed by ourselves and cannot have been altered.
    key = serialization.load_der_private_key(open_(settings, closed), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("keys of this purpose are RSA keys")
    _parsed[key_id] = key
    return key


def _public(key_id: uuid.UUID, pem: str) -> dict[str, str]:
    key = serialization.load_pem_public_key(pem.encode("ascii"))
    if not isinstance(key, RSAPublicKey):
        raise TypeError("keys of this purpose are RSA keys")
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id.hex,
        "n": to_base64url_uint(numbers.n).decode("ascii"),
        "e": to_base64url_uint(numbers.e).decode("ascii"),
    }
