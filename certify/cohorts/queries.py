"""Reads about cohorts and enrolments."""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import access, listing
from certify.core.access import Actor, Permission, Role, Scope
from certify.core.errors import NotFound
from certify.frameworks.queries import certifying_bodies_from
from certify.organisations.models import Organisation, OrganisationKind

_AT_ONCE = 500
"""Values in one condition: databases bound them."""


class Somebody(Protocol):
    """A person, as far as a list of people needs them."""

    @property
    def id(self) -> uuid.UUID:
        """Account."""

    @property
    def given_name(self) -> str:
        """Given name."""

    @property
    def family_name(self) -> str:
        """Family name."""


@dataclass(frozen=True)
class CohortRow:
    """One cohort of a list."""

    cohort: Cohort
    training_body: str
    certifying_body: str
    trainees: int


@dataclass(frozen=True)
class EnrolmentRow:
    """One enrolment of a list, with the person and their house."""

    enrolment: Enrolment
    person: User
    house: str


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


def folded(text: str) -> str:
    """Return a text in lower case and without accents: how names are sorted and searched."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def sort_name(person: Somebody) -> str:
    """Return what puts a person in their place in a list: family name, then given name."""
    return folded(f"{person.family_name} {person.given_name}".strip())[:170]


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


def enrolment_for(session: Session, actor: Actor, enrolment_id: uuid.UUID, permission: Permission) -> Enrolment:
    """Return an enrolment in a training body where the actor may do something; raise NotFound otherwise."""
    query = select(Enrolment).where(
        Enrolment.id == enrolment_id, Enrolment.training_body_id.in_(actor.organisations(permission))
    )
    enrolment = session.scalars(query).one_or_none()
    if enrolment is None:
        raise NotFound()
    return enrolment


def own_enrolments(session: Session, actor: Actor) -> list[Enrolment]:
    """Return the actor's own enrolments but those withdrawn: the one to work on first, then the newest."""
    is_under_way = case((Enrolment.state.in_([EnrolmentState.ACTIVE, EnrolmentState.INVITED]), 0), else_=1)
    query = select(Enrolment).where(Enrolment.user_id == actor.user_id, Enrolment.state != EnrolmentState.WITHDRAWN)
    return list(session.scalars(query.order_by(is_under_way, Enrolment.entered_on.desc(), Enrolment.id.desc())))


def own_enrolment(session: Session, actor: Actor, enrolment_id: uuid.UUID | None = None) -> Enrolment:
    """Return one enrolment of the actor, by default the one to work on; raise NotFound when there is none."""
    for enrolment in own_enrolments(session, actor):
        if enrolment_id in (None, enrolment.id):
            return enrolment
    raise NotFound()


def people_of(session: Session, enrolments: Iterable[Enrolment]) -> dict[uuid.UUID, User]:
    """Return the person of each enrolment, by enrolment, in one statement."""
    wanted = {enrolment.id: enrolment.user_id for enrolment in enrolments}
    people = {user.id: user for user in session.scalars(select(User).where(User.id.in_(set(wanted.values()))))}
    return {enrolment_id: people[user_id] for enrolment_id, user_id in wanted.items()}


def enrolments_of(cohort: Cohort, *, words: str = "", state: str = "") -> Select[*tuple[Any, ...]]:
    """Select the enrolments of a cohort with their people and houses: (enrolment, person, house name)."""
    house = aliased(Organisation)
    query = (
        select(Enrolment, User, house.name.label("house"))
        .join(User, User.id == Enrolment.user_id)
        .outerjoin(house, house.id == Enrolment.house_id)
        .where(Enrolment.cohort_id == cohort.id, *listing.matches(folded(words), Enrolment.sort_name, User.email))
    )
    if state in set(EnrolmentState):
        query = query.where(Enrolment.state == EnrolmentState(state))
    return query


def enrolled_emails(session: Session, cohort_id: uuid.UUID) -> frozenset[str]:
    """Return the addresses of everybody enrolled in a cohort, whatever their state."""
    query = select(User.email).join(Enrolment, Enrolment.user_id == User.id).where(Enrolment.cohort_id == cohort_id)
    return frozenset(session.scalars(query))


def enrolled_people(session: Session, cohort_id: uuid.UUID) -> set[uuid.UUID]:
    """Return everybody enrolled in a cohort, whatever their state."""
    return set(session.scalars(select(Enrolment.user_id).where(Enrolment.cohort_id == cohort_id)))


def users_with(session: Session, emails: Sequence[str]) -> dict[str, User]:
    """Return the accounts that exist among many addresses, by address."""
    found: dict[str, User] = {}
    for n in range(0, len(emails), _AT_ONCE):
        query = select(User).where(User.email.in_(emails[n : n + _AT_ONCE]))
        found |= {user.email: user for user in session.scalars(query)}
    return found


def houses(session: Session) -> list[Organisation]:
    """Return every house of the programme, by name."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.HOUSE)
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))
