"""What comes in from a browser about computed evidence."""

from wtforms import HiddenField
from wtforms.validators import InputRequired

from certify.core.forms import BaseForm


class ProposeForm(BaseForm):
    """The rule whose count is proposed."""

    rule = HiddenField(validators=[InputRequired()])
