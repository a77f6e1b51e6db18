"""What a column shows of a trainee: the share of its competencies acquired, from validated assessments only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import competencies
from certify.core.i18n import force_locale, ngettext
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.core.templating import day
from certify.lti.models import Context, Score, ScoreState
from certify.lti.models.grades import WHOLE
from certify.lti.protocol import names

MAXIMUM = 100.0
TAG = "certify:"
_STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Mark:
    """A grade of one column: how many of its competencies are acquired, and how many were assessed at all."""

    acquired: int
    assessed: int
    total: int

    @property
    def value(self) -> float:
        """The grade, out of `MAXIMUM`."""
        return round(MAXIMUM * self.acquired / self.total, 1)


def parts_of(framework: competencies.Framework) -> tuple[str, ...]:
    """Return the parts that have a column each: the blocks in order, then the whole."""
    return (*(block.code for block in framework.blocks), WHOLE)


def mark_of(framework: competencies.Framework, levels: Mapping[str, str], part: str) -> Mark | None:
    """Return the grade of a part from the level of each competency; nothing for a part the framework does not have.

    A competency is acquired when its level reaches the threshold of the scale.
    """
    blocks = framework.blocks if part == WHOLE else [block for block in framework.blocks if block.code == part]
    codes = [competency.code for block in blocks for competency in block.competencies]
    assessed = [levels[code] for code in codes if levels.get(code) in framework.scale.codes]
    return Mark(sum(map(framework.scale.is_reached, assessed)), len(assessed), len(codes)) if codes else None


def comment_of(mark: Mark, at: datetime) -> str:
    """Say a grade in words, in the language of the certification, as the gradebook will show it."""
    with force_locale("fr"):
        return ngettext(
            "%(num)d compétence acquise sur %(total)s (au %(day)s)",
            "%(num)d compétences acquises sur %(total)s (au %(day)s)",
            mark.acquired, total=mark.total, day=day(at),
        )  # fmt: skip


def label_of(framework: competencies.Framework, part: str) -> str:
    """Return the title of a column in the gradebook."""
    with force_locale("fr"):
        return str(name_of(framework, part, "fr"))[:160]


def name_of(framework: competencies.Framework | None, part: str, locale: str) -> Any:
    """Return how a part is called on our pages."""
    block = next((one for one in framework.blocks if one.code == part), None) if framework else None
    if block is not None:
        return _("Bloc %(number)s : %(title)s", number=block.number, title=block.short_title.to(locale))
    return _l("Ensemble de la certification") if part == WHOLE else _l("Bloc %(number)s", number=part)


def offers_columns(context: Context) -> bool:
    """Whether the platform lets certify make columns in a course (LTI AGS 2.0 section 4.1)."""
    return bool(context.line_items_url) and names.LINE_ITEM in context.ags_scopes and names.SCORE in context.ags_scopes


def may_be_sent_again(row: Score, now: datetime) -> bool:
    """Whether sending again makes sense: not while the grade is on its way."""
    if row.state is not ScoreState.WAITING or row.due_at is None:
        return True
    return row.due_at > now or row.due_at < now - _STUCK_AFTER
