"""Failed sign-ins, counted for the account and for the network address, in transactions that survive the refusal."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, after_this_request, current_app, request

from certify.accounts import services
from certify.accounts.queries import normal_email
from certify.core.db import db, separate_session
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.settings import Settings

PASSWORD = "password"  # the name of a counter
SECOND_FACTOR = "second-factor"


def guarded(form: Any, kind: str, account: str, check: Callable[..., bool], **kwargs: Any) -> bool:
    """Check a form that holds a secret, unless too many were tried; say how long to wait when they were.

    The second factor has its own count: knowing the password must not give new tries at the code.
    """
    account_hash = _hash(f"{kind}:{normal_email(account)}")
    wait = _claim(account_hash)
    if wait:
        form.form_errors = [
            _("Trop d’essais ont échoué. Par sécurité, attendez %(wait)s avant de réessayer.", wait=_in_words(wait))
        ]
        _answer_with(429, wait)
        return False
    if not check(**kwargs):
        return refused(False)
    services.forget_failed_sign_ins(db.session, account_hash)
    return True


def refused(is_valid: bool) -> bool:
    """Give the answer to a refused form the status of a refusal."""
    if not is_valid:
        _answer_with(422)
    return is_valid


def _claim(account_hash: str) -> timedelta:
    settings: Settings = current_app.config["SETTINGS"]
    # Nothing is written yet; on SQLite a second transaction would wait for this one for ever.
    db.session.rollback()
    with separate_session() as session:
        wait = services.claim_sign_in(
            session,
            account_hash,
            _hash(f"address:{request.remote_addr}"),
            allowed=settings.failed_sign_ins_before_delay,
            window=timedelta(minutes=settings.failed_sign_ins_window_minutes),
        )
        session.commit()
    return wait


def _hash(value: str) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return hmac.new(settings.secret("secret_key").encode(), value.encode(), hashlib.sha256).hexdigest()


def _answer_with(status: int, wait: timedelta | None = None) -> None:
    @after_this_request
    def change(response: Response) -> Response:
        if response.status_code == 200:
            response.status_code = status
        if wait is not None:
            response.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return response


def _in_words(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    if seconds < 60:
        return ngettext("%(num)d seconde", "%(num)d secondes", seconds)
    return ngettext("%(num)d minute", "%(num)d minutes", -(-seconds // 60))
