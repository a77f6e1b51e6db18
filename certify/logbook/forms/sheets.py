"""What comes in about sheets written by hand."""

from flask_wtf.file import FileField
from wtforms import RadioField

from certify.core.forms import BaseForm, SelectChoice, required
from certify.core.i18n import lazy as _l
from certify.logbook.models import Activity


class ScanForm(BaseForm):
    """A photo or a scan of a sheet, and what it tells of."""

    activity = RadioField(
        _l("Activité"),
        [required(_l("Choisissez une activité."))],
        choices=[SelectChoice(activity.value, activity.label) for activity in Activity],
    )
    file = FileField(_l("Photo ou PDF de la feuille"))

    @property
    def has_file(self) -> bool:
        """Whether a file came."""
        return bool(self.file.data and self.file.data.filename)
