"""The edge: who may pass, which status a refusal gets, security headers, and forms that are never lost."""

import secrets
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from certify.core import access, errors, receipts
from certify.core.access import Actor, Permission
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.settings import Settings

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
_FOREIGN: dict[str, Permission | str] = {"static": access.PUBLIC}
_STATUS: dict[type[errors.Refusal], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.Conflict: 409,
    errors.Unavailable: 503,
    errors.VisitEnded: 401,
}
_SECRET_FIELDS = (
    "csrf_token",
    "password",
    "password_confirm",
    "new_password",
    "new_password_confirm",
    "code",
    receipts.FIELD,
)
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "media-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def foreign_access(endpoints: Mapping[str, Permission | str]) -> None:
    """Declare what the endpoints of a library ask of their visitor, since their views cannot carry `@requires`."""
    _FOREIGN.update(endpoints)


def access_of(app: Flask, endpoint: str) -> Permission | str | None:
    """Return what an endpoint asks of its visitor; None means that nobody said."""
    return _FOREIGN.get(endpoint) or access.declared_access(app.view_functions[endpoint])


def init_app(app: Flask, settings: Settings, load_actor: Callable[[], Actor | None]) -> None:
    """Install the checks around every view."""
    app.config.update(
        MAX_CONTENT_LENGTH=settings.request_max_bytes,
        MAX_FORM_MEMORY_SIZE=8 * 1024 * 1024,
        MAX_FORM_PARTS=4000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        SESSION_COOKIE_NAME="certify",
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n, x_prefix=n)  # type: ignore[method-assign]

    @app.before_request
    def identify() -> None:
        g.request_id = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        g.actor = None if request.endpoint in (None, "static") else load_actor()

    csrf.init_app(app)
    app.before_request(_check_access)
    app.after_request(_set_headers)
    receipts.init_app(app)
    app.teardown_request(lambda _error: structlog.contextvars.clear_contextvars())
    _register_errors(app)


def _check_access() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    needed = access_of(current_app, request.endpoint)
    if needed == access.PUBLIC:
        return None
    if needed is None:
        raise LookupError(f"{request.endpoint} declares no access")
    if g.actor is None:
        return _ask_to_sign_in()
    if needed != access.SIGNED_IN and not g.actor.may(needed):
        raise errors.Forbidden(_("Votre compte ne permet pas d’ouvrir cette page."))
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return jsonify(message=_("Votre connexion a pris fin. Connectez-vous de nouveau.")), 401
    if request.method not in ("GET", "HEAD"):
        return _kept(
            401,
            _("Votre connexion a pris fin"),
            _("Connectez-vous dans un autre onglet, puis renvoyez ce formulaire : rien de votre saisie n’est perdu."),
        )
    return redirect(url_for("security.login", next=own_address(with_query=True)), code=303)


def wants_json() -> bool:
    """Whether the visitor is a script of ours that reads JSON."""
    return request.headers.get("X-Requested-With") == "autosave" or request.accept_mimetypes.best == "application/json"


def _kept(status: int, title: str, message: Any, **context: Any) -> ResponseReturnValue:
    """Refuse a sent form and show everything that was typed, with a way to send it again."""
    kept = [
        (name, value)
        for name, values in request.form.lists()
        if name not in _SECRET_FIELDS
        for value in values
        if value.strip()
    ]
    return render_template(
        "errors/kept.html", title=title, message=message, kept=kept, action=own_address(), status=status, **context
    ), status


def _register_errors(app: Flask) -> None:
    app.register_error_handler(errors.Refusal, _on_refusal)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(IntegrityError, _on_integrity_error)
    app.register_error_handler(DataError, _on_data_error)
    app.register_error_handler(StaleDataError, _on_stale)
    app.register_error_handler(OperationalError, _on_database_down)
    app.register_error_handler(Exception, _on_crash)


def _on_refusal(error: errors.Refusal) -> ResponseReturnValue:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    return _answer(status, error.message, **error.values)


def _answer(status: int, message: Any, **values: Any) -> ResponseReturnValue:
    db.session.rollback()
    if wants_json():
        return jsonify(message=str(message)), status
    if request.method == "POST" and status in (401, 409, 422, 503) and any(request.form.keys() - set(_SECRET_FIELDS)):
        titles = {
            401: _("Cette visite a pris fin"),
            409: _("Quelqu’un a modifié la même chose"),
            422: _("Ce formulaire ne peut pas être accepté"),
            503: _("Un service ne répond pas"),
        }
        return _kept(status, titles[status], message, **values)
    template = f"errors/{status}.html" if status in (400, 401, 403, 404, 409, 413, 429) else "errors/refusal.html"
    return render_template(template, message=message, status=status), status


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    if wants_json():
        return jsonify(message=_("Votre connexion a pris fin. Connectez-vous de nouveau.")), 401
    return _kept(
        400,
        _("Ce formulaire a expiré"),
        _("Par sécurité, il faut le renvoyer. Rien de ce que vous avez saisi n’est perdu."),
    )


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error
    if code == 413:
        size = current_app.config["MAX_CONTENT_LENGTH"] // (1024 * 1024)
        return _answer(
            413, _("Cet envoi dépasse %(size)s Mo : choisissez des fichiers plus petits ou moins nombreux.", size=size)
        )
    messages = {
        404: _("Cette page n’existe pas ou ne vous est pas ouverte."),
        405: _("Cette adresse ne s’ouvre pas de cette façon."),
    }
    return _answer(code, messages.get(code, _("Cette demande ne peut pas être comprise.")))


def _on_integrity_error(error: IntegrityError) -> ResponseReturnValue:
    # The first line names the constraint; the others, on PostgreSQL, quote the row.
    log.info("constraint.broken", error=str(error.orig).partition("\n")[0][:300])
    return _answer(409, _("Cet enregistrement existe déjà ou vient d’être modifié. Vérifiez, puis renvoyez si besoin."))


def _on_data_error(error: DataError) -> ResponseReturnValue:
    """Refuse what one engine cannot hold and no form kept away: a NUL in an address, a text beyond its column."""
    log.warning("value.refused", error=str(error.orig).partition("\n")[0][:300], endpoint=request.endpoint)
    return _answer(422 if request.method == "POST" else 400, _("Cette demande ne peut pas être comprise."))


def _on_stale(_error: StaleDataError) -> ResponseReturnValue:
    return _answer(
        409, _("Quelqu’un a enregistré une modification pendant que vous écriviez. Comparez, puis renvoyez si besoin.")
    )


def _on_database_down(error: OperationalError) -> ResponseReturnValue:
    log.error("database.unavailable", error=type(error.orig).__name__)
    # The page that says so must not ask the database again who is reading it.
    g.actor, g.has_no_database = None, True
    return _answer(503, _("La base de données ne répond pas. Rien n’est perdu : réessayez dans un instant."))


def _on_crash(error: Exception) -> ResponseReturnValue:
    if current_app.testing or current_app.debug:
        raise error
    log.exception("request.crashed", endpoint=request.endpoint)
    db.session.rollback()
    return make_response(render_template("errors/500.html", request_id=g.get("request_id", "")), 500)


def _policy(framing: Collection[str], form_targets: Collection[str]) -> str:
    """Return the policy of a page that some sites may show in a frame, and that may send its forms to others."""
    policy = _POLICY
    if framing:
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors 'self' {' '.join(framing)}")
    if form_targets:
        policy = policy.replace("form-action 'self'", f"form-action 'self' {' '.join(form_targets)}")
    return policy


@lru_cache(maxsize=256)
def headers_of(
    framing: tuple[str, ...], form_targets: tuple[str, ...], *, is_secure: bool, is_kept: bool
) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer that does not say otherwise itself."""
    headers = {
        "Content-Security-Policy": _policy(framing, form_targets),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    }
    if not framing:
        headers["X-Frame-Options"] = "DENY"
    if not is_kept:
        headers["Cache-Control"] = "no-store"
    if is_secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return tuple(headers.items())


def _set_headers(response: Response) -> Response:
    wanted = headers_of(
        tuple(g.get("frame_ancestors", ())), tuple(g.get("form_targets", ())),
        is_secure=current_app.config["SESSION_COOKIE_SECURE"], is_kept=request.endpoint == "static",
    )  # fmt: skip
    given = {name.lower() for name, _value in response.headers}
    response.headers.extend([header for header in wanted if header[0].lower() not in given])
    return response
