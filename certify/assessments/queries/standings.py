"""What the signed assessments of trainees say, and where it puts them."""

import uuid
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating, RetainedLevel, Standing
from certify.assessments.queries.carrying import Carrier, Carrying
from certify.assessments.queries.ratings import is_replaced_by
from certify.cohorts.models import Enrolment
from certify.frameworks.queries import framework_of, programme_of_cohort

_COUNTS = (Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF)


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


def appraisals_of(
    session: Session, enrolment_ids: Collection[uuid.UUID], *, onto: uuid.UUID | None = None
) -> dict[uuid.UUID, list[competencies.Appraisal]]:
    """Return the appraisals of each enrolment that count, in one statement.

    Read on the enrolment's present version, or on the version given, and on its certification scale. Left out:
    self-assessments and superseded assessments; a positioning is marked as made at entry.
    """
    correction = aliased(Assessment)
    query = (
        select(
            Assessment.enrolment_id, Assessment.id, Assessment.assessor_id, Assessment.kind, Assessment.held_on,
            Assessment.framework_version_id, Enrolment.framework_version_id.label("present_id"),
            Rating.indicator, Rating.level,
        )
        .join(Rating, Rating.assessment_id == Assessment.id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .outerjoin(correction, is_replaced_by(correction))
        .where(Assessment.enrolment_id.in_(enrolment_ids), *_COUNTS, correction.id.is_(None))
        .order_by(Assessment.signed_at, Assessment.id, Rating.indicator)
    )  # fmt: skip
    found: defaultdict[uuid.UUID, list[competencies.Appraisal]] = defaultdict(list)
    carrier, ranks = Carrier(session), dict[uuid.UUID, int]()
    for row in session.execute(query):
        way = carrier.between(row.framework_version_id, onto or row.present_id)
        at = policies.moment_of(row.held_on, ranks.setdefault(row.id, len(ranks)))
        level, is_entry = way.level(row.indicator, row.level, row.kind), row.kind is AssessmentKind.POSITIONING
        found[row.enrolment_id] += (
            competencies.Appraisal(code, level, str(row.assessor_id), at, is_entry) for code in way.to(row.indicator)
        )
    return dict(found)


def signed_appraisals(session: Session, enrolment_id: uuid.UUID) -> list[competencies.Appraisal]:
    """Return the appraisals that count for one enrolment; see `appraisals_of`."""
    return appraisals_of(session, [enrolment_id]).get(enrolment_id, [])


def retained_of(
    session: Session, enrolment_ids: Collection[uuid.UUID], *, onto: uuid.UUID | None = None
) -> dict[uuid.UUID, dict[str, str]]:
    """Return the levels retained in place of the proposed ones, by competency, in one statement.

    On the certification scale of the present version, or of the version given. A level retained on an earlier version
    holds as long as the competency keeps its code; it lapses otherwise.
    """
    query = (
        select(RetainedLevel, Enrolment.framework_version_id)
        .join(Enrolment, Enrolment.id == RetainedLevel.enrolment_id)
        .where(RetainedLevel.enrolment_id.in_(enrolment_ids))
        .order_by(RetainedLevel.decided_at, RetainedLevel.id)
    )
    found: defaultdict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    carrier = Carrier(session)
    for row, present_id in session.execute(query):
        way = carrier.between(row.framework_version_id, onto or present_id)
        found[row.enrolment_id].pop(row.competency, None)
        if row.level is not None and is_carried(row, way):
            found[row.enrolment_id][row.competency] = way.old.scale.translate(row.level, way.new.scale)
    return {enrolment_id: levels for enrolment_id, levels in found.items() if levels}


def is_carried(row: RetainedLevel, way: Carrying) -> bool:
    """Whether the competency of a retained level still exists in the present version."""
    return any(part.code == row.competency for part in way.new.competencies)


def standing_of(session: Session, enrolment: Enrolment) -> competencies.Standing:
    """Return where an enrolment stands by the rule of its programme, with the levels retained, in three statements."""
    framework = framework_of(session, enrolment.framework_version_id)
    appraisals = signed_appraisals(session, enrolment.id)
    found = competencies.standing(framework, appraisals, programme_of_cohort(session, enrolment))
    return competencies.retain(found, retained_of(session, [enrolment.id]).get(enrolment.id, {}))
