"""Pages under a launch: `/l/<launch>/…` is the whole application, seen from one course by one person.

A launch is kept in a cookie of its own kind, so that a frame of a platform and a window of certify never mix.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request, Response, current_app, g, request
from flask import session as cookie
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

from certify.accounts import services as accounts
from certify.accounts.models import UserSession
from certify.core import access, clock
from certify.core.access import Actor, Grant, Permission, Role, Scope
from certify.core.db import db, separate_session
from certify.core.errors import NotFound, VisitEnded
from certify.core.i18n import lazy as _l
from certify.lti import narrowing
from certify.lti.addresses import origin_of
from certify.lti.protocol.quirks import quirks_for
from certify.lti.queries import launches as queries
from certify.lti.queries.launches import Visit
from certify.settings import Settings

FRAMED, WINDOW = "__Host-certify-lti", "__Host-certify"
LAUNCH, COOKIE = "certify.launch", "certify.launch.cookie"
LAUNCHES = "launches"
_KEPT_LAUNCHES = 12
_SEEN_EVERY = timedelta(minutes=5)
_UNDER_A_LAUNCH = re.compile(r"/l/([A-Za-z0-9_-]{16,32})(/.*)", re.DOTALL)
_ROOMS = frozenset(
    {"lti", "logbook", "evidence", "assessments", "eligibility", "reports", "cohorts", "frameworks", "certificates"}
    | {"groups", "fragility", "supervision", "observations", "practice", "anonymity", "badges"}
)
_PAGES = frozenset(
    {"static", "pages.home", "pages.help", "pages.accessibility", "pages.legal", "pages.switch_language"}
)
_WIDER_THAN_A_COURSE = frozenset(
    {
        Permission.ASSESSOR_HABILITATE,
        Permission.STATISTICS_READ,
        Permission.ENTRY_FORM_WRITE,
        Permission.CERTIFICATE_READ,
        Permission.DOCUMENT_WRITE,
    }
)
"""What concerns a whole training body is not opened from a course, whatever role its platform gives."""
_NOBODY_S = frozenset({"lti.login", "lti.launch", "lti.launch_stored", "lti.jwks"})
"""What platforms call: whoever is signed in, in the same browser, has nothing to do with it."""
_STAFF = frozenset({Role.COORDINATOR, Role.TRAINER, Role.REFERENT})


class UnderALaunch:
    """Moves the launch of an address from the path to the root, so that every page and every link works under it."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        found = _UNDER_A_LAUNCH.fullmatch(environ.get("PATH_INFO", ""))
        if found is not None:
            environ["certify.outer_root"] = environ.get("SCRIPT_NAME", "")
            environ[LAUNCH], environ["PATH_INFO"] = found[1], found[2]
            environ["SCRIPT_NAME"] = f"{environ['certify.outer_root']}/l/{found[1]}"
        return self._application(environ, start_response)


class LaunchCookies(SecureCookieSessionInterface):
    """Under a launch, the session is the one of the cookie that holds this launch; elsewhere it is the usual one."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs cookies, made once: the secret of an application does not change while it runs."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session of a request."""
        launch = request.environ.get(LAUNCH)
        if launch is None:
            return super().open_session(app, request)
        for name in (FRAMED, WINDOW):
            kept = self.read(app, request, name)
            if launch in kept.get(LAUNCHES, {}):
                request.environ[COOKIE] = name
                return kept
        return SecureCookieSession()

    def read(self, app: Flask, request: Request, name: str) -> SecureCookieSession:
        """Read what a cookie of launches holds; nothing when it is missing or not ours."""
        return SecureCookieSession(self.opened(app, request.cookies.get(name)))

    def opened(self, app: Flask, value: str | None) -> dict[str, Any]:
        """Return what the value of a cookie of launches holds; nothing when it is missing or not ours."""
        serializer = self.get_signing_serializer(app)
        if serializer is None or not value:
            return {}
        try:
            return dict(serializer.loads(value, max_age=86_400))
        except BadSignature:
            return {}

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session of a request; a visitor without a launch gets none."""
        if request.environ.get(LAUNCH) is None:
            super().save_session(app, session, response)
        elif request.environ.get(COOKIE) and session.modified:
            self.write(app, response, request.environ[COOKIE], dict(session))

    def write(self, app: Flask, response: Response, name: str, values: dict[str, Any]) -> None:
        """Set a cookie of launches."""
        response.headers.add("Set-Cookie", self.header(app, name, values))

    def header(self, app: Flask, name: str, values: dict[str, Any]) -> str:
        """Return the `Set-Cookie` header of a cookie of launches."""
        serializer = self.get_signing_serializer(app)
        assert serializer is not None  # the application has a secret key
        kind = "None; Partitioned" if name == FRAMED else "Lax"
        return f"{name}={_sealed(serializer, values)}; Secure; HttpOnly; Path=/; SameSite={kind}"


def _sealed(serializer: URLSafeTimedSerializer, values: dict[str, Any]) -> str:
    """Return a session as the serializer writes it; one that only holds launches needs neither tags nor compression."""
    if values.keys() - {LAUNCHES, "locale"}:
        return str(serializer.dumps(values))
    plain = base64_encode(_COMPACT.encode(values))
    return str(_signer(serializer).sign(plain), "ascii")


@lru_cache(maxsize=16)
def _signer(serializer: URLSafeTimedSerializer) -> Any:
    return serializer.make_signer(serializer.salt)


_COMPACT = json.JSONEncoder(separators=(",", ":"))


def init_app(app: Flask) -> None:
    """Let every page be opened under a launch."""
    app.wsgi_app = UnderALaunch(app.wsgi_app)  # type: ignore[method-assign]
    app.session_interface = LaunchCookies()


def remember(response: Response, *, is_framed: bool, public_id: str, session_id: uuid.UUID, locale: str) -> None:
    """Keep a launch just made in the browser, beside the latest others; the language is the platform's."""
    interface = current_app.session_interface
    assert isinstance(interface, LaunchCookies)
    name = FRAMED if is_framed else WINDOW
    kept = with_launch(dict(interface.read(current_app, request, name)), public_id, session_id, locale)
    interface.write(current_app, response, name, kept)


def with_launch(kept: dict[str, Any], public_id: str, session_id: uuid.UUID, locale: str) -> dict[str, Any]:
    """Return what a cookie of launches holds once one more was made."""
    launches = {**kept.get(LAUNCHES, {}), public_id: session_id.hex}
    kept[LAUNCHES] = dict(list(launches.items())[-_KEPT_LAUNCHES:])
    if locale:
        kept["locale"] = locale
    return kept


def load_actor_with(outside: Callable[[], Actor | None]) -> Callable[[], Actor | None]:
    """Return the loader of actors: of the launch under which a page is opened, else the one given."""

    def load() -> Actor | None:
        g.launch = None
        if request.endpoint in _NOBODY_S:
            return None
        launch = request.environ.get(LAUNCH)
        return outside() if launch is None else _visitor(launch)

    return load


def _visitor(public_id: str) -> Actor:
    settings: Settings = current_app.config["SETTINGS"]
    since = clock.now() - timedelta(hours=settings.lti_session_hours)
    found = queries.visit(db.session, public_id, _session_id(public_id), since)
    if found is None:
        raise NotFound
    g.frame_ancestors = sites_of(found)
    if not found.is_open or found.user_session is None:
        raise VisitEnded(
            _l("Cette visite a pris fin. Retournez dans votre cours et rouvrez l’activité : rien n’est perdu.")
        )
    if not is_opened_here(request.endpoint):
        raise NotFound
    g.launch, g.account_locale, g.is_demo = found, found.user.locale, found.user.is_demo
    g.user_session_id, g.has_second_factor = found.user_session.id, False
    _note_seen(found.user_session)
    actor = Actor(found.user.id, found.user.name, _grants(found))
    narrowing.narrow(db.session, _cohorts(found, actor))
    return actor


def _session_id(public_id: str) -> uuid.UUID | None:
    value = cookie.get(LAUNCHES, {}).get(public_id)
    return uuid.UUID(value) if value else None


def is_opened_here(endpoint: str | None) -> bool:
    """Whether a page may be opened inside a course: those of accounts, juries and administration may not."""
    if endpoint is None or endpoint in _PAGES:
        return True
    room = endpoint.partition(".")[0]
    if room == "lti":
        return all(rule.rule.startswith("/course") for rule in current_app.url_map.iter_rules(endpoint))
    return room in _ROOMS and access.declared_access(current_app.view_functions[endpoint]) not in _WIDER_THAN_A_COURSE


def _note_seen(opened: UserSession) -> None:
    if clock.now() - opened.last_seen_at > _SEEN_EVERY:
        session_id = opened.id
        with separate_session() as session:
            accounts.note_seen(session, session_id)
            session.commit()


def _grants(found: Visit) -> frozenset[Grant]:
    """Return what the visitor may do here; never by a role that needs a second factor: a platform vouches for none."""
    organisation_id = found.registration.organisation_id
    held = access.load_grants(db.session, found.user.id)
    kept = {one for one in held if one.role in _STAFF and one.scope_id == organisation_id}
    kept |= {one for one in held if one.role is Role.TRAINEE}
    if found.role in _STAFF:
        kept.add(Grant(found.role, Scope.ORGANISATION, organisation_id))
    return frozenset(kept)


def _cohorts(found: Visit, actor: Actor) -> set[uuid.UUID]:
    """Return the cohorts shown: the course's; outside any course, those in which the visitor is a trainee."""
    if found.context is not None:
        return {found.context.cohort_id} if found.context.cohort_id else set()
    return {grant.scope_id for grant in actor.grants if grant.scope is Scope.COHORT}


def current() -> Visit:
    """Return the visit of this request; NotFound for a page opened outside a course."""
    visit: Visit | None = g.get("launch")
    if visit is None:
        raise NotFound
    return visit


def sites_of(visit: Visit) -> list[str]:
    """Return the sites of a platform as far as a launch tells: many give each school an address of its own.

    The platform signed where it wants people, and our answers, back.
    """
    accepted = visit.launch.settings.get("deep_linking") or {}
    told = {origin_of(visit.launch.return_url), origin_of(str(accepted.get("return_url", "")))}
    return sorted({*origins_of(visit.registration), *told} - {""})


class Sited(Protocol):
    """A registration, as far as the addresses of its platform are concerned."""

    @property
    def issuer(self) -> str:
        """Its name, an address too."""

    @property
    def authorization_url(self) -> str:
        """Where it identifies people."""

    @property
    def product(self) -> str:
        """Which software it is."""


def origins_of(registration: Sited) -> list[str]:
    """Return the sites whose pages may show ours in a frame."""
    return list(_origins(registration.issuer, registration.authorization_url, registration.product))


@lru_cache(maxsize=1024)
def _origins(issuer: str, authorization_url: str, product: str) -> tuple[str, ...]:
    known = {origin_of(issuer), origin_of(authorization_url), *quirks_for(product).schools()}
    return tuple(sorted(known - {""}))
