"""What comes in about the weekly mail."""

from wtforms import BooleanField

from certify.core.forms import BaseForm
from certify.core.i18n import lazy as _l


class SettingsForm(BaseForm):
    """Whether one wants the weekly mail."""

    is_wanted = BooleanField(
        _l("Recevoir un courriel par semaine quand quelque chose m’attend"),
        description=_l("Un seul courriel, le lundi, et aucun quand il n’y a rien à dire."),
    )
