"""Reads about cohorts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session, aliased

from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import access
from certify.core.access import Actor, Permission, Role, Scope
from certify.core.errors import NotFound
from certify.frameworks.queries import certifying_bodies_from
from certify.organisations.models import Organisation, OrganisationKind


@dataclass(frozen=True)
class CohortRow:
    """One cohort of a list."""

    cohort: Cohort
    training_body: str
    certifying_body: str
    trainees: int


@access.grants_from
def trainee_in_cohorts(user_id: uuid.UUID) -> Select[*tuple[Any, ...]]:
    """Select the cohorts in which a person is a trainee."""
    return select(literal(Role.TRAINEE.value), literal(Scope.COHORT.value), Enrolment.cohort_id).where(
        Enrolment.user_id == user_id, Enrolment.state != EnrolmentState.WITHDRAWN
    )


@certifying_bodies_from
def bodies_of_cohorts(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the certifying bodies of the cohorts in which the actor is a trainee."""
    return select(Cohort.certifying_body_id).where(Cohort.id.in_(actor.cohorts(Permission.FRAMEWORK_READ)))


def cohorts_for(actor: Actor, permission: Permission = Permission.COHORT_READ) -> Select[*tuple[Any, ...]]:
    """Select the cohorts on which the actor may do something: (cohort, training body, certifying body, trainees)."""
    training, certifying = aliased(Organisation), aliased(Organisation)
    trainees = (
        select(func.count())
        .where(Enrolment.cohort_id == Cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .scalar_subquery()
        .label("trainees")
    )
    return (
        select(Cohort, training.name.label("training_body"), certifying.name.label("certifying_body"), trainees)
        .join(training, training.id == Cohort.training_body_id)
        .join(certifying, certifying.id == Cohort.certifying_body_id)
        .where(Cohort.training_body_id.in_(actor.organisations(permission)))
    )


def during(period: str, on: date) -> Iterable[ColumnElement[bool]]:
    """Yield the condition that keeps the cohorts to come, under way or ended on a day; anything else keeps all."""
    conditions = {
        "upcoming": Cohort.starts_on > on,
        "current": (Cohort.starts_on <= on) & (Cohort.ends_on >= on),
        "ended": Cohort.ends_on < on,
    }
    if period in conditions:
        yield conditions[period]


def cohort_for(session: Session, actor: Actor, cohort_id: uuid.UUID, permission: Permission) -> Cohort:
    """Return a cohort on which the actor may do something; raise NotFound otherwise."""
    query = select(Cohort).where(Cohort.id == cohort_id, Cohort.training_body_id.in_(actor.organisations(permission)))
    cohort = session.scalars(query).one_or_none()
    if cohort is None:
        raise NotFound()
    return cohort


def has_enrolments(session: Session, cohort_id: uuid.UUID) -> bool:
    """Whether anybody was ever enrolled in a cohort."""
    return session.scalar(select(Enrolment.id).where(Enrolment.cohort_id == cohort_id).limit(1)) is not None


def is_name_taken(session: Session, training_body_id: uuid.UUID, name: str, *, but: uuid.UUID | None = None) -> bool:
    """Whether another cohort of the training body already has this name."""
    found = session.scalar(select(Cohort.id).where(Cohort.training_body_id == training_body_id, Cohort.name == name))
    return found is not None and found != but


def houses(session: Session) -> list[Organisation]:
    """Return every house of the programme, by name."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.HOUSE)
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))
