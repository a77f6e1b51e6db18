"""Making sure that a member signs: the code of their authenticator, or one mailed to them."""

from typing import Any

from flask import current_app
from flask_security.proxies import _security

from certify.accounts import attempts
from certify.accounts.models import User
from certify.core.db import db, separate_session
from certify.core.i18n import gettext as _
from certify.juries import services
from certify.juries.deliberation_forms import SignForm
from certify.juries.models import JuryMinutes, JurySeat, SignatureMethod


def method_of(user: User) -> SignatureMethod:
    """Return how a member signs: with their authenticator when they have one, else by a code mailed."""
    has_one = user.tf_primary_method == "authenticator" and bool(user.tf_totp_secret)
    return SignatureMethod.AUTHENTICATOR if has_one else SignatureMethod.MAIL


def is_proved(form: SignForm, user: User, minutes: JuryMinutes, seat: JurySeat) -> bool:
    """Tell whether the code typed is right, and say on the form when it is not; wrong ones are counted."""
    if not form.validate_on_submit():
        return False
    code, method, seat_id = form.code.data or "", method_of(user), seat.id
    if method is SignatureMethod.AUTHENTICATOR:
        return attempts.guarded(
            form, attempts.SECOND_FACTOR, user.email, lambda: _is_of_authenticator(form, user, code)
        )
    if not _is_mailed(minutes, seat_id, code):
        form.refuse("code", _("Ce code n’est pas le bon, ou il n’est plus valable. Demandez-en un autre."))
        return False
    return True


def _is_of_authenticator(form: SignForm, user: User, code: str) -> bool:
    window: int = current_app.config["SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY"]
    factory: Any = _security.totp_factory
    if factory.verify_totp(token=code, totp_secret=user.tf_totp_secret, user=user, window=window):
        return True
    form.refuse("code", _("Ce code n’est pas le bon. Attendez le suivant dans votre application, puis tapez-le."))
    return False


def _is_mailed(minutes: JuryMinutes, seat_id: Any, code: str) -> bool:
    # A refused request is undone: the try is counted apart, or nobody would ever run out of tries.
    minutes_id = minutes.id
    db.session.rollback()
    with separate_session() as own:
        is_right = services.try_code(own, own.get_one(JuryMinutes, minutes_id), seat_id, code)
        own.commit()
    return is_right
