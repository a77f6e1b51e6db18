"""Which assessments a person may read, and the lists made of them."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState
from certify.assessments.queries import doubling
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.evidence import queries as evidence

_IS_OPEN_TO_ASSESSORS = or_(Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF)
"""A self-assessment is its author's alone until it is signed."""


def assessment_for(session: Session, actor: Actor, assessment_id: uuid.UUID, *, lock: bool = False) -> Assessment:
    """Return an assessment that the actor may have a hand in, with its ratings.

    To an assessor, those of their training body: a draft is read by its assessors only, so that nobody takes for an
    opinion what is still being written. To a trainee, their own self-assessments. `lock` makes two savers of the same
    grid wait for each other.
    """
    staff = and_(
        Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_WRITE)), _IS_OPEN_TO_ASSESSORS
    )
    found = _one(session, assessment_id, or_(staff, _is_own_self_assessment(actor)), lock)
    doubling.require_readable(session, actor, found)
    return found


def _is_own_self_assessment(actor: Actor) -> ColumnElement[bool]:
    own = select(Enrolment.id).where(
        Enrolment.user_id == actor.user_id, Enrolment.cohort_id.in_(actor.cohorts(Permission.SELF_ASSESSMENT_WRITE))
    )
    return and_(
        Assessment.kind == AssessmentKind.SELF,
        Assessment.assessor_id == actor.user_id,
        Assessment.enrolment_id.in_(own),
    )


def readable_assessment(session: Session, actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """Return an assessment that staff may read, a signed one about the actor themself, or their self-assessment.

    Whoever doubles it reads it once they have signed theirs.
    """
    own = select(Enrolment.id).where(Enrolment.user_id == actor.user_id)
    staff = and_(
        Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_READ)),
        or_(
            Assessment.state == AssessmentState.SIGNED,
            and_(
                Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_WRITE)),
                Assessment.kind != AssessmentKind.SELF,
            ),
        ),
    )
    mine = and_(Assessment.enrolment_id.in_(own), Assessment.state == AssessmentState.SIGNED)
    found = _one(session, assessment_id, or_(staff, mine, _is_own_self_assessment(actor)), lock=False)
    doubling.require_readable(session, actor, found)
    return found


def _one(session: Session, assessment_id: uuid.UUID, reach: Any, lock: bool) -> Assessment:
    query = select(Assessment).where(Assessment.id == assessment_id, reach)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query.options(selectinload(Assessment.ratings))).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class People:
    """Whom an assessment is about, who made it, and where."""

    enrolment: Enrolment
    trainee: User
    cohort: Cohort
    assessor: User


def people_of_assessment(session: Session, assessment: Assessment) -> People:
    """Return the people of one assessment, in one statement."""
    assessor = aliased(User)
    row = session.execute(
        select(Enrolment, User, Cohort, assessor)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(assessor, assessor.id == assessment.assessor_id)
        .where(Enrolment.id == assessment.enrolment_id)
    ).one()
    return People(*row)


def corrected_by(session: Session, assessment: Assessment) -> Assessment | None:
    """Return the assessment, draft or signed, that corrects this one."""
    return session.scalars(select(Assessment).where(Assessment.supersedes_id == assessment.id)).one_or_none()


@dataclass(frozen=True)
class Line:
    """One assessment in a list."""

    assessment: Assessment
    trainee: str
    cohort: str
    assessor: str
    is_superseded: bool

    @property
    def is_self(self) -> bool:
        """Whether a trainee looks at their own path in it."""
        return policies.is_self(self.assessment)


def signed_lines(actor: Actor, *, whose: str, cohort_id: str) -> tuple[Select[*tuple[Any, ...]], dict[str, Any]]:
    """Select (assessment, trainee, cohort name, assessor, correction) of the signed ones; and what they sort by."""
    assessor, trainee, correction = aliased(User), aliased(User), aliased(Assessment)
    replaced = and_(correction.supersedes_id == Assessment.id, correction.state == AssessmentState.SIGNED)
    query: Any = (
        select(Assessment, trainee, Cohort.name, assessor, correction.id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(trainee, trainee.id == Enrolment.user_id)
        .join(assessor, assessor.id == Assessment.assessor_id)
        .outerjoin(correction, replaced)
        .where(
            Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_READ)),
            Assessment.state == AssessmentState.SIGNED,
        )
    )
    if whose == "mine":
        query = query.where(Assessment.assessor_id == actor.user_id)
    if cohort_id:
        query = query.where(Cohort.id == _as_id(cohort_id))
    sorts: dict[str, Any] = {
        "trainee": (Enrolment.sort_name,),
        "cohort": (Cohort.name, Enrolment.sort_name),
        "kind": (Assessment.kind,),
        "held": (Assessment.held_on,),
        "signed": (Assessment.signed_at,),
        "assessor": (assessor.family_name, assessor.given_name),
        "search": (trainee.given_name, trainee.family_name, Cohort.name),
    }
    return query, sorts


def _as_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def drafts_of(session: Session, actor: Actor) -> list[Line]:
    """Return the drafts the actor writes about trainees, the one saved last first."""
    rows = session.execute(
        select(Assessment, User, Cohort.name)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(User, User.id == Enrolment.user_id)
        .where(
            Assessment.assessor_id == actor.user_id,
            Assessment.state == AssessmentState.DRAFT,
            Assessment.kind != AssessmentKind.SELF,
            Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_WRITE)),
        )
        .order_by(Assessment.saved_at.desc(), Assessment.id)
    )
    return [Line(draft, trainee.name, cohort, actor.name, False) for draft, trainee, cohort in rows]


def history_of(session: Session, enrolment_id: uuid.UUID) -> list[Line]:
    """Return the signed assessments of one trainee, the latest moment first, in one statement."""
    correction = aliased(Assessment)
    replaced = and_(correction.supersedes_id == Assessment.id, correction.state == AssessmentState.SIGNED)
    rows = session.execute(
        select(Assessment, User, correction.id)
        .join(User, User.id == Assessment.assessor_id)
        .outerjoin(correction, replaced)
        .where(Assessment.enrolment_id == enrolment_id, Assessment.state == AssessmentState.SIGNED)
        .order_by(Assessment.held_on.desc(), Assessment.signed_at.desc(), Assessment.id)
    )
    return [Line(signed, "", "", assessor.name, replaced_by is not None) for signed, assessor, replaced_by in rows]


def own_drafts(session: Session, actor: Actor, enrolment_id: uuid.UUID) -> list[Assessment]:
    """Return the self-assessments a trainee has not signed yet, the one saved last first."""
    query = select(Assessment).where(
        _is_own_self_assessment(actor),
        Assessment.enrolment_id == enrolment_id,
        Assessment.state == AssessmentState.DRAFT,
    )
    return list(session.scalars(query.order_by(Assessment.saved_at.desc(), Assessment.id)))


def cohorts_read(session: Session, actor: Actor) -> list[tuple[uuid.UUID, str]]:
    """Return the cohorts whose assessments the actor may read, by name."""
    query = select(Cohort.id, Cohort.name).where(
        Cohort.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_READ))
    )
    return [(cohort_id, name) for cohort_id, name in session.execute(query.order_by(Cohort.name))]


def open_drafts(session: Session, enrolment_id: uuid.UUID) -> list[tuple[Assessment, User]]:
    """Return the drafts that assessors write about a trainee, with their authors, the oldest first."""
    rows = session.execute(
        select(Assessment, User)
        .join(User, User.id == Assessment.assessor_id)
        .where(
            Assessment.enrolment_id == enrolment_id,
            Assessment.state == AssessmentState.DRAFT,
            Assessment.kind != AssessmentKind.SELF,
        )
        .order_by(Assessment.created_at)
    )
    return [(assessment, user) for assessment, user in rows]


@dataclass(frozen=True)
class Waiting:
    """A trainee whose accepted evidence has grown since the last signed assessment."""

    enrolment_id: uuid.UUID
    trainee: str
    cohort: str
    pieces: int
    latest: datetime


def trainees_to_assess(session: Session, actor: Actor) -> list[Waiting]:
    """Return the active trainees with evidence accepted since their last signed assessment, the oldest first."""
    bodies = actor.organisations(Permission.ASSESSMENT_WRITE)
    if not bodies:
        return []
    accepted = evidence.accepted_moments(bodies).subquery()
    last = (
        select(Assessment.enrolment_id, func.max(Assessment.signed_at).label("at"))
        .where(Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF)
        .group_by(Assessment.enrolment_id)
    ).subquery()
    first, latest = func.min(accepted.c.decided_at), func.max(accepted.c.decided_at)
    rows = session.execute(
        select(Enrolment.id, User, Cohort.name, func.count(), latest)
        .join(accepted, accepted.c.enrolment_id == Enrolment.id)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(last, last.c.enrolment_id == Enrolment.id)
        .where(Enrolment.state == EnrolmentState.ACTIVE, or_(last.c.at.is_(None), accepted.c.decided_at > last.c.at))
        .group_by(Enrolment.id, User.id, Cohort.id)
        .order_by(first, Enrolment.sort_name, Enrolment.id)
    )
    return [Waiting(enrolment_id, user.name, cohort, pieces, at) for enrolment_id, user, cohort, pieces, at in rows]


def count_drafts(session: Session, actor: Actor) -> int:
    """Count the drafts the actor writes about trainees, for the menu."""
    query = select(func.count()).where(
        Assessment.assessor_id == actor.user_id,
        Assessment.state == AssessmentState.DRAFT,
        Assessment.kind != AssessmentKind.SELF,
    )
    return session.scalar(query) or 0
