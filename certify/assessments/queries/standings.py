"""What the signed assessments of trainees say, and where it puts them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating, Standing

_COUNTS = (Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF)
_OWN = (Assessment.state == AssessmentState.SIGNED, Assessment.kind == AssessmentKind.SELF)


def signed_assessments(session: Session, enrolment_id: uuid.UUID) -> list[Assessment]:
    """Return every assessment signed about an enrolment with its ratings, the latest first.

    Superseded ones are there; self-assessments are not.
    """
    return list(
        session.scalars(
            select(Assessment)
            .where(Assessment.enrolment_id == enrolment_id, *_COUNTS)
            .order_by(Assessment.held_on.desc(), Assessment.signed_at.desc(), Assessment.id)
            .options(selectinload(Assessment.ratings))
        )
    )


def assessors_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return who signed an assessment of each enrolment: they may not sit on its jury."""
    found: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    query = select(Assessment.enrolment_id, Assessment.assessor_id).where(
        Assessment.enrolment_id.in_(enrolment_ids), *_COUNTS
    )
    for enrolment_id, assessor_id in session.execute(query.distinct()):
        found[enrolment_id].add(assessor_id)
    return dict(found)


def standings_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Return where each enrolment stands; those never assessed are absent."""
    rows = session.scalars(select(Standing).where(Standing.enrolment_id.in_(enrolment_ids)))
    return {row.enrolment_id: row for row in rows}


def _replaces(correction: type[Assessment]) -> ColumnElement[bool]:
    return and_(correction.supersedes_id == Assessment.id, correction.state == AssessmentState.SIGNED)


def appraisals_of(
    session: Session, enrolment_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[competencies.Appraisal]]:
    """Return the appraisals that count for each enrolment, in one statement.

    Left out: self-assessments, superseded assessments, and a positioning wherever something was observed later.
    """
    correction = aliased(Assessment)
    query = (
        select(
            Assessment.enrolment_id, Assessment.id, Assessment.assessor_id, Assessment.kind, Assessment.held_on,
            Rating.indicator, Rating.level,
        )
        .join(Rating, Rating.assessment_id == Assessment.id)
        .outerjoin(correction, _replaces(correction))
        .where(Assessment.enrolment_id.in_(enrolment_ids), *_COUNTS, correction.id.is_(None))
        .order_by(Assessment.signed_at, Assessment.id, Rating.indicator)
    )  # fmt: skip
    ratings: defaultdict[uuid.UUID, list[policies.SignedRating]] = defaultdict(list)
    ranks: dict[uuid.UUID, int] = {}
    for enrolment_id, assessment_id, assessor_id, kind, held_on, indicator, level in session.execute(query):
        at = policies.moment_of(held_on, ranks.setdefault(assessment_id, len(ranks)))
        ratings[enrolment_id].append(policies.SignedRating(indicator, level, assessor_id, kind, at))
    return {enrolment_id: policies.counting(found) for enrolment_id, found in ratings.items()}


def signed_appraisals(session: Session, enrolment_id: uuid.UUID) -> list[competencies.Appraisal]:
    """Return the appraisals that count for one enrolment; see `appraisals_of`."""
    return appraisals_of(session, [enrolment_id]).get(enrolment_id, [])


@dataclass(frozen=True)
class LatestRating:
    """The last thing one assessor said of one indicator."""

    indicator: str
    level: str | None
    comment: str
    assessor_id: uuid.UUID
    assessor: str
    kind: AssessmentKind
    held_on: date
    assessment_id: uuid.UUID


def latest_ratings(session: Session, enrolment_id: uuid.UUID) -> dict[str, list[LatestRating]]:
    """Return the last rating of each assessor on each indicator; « non observé » hides nothing older."""
    return _latest(_rated_by(session, enrolment_id, *_COUNTS))


def own_ratings(session: Session, enrolment_id: uuid.UUID) -> dict[str, LatestRating]:
    """Return what a trainee says of each indicator in their latest signed self-assessment."""
    correction = aliased(Assessment)
    latest = (
        select(Assessment.id)
        .outerjoin(correction, _replaces(correction))
        .where(Assessment.enrolment_id == enrolment_id, *_OWN, correction.id.is_(None))
        .order_by(Assessment.held_on.desc(), Assessment.signed_at.desc(), Assessment.id)
        .limit(1)
    )
    rows = _rated_by(session, enrolment_id, Assessment.id == latest.scalar_subquery())
    return {code: lines[-1] for code, lines in _latest(rows).items()}


def _rated_by(
    session: Session, enrolment_id: uuid.UUID, *which: ColumnElement[bool]
) -> Iterable[tuple[Assessment, Rating, User]]:
    correction = aliased(Assessment)
    rows = session.execute(
        select(Assessment, Rating, User)
        .join(Rating, Rating.assessment_id == Assessment.id)
        .join(User, User.id == Assessment.assessor_id)
        .outerjoin(
            correction, and_(correction.supersedes_id == Assessment.id, correction.state == AssessmentState.SIGNED)
        )
        .where(Assessment.enrolment_id == enrolment_id, *which, correction.id.is_(None))
        .order_by(Assessment.held_on, Assessment.signed_at, Assessment.id)
    )
    return ((assessment, rating, user) for assessment, rating, user in rows)


def _latest(rows: Iterable[tuple[Assessment, Rating, User]]) -> dict[str, list[LatestRating]]:
    kept: dict[tuple[str, uuid.UUID], LatestRating] = {}
    for assessment, rating, user in rows:
        key = (rating.indicator, user.id)
        if rating.level is not None or key not in kept:
            kept[key] = LatestRating(
                rating.indicator, rating.level, rating.comment, user.id, user.name,
                assessment.kind, assessment.held_on, assessment.id,
            )  # fmt: skip
    found: defaultdict[str, list[LatestRating]] = defaultdict(list)
    for line in sorted(kept.values(), key=lambda one: (one.indicator, one.assessor, str(one.assessor_id))):
        found[line.indicator].append(line)
    return dict(found)
