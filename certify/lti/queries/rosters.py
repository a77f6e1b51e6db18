"""Reads of rosters: what was read from a platform, and what applying it would change."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, load_only

from certify.accounts.models import User
from certify.cohorts.queries import folded
from certify.core import clock
from certify.core.access import Role
from certify.core.errors import NotFound
from certify.lti.client.rosters import Member
from certify.lti.models import Context, Deployment, Identity, LtiMembership, Registration, RosterRead
from certify.lti.protocol.roles import DEFAULT_MAPPING, mapped

_TODAY = timedelta(days=1)


class Change(StrEnum):
    """What a roster would change for one person."""

    JOINS = "joins"
    RETURNS = "returns"
    LEAVES = "leaves"
    RENAMED = "renamed"
    STAYS = "stays"


@dataclass(frozen=True)
class Line:
    """One person of a preview."""

    change: Change
    name: str
    """As the platform sends it; empty for who is not named."""
    email: str
    role: Role | None
    former_name: str = ""


@dataclass(frozen=True)
class Preview:
    """What applying a roster would change."""

    lines: Sequence[Line]
    counts: Mapping[Change, int] = field(default_factory=dict)
    nameless: int = 0
    trainees: int = 0
    without_role: int = 0

    @property
    def changed(self) -> list[Line]:
        """The lines that are not as before."""
        return [line for line in self.lines if line.change is not Change.STAYS]


def latest_read(session: Session, context_id: uuid.UUID) -> RosterRead | None:
    """Return the last reading of a course's roster, without its members."""
    query = select(RosterRead).where(RosterRead.context_id == context_id)
    query = query.order_by(RosterRead.created_at.desc(), RosterRead.id.desc()).limit(1)
    columns = (RosterRead.state, RosterRead.found, RosterRead.fault, RosterRead.created_at, RosterRead.ended_at)
    return session.scalars(query.options(load_only(*columns))).one_or_none()


def read_of(session: Session, context: Context, read_id: uuid.UUID) -> RosterRead:
    """Return a reading of this course's roster; NotFound for another course's."""
    read = session.get(RosterRead, read_id)
    if read is None or read.context_id != context.id:
        raise NotFound
    return read


def read_with_platform(session: Session, read_id: uuid.UUID) -> tuple[RosterRead, Context, Registration]:
    """Return a reading with its course and the platform to ask, free of the session."""
    row = session.execute(
        select(RosterRead, Context, Registration)
        .join(Context, Context.id == RosterRead.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(RosterRead.id == read_id)
    ).one()
    session.expunge_all()
    return row[0], row[1], row[2]


def members_of(read: RosterRead) -> list[Member]:
    """Return the members kept with a reading."""
    return [Member(**{**one, "roles": tuple(one["roles"])}) for one in read.members]


def parts_of(session: Session, context_id: uuid.UUID) -> dict[uuid.UUID, Any]:
    """Return the parts people have or had in a course, by identity."""
    query = select(
        LtiMembership.id,
        LtiMembership.identity_id,
        LtiMembership.active,
        LtiMembership.role,
        LtiMembership.roles,
        LtiMembership.launched_at,
    ).where(LtiMembership.context_id == context_id)
    rows: Iterable[Any] = session.execute(query)
    return {row.identity_id: row for row in rows}


def is_leaving(part: Row[Any], now: datetime) -> bool:
    """Whether somebody that a roster does not list has left the course.

    Platforms let in people whom they do not list, such as their administrators: who opened the course today with
    another role than a trainee's is still there.
    """
    is_visiting = part.launched_at is not None and now - part.launched_at < _TODAY
    return bool(part.active) and (part.role is Role.TRAINEE or not is_visiting)


def preview(session: Session, registration: Registration, context: Context, read: RosterRead) -> Preview:
    """Compare a roster with what is known of its course, in one statement whatever their size."""
    members = {member.sub: member for member in members_of(read) if member.active}
    query = (
        select(Identity.sub, LtiMembership.active, LtiMembership.role, LtiMembership.launched_at, User)
        .join(LtiMembership, LtiMembership.identity_id == Identity.id)
        .join(User, User.id == Identity.user_id)
        .where(LtiMembership.context_id == context.id)
    )
    known = {row.sub: row for row in session.execute(query)}
    mapping = {**DEFAULT_MAPPING, **registration.role_mapping}
    lines = sorted(
        _lines(members, known, mapping), key=lambda line: (list(Change).index(line.change), folded(line.name))
    )
    counts = {change: sum(line.change is change for line in lines) for change in Change}
    here = [line for line in lines if line.change is not Change.LEAVES]
    return Preview(
        lines, counts, sum(not line.name for line in here), sum(line.role is Role.TRAINEE for line in here),
        sum(line.role is None for line in here),
    )  # fmt: skip


def _lines(members: Mapping[str, Member], known: Mapping[str, Any], mapping: Mapping[str, str]) -> Iterator[Line]:
    for sub, member in members.items():
        found = mapped(member.roles, mapping)
        role = Role(found) if found else None
        before = known.get(sub)
        name = member.name or f"{member.given_name} {member.family_name}".strip()
        if before is None:
            yield Line(Change.JOINS, name, member.email, role)
        elif not before.active:
            yield Line(Change.RETURNS, name or before.User.name, member.email, role)
        elif name and before.User.is_external and name != before.User.name:
            yield Line(Change.RENAMED, name, member.email, role, before.User.name)
        else:
            yield Line(Change.STAYS, name or before.User.name, member.email, role)
    now = clock.now()
    for sub, before in known.items():
        if sub not in members and is_leaving(before, now):
            yield Line(Change.LEAVES, before.User.name, before.User.address, before.role)
