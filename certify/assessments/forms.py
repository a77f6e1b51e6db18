"""What comes in from the pages of assessments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, StringField
from wtforms.validators import AnyOf, Optional
from wtforms.widgets import HiddenInput

import competencies
from certify.assessments.models import Assessment, AssessmentKind
from certify.assessments.policies import CONFIDENCES, Rated
from certify.core import clock
from certify.core.forms import BaseForm, DateField, SelectChoice, filled, not_after, required, text_area
from certify.core.i18n import lazy as _l

NOT_OBSERVED = "none"
"""What the grid sends for « non observé »."""
TO_PROPOSAL = "-"
"""What the form of a retained level sends to come back to the proposed one."""
COMMENT_LENGTH = 2000


EXPLAINED: Mapping[AssessmentKind, Any] = {
    AssessmentKind.POSITIONING: _l(
        "Où en est la personne à son entrée ; compte pour un indicateur tant que rien d’autre n’y a été observé."
    ),
    AssessmentKind.FORMATIVE: _l("En cours de parcours, pour situer les progrès et ce qu’il reste à travailler."),
    AssessmentKind.OBSERVATION: _l("D’après une rencontre animée par la personne, à laquelle vous avez assisté."),
    AssessmentKind.EXAMINATION: _l("À la fin du parcours, pour le jury, sur l’échelle de certification."),
}
"""The kinds of assessment that staff make, each in one sentence."""


class StartForm(BaseForm):
    """Which moment of which kind is assessed."""

    kind = RadioField(
        _l("Type d’évaluation"),
        [required(_l("Choisissez le type d’évaluation."))],
        choices=[SelectChoice(kind.value, kind.label) for kind in EXPLAINED],
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

    @property
    def confidence(self) -> str:
        """Name of the confidence, in a self-assessment."""
        return f"confidence-{self.code}"


class GridForm(BaseForm):
    """A whole grid: made for a framework and a kind of assessment by `grid_form`."""

    revision = IntegerField(widget=HiddenInput(), validators=[required()])
    comment = text_area(_l("Commentaire général"), Optional(), rows=4)
    sign = HiddenField()
    rows: tuple[Row, ...] = ()

    def ratings(self) -> dict[str, Rated]:
        """Return what the assessor says of every indicator of the grid."""
        return {row.code: self._rated(row) for row in self.rows}

    def _rated(self, row: Row) -> Rated:
        choice, comment = self[row.level].data, self[row.comment].data or ""
        sure = self[row.confidence].data if row.confidence in self else None
        confidence = int(sure) if sure else None
        if choice == NOT_OBSERVED:
            return Rated(None, False, comment, confidence)
        return Rated(choice or None, True, comment, confidence)

    def show(self, assessment: Assessment) -> None:
        """Fill the form from what is saved."""
        self.revision.data, self.comment.data = assessment.revision, assessment.comment
        for rating in assessment.ratings:
            row = Row(rating.indicator)
            self[row.level].data = rating.level or (None if rating.is_observed else NOT_OBSERVED)
            self[row.comment].data = rating.comment
            if row.confidence in self:
                self[row.confidence].data = str(rating.confidence or "")


class RetainForm(BaseForm):
    """The level retained for a competency in place of the proposed one, and why."""

    level = RadioField(_l("Niveau retenu"), [required(_l("Choisissez un niveau."))], choices=[])
    comment = text_area(
        _l("Motif"),
        filled(_l("Écrivez pourquoi : la personne concernée et le jury lisent ce motif.")),
        rows=4,
        max_length=COMMENT_LENGTH,
    )

    def offer(self, scale: competencies.Scale, *, is_retained: bool, locale: str) -> None:
        """Give the levels to choose from, best first, and the way back to the proposal when a level is retained."""
        levels = [SelectChoice(one.code, f"{one.sign} {one.label.to(locale)}") for one in reversed(scale.levels)]
        back = [SelectChoice(TO_PROPOSAL, _l("Revenir au niveau que proposent les évaluations"))]
        self.level.choices = levels + (back if is_retained else [])

    @property
    def retained(self) -> str | None:
        """The level chosen; None to come back to the proposal."""
        return None if self.level.data == TO_PROPOSAL else self.level.data


_GRIDS: dict[tuple[int, bool, bool], tuple[competencies.Framework, type[GridForm]]] = {}


def grid_form(framework: competencies.Framework, kind: AssessmentKind) -> type[GridForm]:
    """Return the form of a framework's grid for a kind of assessment; made once for each a process meets."""
    is_certifying, is_self = kind is AssessmentKind.EXAMINATION, kind is AssessmentKind.SELF
    key = (id(framework), is_certifying, is_self)
    kept = _GRIDS.get(key)
    if kept is None or kept[0] is not framework:
        kept = _GRIDS[key] = (framework, type("GridForm", (GridForm,), dict(_fields(framework, kind))))
    return kept[1]


def _fields(framework: competencies.Framework, kind: AssessmentKind) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"rows": tuple(Row(indicator.code) for indicator in framework.indicators)}
    for row in fields["rows"]:
        scale = framework.scale_of(row.code, is_certifying=kind is AssessmentKind.EXAMINATION)
        known = AnyOf(
            [*scale.codes, NOT_OBSERVED], message=_l("Ce niveau n’existe pas : choisissez-en un de la ligne.")
        )
        fields[row.level] = StringField(row.code, [Optional(), known])
        fields[row.comment] = text_area(
            _l("Commentaire sur %(code)s", code=row.code), Optional(), rows=2, max_length=COMMENT_LENGTH
        )
        if kind is AssessmentKind.SELF:
            sure = AnyOf([str(one) for one in CONFIDENCES], message=_l("Choisissez une des réponses proposées."))
            fields[row.confidence] = StringField(row.code, [Optional(), sure])
    return fields
