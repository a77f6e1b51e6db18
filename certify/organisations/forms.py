"""What comes in from the pages of organisations."""

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import EmailField, SelectField, StringField
from wtforms.validators import ValidationError

from certify.core.access import Role
from certify.core.forms import BaseForm, SelectChoice, at_most, filled
from certify.core.i18n import lazy as _l
from certify.organisations.mails import role_name


class MemberForm(BaseForm):
    """Somebody and the role they are given."""

    email = EmailField(_l("Adresse électronique"), [filled(), at_most(254)])
    given_name = StringField(_l("Prénom"), [filled(), at_most(80)])
    family_name = StringField(_l("Nom"), [filled(), at_most(80)])
    role = SelectField(_l("Rôle"), coerce=Role)

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role.value, role_name(role)) for role in roles]

    def validate_email(self, field: EmailField) -> None:
        """Refuse what is not an address."""
        try:
            validate_email(field.data or "", check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(
                _l("Ce n’est pas une adresse électronique. Écrivez par exemple prenom@exemple.fr.")
            ) from None
