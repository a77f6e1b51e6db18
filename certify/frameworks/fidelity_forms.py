"""What comes in from a browser about the groups of parents: what the programme asks of them."""

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.frameworks.rows import RowForm
from competencies import fidelity_words
from competencies.thresholds import RANGES, USUAL_THRESHOLDS


def threshold_name(name: str) -> str:
    """Return how a figure is called, in the language of the page."""
    return fidelity_words.THRESHOLDS[name].to(current_locale())


def _figure(name: str) -> IntegerField:
    least, most = RANGES[name]
    message = _l("Écrivez un nombre de %(least)s à %(most)s.", least=least, most=most)
    return IntegerField(LazyString(threshold_name, name), [Optional(), NumberRange(least, most, message)])


class FidelityForm(RowForm):
    """What the programme asks of groups; what is left empty keeps what is published, or the default of the software."""

    stability_percent = _figure("stability_percent")
    newcomers_max = _figure("newcomers_max")
    settling_meetings = _figure("settling_meetings")
    size_min = _figure("size_min")
    size_max = _figure("size_max")
    spread_months = _figure("spread_months")
    meetings_per_month = _figure("meetings_per_month")
    late_max = _figure("late_max")
    longest_gap_days = _figure("longest_gap_days")
    months = _figure("months")
    facilitator_percent = _figure("facilitator_percent")

    def validate_size_min(self, field: IntegerField) -> None:
        """Refuse a least number above the greatest that is left as it usually is."""
        most = USUAL_THRESHOLDS.size_max
        if self.size_max.data is None and (field.data or 0) > most:
            raise ValidationError(_("Écrivez aussi le plus grand nombre de parents : il est de %(most)s.", most=most))

    def validate_size_max(self, field: IntegerField) -> None:
        """Refuse a greatest number below the least."""
        least = USUAL_THRESHOLDS.size_min if self.size_min.data is None else self.size_min.data
        if (field.data or 0) < least:
            raise ValidationError(_("Écrivez un nombre de %(least)s ou plus, le plus petit.", least=least))

    def given(self) -> dict[str, int]:
        """Return the figures that somebody filled in."""
        return {name: self[name].data for name in RANGES if self[name].data is not None}


def shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields are filled in with."""
    given = content.get("fidelity", {})
    return {name: given.get(name) for name in RANGES}
