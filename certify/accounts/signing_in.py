"""Who makes this request: the session behind a cookie, the actor it gives; what signing in and out brings about."""

import time
import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out
from flask_security import (
    current_user,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    wan_deleted,
    wan_registered,
)

from certify.accounts import policies, queries, services
from certify.accounts.models import User
from certify.core import access, audit, clock, errors, web
from certify.core.access import Actor
from certify.core.db import db, separate_session
from certify.core.i18n import gettext as _
from certify.settings import Settings

SEEN_EVERY = timedelta(minutes=5)
SESSION = "session_id"
NEW_CODES = "new_recovery_codes"
_OPEN_WITHOUT_SECOND_FACTOR = ("accounts.", "security.", "static")


def init_app(app: Flask) -> None:
    """Follow sign-ins and sign-outs, and ask those who need one for a second factor."""
    app.before_request(_ask_for_second_factor)
    user_authenticated.connect(_on_sign_in, app)
    user_logged_out.connect(_on_sign_out, app)
    password_changed.connect(_on_new_password, app)
    password_reset.connect(_on_reset_password, app)
    for signal in (tf_profile_changed, wan_registered):
        signal.connect(_on_second_factor, app)
    for signal in (tf_disabled, wan_deleted):
        signal.connect(_on_second_factor_removed, app)


def not_seen_since() -> datetime:
    """Return the moment before which an unused session has ended by itself."""
    settings: Settings = current_app.config["SETTINGS"]
    return clock.now() - timedelta(days=settings.session_days)


def load_user(unique: str) -> User | None:
    """Return the person of the session cookie, in the terms of Flask-Security: one statement for person and session."""
    if g.get("has_no_database"):
        return None
    try:
        session_id = uuid.UUID(cookie.get(SESSION, ""))
    except ValueError:
        return None
    found = queries.signed_in(db.session, unique, session_id, not_seen_since())
    if found is None:
        return None
    g.user_session_id, g.has_second_factor = found.session.id, found.has_second_factor
    g.fs_authn_via, g.fs_paa = "session", cookie.get("fs_paa", 0)
    if clock.now() - found.session.last_seen_at > SEEN_EVERY:
        _note_seen(found.session.id)
    return found.user


def _note_seen(session_id: uuid.UUID) -> None:
    # On its own, so that a page that only reads stays so; the read lock is given back first.
    db.session.rollback()
    with separate_session() as session:
        services.note_seen(session, session_id)
        session.commit()


def load_actor() -> Actor | None:
    """Return who is signed in and everything they may do, or nothing."""
    # Most visitors of public addresses, and all platforms, bring no session: nobody is to be looked for.
    if SESSION not in cookie or not current_user.is_authenticated:
        return None
    user: User = current_user._get_current_object()
    g.account_locale, g.is_demo = user.locale, user.is_demo
    return Actor(user.id, user.name, access.load_grants(db.session, user.id))


def _ask_for_second_factor() -> ResponseReturnValue | None:
    """Lead who holds a role that needs a second factor, and has none, to the page that sets it up."""
    settings: Settings = current_app.config["SETTINGS"]
    actor: Actor | None = g.get("actor")
    endpoint = request.endpoint
    if actor is None or endpoint is None or not actor.needs_second_factor or not settings.asks_second_factor(g.is_demo):
        return None
    if (
        g.has_second_factor
        or endpoint.startswith(_OPEN_WITHOUT_SECOND_FACTOR)
        or web.access_of(current_app, endpoint) == access.PUBLIC
    ):
        return None
    if web.wants_json():
        raise errors.Forbidden(_("Mettez d’abord en place la double authentification."))
    return redirect(url_for("accounts.second_factor"), code=303)


def _on_sign_in(_app: Flask, user: User, authn_via: list[str] | None = None, **_values: Any) -> None:
    # Flask-Login's own long-lived cookie would outlive the sessions we list: only the session cookie lasts.
    cookie.permanent = cookie.pop("_remember", None) == "set"
    cookie["fs_paa"] = time.time()
    if authn_via == ["change"] and cookie.get(SESSION):
        return
    device = policies.device_named(request.headers.get("User-Agent", ""))
    opened = services.open_session(db.session, user.id, device=device, via="+".join(authn_via or ["second-factor"]))
    cookie[SESSION] = str(opened)


def _on_sign_out(_app: Flask, user: Any = None, **_values: Any) -> None:
    cookie.pop(SESSION, None)
    cookie.pop(NEW_CODES, None)
    actor: Actor | None = g.get("actor")
    session_id: uuid.UUID | None = g.get("user_session_id")
    if actor is not None and session_id is not None:
        opened = queries.own_open_session(db.session, actor, session_id)
        if opened is not None:
            services.end_session(db.session, actor, opened)


def _on_new_password(_app: Flask, user: User, **_values: Any) -> None:
    services.end_other_sessions(db.session, user, g.get("user_session_id"))
    audit.record(db.session, g.get("actor"), "account:password:changed", user)


def _on_reset_password(_app: Flask, user: User, **_values: Any) -> None:
    services.end_other_sessions(db.session, user, None)
    audit.record(db.session, g.get("actor"), "account:password:reset", user)


def _on_second_factor(_app: Flask, user: Any, **_values: Any) -> None:
    codes = current_app.extensions["security"].mf_recovery_codes_util
    if not codes.get_recovery_codes(user):
        codes.create_recovery_codes(user)
        cookie[NEW_CODES] = True
    audit.record(db.session, g.get("actor"), "account:second-factor:set", user)


def _on_second_factor_removed(_app: Flask, user: Any, **_values: Any) -> None:
    audit.record(db.session, g.get("actor"), "account:second-factor:removed", user)
