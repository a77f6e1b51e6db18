"""Reads about enrolments and the people enrolled."""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.organisations.models import Organisation

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
class EnrolmentRow:
    """One enrolment of a list, with the person and their house."""

    enrolment: Enrolment
    person: User
    house: str


def folded(text: str) -> str:
    """Return a text in lower case and without accents: how names are sorted and searched."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def sort_name(person: Somebody) -> str:
    """Return what puts a person in their place in a list: family name, then given name."""
    return folded(f"{person.family_name} {person.given_name}".strip())[:170]


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
