"""The launches of a peer, PyLTI1p3 and its Flask contrib, timed in a process and an environment of their own.

Run as `python -m tests.bench.peer_launching` by the peer's own Python. Each line it reads asks for something and is
answered by one line of JSON: `{"claims": {…}}` says what to launch with, `{"launches": 40}` asks for the times of as
many logins and launches, and of an empty view sent the same; `{"signatures": 5}` for those of deep linking responses
and of token requests.
"""

import json
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask
from flask_caching import Cache
from jwcrypto.jwk import JWK
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.deep_link import DeepLink
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.service_connector import ServiceConnector
from pylti1p3.tool_config import ToolConfDict
from werkzeug.utils import redirect

from tests.bench.calling import SITE, Called, call, empty_application

_KID = "key-of-the-platform"
_SCOPES = ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]


class _Answer:
    """What a platform answers to a request of the peer, at once."""

    ok = True
    headers: dict[str, str] = {}

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def json(self) -> dict[str, Any]:
        """Return the document."""
        return self._document


class _Platform:
    """The services of a platform, without a network: its keys and its tokens."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self._keys = keys

    def get(self, _url: str, **_options: Any) -> _Answer:
        """Answer with the keys."""
        return _Answer(self._keys)

    def post(self, _url: str, **_options: Any) -> _Answer:
        """Answer with a token."""
        return _Answer({"access_token": "a token", "expires_in": 3600})


class Peer:
    """A tool made with the peer, and a platform that signs what it is asked to."""

    def __init__(self, claims: dict[str, Any]) -> None:
        self._claims = claims
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        public = {**JWK.from_pem(pem).export(as_dict=True), "kid": _KID, "alg": "RS256", "use": "sig"}
        self._platform = _Platform({"keys": [public]})
        self._config = self._tool()
        self.application = self._application()
        self._empty = empty_application()

    def _tool(self) -> ToolConfDict:
        claims = self._claims
        client_id, issuer = claims["aud"], claims["iss"]
        registration = {
            "default": True, "client_id": client_id, "auth_login_url": f"{issuer}/auth",
            "auth_token_url": f"{issuer}/token", "key_set_url": f"{issuer}/jwks", "key_set": None,
            "deployment_ids": [claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"]],
        }  # fmt: skip
        config = ToolConfDict({issuer: [registration]})
        own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        config.set_private_key(issuer, private, client_id=client_id)
        config.set_public_key(issuer, public, client_id=client_id)
        return config

    def _application(self) -> Flask:
        app = Flask("peer")
        app.secret_key = "a secret of the benches, of no worth to anybody"
        storage = FlaskCacheDataStorage(Cache(app, config={"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 1_000_000}))

        @app.get("/lti/login")
        def login() -> Any:
            begun = FlaskOIDCLogin(FlaskRequest(), self._config, launch_data_storage=storage)
            return begun.redirect(f"{SITE}/lti/launch")

        @app.post("/lti/launch")
        def launch() -> Any:
            came = FlaskMessageLaunch(
                FlaskRequest(), self._config, launch_data_storage=storage, requests_session=self._platform
            )
            came.set_public_key_caching(storage)
            came.get_launch_data()
            return redirect(f"/l/{came.get_launch_id()}/logbook", code=303)

        return app

    def launches(self, count: int) -> list[list[float]]:
        """Return the processor times of logins and of their launches by browsers never seen, and of an empty view's."""
        asked = {
            "iss": self._claims["iss"], "client_id": self._claims["aud"], "login_hint": "4",
            "target_link_uri": f"{SITE}/lti/launch", "lti_message_hint": '{"cmid":7,"launchid":"a"}',
        }  # fmt: skip
        begun = [_checked(call(self.application, "/lti/login", query=asked), 302) for _n in range(count)]
        forms = [self._answer(one.location) for one in begun]
        done = [
            _checked(call(self.application, "/lti/launch", form=form, cookies=one.cookies), 303)
            for form, one in zip(forms, begun, strict=True)
        ]
        empty_begun = [call(self._empty, "/", query=asked) for _form in forms]
        empty_done = [call(self._empty, "/", form=form) for form in forms]
        return [[one.seconds for one in row] for row in zip(begun, done, empty_begun, empty_done, strict=True)]

    def _answer(self, location: str) -> dict[str, str]:
        """Return what the platform has the browser post."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return {"id_token": self._token(sent["nonce"]), "state": sent["state"]}

    def _token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {**self._claims, "nonce": nonce, "iat": now, "exp": now + 60}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": _KID})

    def sign(self) -> tuple[float, float]:
        """Return the processor time of one deep linking response and of one token request."""
        registration = self._config.find_registration_by_params(self._claims["iss"], self._claims["aud"])
        settings = {"deep_link_return_url": f"{self._claims['iss']}/return", "data": "as sent"}
        resource = DeepLinkResource().set_url(f"{SITE}/lti/launch").set_title("Carnet")
        begin = time.process_time()
        DeepLink(registration, "1", settings).get_response_jwt([resource])
        between = time.process_time()
        ServiceConnector(registration, self._platform).get_access_token(_SCOPES)
        return between - begin, time.process_time() - between


def _checked(answer: Called, status: int) -> Called:
    assert answer.status == status, f"the peer answered {answer.status}"
    return answer


def main() -> None:
    """Answer the lines of the standard input until it ends."""
    peer: Peer | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        if "claims" in asked:
            peer = Peer(asked["claims"])
            answer: Any = "ready"
        else:
            assert peer is not None, "claims come first"
            times = asked.get("signatures", 0)
            answer = [peer.sign() for _n in range(times)] if times else peer.launches(asked["launches"])
        print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
