"""Public keys of platforms: in memory, then in the database, then at their address; asked for rarely.

https://www.imsglobal.org/spec/security/v1p0/#h_key-set-url
"""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from jwt.utils import base64url_decode
from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.db import keeps_writers_waiting
from certify.lti.client import keeping
from certify.lti.client.http import KIB, Answer, Unreachable, client_for
from certify.lti.models import PlatformKeySet
from certify.lti.protocol.errors import LaunchRefused
from certify.settings import Settings

SHORTEST = timedelta(minutes=5)
USUAL = timedelta(hours=1)
LONGEST = timedelta(hours=24)
COOLDOWN = timedelta(seconds=30)
"""Time between two readings of one address, whatever makes us want another."""
STALE = timedelta(hours=24)
"""How long keys are still believed when their address does not answer."""

_MOST_BYTES = 256 * KIB
_BITS = range(2048, 8193)
_UNDER_WAY = "…"
_WAITED_SECONDS = 5.0
_LOOK_SECONDS = 0.05
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_ACCEPT = "application/json, application/jwk-set+json"


@dataclass(frozen=True)
class KeySet:
    """Keys read at an address, and how far they can be believed."""

    url: str
    keys: dict[str, RSAPublicKey]
    weak: frozenset[str]
    """Keys that are too short to prove anything."""
    fresh_until: datetime
    tried_at: datetime
    fault: str = ""


_memory: dict[uuid.UUID, KeySet] = {}
_locks: dict[uuid.UUID, Lock] = {}


def public_key(
    session: Session, settings: Settings, registration_id: uuid.UUID, jwks_url: str, kid: str
) -> RSAPublicKey:
    """Return the key a platform names, or refuse the launch: kid-unknown, keys-unreachable or key-too-weak."""
    key = in_memory(registration_id, jwks_url, kid)
    if key is not None:
        return key
    now = clock.now()
    found = _look(session, settings, registration_id, jwks_url, kid)
    return _chosen(found, kid, now)


def in_memory(registration_id: uuid.UUID, jwks_url: str, kid: str) -> RSAPublicKey | None:
    """Return the key a platform names when this process holds it and may believe it: it costs nothing."""
    held = _memory.get(registration_id)
    if held is None or held.url != jwks_url or clock.now() >= held.fresh_until:
        return None
    return held.keys.get(kid)


def refresh(session: Session, settings: Settings, registration_id: uuid.UUID, jwks_url: str) -> KeySet:
    """Read the keys of a platform now, whatever is known of them; Unreachable says what is wrong with the address."""
    return _read(session, settings, registration_id, jwks_url, clock.now())


def forget(session: Session, registration_id: uuid.UUID) -> None:
    """Forget the keys of a platform."""
    _memory.pop(registration_id, None)
    keeping.keep(session, delete(PlatformKeySet).where(PlatformKeySet.registration_id == registration_id))


def _chosen(found: KeySet | None, kid: str, now: datetime) -> RSAPublicKey:
    if found is not None and now < found.fresh_until + STALE:
        if kid in found.weak:
            raise LaunchRefused("key-too-weak", f"key {kid[:80]}")
        if kid in found.keys:
            return found.keys[kid]
    if found is None or found.fault:
        raise LaunchRefused("keys-unreachable", found.fault if found else "")
    raise LaunchRefused("kid-unknown", f"key {kid[:80]}")


def _look(session: Session, settings: Settings, registration_id: uuid.UUID, url: str, kid: str) -> KeySet | None:
    """Return the best key set to be had, reading the address when that is wanted and allowed."""
    with _alone(session, registration_id):
        now = clock.now()
        held = _memory.get(registration_id)
        if held is None or held.url != url or not _will_do(held, kid, now):
            held = _from_database(session, registration_id, url)
        if held is None or not _will_do(held, kid, now):
            if _claim(session, registration_id, url, now):
                return _read_or_stale(session, settings, registration_id, url, now, held)
            held = _from_database(session, registration_id, url)
        if held is not None and held.fault == _UNDER_WAY and kid not in held.keys:
            held = _awaited(session, registration_id, url)
        if held is not None:
            _memory[registration_id] = held
        return held


def _will_do(held: KeySet, kid: str, now: datetime) -> bool:
    """Whether nothing better can be had now: it has the key, or was looked for a moment ago."""
    is_known = now < held.fresh_until and (kid in held.keys or kid in held.weak)
    return is_known or held.tried_at <= now < held.tried_at + COOLDOWN


@contextmanager
def _alone(session: Session, registration_id: uuid.UUID) -> Iterator[None]:
    if keeps_writers_waiting(session):
        # Waiting for a thread that itself waits to write would end in a timeout for both.
        yield
        return
    with _locks.setdefault(registration_id, Lock()):
        yield


def _from_database(session: Session, registration_id: uuid.UUID, url: str) -> KeySet | None:
    query = select(
        PlatformKeySet.document, PlatformKeySet.fresh_until, PlatformKeySet.tried_at, PlatformKeySet.fault
    ).where(PlatformKeySet.registration_id == registration_id)
    with keeping.reading(session) as own:
        row = own.execute(query).one_or_none()
    if row is None or row.document.get("from") != url:
        return None
    keys, weak = _parsed(row.document)
    return KeySet(url, keys, weak, row.fresh_until, row.tried_at, row.fault)


def _claim(session: Session, registration_id: uuid.UUID, url: str, now: datetime) -> bool:
    """Say that this process reads the address now; False when another did a moment ago or is at it."""
    row = keeping.insert(session, PlatformKeySet).values(
        registration_id=registration_id,
        document={"keys": [], "from": url},
        read_at=now,
        fresh_until=now,
        tried_at=now,
        fault=_UNDER_WAY,
    )
    # What was read elsewhere, before somebody corrected the address, is of no use any more.
    is_moved = PlatformKeySet.document["from"].as_string() != url
    document = case((is_moved, row.excluded.document), else_=PlatformKeySet.document)
    claimed = row.on_conflict_do_update(
        index_elements=["registration_id"],
        set_={"document": document, "tried_at": now, "fault": _UNDER_WAY},
        where=is_moved | (PlatformKeySet.tried_at <= now - COOLDOWN),
    )
    # Nothing could be written down: reading once too often does less harm than refusing the launch.
    return keeping.keep(session, claimed) != 0


def _awaited(session: Session, registration_id: uuid.UUID, url: str) -> KeySet | None:
    """Wait a little for what another process is reading."""
    end = time.monotonic() + _WAITED_SECONDS
    while True:
        held = _from_database(session, registration_id, url)
        if held is None or held.fault != _UNDER_WAY:
            return held
        if time.monotonic() > end:
            return replace(held, fault="another process is still reading them")
        time.sleep(_LOOK_SECONDS)


def _read_or_stale(
    session: Session, settings: Settings, registration_id: uuid.UUID, url: str, now: datetime, known: KeySet | None
) -> KeySet:
    try:
        return _read(session, settings, registration_id, url, now)
    except Unreachable as fault:
        reason = str(fault)[:300].replace("\0", "")
    held = replace(known or KeySet(url, {}, frozenset(), now, now), tried_at=now, fault=reason)
    _memory[registration_id] = held
    row = keeping.insert(session, PlatformKeySet).values(
        registration_id=registration_id,
        document={"keys": [], "from": url},
        read_at=now,
        fresh_until=now,
        tried_at=now,
        fault=reason,
    )
    missed = {"tried_at": now, "fault": reason}
    keeping.keep(session, row.on_conflict_do_update(index_elements=["registration_id"], set_=missed))
    return held


def _read(session: Session, settings: Settings, registration_id: uuid.UUID, url: str, now: datetime) -> KeySet:
    answer = client_for(settings).send("GET", url, accept=_ACCEPT, limit=_MOST_BYTES)
    if not answer.is_done:
        raise answer.refusal()
    document = {"keys": _usable(answer), "from": url}
    keys, weak = _parsed(document)
    if not keys and not weak:
        raise Unreachable("not-json", "no RSA key in the key set")
    held = KeySet(url, keys, weak, now + _life(answer), now)
    _memory[registration_id] = held
    values = {"document": document, "read_at": now, "fresh_until": held.fresh_until, "tried_at": now, "fault": ""}
    row = keeping.insert(session, PlatformKeySet).values(registration_id=registration_id, **values)
    keeping.keep(session, row.on_conflict_do_update(index_elements=["registration_id"], set_=values))
    return held


def _life(answer: Answer) -> timedelta:
    told = answer.headers.get("Cache-Control", "")
    if "no-store" in told.lower() or "no-cache" in told.lower():
        return SHORTEST
    age = _MAX_AGE.search(told)
    return min(max(timedelta(seconds=int(age[1])), SHORTEST), LONGEST) if age else USUAL


def _usable(answer: Answer) -> list[dict[str, str]]:
    """Return what is worth keeping of a key set: RSA keys that have a name and sign."""
    document = answer.json()
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise Unreachable("not-json", "no list of keys in the key set")
    return [{name: one[name] for name in ("kid", "n", "e")} for one in listed if _is_usable(one)]


def _is_usable(one: Any) -> bool:
    if not isinstance(one, dict) or one.get("kty") != "RSA":
        return False
    if one.get("use", "sig") != "sig" or one.get("alg", "RS256") != "RS256":
        return False
    return all(isinstance(one.get(name), str) and one[name].isprintable() for name in ("kid", "n", "e"))


def _parsed(document: dict[str, Any]) -> tuple[dict[str, RSAPublicKey], frozenset[str]]:
    keys, weak = {}, set()
    for one in document["keys"]:
        modulus, exponent = _number(one["n"]), _number(one["e"])
        if 0 < modulus.bit_length() < _BITS.start:
            weak.add(one["kid"])
        elif modulus.bit_length() in _BITS and 2 < exponent < 2**32 and exponent % 2 and modulus % 2:
            keys[one["kid"]] = RSAPublicNumbers(exponent, modulus).public_key()
    return keys, frozenset(weak - keys.keys())


def _number(text: str) -> int:
    try:
        return int.from_bytes(base64url_decode(text))
    except ValueError:
        return 0
