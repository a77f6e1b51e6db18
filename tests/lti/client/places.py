"""A platform of these tests that gives tokens and publishes keys, and registrations with it."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.orm import Session

from certify.core import clock
from certify.lti.client.http import Client, Unreachable
from certify.lti.models import Registration
from tests.factories.people import make_organisation
from tests.lti.client.serving import Asked, Reply, Server


def make_registration(session: Session, server: Server, client_id: str = "client-1", **values: object) -> Registration:
    """Make a registration with a platform of the tests, committed: what is kept of it refers to it."""
    defaults: dict[str, Any] = {
        "organisation_id": make_organisation(session).id,
        "name": "Plateforme des tests",
        "issuer": "https://lms.exemple.test",
        "client_id": client_id,
        "authorization_url": server.at("/auth"),
        "token_url": server.at("/token"),
        "jwks_url": server.at("/jwks"),
        "created_at": clock.now(),
        "changed_at": clock.now(),
    }
    row = Registration(**defaults | values)
    session.add(row)
    session.commit()
    return row


class Tokens:
    """The token service of a platform: a new token for each demand, and which of them it still takes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.given: list[str] = []
        self.claims: list[dict[str, Any]] = []
        self.headers: list[dict[str, Any]] = []
        self.refused: set[str] = set()
        self.life: Any = 3600
        self.pause = 0.0
        self.reply: Reply | None = None
        self._lock = threading.Lock()
        server.answers["/token"] = self._give

    def guard(self, answer: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
        """Return a service that takes the tokens given here, but for those refused since."""

        def guarded(asked: Asked) -> Reply:
            good = asked.bearer in self.given and asked.bearer not in self.refused
            return answer(asked) if good else Reply({"error": "invalid_token"}, 401)

        return guarded

    def _give(self, asked: Asked) -> Reply:
        time.sleep(self.pause)
        if self.reply is not None:
            return self.reply
        assertion = asked.form["client_assertion"]
        claims = jwt.decode(assertion, options={"verify_signature": False})
        with self._lock:
            self.claims.append(claims)
            self.headers.append(jwt.get_unverified_header(assertion))
            token = f"token-{len(self.given) + 1}-of-{claims['sub']}"
            self.given.append(token)
        life = {} if self.life is None else {"expires_in": self.life}
        return Reply({"access_token": token, "token_type": "bearer", "scope": asked.form["scope"], **life})


class Published:
    """The key set of a platform: keys by name, made once for all the tests."""

    def __init__(self, server: Server, *kids: str) -> None:
        self.server = server
        self.kids = list(kids)
        self.others: list[Any] = []
        self.cache_control = "max-age=600"
        self.reply: Reply | None = None
        self.pause = 0.0
        server.answers["/jwks"] = self._answer

    @property
    def readings(self) -> int:
        return len(self.server.calls("/jwks"))

    def _answer(self, _asked: Asked) -> Reply:
        time.sleep(self.pause)
        if self.reply is not None:
            return self.reply
        keys = [jwk(kid) for kid in self.kids] + self.others
        headers = (("Cache-Control", self.cache_control),) if self.cache_control else ()
        return Reply({"keys": keys}, headers=headers)


_keys: dict[str, rsa.RSAPrivateKey] = {}


def key(kid: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the key a platform of the tests calls so."""
    if kid not in _keys:
        _keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return _keys[kid]


def jwk(kid: str, bits: int = 2048, **values: Any) -> dict[str, Any]:
    """Return its public half as platforms publish it."""
    public: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key(kid, bits).public_key()))
    return {"kty": "RSA", "kid": kid, "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig"} | values


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Do some work in several threads that begin at the same moment; return what each returned or raised."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Unreachable as fault:
            return fault

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def refused(client: Client, url: str, method: str = "GET", **options: object) -> Unreachable:
    """Return why a platform could not be called."""
    with pytest.raises(Unreachable) as caught:
        client.send(method, url, **options)  # type: ignore[arg-type]
    return caught.value
