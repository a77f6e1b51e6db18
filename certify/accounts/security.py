"""Flask-Security wired in: authentication only; its mails go through our outbox and its pages wear our layout."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask_security import MailUtil, Security, SQLAlchemyUserDatastore, Totp, uia_email_mapper

from certify.accounts import forms, passwords, signing_in, wording
from certify.accounts.models import SecurityRole, User, WebAuthn
from certify.accounts.queries import normal_email
from certify.core import access, clock, mail, web
from certify.core.db import db
from certify.settings import Settings

EXTENSION = "certify.security"


class QueuedMail(MailUtil):
    """Flask-Security's mails: ours, in the language of the person they go to, queued like every other."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Queue the mail that bears the same name among ours."""
        context.pop("security", None)
        user: User = context["user"]
        mail.queue(db.session, f"accounts/{template.rpartition('/')[2]}", to=user.email, locale=user.locale, **context)

    def normalize(self, email: str) -> str:
        """Return the form in which an address is kept."""
        return normal_email(super().normalize(email.strip()))

    def validate(self, email: str) -> str:
        """Return the form in which an address is kept; whether it receives mail is not asked of the network."""
        return self.normalize(email)


class SingleUseTotp(Totp):
    """Codes of an authenticator that serve once (RFC 6238 section 5.2)."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code accepted; codes sent by mail may be the same within a step."""
        counter: int | None = user.totp_counter if user.tf_primary_method == "authenticator" else None
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the time step of the code just accepted; the one that sets the authenticator up opens nothing."""
        if user.tf_primary_method == "authenticator":
            user.totp_counter = tmatch.counter


def init_app(app: Flask, settings: Settings) -> None:
    """Set up sign-in, reset, confirmation, second factor and passkeys."""
    app.config.update(
        _addresses(), **_features(settings), **_secrets(settings), **_cookies(settings), **wording.settings()
    )
    datastore = SQLAlchemyUserDatastore(db, User, SecurityRole, WebAuthn)
    security = Security(
        app,
        datastore,
        register_blueprint=True,
        mail_util_cls=QueuedMail,
        password_util_cls=passwords.PasswordRules,
        totp_cls=SingleUseTotp,
        login_form=forms.SignInForm,
        verify_form=forms.ConfirmIdentityForm,
        change_password_form=forms.NewPasswordForm,
        two_factor_setup_form=forms.SecondFactorForm,
        two_factor_verify_code_form=forms.CodeForm,
        two_factor_rescue_form=forms.RescueForm,
        mf_recovery_form=forms.RecoveryCodeForm,
        wan_register_form=forms.PasskeyForm,
    )
    security.i18n_domain = wording.Wording(app)  # type: ignore[no-untyped-call]
    security.want_json(lambda _request: False)
    security.login_manager.user_loader(signing_in.load_user)
    # A signed token in a header would outlive the sessions a person can list and end.
    security.login_manager.request_loader(lambda _request: None)
    # What people may do is ours to say (`access`): nothing is to be made known to Flask-Principal at each request.
    security.principal.identity_loaders.clear()
    app.extensions[EXTENSION] = security
    web.foreign_access({endpoint: access.PUBLIC for endpoint in app.view_functions if endpoint.startswith("security.")})
    signing_in.init_app(app)
    app.after_request(_see_other)


def _see_other(response: Response) -> Response:
    """Redirect a sent form of Flask-Security the way ours are: the next page is read, never sent again."""
    if request.blueprint == "security" and request.method == "POST" and response.status_code == 302:
        response.status_code = 303
    return response


def _addresses() -> dict[str, Any]:
    return {
        "SECURITY_VERIFY_URL": "/confirm-password",  # /verify/… is the public check of certificates
        "SECURITY_POST_CHANGE_VIEW": "accounts.show",
        "SECURITY_POST_VERIFY_VIEW": "accounts.show",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "accounts.second_factor_changed",
        "SECURITY_WAN_POST_REGISTER_VIEW": "accounts.second_factor_changed",
    }


def _features(settings: Settings) -> dict[str, Any]:
    return {
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator", "email"],
        "SECURITY_TOTP_ISSUER": "certify",
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "certify",
        "SECURITY_WAN_NAME_ALLOWED_CHARS": ["L", "M", "N", "P", "Zs"],
        "SECURITY_INPUT_NORMALIZE_FORM": "NFC",  # the default takes accents apart, then refuses them
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": uia_email_mapper, "case_insensitive": False}}],
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_SENDER": settings.mail_sender,
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_DATETIME_FACTORY": clock.now,
    }


def _secrets(settings: Settings) -> dict[str, Any]:
    secret = settings.secret("secret_key")
    values: dict[str, Any] = {
        "SECRET_KEY": secret,
        "SECURITY_PASSWORD_SALT": settings.secret("password_salt"),
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_PASSWORD_LENGTH_MIN": passwords.SHORTEST,
        "SECURITY_TOTP_SECRETS": {"1": base64.b32encode(hashlib.sha256(secret.encode()).digest()).decode("ascii")},
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            base64.urlsafe_b64encode(hashlib.sha256(settings.secret("keys_secret").encode()).digest())
        ],
    }
    if settings.env == "test":
        # The same hash, made cheap: tests sign many people in.
        values["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
            "argon2__rounds": 1,
            "argon2__memory_cost": 64,
            "argon2__parallelism": 1,
        }
    return values


def _cookies(settings: Settings) -> dict[str, Any]:
    return {
        "PERMANENT_SESSION_LIFETIME": timedelta(days=settings.session_days),
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings.public_url.startswith("https://"),
    }
