"""The door: the logins and launches that bring nothing new, answered before Flask; everything else goes through it.

Thirty people open the same link at the same minute, day after day, and all they get is a redirection: no page, no
form, no session to read. The same functions decide here as in `views.protocol`. Whatever is not plain (a first visit, a
new name, a frame that may keep no cookie, a refusal) is left untouched, and unanswered, to the view.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from certify.accounts.policies import device_named
from certify.core import clock, health, web
from certify.core.db import db
from certify.core.prepared import Direct, Lines
from certify.core.types import random_bytes
from certify.lti import binding, launched
from certify.lti.client import keysets
from certify.lti.launched import FRAMED, WINDOW, LaunchCookies
from certify.lti.models import RegistrationState
from certify.lti.protocol import claims as claimed
from certify.lti.protocol import tokens
from certify.lti.protocol.claims import Message, MessageType
from certify.lti.protocol.errors import LaunchRefused
from certify.lti.queries import entering
from certify.lti.queries.entering import KnownRegistration
from certify.lti.services import launching
from certify.lti.services.launching import Accepted, Expected
from certify.lti.views import opening, protocol
from certify.settings import Settings

log = structlog.get_logger(__name__)
_LARGEST = 128 * 1024
_FORM = "application/x-www-form-urlencoded"


class NotPlain(Exception):
    """This request is for the view."""


@dataclass(frozen=True)
class Redirection:
    """The only thing the door answers."""

    endpoint: str
    status: str
    location: str
    cookies: tuple[str, ...]
    registration: KnownRegistration


def init_app(app: Flask, settings: Settings) -> None:
    """Put the door before the application, behind whatever tells who is really asking."""
    app.wsgi_app = Door(app, app.wsgi_app, settings)  # type: ignore[method-assign]


class Door:
    """Answers plain logins and launches, and hands over all the rest."""

    def __init__(self, app: Flask, application: WSGIApplication, settings: Settings) -> None:
        self._app, self._application, self._settings = app, application, settings
        self._site = settings.public_url.rstrip("/")
        self._doors = {"/lti/login": self._login, "/lti/launch": self._launch}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        door = self._doors.get(environ.get("PATH_INFO", ""))
        if door is None:
            return self._application(environ, start_response)
        begin = time.perf_counter()
        try:
            answer = door(environ)
        except (NotPlain, LaunchRefused, SQLAlchemyError):
            return self._application(environ, start_response)
        start_response(answer.status, self._headers(answer))
        health.note_answer(answer.endpoint, int(answer.status[:3]), time.perf_counter() - begin)
        return [b""]

    def _headers(self, answer: Redirection) -> list[tuple[str, str]]:
        framing = tuple(launched.origins_of(answer.registration))
        always = web.headers_of(framing, (), is_secure=self._site.startswith("https://"), is_kept=False)
        cookies = [("Set-Cookie", cookie) for cookie in answer.cookies]
        return [("Location", answer.location), ("Content-Length", "0"), *cookies, *always]

    @cached_property
    def _lines(self) -> Lines:
        with self._app.app_context():
            return Lines(db.engine)

    def _login(self, environ: WSGIEnvironment) -> Redirection:
        """Begin a launch: see `protocol.login`."""
        asked = _fields(environ)
        destination = environ.get("HTTP_SEC_FETCH_DEST", "")
        is_unsure = binding.is_surely_framed(destination) and binding.HERE not in environ.get("HTTP_COOKIE", "")
        if is_unsure or "lti_storage_target" in asked or not asked.get("iss") or not asked.get("login_hint"):
            raise NotPlain
        target = self._own(asked.get("target_link_uri", ""))
        if not protocol.throttle.lets_in(environ.get("REMOTE_ADDR", "")):
            raise NotPlain
        with self._lines.transaction() as connection:
            found = entering.registrations_of_issuer(connection, asked["iss"], asked.get("client_id", ""))
            if len(found) != 1 or found[0].state is not RegistrationState.ACTIVE:
                raise NotPlain
            begun = launching.begin(
                connection, found[0], redirect_uri=f"{self._site}/lti/launch", login_hint=asked["login_hint"],
                message_hint=asked.get("lti_message_hint"), target=target, is_framed=binding.is_framed(destination),
            )  # fmt: skip
            connection.commit()
        return Redirection("lti.login", "302 FOUND", begun.address, (binding.header(begun.state),), found[0])

    def _launch(self, environ: WSGIEnvironment) -> Redirection:
        """Let in who comes back, when it is as the time before: see `protocol.launch`."""
        posted = _fields(environ) if environ["REQUEST_METHOD"] == "POST" else {}
        state, token = posted.get("state", ""), posted.get("id_token", "")
        cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
        if not protocol.STATE.fullmatch(state) or "error" in posted or not token:
            raise NotPlain
        if cookies.get(binding.cookie_of(state)) != state:
            raise NotPlain
        device = device_named(environ.get("HTTP_USER_AGENT", ""))
        with self._lines.transaction() as connection:
            came = launching.taken(connection, state)
            message, accepted = self._accepted(connection, came, token, device)
            connection.commit()
        name = FRAMED if came.login.is_framed else WINDOW
        location = f"{environ.get('SCRIPT_NAME', '')}/l/{accepted.public_id}{opening.path_of(accepted.place, message)}"
        remembered = self._remembered(name, cookies.get(name), accepted, message)
        return Redirection(
            "lti.launch", "303 SEE OTHER", location, (remembered, binding.header(state, is_over=True)),
            came.registration,
        )  # fmt: skip

    def _accepted(self, connection: Direct, came: Expected, token: str, device: str) -> tuple[Message, Accepted]:
        registration = came.registration

        def key_for(kid: str) -> RSAPublicKey:
            key = keysets.in_memory(registration.id, registration.jwks_url, kid)
            if key is None:
                raise NotPlain
            return key

        said = tokens.verify(token, key_for=key_for)
        tokens.check(
            said, issuer=registration.issuer, client_id=registration.client_id, nonce_hash=came.login.nonce_hash,
            now=clock.now(),
        )  # fmt: skip
        message = claimed.read(said)
        if message.type is not MessageType.RESOURCE_LINK:
            raise NotPlain
        self._own(message.target_link_uri)
        request_id = random_bytes(8).hex()
        accepted = launching.accept_again(connection, came, message, device=device, request_id=request_id)
        if accepted is None or not opening.is_plain(accepted.place):
            raise NotPlain
        log.info(
            "lti.launch", verdict="accepted", registration=str(registration.id), message=message.type.value,
            request_id=request_id,
        )  # fmt: skip
        return message, accepted

    def _remembered(self, name: str, value: str | None, accepted: Accepted, message: Message) -> str:
        interface = self._app.session_interface
        if not isinstance(interface, LaunchCookies):
            raise NotPlain
        kept = interface.opened(self._app, value)
        locale = protocol.locale_of(message)
        kept = launched.with_launch(kept, accepted.public_id, accepted.session_id, locale)
        return interface.header(self._app, name, kept)

    def _own(self, target: str) -> str:
        """Return a target that is one of our own addresses."""
        if target and not target.startswith(f"{self._site}/"):
            raise NotPlain
        return target[:2000]


def _fields(environ: WSGIEnvironment) -> Mapping[str, str]:
    """Return what was sent, each thing once; the body can be read again."""
    if environ["REQUEST_METHOD"] == "GET":
        sent: str = environ.get("QUERY_STRING", "")
    elif environ["REQUEST_METHOD"] == "POST" and environ.get("CONTENT_TYPE", "").startswith(_FORM):
        sent = _body(environ)
    else:
        raise NotPlain
    try:
        pairs: list[tuple[str, str]] = parse_qsl(sent, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise NotPlain from error
    fields = dict(pairs)
    if len(fields) != len(pairs) or "%00" in sent or (environ["REQUEST_METHOD"] == "POST" and environ["QUERY_STRING"]):
        raise NotPlain
    return fields


def _body(environ: WSGIEnvironment) -> str:
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdigit() or int(length) > _LARGEST:
        raise NotPlain
    body: Any = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    try:
        return str(body, "ascii")
    except ValueError as error:
        raise NotPlain from error
