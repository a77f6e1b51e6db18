"""Who may assess which blocks, on which days, and whom to ask when somebody may not."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessorHabilitation
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor, Role
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.organisations.models import Membership
from certify.organisations.queries import people_with_role

TrainerSource = Callable[[Collection[uuid.UUID]], Select[*tuple[Any, ...]]]
_TRAINER_SOURCES: list[TrainerSource] = []


def trainers_from(source: TrainerSource) -> TrainerSource:
    """Register where people train for a training body: a function that, for such bodies, selects (body, person)."""
    _TRAINER_SOURCES.append(source)
    return source


@trainers_from
def trainers_by_role(bodies: Collection[uuid.UUID]) -> Select[*tuple[Any, ...]]:
    """Select those who hold the role of trainer."""
    return select(Membership.organisation_id, Membership.user_id).where(
        Membership.organisation_id.in_(bodies), Membership.role == Role.TRAINER, Membership.ended_at.is_(None)
    )


def trainers_of(session: Session, training_body_id: uuid.UUID) -> list[User]:
    """Return the people who train for a training body, wherever their part is kept, by name."""
    found = union(*(source([training_body_id]) for source in _TRAINER_SOURCES)).subquery()
    query = select(User).where(User.id.in_(select(list(found.c)[1])))
    return list(session.scalars(query.order_by(User.family_name, User.given_name, User.id)))


def in_force(on: date) -> ColumnElement[bool]:
    """Keep the habilitations that hold on a day: begun, not past their last day, and ended by nobody until then."""
    row = AssessorHabilitation
    tomorrow = datetime.combine(on + timedelta(days=1), time(), clock.PARIS)
    return and_(
        row.starts_on <= on,
        or_(row.ends_on.is_(None), row.ends_on >= on),
        or_(row.ended_at.is_(None), row.ended_at >= tomorrow),
    )


def habilitated_blocks(session: Session, user_id: uuid.UUID, enrolment: Enrolment, on: date) -> frozenset[str]:
    """Return the blocks of a trainee's framework that a person may assess them on, on a day; in one statement."""
    return _blocks(session, user_id, enrolment.training_body_id, enrolment.framework_version_id, on)


def blocks_to_fill(session: Session, assessment: Assessment) -> frozenset[str]:
    """Return the blocks that an assessment covers today: all of a self-assessment, else those its author may assess."""
    version_id = assessment.framework_version_id
    if policies.is_self(assessment):
        return frozenset(block.code for block in framework_of(session, version_id).blocks)
    return _blocks(session, assessment.assessor_id, assessment.training_body_id, version_id, clock.today())


def _blocks(
    session: Session, user_id: uuid.UUID, training_body_id: uuid.UUID, version_id: uuid.UUID, on: date
) -> frozenset[str]:
    row, version = AssessorHabilitation, FrameworkVersion
    same = and_(version.code == row.framework_code, version.certifying_body_id == row.certifying_body_id)
    query = (
        select(row.block)
        .join(version, same)
        .where(version.id == version_id, row.training_body_id == training_body_id, row.user_id == user_id, in_force(on))
    )
    held = set(session.scalars(query))
    if not held:
        return frozenset()
    blocks = frozenset(block.code for block in framework_of(session, version_id).blocks)
    return blocks if "" in held else blocks & held


def may_sign(session: Session, actor: Actor, assessment: Assessment) -> bool:
    """Whether this person may sign this assessment today: their own draft, all of it on blocks they may assess."""
    if not policies.may_edit(actor, assessment):
        return False
    blocks = blocks_to_fill(session, assessment)
    framework = framework_of(session, assessment.framework_version_id)
    return bool(blocks) and not policies.beyond(framework, policies.answered(assessment.ratings), blocks)


@dataclass(frozen=True)
class ToAsk:
    """Whom a person asks when they may not assess: those who can habilitate them."""

    coordinators: tuple[User, ...]
    registrars: tuple[User, ...]


def people_to_ask(session: Session, training_body_id: uuid.UUID, version_id: uuid.UUID) -> ToAsk:
    """Return who can habilitate somebody: the coordinators, and the registrars of the certifying body."""
    certifying = session.scalar(select(FrameworkVersion.certifying_body_id).where(FrameworkVersion.id == version_id))
    return ToAsk(
        tuple(people_with_role(session, [training_body_id], Role.COORDINATOR)),
        tuple(people_with_role(session, [certifying] if certifying else [], Role.REGISTRAR)),
    )
