"""What comes in about conflicts, from a page."""

from wtforms import HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import InputRequired

from certify.core.forms import BaseForm
from certify.field.policies import Choice, Resolution


class ChoiceForm(BaseForm):
    """Which version stays, for somebody who saw one of the other side."""

    choice = HiddenField()
    seen = IntegerField(validators=[InputRequired()])
    kept = SelectMultipleField(validate_choice=False)

    def resolution(self) -> Resolution:
        """Return what was chosen."""
        wanted = self.choice.data if self.choice.data in set(Choice) else Choice.BOTH
        return Resolution(Choice(wanted), int(self.seen.data or 0), frozenset(self.kept.data or ()))
