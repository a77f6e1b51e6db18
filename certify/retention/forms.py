"""What comes in about retention."""

from wtforms import IntegerField
from wtforms.validators import InputRequired

from certify.core.forms import BaseForm
from certify.core.i18n import lazy as _l


class PeriodForm(BaseForm):
    """How many days a class of data is kept."""

    days = IntegerField(_l("Nombre de jours"), [InputRequired(_l("Indiquez un nombre de jours, en chiffres."))])
