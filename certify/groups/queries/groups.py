"""Reads about groups: those somebody may see or write, and what a page of one shows."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import folded
from certify.core import clock, listing
from certify.core.access import Actor, Permission, Role, Scope
from certify.core.errors import NotFound
from certify.frameworks.models import FrameworkVersion
from certify.groups.models import Facilitator, GroupFidelity, PeerGroup
from certify.organisations.models import Membership, Organisation


@dataclass(frozen=True)
class GroupRow:
    """One group of a list, with its house, its referent and what its fidelity rules said last."""

    group: PeerGroup
    house: str
    referent: User | None
    fidelity: GroupFidelity | None


@dataclass(frozen=True)
class FacilitatorRow:
    """Somebody who facilitates, or facilitated, a group."""

    facilitator: Facilitator
    name: str
    user_id: uuid.UUID

    def is_current(self, day: date) -> bool:
        """Whether they facilitate it on a day."""
        ends_on = self.facilitator.ends_on
        return self.facilitator.starts_on <= day and (ends_on is None or ends_on > day)


@dataclass(frozen=True)
class Candidate:
    """Somebody enrolled who may facilitate a group, with the certification they prepare."""

    enrolment: Enrolment
    name: str
    certifying_body_id: uuid.UUID
    framework_code: str


def visible(actor: Actor, permission: Permission = Permission.GROUP_READ) -> Select[PeerGroup]:
    """Select the groups on which the actor may do something.

    Staff: those of their training body or house. A trainee: those they facilitate or facilitated; only those they
    facilitate today when it is to write.
    """
    return select(PeerGroup).where(_allowed(actor, permission))


def _allowed(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if actor.organisations(permission):
        conditions.append(_by_role(actor, permission))
    if cohorts := actor.cohorts(permission):
        own = (
            select(Facilitator.group_id)
            .join(Enrolment, Enrolment.id == Facilitator.enrolment_id)
            .where(Enrolment.user_id == actor.user_id, Enrolment.cohort_id.in_(cohorts))
        )
        if permission is not Permission.GROUP_READ:
            own = own.where(facilitates_on(clock.today()))
        conditions.append(PeerGroup.id.in_(own))
    return or_(*conditions) if conditions else false()


def _by_role(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    bodies = actor.organisations(permission)
    return or_(PeerGroup.training_body_id.in_(bodies), PeerGroup.house_id.in_(bodies))


def facilitates_on(day: date) -> ColumnElement[bool]:
    """The condition of somebody facilitating a group on a day."""
    return (Facilitator.starts_on <= day) & or_(Facilitator.ends_on.is_(None), Facilitator.ends_on > day)


def group_for(
    session: Session,
    actor: Actor,
    group_id: uuid.UUID,
    permission: Permission = Permission.GROUP_READ,
    *,
    lock: bool = False,
) -> PeerGroup:
    """Return a group on which the actor may do something; raise NotFound otherwise.

    With `lock`, whoever else wants to change the group waits for this transaction.
    """
    query = visible(actor, permission).where(PeerGroup.id == group_id)
    if lock:
        query = query.with_for_update(of=PeerGroup, key_share=True).execution_options(populate_existing=True)
    group = session.scalars(query).one_or_none()
    if group is None:
        raise NotFound()
    return group


def led_group(session: Session, actor: Actor, group_id: uuid.UUID) -> PeerGroup:
    """Return a group that the actor may steer by a role in its training body or house; raise NotFound otherwise."""
    query = select(PeerGroup).where(PeerGroup.id == group_id, _by_role(actor, Permission.GROUP_WRITE))
    query = query.with_for_update(of=PeerGroup, key_share=True).execution_options(populate_existing=True)
    group = session.scalars(query).one_or_none()
    if group is None:
        raise NotFound()
    return group


def may_lead(actor: Actor, group: PeerGroup) -> bool:
    """Whether the actor may steer a group by a role in its training body or house: open, close, say who facilitates."""
    bodies = actor.organisations(Permission.GROUP_WRITE)
    return group.training_body_id in bodies or group.house_id in bodies


def may_do(session: Session, actor: Actor, group: PeerGroup, permission: Permission) -> bool:
    """Whether the actor may do something with a group they see."""
    query = visible(actor, permission).with_only_columns(PeerGroup.id).where(PeerGroup.id == group.id)
    return actor.may(permission) and session.scalar(query) is not None


def own_groups(session: Session, enrolment_id: uuid.UUID) -> list[PeerGroup]:
    """Return the groups that a trainee facilitates or facilitated: open ones first, then by code."""
    facilitated = select(Facilitator.group_id).where(Facilitator.enrolment_id == enrolment_id)
    query = select(PeerGroup).where(PeerGroup.id.in_(facilitated))
    return list(session.scalars(query.order_by(PeerGroup.closed_on.is_not(None), PeerGroup.code, PeerGroup.id)))


_AT_ONCE = 1000
"""Values in one condition: databases bound them."""
HOUSE = aliased(Organisation)
"""The house of a group, in the lists that sort by it."""


def listed(groups: Select[PeerGroup]) -> Select[PeerGroup]:
    """Select groups with what a list sorts them by beside them: the house, and what their rules said last.

    What a list shows is read by `rows_of`, for its page alone: sorting thousands of whole rows would take longer.
    """
    return groups.outerjoin(HOUSE, HOUSE.id == PeerGroup.house_id).outerjoin(
        GroupFidelity, GroupFidelity.group_id == PeerGroup.id
    )


def rows_of(session: Session, groups: Sequence[PeerGroup]) -> list[GroupRow]:
    """Return what a list shows of groups, in their order; one statement for a page, one for each thousand of a file."""
    found: dict[uuid.UUID, tuple[str, User | None, GroupFidelity | None]] = {}
    query = (
        select(PeerGroup.id, func.coalesce(HOUSE.name, ""), User, GroupFidelity)
        .outerjoin(HOUSE, HOUSE.id == PeerGroup.house_id)
        .outerjoin(User, User.id == PeerGroup.referent_id)
        .outerjoin(GroupFidelity, GroupFidelity.group_id == PeerGroup.id)
    )
    for begin in range(0, len(groups), _AT_ONCE):
        ids = [one.id for one in groups[begin : begin + _AT_ONCE]]
        for group_id, house, referent, fidelity in session.execute(query.where(PeerGroup.id.in_(ids))):
            found[group_id] = (house, referent, fidelity)
    return [GroupRow(group, *found[group.id]) for group in groups]


def narrowed(
    groups: Select[PeerGroup],
    *,
    words: str = "",
    state: str = "",
    house: str = "",
    referent_id: uuid.UUID | None = None,
) -> Select[PeerGroup]:
    """Keep the groups that an address asks for; what makes no sense narrows nothing."""
    groups = groups.where(*listing.matches(words, PeerGroup.code, PeerGroup.place))
    if state == "open":
        groups = groups.where(PeerGroup.closed_on.is_(None))
    elif state == "closed":
        groups = groups.where(PeerGroup.closed_on.is_not(None))
    if (house_id := as_id(house)) is not None:
        groups = groups.where(PeerGroup.house_id == house_id)
    if referent_id is not None:
        groups = groups.where(PeerGroup.referent_id == referent_id)
    return groups


def with_verdict(groups: Select[PeerGroup], verdict: str) -> Select[PeerGroup]:
    """Keep the groups whose least favourable verdict is this one; nothing is narrowed without one."""
    if not verdict:
        return groups
    wanted = select(GroupFidelity.group_id).where(GroupFidelity.worst == verdict)
    return groups.where(PeerGroup.id.in_(wanted))


def verdict_counts(session: Session, groups: Select[PeerGroup]) -> dict[str, int]:
    """Return how many of some groups have each least favourable verdict, in one statement."""
    ids = groups.with_only_columns(PeerGroup.id).order_by(None).subquery()
    query = (
        select(GroupFidelity.worst, func.count().label("number"))
        .join(ids, ids.c.id == GroupFidelity.group_id)
        .group_by(GroupFidelity.worst)
    )
    return {row.worst: row.number for row in session.execute(query)}


def as_id(text: str) -> uuid.UUID | None:
    """Read an identifier of an address; nothing when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def facilitators_of(session: Session, group_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[FacilitatorRow]]:
    """Return who facilitates, or facilitated, each group, in the order they began; one statement."""
    found: dict[uuid.UUID, list[FacilitatorRow]] = {group_id: [] for group_id in group_ids}
    query = (
        select(Facilitator, User)
        .join(Enrolment, Enrolment.id == Facilitator.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .where(Facilitator.group_id.in_(found))
        .order_by(Facilitator.starts_on, Facilitator.id)
    )
    for facilitator, user in session.execute(query):
        found[facilitator.group_id].append(FacilitatorRow(facilitator, user.name, user.id))
    return found


def facilitator_for(session: Session, group: PeerGroup, facilitator_id: uuid.UUID) -> Facilitator:
    """Return somebody who facilitates a group; raise NotFound otherwise."""
    query = select(Facilitator).where(Facilitator.id == facilitator_id, Facilitator.group_id == group.id)
    facilitator = session.scalars(query).one_or_none()
    if facilitator is None:
        raise NotFound()
    return facilitator


def candidates(session: Session, training_body_id: uuid.UUID, words: str = "") -> list[Candidate]:
    """Return the trainees of a training body who may facilitate a group, by name."""
    query = (
        select(Enrolment, User, FrameworkVersion.certifying_body_id, FrameworkVersion.code)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(FrameworkVersion, FrameworkVersion.id == Cohort.framework_version_id)
        .where(
            Enrolment.training_body_id == training_body_id,
            Enrolment.state.in_([EnrolmentState.ACTIVE, EnrolmentState.INVITED, EnrolmentState.SUSPENDED]),
            *listing.matches(folded(words), Enrolment.sort_name),
        )
        .order_by(Enrolment.sort_name, Enrolment.id)
    )
    return [Candidate(enrolment, user.name, body, code) for enrolment, user, body, code in session.execute(query)]


def referents(session: Session, organisation_ids: Iterable[uuid.UUID]) -> list[User]:
    """Return who may follow a group: referents, trainers and coordinators of some organisations, by name."""
    follows = select(Membership.user_id).where(
        Membership.organisation_id.in_(set(organisation_ids)),
        Membership.ended_at.is_(None),
        Membership.role.in_([Role.REFERENT, Role.TRAINER, Role.COORDINATOR]),
    )
    query = select(User).where(User.id.in_(follows), User.active)
    return list(session.scalars(query.order_by(User.family_name, User.given_name, User.id)))


def houses_of(session: Session, groups: Select[PeerGroup]) -> list[Organisation]:
    """Return the houses of some groups, by name."""
    ids = groups.with_only_columns(PeerGroup.house_id).order_by(None)
    query = select(Organisation).where(Organisation.id.in_(ids))
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def is_staff(actor: Actor, permission: Permission = Permission.GROUP_READ) -> bool:
    """Whether the actor sees groups by a role of theirs, not as the one who facilitates them."""
    return bool(actor.where(permission, Scope.ORGANISATION))


def is_code_taken(session: Session, training_body_id: uuid.UUID, code: str) -> bool:
    """Whether a group of the training body already has this code, whatever its case."""
    query = select(PeerGroup.id).where(
        PeerGroup.training_body_id == training_body_id, func.lower(PeerGroup.code) == code.lower()
    )
    return session.scalar(query.limit(1)) is not None
