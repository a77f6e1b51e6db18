"""Access tokens of platforms' services: asked with a signed assertion, kept encrypted, one per registration and scopes.

https://www.imsglobal.org/spec/security/v1p0/#securing_web_services
"""

import uuid
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.db import keeps_writers_waiting
from certify.core.errors import Unavailable
from certify.core.keys import close, open_
from certify.core.types import new_id
from certify.lti import keys
from certify.lti.client import keeping
from certify.lti.client.http import JSON, MIB, Answer, Unreachable, client_for
from certify.lti.models import Registration, ServiceToken
from certify.lti.protocol import tokens
from certify.lti.protocol.quirks import quirks_for
from certify.settings import Settings

EARLY = timedelta(seconds=60)
"""A token is renewed this long before it ends."""

_ASSERTION_LIFE = timedelta(minutes=5)
_USUAL_LIFE = 3600
_LONGEST_LIFE = 86_400
_MOST_BYTES = 64 * 1024
_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Place = tuple[uuid.UUID, str]
_asking: dict[Place, "Future[str]"] = {}
_asking_lock = Lock()


@dataclass(frozen=True)
class _Party:
    """What a token is asked with, read once: the row may belong to a transaction that ends meanwhile."""

    registration_id: uuid.UUID
    client_id: str
    token_url: str
    audience: str
    scopes: str

    @property
    def place(self) -> Place:
        # Never the issuer: all the customers of one platform in the cloud share it.
        return (self.registration_id, self.scopes)


def token_for(
    session: Session, settings: Settings, registration: Registration, scopes: Collection[str], *, refused: str = ""
) -> str:
    """Return a token good for at least a minute; `refused` is one the platform did not take, so another is asked.

    Threads that want the same token at the same time ask for it once. Unreachable when the platform gives none.
    """
    party = _party(registration, scopes)
    known = _kept(session, settings, party)
    if known and known != refused:
        return known
    if keeps_writers_waiting(session):
        # Waiting for a thread that itself waits to write would end in a timeout for both.
        return _ask(session, settings, party)
    return _once(party.place, lambda: _known_or_asked(session, settings, party, refused))


def forget(session: Session, registration: Registration, scopes: Collection[str] | None = None) -> None:
    """Forget the token kept for these scopes, or every one of the registration."""
    unwanted = delete(ServiceToken).where(ServiceToken.registration_id == registration.id)
    if scopes is not None:
        unwanted = unwanted.where(ServiceToken.scopes == _joined(scopes))
    keeping.keep(session, unwanted)


def call(
    session: Session,
    settings: Settings,
    registration: Registration,
    scopes: Collection[str],
    method: str,
    url: str,
    *,
    accept: str = JSON,
    json: Any = None,
    kind: str = JSON,
    limit: int = MIB,
) -> Answer:
    """Return what a service of the platform answers, whatever its status; a token it refuses is replaced once."""
    client = client_for(settings)
    token = token_for(session, settings, registration, scopes)
    kinds = {"Content-Type": kind} if json is not None else {}
    answer = client.send(method, url, headers=_bearing(token) | kinds, json=json, accept=accept, limit=limit)
    if answer.status != 401:
        return answer
    token = token_for(session, settings, registration, scopes, refused=token)
    return client.send(method, url, headers=_bearing(token) | kinds, json=json, accept=accept, limit=limit)


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _joined(scopes: Collection[str]) -> str:
    return " ".join(sorted(set(scopes)))


def _party(registration: Registration, scopes: Collection[str]) -> _Party:
    audience = registration.token_audience or quirks_for(registration.product).token_audience(registration.token_url)
    return _Party(registration.id, registration.client_id, registration.token_url, audience, _joined(scopes))


def _kept(session: Session, settings: Settings, party: _Party) -> str:
    query = select(ServiceToken.token).where(
        ServiceToken.registration_id == party.registration_id,
        ServiceToken.scopes == party.scopes,
        ServiceToken.expires_at > clock.now() + EARLY,
    )
    with keeping.reading(session) as own:
        closed = own.scalar(query)
    if closed is None:
        return ""
    try:
        return open_(settings, closed).decode("ascii")
    except Unavailable:
        # The secret of the installation changed: a new token costs less than a breakdown.
        return ""


def _once(place: Place, work: Callable[[], str]) -> str:
    """Do some work, unless another thread is at it: then share what it finds, or the way it failed."""
    with _asking_lock:
        under_way = _asking.get(place)
        if under_way is None:
            mine = _asking[place] = Future()
    if under_way is not None:
        return under_way.result()
    try:
        mine.set_result(work())
    except BaseException as fault:
        mine.set_exception(fault)
        raise
    finally:
        with _asking_lock:
            del _asking[place]
    return mine.result()


def _known_or_asked(session: Session, settings: Settings, party: _Party, refused: str) -> str:
    # Another thread may have brought one between our look and our turn.
    known = _kept(session, settings, party)
    return known if known and known != refused else _ask(session, settings, party)


def _ask(session: Session, settings: Settings, party: _Party) -> str:
    now = clock.now()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _BEARER,
        "client_assertion": _assertion(session, settings, party, now),
        "scope": party.scopes,
    }
    answer = client_for(settings).send("POST", party.token_url, form=form, limit=_MOST_BYTES)
    token, seconds = _granted(answer)
    values = {"token": close(settings, token.encode("ascii")), "expires_at": now + timedelta(seconds=seconds)}
    row = keeping.insert(session, ServiceToken).values(
        id=new_id(), registration_id=party.registration_id, scopes=party.scopes, **values
    )
    keeping.keep(session, row.on_conflict_do_update(index_elements=["registration_id", "scopes"], set_=values))
    return token


def _assertion(session: Session, settings: Settings, party: _Party, now: datetime) -> str:
    """Return the proof of who asks: https://www.rfc-editor.org/rfc/rfc7523#section-3."""
    kid, key = keys.signing(session, settings)
    issued = int(now.timestamp())
    claims = {
        "iss": party.client_id,
        "sub": party.client_id,
        "aud": party.audience,
        "iat": issued,
        "exp": issued + int(_ASSERTION_LIFE.total_seconds()),
        "jti": uuid.uuid4().hex,
    }
    return tokens.sign(claims, kid=kid, key=key)


def _granted(answer: Answer) -> tuple[str, int]:
    """Return a token and how many seconds it lives: https://www.rfc-editor.org/rfc/rfc6749#section-5.1."""
    if not answer.is_done:
        raise answer.refusal("token-refused")
    document = answer.json()
    token = document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token or not (token.isascii() and token.isprintable()):
        raise Unreachable("token-refused", f"{urlsplit(answer.url).netloc}: no usable access_token")
    return token, _life(document.get("expires_in"))


def _life(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _USUAL_LIFE
    return int(min(max(value, 0), _LONGEST_LIFE))
