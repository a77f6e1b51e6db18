"""Reads about a course: its people, its links, where its roster stands."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.cohorts.models import Cohort
from certify.cohorts.queries import folded
from certify.core import listing
from certify.core.access import Role
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted
from certify.lti.models import Context, Identity, LtiMembership, Placement, Registration, ResourceLink, Target

STAFF = (Role.COORDINATOR, Role.TRAINER, Role.REFERENT)
"""Roles of those who teach, or follow, in a course."""


@dataclass(frozen=True)
class Person:
    """Somebody in a course, as its page shows them."""

    member: LtiMembership
    identity: Identity
    user: User


@dataclass(frozen=True)
class PlacedLink:
    """A link of a course and what it opens."""

    title: str
    target: Target | None
    is_seen: bool
    """Whether anybody followed it since it was placed."""


@dataclass(frozen=True)
class Counts:
    """A course in numbers."""

    present: int
    trainees: int
    left: int
    nameless: int


def people(session: Session, context: Context, wanted: Wanted, *, per_page: int = listing.PER_PAGE) -> Listing[Any]:
    """Return one page of the people of a course: (membership, identity, account)."""
    query = _filtered(
        select(LtiMembership, Identity, User)
        .join(Identity, Identity.id == LtiMembership.identity_id)
        .join(User, User.id == Identity.user_id)
        .where(LtiMembership.context_id == context.id),
        wanted,
    )
    name = (func.lower(User.family_name), func.lower(User.given_name))
    sorts: Mapping[str, Sequence[Any]] = {
        "name": name,
        "joined": (LtiMembership.joined_at, *name),
        "launched": (LtiMembership.launched_at, *name),
    }
    return listing.paginate(
        session, query, wanted, sorts=sorts, default="name", tie=LtiMembership.id, per_page=per_page, as_rows=True
    )


def _filtered(query: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    query = query.where(*listing.matches(folded(wanted.query), User.family_name, User.given_name, User.contact))
    match (wanted.filters or {}).get("who"):
        case "trainees":
            return query.where(LtiMembership.active, LtiMembership.role == Role.TRAINEE)
        case "staff":
            return query.where(LtiMembership.active, LtiMembership.role.in_(STAFF))
        case "nothing":
            return query.where(LtiMembership.active, LtiMembership.role.is_(None))
        case "nameless":
            return query.where(LtiMembership.active, Identity.has_label)
        case "left":
            return query.where(LtiMembership.active.is_(False))
    return query


def counts(session: Session, context: Context) -> Counts:
    """Count the people of a course, in one statement."""
    active = LtiMembership.active
    row = session.execute(
        select(
            func.count().filter(active),
            func.count().filter(active, LtiMembership.role == Role.TRAINEE),
            func.count().filter(~active),
            func.count().filter(active, Identity.has_label),
        )
        .select_from(LtiMembership)
        .join(Identity, Identity.id == LtiMembership.identity_id)
        .where(LtiMembership.context_id == context.id)
    ).one()
    return Counts(*row)


def member_of(session: Session, context: Context, member_id: uuid.UUID) -> LtiMembership:
    """Return somebody's part in this course; NotFound for another course's."""
    member = session.get(LtiMembership, member_id)
    if member is None or member.context_id != context.id:
        raise NotFound
    return member


def links(session: Session, context: Context) -> list[PlacedLink]:
    """Return the links of a course: those followed, then those placed and not followed yet."""
    followed = session.scalars(
        select(ResourceLink).where(ResourceLink.context_id == context.id).order_by(ResourceLink.created_at)
    ).all()
    placed = session.scalars(
        select(Placement).where(Placement.context_id == context.id).order_by(Placement.created_at)
    ).all()
    seen = {link.placement_id for link in followed}
    shown = [PlacedLink(link.title, link.target, True) for link in followed]
    return shown + [PlacedLink("", one.target, False) for one in placed if one.id not in seen]


def cohort_of(session: Session, context: Context) -> Cohort | None:
    """Return the cohort a course stands for."""
    return session.get(Cohort, context.cohort_id) if context.cohort_id else None


def original_of(session: Session, context: Context) -> Context | None:
    """Return the course of which this one is a copy, as long as nobody said what the copy stands for."""
    return session.get(Context, context.copied_from_id) if context.copied_from_id and not context.cohort_id else None


@assessments.trainers_from
def teachers_of_courses(bodies: Collection[uuid.UUID]) -> Select[*tuple[Any, ...]]:
    """Select those who teach in a course of a platform of a training body: they may be habilitated to assess there."""
    return (
        select(Registration.organisation_id, Identity.user_id)
        .join(Identity, Identity.registration_id == Registration.id)
        .join(LtiMembership, LtiMembership.identity_id == Identity.id)
        .where(
            Registration.organisation_id.in_(bodies),
            LtiMembership.role == Role.TRAINER,
            LtiMembership.active.is_(True),
        )
    )
