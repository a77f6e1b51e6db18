"""What comes in from the pages of accounts: Flask-Security's forms, slowed down when guessed at, and our own."""

from typing import Any

from flask_security import (
    ChangePasswordForm,
    LoginForm,
    MfRecoveryForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    WebAuthnRegisterForm,
)
from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.validators import EqualTo, ValidationError

from certify.accounts import attempts, passwords
from certify.core.forms import BaseForm, SelectChoice, at_most, filled, required
from certify.core.i18n import LOCALES
from certify.core.i18n import lazy as _l


class SignInForm(LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The library puts a link into the hint; the page has its own.
        self.password.description = ""

    def validate(self, **kwargs: Any) -> bool:
        """Check them, unless too many tries failed just before."""
        if not self.email.data or not self.password.data:
            return attempts.refused(super().validate(**kwargs))
        return attempts.guarded(self, attempts.PASSWORD, self.email.data, super().validate, **kwargs)


class ConfirmIdentityForm(VerifyForm):
    """One's password, asked again before something sensitive."""

    def validate(self, **kwargs: Any) -> bool:
        """Check it, unless too many tries failed just before."""
        return attempts.guarded(self, attempts.PASSWORD, self.user.email, super().validate, **kwargs)


class NewPasswordForm(ChangePasswordForm):
    """The present password and a new one."""

    def validate(self, **kwargs: Any) -> bool:
        """Check them and say so by the status when they are refused."""
        return attempts.refused(super().validate(**kwargs))


class CodeForm(TwoFactorVerifyCodeForm):
    """The code of the second factor."""

    def validate(self, **kwargs: Any) -> bool:
        """Check it, unless too many tries failed just before; a code made while setting up is one's own."""
        if self.is_setup or self.user is None:
            return attempts.refused(super().validate(**kwargs))
        return attempts.guarded(self, attempts.SECOND_FACTOR, self.user.email, super().validate, **kwargs)


class RecoveryCodeForm(MfRecoveryForm):
    """A recovery code in place of the second factor."""

    def validate(self, **kwargs: Any) -> bool:
        """Check it, unless too many tries failed just before."""
        if self.user is None:
            return attempts.refused(super().validate(**kwargs))
        self.code.data = (self.code.data or "").strip().lower()
        return attempts.guarded(self, attempts.SECOND_FACTOR, self.user.email, super().validate, **kwargs)


class SecondFactorForm(TwoFactorSetupForm):
    """How one wants to receive the code of the second factor."""

    setup = RadioField(
        _l("Façon de recevoir le code"),
        choices=[
            SelectChoice("authenticator", _l("Une application d’authentification sur votre téléphone (conseillé)")),
            SelectChoice("email", _l("Un code reçu par courriel à chaque connexion")),
            SelectChoice("disable", _l("Ne plus demander de second facteur")),
        ],
        validate_choice=False,
    )


class PasskeyForm(WebAuthnRegisterForm):
    """A new passkey: its name and what it is for."""

    usage = RadioField(
        _l("Elle servira"),
        choices=[
            SelectChoice("secondary", _l("en plus du mot de passe")),
            SelectChoice("first", _l("à se connecter sans mot de passe")),
        ],
        default="secondary",
    )


class RescueForm(TwoFactorRescueForm):
    """Another way to prove who one is; nobody is written to on behalf of a stranger."""

    help_setup = RadioField(_l("Autre façon de vous identifier"), choices=[])


class InvitationForm(BaseForm):
    """The first name, last name and password of somebody invited."""

    given_name = StringField(_l("Prénom"), [filled(), at_most(80)])
    family_name = StringField(_l("Nom"), [filled(), at_most(80)])
    password = PasswordField(_l("Mot de passe"), [required()])
    password_confirm = PasswordField(
        _l("Le même, une seconde fois"),
        [required(), EqualTo("password", _l("Les deux mots de passe ne sont pas les mêmes."))],
    )

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=person, **kwargs)
        self.person = person

    def validate_password(self, field: PasswordField) -> None:
        """Say what makes the password unfit."""
        for fault in passwords.faults_of(field.data or "", self.person):
            raise ValidationError(fault)


class ProfileForm(BaseForm):
    """How one is named and in which language one is written to."""

    given_name = StringField(_l("Prénom"), [filled(), at_most(80)])
    family_name = StringField(_l("Nom"), [filled(), at_most(80)])
    locale = SelectField(
        _l("Langue"), choices=[SelectChoice(*pair) for pair in zip(LOCALES, ("Français", "English"), strict=True)]
    )
