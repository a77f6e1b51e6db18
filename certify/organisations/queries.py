"""Reads about organisations, memberships and habilitations."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, String, cast, literal, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import access
from certify.core.access import Actor, Permission, Role, Scope
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted, matches, paginate
from certify.organisations.models import Habilitation, Membership, Organisation, OrganisationKind


@access.grants_from
def roles_in_organisations(user_id: uuid.UUID) -> Select[*tuple[Any, ...]]:
    """Select the roles a person holds in organisations today."""
    return select(cast(Membership.role, String), literal(Scope.ORGANISATION.value), Membership.organisation_id).where(
        Membership.user_id == user_id, Membership.ended_at.is_(None)
    )


@dataclass(frozen=True)
class Member:
    """A person's role in an organisation, as its list shows it."""

    membership: Membership
    user: User

    @property
    def is_invited(self) -> bool:
        """Whether the person has not chosen a password yet."""
        return self.user.password is None


@dataclass(frozen=True)
class Partner:
    """The other side of a habilitation."""

    organisation: Organisation
    habilitation: Habilitation
    is_current: bool


def organisations_of(session: Session, actor: Actor) -> list[Organisation]:
    """Return the organisations in which the actor holds a role, by name."""
    return _by_name(session, {grant.scope_id for grant in actor.grants if grant.scope is Scope.ORGANISATION})


def organisations_with(session: Session, actor: Actor, permission: Permission) -> list[Organisation]:
    """Return the organisations on which the actor is allowed something, by name."""
    return _by_name(session, actor.organisations(permission))


def organisation_for(
    session: Session, actor: Actor, organisation_id: uuid.UUID, permission: Permission
) -> Organisation:
    """Return an organisation on which the actor is allowed something; NotFound otherwise."""
    found = session.get(Organisation, organisation_id) if organisation_id in actor.organisations(permission) else None
    if found is None:
        raise NotFound
    return found


def membership_for(
    session: Session, actor: Actor, membership_id: uuid.UUID, permission: Permission
) -> tuple[Membership, Organisation]:
    """Return a membership and its organisation, on which the actor is allowed something; NotFound otherwise."""
    row = session.execute(
        select(Membership, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.id == membership_id, Organisation.id.in_(actor.organisations(permission)))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _by_name(session: Session, ids: Collection[uuid.UUID]) -> list[Organisation]:
    if not ids:
        return []
    return list(
        session.scalars(
            select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name, Organisation.id)
        )
    )


def people_with_role(session: Session, organisation_ids: Iterable[uuid.UUID], *roles: Role) -> list[User]:
    """Return the people who hold one of these roles in one of these organisations today, by name."""
    held = select(Membership.user_id).where(
        Membership.organisation_id.in_(list(organisation_ids)),
        Membership.role.in_(roles),
        Membership.ended_at.is_(None),
    )
    return list(
        session.scalars(select(User).where(User.id.in_(held)).order_by(User.family_name, User.given_name, User.id))
    )


def roles_held(session: Session, organisation_id: uuid.UUID, user_id: uuid.UUID) -> list[Role]:
    """Return the roles a person holds in an organisation today."""
    query = select(Membership.role).where(Membership.organisation_id == organisation_id, Membership.user_id == user_id)
    return list(session.scalars(query.where(Membership.ended_at.is_(None)).order_by(Membership.role)))


def members_of(session: Session, organisation: Organisation, wanted: Wanted, *, per_page: int = 50) -> Listing[Any]:
    """Return one page of an organisation's members: searched by name or address, filtered by role."""
    query = select(Membership, User).join(User, User.id == Membership.user_id)
    query = query.where(Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
    query = query.where(*matches(wanted.query, User.family_name, User.given_name, User.email))
    role = (wanted.filters or {}).get("role")
    if role in set(Role):
        query = query.where(Membership.role == Role(role))
    name: list[SQLColumnExpression[Any]] = [User.family_name, User.given_name]
    sorts: dict[str, list[SQLColumnExpression[Any]]] = {
        "name": name,
        "email": [User.email],
        "role": [Membership.role, *name],
        "since": [Membership.started_at],
    }
    return paginate(
        session, query, wanted, sorts=sorts, default="name", tie=Membership.id, per_page=per_page, as_rows=True
    )


def partners_of(session: Session, organisation: Organisation, on: date) -> list[Partner]:
    """Return who habilitates an organisation, or whom it habilitates, the current ones first."""
    certifies = organisation.kind is OrganisationKind.CERTIFYING_BODY
    own, other = (
        (Habilitation.certifying_body_id, Habilitation.training_body_id)
        if certifies
        else (Habilitation.training_body_id, Habilitation.certifying_body_id)
    )
    rows = session.execute(
        select(Organisation, Habilitation)
        .join(Habilitation, Organisation.id == other)
        .where(own == organisation.id)
        .order_by(Organisation.name, Habilitation.starts_on)
    )
    found = [
        Partner(row[0], row[1], row[1].starts_on <= on and (row[1].ends_on is None or on <= row[1].ends_on))
        for row in rows
    ]
    return sorted(found, key=lambda partner: not partner.is_current)


def habilitated_training_bodies(
    session: Session, certifying_body_ids: Iterable[uuid.UUID], on: date
) -> list[Organisation]:
    """Return the training bodies these certifying bodies habilitate on a day, by name."""
    held = _habilitated(select(Habilitation.training_body_id), on).where(
        Habilitation.certifying_body_id.in_(list(certifying_body_ids))
    )
    return list(
        session.scalars(
            select(Organisation).where(Organisation.id.in_(held)).order_by(Organisation.name, Organisation.id)
        )
    )


def certifying_bodies_of(session: Session, training_body_ids: Iterable[uuid.UUID], on: date) -> list[Organisation]:
    """Return the certifying bodies that habilitate these training bodies on a day, by name."""
    held = _habilitated(select(Habilitation.certifying_body_id), on).where(
        Habilitation.training_body_id.in_(list(training_body_ids))
    )
    return list(
        session.scalars(
            select(Organisation).where(Organisation.id.in_(held)).order_by(Organisation.name, Organisation.id)
        )
    )


def habilitation_on(
    session: Session, certifying_body_id: uuid.UUID, training_body_id: uuid.UUID, on: date
) -> Habilitation | None:
    """Return the habilitation in force between two bodies on a day, if any."""
    query = _habilitated(select(Habilitation), on).where(Habilitation.certifying_body_id == certifying_body_id)
    return session.scalars(query.where(Habilitation.training_body_id == training_body_id).limit(1)).one_or_none()


def _habilitated(query: Select[*tuple[Any, ...]], on: date) -> Select[*tuple[Any, ...]]:
    return query.where(Habilitation.starts_on <= on, or_(Habilitation.ends_on.is_(None), Habilitation.ends_on >= on))
