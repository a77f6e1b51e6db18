"""What a trainee says of themself beside what each assessor said last, indicator by indicator."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.policies import CONFIDENCES
from certify.assessments.queries.ratings import LatestRating, latest_of, own_of, ratings_of
from certify.cohorts.models import Cohort, Enrolment
from certify.core.i18n import lazy as _l
from certify.frameworks.queries import framework_of


class Gap(StrEnum):
    """How an assessor's level stands to the trainee's own, both on the certification scale."""

    SAME = "same"
    HIGHER = "higher"
    LOWER = "lower"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Any:
        """How it is said on screen."""
        return _GAPS[self][0]

    @property
    def sign(self) -> str:
        """What lets it be read without its colour."""
        return _GAPS[self][1]

    @property
    def is_gap(self) -> bool:
        """Whether the two levels differ."""
        return self in (Gap.HIGHER, Gap.LOWER)


_GAPS = {
    Gap.SAME: (_l("même niveau"), "="),
    Gap.HIGHER: (_l("plus haut que l’auto-évaluation"), "▲"),
    Gap.LOWER: (_l("plus bas que l’auto-évaluation"), "▼"),
    Gap.UNKNOWN: ("", ""),
}


@dataclass(frozen=True)
class Beside:
    """What one assessor said last of an indicator, beside what the trainee says."""

    rating: LatestRating
    gap: Gap


@dataclass(frozen=True)
class ComparedIndicator:
    """One indicator: the trainee's own level, then each assessor's latest."""

    indicator: competencies.Indicator
    own: LatestRating | None
    others: tuple[Beside, ...]

    @property
    def has_gap(self) -> bool:
        """Whether an assessor says otherwise than the trainee."""
        return any(one.gap.is_gap for one in self.others)

    @property
    def is_comparable(self) -> bool:
        """Whether both sides gave a level."""
        return any(one.gap is not Gap.UNKNOWN for one in self.others)

    @property
    def sureness(self) -> Any:
        """How sure the trainee says they are, in words."""
        return CONFIDENCES.get((self.own and self.own.confidence) or 0)


@dataclass(frozen=True)
class ComparedCompetency:
    """One competency and its indicators."""

    block: competencies.Block
    competency: competencies.Competency
    indicators: tuple[ComparedIndicator, ...]

    @property
    def gaps(self) -> int:
        """On how many indicators the two sides differ."""
        return sum(1 for line in self.indicators if line.has_gap)


@dataclass(frozen=True)
class SideBySide:
    """The self-assessment of a trainee beside what assessors say."""

    framework: competencies.Framework
    competencies: tuple[ComparedCompetency, ...]
    own: LatestRating | None
    """Any rating of the self-assessment compared: its day and its address."""

    @property
    def indicators(self) -> tuple[ComparedIndicator, ...]:
        """Every indicator, in the order of the framework."""
        return tuple(line for part in self.competencies for line in part.indicators)

    @property
    def comparable(self) -> int:
        """On how many indicators both sides gave a level."""
        return sum(1 for line in self.indicators if line.is_comparable)

    @property
    def gaps(self) -> int:
        """On how many of those the two sides differ."""
        return sum(1 for line in self.indicators if line.has_gap)

    def count(self, gap: str) -> int:
        """On how many indicators at least one assessor stands so: "higher", "lower" or "same"."""
        return sum(1 for line in self.indicators if any(one.gap == gap for one in line.others))

    @property
    def unsure(self) -> int:
        """On how many indicators the trainee is not sure of their own level."""
        return sum(1 for line in self.indicators if line.own and line.own.confidence in (1, 2))

    def only_gaps(self) -> "tuple[ComparedCompetency, ...]":
        """Keep the indicators on which the two sides differ, and the competencies that have some."""
        return tuple(
            ComparedCompetency(part.block, part.competency, tuple(one for one in part.indicators if one.has_gap))
            for part in self.competencies
            if part.gaps
        )


def side_by_side(session: Session, enrolment: Enrolment) -> SideBySide:
    """Return the trainee's latest signed self-assessment beside each assessor's latest word, in one statement.

    Drafts are never read; « non observé » is shown as such and is no gap.
    """
    framework = framework_of(session, enrolment.framework_version_id)
    ratings = ratings_of(session, enrolment.id)
    own, latest = own_of(ratings), latest_of(ratings)
    parts = tuple(
        ComparedCompetency(
            block,
            part,
            tuple(
                _compared(framework.scale, one, own.get(one.code), latest.get(one.code, ())) for one in part.indicators
            ),
        )
        for block in framework.blocks
        for part in block.competencies
    )
    return SideBySide(framework, parts, next(iter(own.values()), None))


def _compared(
    scale: competencies.Scale,
    indicator: competencies.Indicator,
    own: LatestRating | None,
    said: Iterable[LatestRating],
) -> ComparedIndicator:
    return ComparedIndicator(indicator, own, tuple(Beside(line, _gap(scale, own, line)) for line in said))


def _gap(scale: competencies.Scale, own: LatestRating | None, other: LatestRating) -> Gap:
    if own is None or own.level is None or other.level is None or own.given is None or other.given is None:
        return Gap.UNKNOWN
    # On one and the same scale levels compare as they were given; otherwise as the certification scale says them.
    if own.scale == other.scale:
        distance = other.given.rank - own.given.rank
    else:
        distance = scale.rank(other.level) - scale.rank(own.level)
    return Gap.SAME if distance == 0 else Gap.HIGHER if distance > 0 else Gap.LOWER


@dataclass(frozen=True)
class ComparePage:
    """The comparison with whom it is about."""

    enrolment: Enrolment
    trainee: User
    cohort: Cohort
    both: SideBySide


def compare_page(session: Session, enrolment: Enrolment) -> ComparePage:
    """Return the comparison of one trainee; the statements never grow."""
    trainee, cohort = session.execute(
        select(User, Cohort).join(Cohort, Cohort.id == enrolment.cohort_id).where(User.id == enrolment.user_id)
    ).one()
    return ComparePage(enrolment, trainee, cohort, side_by_side(session, enrolment))
