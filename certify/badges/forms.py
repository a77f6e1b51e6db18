"""What comes in about badges."""

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from certify.core.forms import BaseForm
from certify.core.i18n import lazy as _l


class RotationForm(BaseForm):
    """New keys wanted, knowing which ones they replace."""

    expected = HiddenField()
    is_sure = BooleanField(
        _l("Je remplace les clés en service"),
        [InputRequired(_l("Cochez cette case pour confirmer : les clés remplacées ne serviront plus ici."))],
    )
