"""What comes in from the pages of assessments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, StringField
from wtforms.validators import AnyOf, Optional
from wtforms.widgets import HiddenInput

import competencies
from certify.assessments.models import Assessment, AssessmentKind
from certify.assessments.policies import Rated
from certify.core import clock
from certify.core.forms import BaseForm, DateField, SelectChoice, not_after, required, text_area
from certify.core.i18n import lazy as _l

NOT_OBSERVED = "none"
"""What the grid sends for « non observé »."""
COMMENT_LENGTH = 2000


class StartForm(BaseForm):
    """Which moment of which kind is assessed."""

    kind = RadioField(
        _l("Type d’évaluation"),
        [required(_l("Choisissez le type d’évaluation."))],
        choices=[SelectChoice(kind.value, kind.label) for kind in AssessmentKind if kind is not AssessmentKind.SELF],
        default=AssessmentKind.FORMATIVE.value,
    )
    held_on = DateField(
        _l("Date du moment évalué"),
        [
            required(_l("Indiquez la date du moment évalué.")),
            not_after(
                clock.today, _l("Une évaluation porte sur un moment passé : choisissez une date jusqu’à aujourd’hui.")
            ),
        ],
        default=clock.today,
    )


class SignForm(BaseForm):
    """The signature of what was read on the confirmation page."""

    revision = IntegerField(widget=HiddenInput(), validators=[required()])


@dataclass(frozen=True)
class Row:
    """The names of the fields of one indicator."""

    code: str

    @property
    def level(self) -> str:
        """Name of the radio buttons."""
        return f"level-{self.code}"

    @property
    def comment(self) -> str:
        """Name of the comment."""
        return f"comment-{self.code}"


class GridForm(BaseForm):
    """A whole grid: made for a framework by `grid_form`."""

    revision = IntegerField(widget=HiddenInput(), validators=[required()])
    comment = text_area(_l("Commentaire général"), Optional(), rows=4)
    sign = HiddenField()
    rows: tuple[Row, ...] = ()

    def ratings(self) -> dict[str, Rated]:
        """Return what the assessor says of every indicator of the grid."""
        return {row.code: _rated(self[row.level].data, self[row.comment].data) for row in self.rows}

    def show(self, assessment: Assessment) -> None:
        """Fill the form from what is saved."""
        self.revision.data, self.comment.data = assessment.revision, assessment.comment
        for rating in assessment.ratings:
            row = Row(rating.indicator)
            self[row.level].data = rating.level or (None if rating.is_observed else NOT_OBSERVED)
            self[row.comment].data = rating.comment


def _rated(choice: str | None, comment: str | None) -> Rated:
    if choice == NOT_OBSERVED:
        return Rated(None, False, comment or "")
    return Rated(choice or None, True, comment or "")


_GRIDS: dict[int, tuple[competencies.Framework, type[GridForm]]] = {}


def grid_form(framework: competencies.Framework) -> type[GridForm]:
    """Return the form of a framework's grid; made once for each framework a process meets."""
    kept = _GRIDS.get(id(framework))
    if kept is None or kept[0] is not framework:
        kept = _GRIDS[id(framework)] = (framework, type("GridForm", (GridForm,), dict(_fields(framework))))
    return kept[1]


def _fields(framework: competencies.Framework) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"rows": tuple(Row(indicator.code) for indicator in framework.indicators)}
    answers = [*framework.scale.codes, NOT_OBSERVED]
    for row in fields["rows"]:
        known = AnyOf(answers, message=_l("Ce niveau n’existe pas : choisissez-en un de la ligne."))
        fields[row.level] = StringField(row.code, [Optional(), known])
        fields[row.comment] = text_area(
            _l("Commentaire sur %(code)s", code=row.code), Optional(), rows=2, max_length=COMMENT_LENGTH
        )
    return fields
