"""What platforms call: login, launch, keys; and the pages that stand between a launch and its course."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Response, abort, current_app, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from certify.accounts.policies import device_named
from certify.core import clock
from certify.core.access import PUBLIC, SIGNED_IN, requires
from certify.core.db import db, separate_session
from certify.core.i18n import LOCALES
from certify.lti import binding, keys, launched, wording
from certify.lti.addresses import origin_of
from certify.lti.client import keysets
from certify.lti.models import RegistrationState
from certify.lti.protocol import claims as claimed
from certify.lti.protocol import names, tokens
from certify.lti.protocol.claims import Message
from certify.lti.protocol.errors import LaunchRefused
from certify.lti.protocol.quirks import quirks_for
from certify.lti.queries import entering
from certify.lti.queries.entering import KnownRegistration
from certify.lti.services import launching
from certify.lti.services.launching import Attempt, Expected
from certify.lti.throttle import Throttle
from certify.lti.views import opening
from certify.settings import Settings

log = structlog.get_logger(__name__)
throttle = Throttle()
STATE = re.compile(r"[A-Za-z0-9_-]{40,50}")
_CHECKED = "certify_checked"
_ASKED = ("iss", "login_hint", "lti_message_hint", "client_id", "target_link_uri", "lti_deployment_id",
          "lti_storage_target")  # fmt: skip


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _public(path: str) -> str:
    return _settings().public_url.rstrip("/") + path


@requires(PUBLIC)
def login(registration_id: uuid.UUID | None = None) -> ResponseReturnValue:
    """Begin a launch: send the browser to its platform, bound to what comes back."""
    if not throttle.lets_in(request.remote_addr or ""):
        abort(429)
    given = {**(request.form.to_dict() if request.method == "POST" else {}), **request.args.to_dict()}
    asked = {name: given[name] for name in _ASKED if given.get(name)}
    stored = asked.get("lti_storage_target", "")[:120]
    destination = binding.destination()
    is_unsure = binding.is_surely_framed(destination) and not stored and not binding.keeps_cookies()
    registration = _registration(asked, registration_id)
    g.frame_ancestors = launched.origins_of(registration)
    if is_unsure:
        return _see_whether_cookies_stay(asked)
    begun = launching.begin(
        db.session, registration, redirect_uri=_public("/lti/launch"), login_hint=asked["login_hint"],
        message_hint=given.get("lti_message_hint"), target=_target(asked), is_framed=binding.is_framed(destination),
        storage_target=stored,
    )  # fmt: skip
    if stored:
        page = render_template("lti/store.html", begun=begun, frame=stored, origin=_storage_origin(registration))
        response = make_response(page)
    else:
        response = Response(status=302, headers={"Location": begun.address})
    binding.set_cookie(response, begun.state)
    return response


def _registration(asked: dict[str, str], registration_id: uuid.UUID | None) -> KnownRegistration:
    if not asked.get("iss"):
        raise LaunchRefused("issuer-missing")
    if not asked.get("login_hint"):
        raise LaunchRefused("login-hint-missing")
    found = entering.registrations_of_issuer(db.session, asked["iss"], asked.get("client_id", ""))
    if registration_id is not None:
        found = [one for one in found if one.id == registration_id]
    active = [one for one in found if one.state is RegistrationState.ACTIVE] or found
    if not active:
        raise LaunchRefused("registration-unknown", asked["iss"])
    if len(active) > 1:
        raise LaunchRefused("registration-ambiguous", asked["iss"])
    _attempt().registration = active[0]
    if active[0].state is not RegistrationState.ACTIVE:
        raise LaunchRefused(f"registration-{active[0].state.value}")
    return active[0]


def _target(asked: dict[str, str]) -> str:
    target = asked.get("target_link_uri", "")
    origin = origin_of(target)
    if target and origin != origin_of(_settings().public_url) and origin != origin_of(request.host_url):
        raise LaunchRefused("target-foreign", target)
    return target[:2000]


def _storage_origin(registration: KnownRegistration) -> str:
    return quirks_for(registration.product).storage_origin(origin_of(registration.authorization_url))


def _see_whether_cookies_stay(asked: dict[str, str]) -> ResponseReturnValue:
    """Try before the platform is asked, since its message may be good for one use only."""
    if _CHECKED in request.args:
        # The form leads here first, then on to the platform.
        g.form_targets = g.frame_ancestors
        return render_template("lti/window.html", asked=asked, action=request.path)
    answer = redirect(f"{request.path}?{urlencode({**asked, _CHECKED: '1'})}", code=303)
    assert isinstance(answer, Response)  # narrows werkzeug's type
    binding.try_cookies(answer)
    return answer


def _attempt() -> Attempt:
    attempt: Attempt | None = g.get("lti_attempt")
    if attempt is None:
        attempt = g.lti_attempt = Attempt()
    return attempt


@requires(PUBLIC)
def launch() -> ResponseReturnValue:
    """Let in who comes back from a platform, once."""
    state = _state()
    came = _expected(state)
    if binding.is_bound(state):
        return _enter(state, came)
    if not came.login.storage_target:
        raise LaunchRefused("browser-unbound")
    return render_template(
        "lti/stored.html",
        state=state,
        token=request.form.get("id_token", ""),
        frame=came.login.storage_target,
        origin=_storage_origin(came.registration),
    )


@requires(PUBLIC)
def launch_stored() -> ResponseReturnValue:
    """Let in who proves by the platform's storage that they began the login."""
    state = _state()
    came = _expected(state)
    if not came.login.storage_target or tokens.digest(request.form.get("binder", "")) != came.login.binder_hash:
        raise LaunchRefused("browser-unbound")
    return _enter(state, came)


def _state() -> str:
    attempt = _attempt()
    state = request.form.get("state", "")
    if not state:
        raise LaunchRefused("state-missing")
    if not STATE.fullmatch(state):
        raise LaunchRefused("state-unknown")
    attempt.state = state
    if request.form.get("error"):
        raise LaunchRefused("platform-error", f"{request.form['error']} {request.form.get('error_description', '')}")
    return state


def _expected(state: str) -> Expected:
    # Read first, and let go: reading the platform's keys may take seconds, in which nobody should wait for us.
    db.session.connection(execution_options={"reads_only": True})
    came = launching.expected(db.session, state)
    db.session.rollback()
    _attempt().registration = came.registration
    g.frame_ancestors = launched.origins_of(came.registration)
    return came


def _enter(state: str, came: Expected) -> ResponseReturnValue:
    message, kept = _verified(came)
    device = device_named(request.headers.get("User-Agent", ""))
    accepted = launching.accept(db.session, came, message, kept, device=device, request_id=g.request_id)
    answer = Response(status=303, headers={"Location": opening.address_of(accepted, message)})
    launched.remember(
        answer, is_framed=came.login.is_framed, public_id=accepted.public_id, session_id=accepted.session_id,
        locale=locale_of(message),
    )  # fmt: skip
    binding.forget(answer, state)
    log.info("lti.launch", verdict="accepted", registration=str(came.registration.id), message=message.type.value)
    return answer


def _verified(came: Expected) -> tuple[Message, dict[str, Any]]:
    attempt, registration = _attempt(), came.registration
    token = request.form.get("id_token", "")
    if not token:
        raise LaunchRefused("token-missing")

    def key_for(kid: str) -> RSAPublicKey:
        return keysets.public_key(db.session, _settings(), registration.id, registration.jwks_url, kid)

    said = tokens.verify(token, key_for=key_for)
    attempt.claims = kept = claimed.redacted(said)
    attempt.message_type = str(kept.get(names.MESSAGE_TYPE, ""))[:60]
    now = clock.now()
    tokens.check(
        said, issuer=registration.issuer, client_id=registration.client_id, nonce_hash=came.login.nonce_hash, now=now
    )
    message = claimed.read(said)
    attempt.deployment, attempt.return_url = message.deployment_id, message.presentation.return_url
    if message.target_link_uri:
        _target({"target_link_uri": message.target_link_uri})
    return message, kept


def locale_of(message: Message) -> str:
    """Return the language of a launch, if it is one of ours."""
    wanted = (message.presentation.locale or message.person.locale).replace("_", "-").partition("-")[0].lower()
    return wanted if wanted in LOCALES else ""


@requires(PUBLIC)
def launch_opened() -> ResponseReturnValue:
    """Tell who opened the address of launches by hand where to begin."""
    return render_template("lti/opened.html")


@requires(PUBLIC)
def jwks() -> ResponseReturnValue:
    """Publish our public keys."""
    answer = jsonify(keys.published(db.session, _settings()))
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@requires(SIGNED_IN)
def waiting() -> ResponseReturnValue:
    """Tell a visitor for whom nothing can be opened yet why, and what to do."""
    return render_template("lti/waiting.html", visit=launched.current())


def on_refusal(refusal: LaunchRefused) -> ResponseReturnValue:
    """Answer a refused login or launch: kept with its reason, told in words, with a way back to the course."""
    db.session.rollback()
    attempt = _attempt()
    with separate_session() as session:
        launching.note_refusal(session, attempt, refusal, g.request_id)
        session.commit()
    registration = attempt.registration
    log.info(
        "lti.launch", verdict="refused", reason=refusal.code, spec=refusal.rule.spec,
        registration=str(registration.id) if registration else "",
    )  # fmt: skip
    words = wording.of_launch(refusal.code)
    page = render_template(
        "lti/refused.html", words=words, refusal=refusal, request_id=g.request_id,
        back=_way_back(attempt, words.title),
    )  # fmt: skip
    return page, refusal.rule.family.status


def _way_back(attempt: Attempt, reason: Any) -> str:
    """Return where the platform wants people back, telling it what happened (LTI 1.3 core section 5.4.4)."""
    address = attempt.return_url
    if not address or attempt.registration is None:
        return ""
    if origin_of(address) not in launched.origins_of(attempt.registration):
        return ""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'lti_errormsg': str(reason)})}"
