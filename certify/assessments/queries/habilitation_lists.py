"""The list of those who may assess, and what one may grant."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments.models import AssessorHabilitation
from certify.assessments.queries.habilitations import in_force, trainers_of
from certify.core import clock, listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import framework_of
from certify.organisations.models import Habilitation, Organisation

_WHOLE_LIST = 100_000
_Code = tuple[uuid.UUID, str]
"""A certifying body, and the code of one of its frameworks."""


@dataclass(frozen=True)
class HabilitationLine:
    """One habilitation of the list."""

    row: AssessorHabilitation
    person: User
    training_body: str
    granted_by: str
    ended_by: str
    state: str
    """Where it stands today: current, upcoming or past."""
    framework: competencies.Framework | None

    @property
    def block(self) -> competencies.Block | None:
        """The block it covers; nothing when it covers all, or one of a version that is not the newest."""
        blocks = self.framework.blocks if self.framework else ()
        return next((block for block in blocks if block.code == self.row.block), None)


@dataclass(frozen=True)
class HabilitationsPage:
    """The habilitations a person may see."""

    listing: Listing[HabilitationLine]
    frameworks: list[tuple[str, str]]
    state: str
    may_grant: bool
    shows_bodies: bool
    """Whether the reader looks over more than one training body of their own."""

    @property
    def is_filtered(self) -> bool:
        """Whether the list is narrowed beyond what it shows at first."""
        return bool(self.listing.query or self.state != "current" or self.listing.filters.get("framework"))


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Keep those of the actor's training bodies, and those for the frameworks of their certifying bodies."""
    bodies = actor.organisations(Permission.ASSESSOR_HABILITATE)
    return or_(AssessorHabilitation.training_body_id.in_(bodies), AssessorHabilitation.certifying_body_id.in_(bodies))


def habilitation_for(session: Session, actor: Actor, habilitation_id: uuid.UUID) -> AssessorHabilitation:
    """Return a habilitation that the actor may end, locked until the transaction ends; NotFound otherwise."""
    query = select(AssessorHabilitation).where(AssessorHabilitation.id == habilitation_id, _mine(actor))
    found = session.scalars(query.with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found


def habilitations_page(session: Session, actor: Actor, wanted: Wanted, *, whole: bool = False) -> HabilitationsPage:
    """Return one page of the habilitations, by name; `whole` gives them all."""
    filters, today, row = wanted.filters or {}, clock.today(), AssessorHabilitation
    state = filters.get("state") or "current"
    query = _lines(actor).where(*listing.matches(wanted.query, User.family_name, User.given_name), _is(state, today))
    if filters.get("framework"):
        query = query.where(row.framework_code == filters["framework"])
    name = (User.family_name, User.given_name, row.framework_code, row.block)
    sorts: dict[str, Any] = {
        "name": name, "body": (Organisation.name, *name), "framework": (row.framework_code, row.block, *name),
        "from": (row.starts_on, *name), "until": (row.ends_on, *name),
    }  # fmt: skip
    found = listing.paginate(
        session, query, wanted, sorts=sorts, default="name", tie=row.__table__.c.id, as_rows=True,
        per_page=_WHOLE_LIST if whole else listing.PER_PAGE,
    )  # fmt: skip
    newest = _newest(session, {one[0].certifying_body_id for one in found.rows})
    frameworks = {code: framework_of(session, version.id) for code, version in newest.items()}
    lines = [_line(one, frameworks, today) for one in found.rows]
    return HabilitationsPage(
        replace(found, rows=lines),
        _codes(session, actor),
        state,
        bool(grantable(session, actor)),
        _shows_bodies(actor, lines),
    )


def _shows_bodies(actor: Actor, lines: Sequence[HabilitationLine]) -> bool:
    bodies = {line.row.training_body_id for line in lines}
    return len(bodies) > 1 or not bodies <= actor.organisations(Permission.ASSESSOR_HABILITATE)


def _lines(actor: Actor) -> Select[*tuple[Any, ...]]:
    granting, ending, row = aliased(User), aliased(User), AssessorHabilitation
    return (
        select(row, User, Organisation.name, granting, ending)
        .join(User, User.id == row.user_id)
        .join(Organisation, Organisation.id == row.training_body_id)
        .outerjoin(granting, granting.id == row.granted_by_id)
        .outerjoin(ending, ending.id == row.ended_by_id)
        .where(_mine(actor))
    )


def _is(state: str, on: date) -> ColumnElement[bool]:
    row = AssessorHabilitation
    conditions = {
        "current": in_force(on),
        "upcoming": and_(row.starts_on > on, row.ended_at.is_(None)),
        "past": or_(row.ends_on < on, row.ended_at.is_not(None)),
    }
    return conditions.get(state, row.id.is_not(None))


def _line(one: Sequence[Any], frameworks: Mapping[_Code, competencies.Framework], on: date) -> HabilitationLine:
    row, person, body, granted_by, ended_by = one
    is_past = row.ended_at is not None or (row.ends_on is not None and row.ends_on < on)
    return HabilitationLine(
        row,
        person,
        body,
        granted_by.name if granted_by else "",
        ended_by.name if ended_by else "",
        "past" if is_past else "upcoming" if row.starts_on > on else "current",
        frameworks.get((row.certifying_body_id, row.framework_code)),
    )


def _newest(session: Session, bodies: Iterable[uuid.UUID]) -> dict[_Code, FrameworkVersion]:
    """Return the newest version in force of each framework of these bodies; the newest archived one for want of it."""
    query = select(FrameworkVersion).where(
        FrameworkVersion.certifying_body_id.in_(list(bodies)), FrameworkVersion.state != VersionState.DRAFT
    )
    # The last of each code is kept: archived ones come first, then by age.
    ordered = sorted(session.scalars(query), key=lambda one: (one.state is VersionState.ACTIVE, one.created_at))
    return {(version.certifying_body_id, version.code): version for version in ordered}


def _codes(session: Session, actor: Actor) -> list[tuple[str, str]]:
    row = AssessorHabilitation
    found = session.scalars(select(row.framework_code).where(_mine(actor)).distinct().order_by(row.framework_code))
    return [(code, code) for code in found]


@dataclass(frozen=True)
class Grantable:
    """A training body that assesses today for a framework, and for which one may habilitate assessors."""

    training_body: Organisation
    version: FrameworkVersion
    """The newest one: its blocks are those proposed."""


def grantable(session: Session, actor: Actor) -> list[Grantable]:
    """Return what the actor may grant: on frameworks that a training body is itself habilitated to assess today.

    The coordinators of that body may, and so may the registrars of the certifying body (C. trav. R6113-16).
    """
    bodies, today, row = actor.organisations(Permission.ASSESSOR_HABILITATE), clock.today(), Habilitation
    query = (
        select(Organisation, row.certifying_body_id)
        .join(row, row.training_body_id == Organisation.id)
        .where(
            or_(row.training_body_id.in_(bodies), row.certifying_body_id.in_(bodies)), row.may_assess.is_(True),
            row.starts_on <= today, or_(row.ends_on.is_(None), row.ends_on >= today),
        )
        .distinct()
    )  # fmt: skip
    pairs = [(body, certifying) for body, certifying in session.execute(query)]
    newest = _newest(session, {certifying for _body, certifying in pairs})
    found = [
        Grantable(body, version)
        for body, certifying in pairs
        for (owner, _code), version in newest.items()
        if owner == certifying
    ]
    return sorted(found, key=lambda one: (one.training_body.name, one.version.title_fr, one.version.code))


@dataclass(frozen=True)
class GrantPage:
    """Who may be habilitated, on what."""

    chosen: Grantable
    people: list[User]
    framework: competencies.Framework


def grant_page(session: Session, chosen: Grantable) -> GrantPage:
    """Return what the form of a habilitation proposes."""
    return GrantPage(chosen, trainers_of(session, chosen.training_body.id), framework_of(session, chosen.version.id))


def overlapping(
    session: Session, user_id: uuid.UUID, chosen: Grantable, starts_on: date, ends_on: date | None
) -> set[str]:
    """Return the blocks a person is already habilitated for on some day of a period; the empty code stands for all."""
    row = AssessorHabilitation
    query = select(row.block).where(
        row.user_id == user_id,
        row.training_body_id == chosen.training_body.id,
        row.certifying_body_id == chosen.version.certifying_body_id,
        row.framework_code == chosen.version.code,
        row.ended_at.is_(None),
        or_(row.ends_on.is_(None), row.ends_on >= starts_on),
    )
    if ends_on is not None:
        query = query.where(row.starts_on <= ends_on)
    return set(session.scalars(query))
