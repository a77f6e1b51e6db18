"""What stands behind the level of one competency: every rating, whether it counts and why, and the levels retained."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import AssessmentKind, RetainedLevel
from certify.assessments.queries.carrying import Carrier
from certify.assessments.queries.ratings import LatestRating, ratings_of
from certify.assessments.queries.standings import is_carried, retained_of
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.i18n import lazy as _l
from certify.frameworks.queries import framework_of, programme_of_cohort


class Weight(StrEnum):
    """Whether a rating counts in the proposed level, and why not."""

    COUNTS = "counts"
    SELF = "self"
    SUPERSEDED = "superseded"
    NOT_OBSERVED = "not_observed"
    ENTRY = "entry"
    OLDER = "older"
    RULE = "rule"

    @property
    def label(self) -> Any:
        """How it is said on screen."""
        return _WEIGHTS[self]


_WEIGHTS = {
    Weight.COUNTS: _l("compte"),
    Weight.SELF: _l("ne compte pas : auto-évaluation"),
    Weight.SUPERSEDED: _l("ne compte plus : évaluation corrigée depuis"),
    Weight.NOT_OBSERVED: _l("ne compte pas : rien n’a été observé"),
    Weight.ENTRY: _l("ne compte plus : positionnement, l’indicateur a été observé depuis"),
    Weight.OLDER: _l("ne compte plus : la même personne a signé un niveau plus récent"),
    Weight.RULE: _l("n’entre pas dans la règle de ce programme"),
}


@dataclass(frozen=True)
class RowBehind:
    """One rating, and what it weighs."""

    rating: LatestRating
    weight: Weight

    @property
    def counts(self) -> bool:
        """Whether the proposed level rests on it."""
        return self.weight is Weight.COUNTS


@dataclass(frozen=True)
class IndicatorBehind:
    """One indicator with what is proposed for it and every rating behind, the latest first."""

    indicator: competencies.Indicator
    proposal: competencies.Proposal
    rows: tuple[RowBehind, ...]


@dataclass(frozen=True)
class RetainedLine:
    """One level retained, or given back to its proposal, and by whom."""

    row: RetainedLevel
    author: str
    level: competencies.Level | None
    proposed: competencies.Level | None
    is_lapsed: bool
    """Whether the competency is not in the present version any more."""


@dataclass(frozen=True)
class Behind:
    """One competency with everything its level rests on."""

    competency: competencies.Competency
    proposal: competencies.Proposal
    programme: competencies.Programme
    indicators: tuple[IndicatorBehind, ...]


def rows_behind(session: Session, enrolment: Enrolment, competency: str) -> Behind:
    """Return the level of a competency and every rating behind it, in four statements; NotFound for another code."""
    framework = framework_of(session, enrolment.framework_version_id)
    part = next((one for one in framework.competencies if one.code == competency), None)
    if part is None:
        raise NotFound()
    programme = programme_of_cohort(session, enrolment)
    ratings = ratings_of(session, enrolment.id)
    counted = [line.appraisal for line in ratings if not line.is_superseded and line.kind is not AssessmentKind.SELF]
    found = competencies.retain(
        competencies.standing(framework, counted, programme),
        retained_of(session, [enrolment.id]).get(enrolment.id, {}),
    )
    said: defaultdict[str, list[LatestRating]] = defaultdict(list)
    for line in ratings:
        said[line.indicator].append(line)
    lines = tuple(
        IndicatorBehind(one, found.indicators[one.code], _weighed(found.indicators[one.code], said[one.code]))
        for one in part.indicators
    )
    return Behind(part, found.competencies[competency], programme, lines)


def _weighed(proposal: competencies.Proposal, ratings: list[LatestRating]) -> tuple[RowBehind, ...]:
    basis = set(proposal.basis)
    return tuple(RowBehind(line, _weight(line, basis, ratings)) for line in reversed(ratings))


def _weight(line: LatestRating, basis: set[competencies.Appraisal], ratings: Iterable[LatestRating]) -> Weight:
    if line.is_superseded:
        return Weight.SUPERSEDED
    if line.kind is AssessmentKind.SELF:
        return Weight.SELF
    if line.level is None:
        return Weight.NOT_OBSERVED
    if line.appraisal in basis:
        return Weight.COUNTS
    others = [one for one in ratings if one.level and not one.is_superseded and one.kind is not AssessmentKind.SELF]
    if line.kind is AssessmentKind.POSITIONING and any(one.kind is not AssessmentKind.POSITIONING for one in others):
        return Weight.ENTRY
    is_older = any(one.assessor_id == line.assessor_id and one.at > line.at for one in others)
    return Weight.OLDER if is_older else Weight.RULE


def retained_history(session: Session, enrolment: Enrolment, competency: str) -> list[RetainedLine]:
    """Return every level retained for a competency, the last first, in one statement."""
    return [line for line in retained_lines(session, enrolment) if line.row.competency == competency]


def lapsed_levels(session: Session, enrolment: Enrolment) -> list[RetainedLine]:
    """Return the levels that were retained for competencies the present version does not have, one for each."""
    return [line for line in _last_of_each(retained_lines(session, enrolment)) if line.is_lapsed]


def levels_in_force(session: Session, enrolment: Enrolment) -> dict[str, RetainedLine]:
    """Return the level retained for each competency, with its author and reason, in one statement."""
    lines = _last_of_each(retained_lines(session, enrolment))
    return {line.row.competency: line for line in lines if not line.is_lapsed}


def _last_of_each(lines: Iterable[RetainedLine]) -> list[RetainedLine]:
    latest: dict[str, RetainedLine] = {}
    for line in lines:
        latest.setdefault(line.row.competency, line)
    return [line for line in latest.values() if line.level is not None]


def retained_lines(session: Session, enrolment: Enrolment) -> list[RetainedLine]:
    """Return every level ever retained about an enrolment, the last first, in one statement."""
    query = (
        select(RetainedLevel, User)
        .join(User, User.id == RetainedLevel.decided_by_id)
        .where(RetainedLevel.enrolment_id == enrolment.id)
        .order_by(RetainedLevel.decided_at.desc(), RetainedLevel.id.desc())
    )
    carrier, found = Carrier(session), []
    for row, author in session.execute(query):
        way = carrier.between(row.framework_version_id, enrolment.framework_version_id)
        scale = way.old.scale
        level = scale.level(row.level) if row.level else None
        proposed = scale.level(row.proposed) if row.proposed else None
        found.append(RetainedLine(row, author.name, level, proposed, not is_carried(row, way)))
    return found


@dataclass(frozen=True)
class CompetencyPage:
    """One competency of one trainee."""

    enrolment: Enrolment
    trainee: User
    cohort: Cohort
    framework: competencies.Framework
    behind: Behind
    history: list[RetainedLine]
    lapsed: list[RetainedLine]
    may_retain: bool

    @property
    def block(self) -> competencies.Block:
        """The block of the competency."""
        return self.framework.block_of(self.behind.competency.code)

    @property
    def neighbours(self) -> tuple[competencies.Competency | None, competencies.Competency | None]:
        """The competencies before and after this one."""
        parts = self.framework.competencies
        at = parts.index(self.behind.competency)
        return (parts[at - 1] if at else None, parts[at + 1] if at + 1 < len(parts) else None)


def readable_enrolment(session: Session, actor: Actor, enrolment_id: uuid.UUID) -> Enrolment:
    """Return an enrolment whose assessments the actor reads: in their training body, or their own; else NotFound."""
    query = select(Enrolment).where(
        Enrolment.id == enrolment_id,
        or_(
            Enrolment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_READ)),
            Enrolment.user_id == actor.user_id,
        ),
    )
    enrolment = session.scalars(query).one_or_none()
    if enrolment is None:
        raise NotFound()
    return enrolment


def competency_page(session: Session, actor: Actor, enrolment: Enrolment, competency: str) -> CompetencyPage:
    """Return one competency of a trainee with all that its level rests on; the statements never grow."""
    trainee, cohort = session.execute(
        select(User, Cohort).join(Cohort, Cohort.id == enrolment.cohort_id).where(User.id == enrolment.user_id)
    ).one()
    lines = retained_lines(session, enrolment)
    return CompetencyPage(
        enrolment,
        trainee,
        cohort,
        framework_of(session, enrolment.framework_version_id),
        rows_behind(session, enrolment, competency),
        [line for line in lines if line.row.competency == competency],
        [line for line in _last_of_each(lines) if line.is_lapsed],
        policies.may_retain(actor, enrolment),
    )
