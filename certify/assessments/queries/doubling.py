"""Double marking: who assesses in their turn, and what they do not see meanwhile."""

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentState
from certify.core.access import Actor
from certify.core.errors import Forbidden
from certify.core.i18n import lazy as _l


def own_double(session: Session, actor: Actor, assessment: Assessment) -> Assessment | None:
    """Return the assessment, draft or signed, by which the actor doubles this one."""
    query = select(Assessment).where(Assessment.doubles_id == assessment.id, Assessment.assessor_id == actor.user_id)
    return session.scalars(query.order_by(Assessment.created_at).limit(1)).first()


def doubled_by(session: Session, user_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the trainees' enrolments about whom a person doubles somebody's assessment at this moment."""
    query = select(Assessment.enrolment_id).where(
        Assessment.assessor_id == user_id, Assessment.doubles_id.is_not(None),
        Assessment.state == AssessmentState.DRAFT,
    )  # fmt: skip
    return frozenset(session.scalars(query))


def require_no_open_double(session: Session, actor: Actor, enrolment_id: uuid.UUID) -> None:
    """Refuse to show what others said of a trainee to somebody who is assessing them in their turn."""
    if enrolment_id in doubled_by(session, actor.user_id):
        raise still_doubling()


def require_readable(session: Session, actor: Actor, assessment: Assessment) -> None:
    """Refuse to show an assessment to somebody who doubles it and has not signed yet."""
    if assessment.assessor_id == actor.user_id:
        return
    own = own_double(session, actor, assessment)
    if own is not None and own.state is AssessmentState.DRAFT:
        raise still_doubling()


def still_doubling() -> Forbidden:
    """Say why a person who doubles an assessment does not read it yet."""
    return Forbidden(
        _l(
            "Vous évaluez cette personne à votre tour : pour que les deux regards restent indépendants, vous lirez ce "
            "que l’autre a signé une fois votre évaluation signée. Reprenez ou supprimez votre brouillon."
        )
    )


@dataclass(frozen=True)
class Doubled:
    """A signed assessment of the same moment by somebody else."""

    assessment: Assessment
    assessor: User
    is_double: bool
    """Whether it doubles the one looked at; otherwise it is the one that is doubled."""


def doubles_of(session: Session, assessment: Assessment) -> list[Doubled]:
    """Return the signed assessments that double this one, and the one it doubles, the oldest first."""
    same = or_(Assessment.doubles_id == assessment.id, Assessment.id == assessment.doubles_id)
    rows = session.execute(
        select(Assessment, User)
        .join(User, User.id == Assessment.assessor_id)
        .where(same, Assessment.state == AssessmentState.SIGNED)
        .order_by(Assessment.signed_at, Assessment.id)
    )
    return [Doubled(row, user, row.doubles_id == assessment.id) for row, user in rows]
