"""Reads about civil identities: the name a certificate carries, what stands for somebody, who still lacks one."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import folded
from certify.core import clock, listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.frameworks import queries as frameworks
from certify.frameworks.models import FrameworkVersion
from certify.identities.ciphers import opened_status, opened_text
from certify.identities.models import CivilIdentity, RegistrationNumber
from competencies.civil_status import CivilStatus

READ = "identities:identity:read"
"""Audit tag of somebody of the staff who opened an identity."""
_AT_ONCE = 500
_IS_HELD = func.length(CivilIdentity.content) > 0
"""Retention may have emptied the oldest ones."""


@dataclass(frozen=True)
class CivilName:
    """Somebody's name as their civil status has it."""

    given_names: tuple[str, ...]
    birth_name: str
    usage_name: str

    @property
    def printed(self) -> str:
        """How documents name the person: every given name, the name at birth, then the name in use."""
        name = f"{' '.join(self.given_names)} {self.birth_name}"
        return f"{name}, nom d’usage {self.usage_name}" if self.usage_name else name

    @classmethod
    def of(cls, status: CivilStatus) -> "CivilName":
        """Return the name in a civil status."""
        return cls(status.given_names, status.birth_name, status.usage_name)


def civil_name(session: Session, user_id: uuid.UUID) -> CivilName | None:
    """Return somebody's name from their civil identity, once it was compared with the document; None before."""
    return civil_names(session, [user_id]).get(user_id)


def civil_names(session: Session, user_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, CivilName]:
    """Return the names of many people from their checked identities, those who have one, a statement per few hundred.

    The last checked version is the one that counts: nobody changes it without comparing again.
    """
    return {row.user_id: CivilName.of(opened_status(row.content)) for row in checked_identities(session, user_ids)}


def checked_identities(session: Session, user_ids: Collection[uuid.UUID]) -> list[CivilIdentity]:
    """Return the last checked identity of each of many people who have one."""
    found: list[CivilIdentity] = []
    for some in _batches(user_ids):
        last = (
            select(CivilIdentity.user_id, func.max(CivilIdentity.number).label("number"))
            .where(CivilIdentity.user_id.in_(some), CivilIdentity.checked_at.is_not(None), _IS_HELD)
            .group_by(CivilIdentity.user_id)
            .subquery()
        )
        query = select(CivilIdentity).join(
            last, (last.c.user_id == CivilIdentity.user_id) & (last.c.number == CivilIdentity.number)
        )
        found += session.scalars(query)
    return found


def identities_by_id(session: Session, ids: Collection[uuid.UUID]) -> Iterator[CivilIdentity]:
    """Yield identities by their identifiers, a few hundred at a time."""
    for some in _batches(ids):
        yield from session.scalars(select(CivilIdentity).where(CivilIdentity.id.in_(some)))


def numbers_of(session: Session, user_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return the registration numbers (NIR) kept of many people: for the deposit file only, never for a page."""
    found: dict[uuid.UUID, str] = {}
    for some in _batches(user_ids):
        query = select(RegistrationNumber).where(
            RegistrationNumber.user_id.in_(some), RegistrationNumber.content.is_not(None)
        )
        found |= {row.user_id: opened_text(row.content) for row in session.scalars(query) if row.content}
    return found


def _batches(ids: Collection[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    every = list(ids)
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))


@dataclass(frozen=True)
class Version:
    """One version of somebody's identity, with who typed it and who compared it with the document."""

    row: CivilIdentity
    recorded_by: str
    checked_by: str


@dataclass(frozen=True)
class Known:
    """What is known of somebody: the identity that stands, its versions, the latest first, and the number kept."""

    versions: Sequence[Version]
    number: RegistrationNumber | None

    @property
    def last(self) -> CivilIdentity | None:
        """The identity that stands, if somebody gave one."""
        held = (version.row for version in self.versions if version.row.content)
        return next(held, None)

    @property
    def status(self) -> CivilStatus | None:
        """What it says, decrypted."""
        return opened_status(self.last.content) if self.last is not None else None

    @property
    def is_checked(self) -> bool:
        """Whether it was compared with the document."""
        return self.last is not None and self.last.checked_at is not None

    @property
    def has_number(self) -> bool:
        """Whether a registration number is kept."""
        return self.number is not None and self.number.content is not None


def known_of(session: Session, user_id: uuid.UUID) -> Known:
    """Return what is known of somebody, in two statements."""
    recorder, checker = aliased(User), aliased(User)
    query = (
        select(CivilIdentity, recorder, checker)
        .outerjoin(recorder, recorder.id == CivilIdentity.recorded_by_id)
        .outerjoin(checker, checker.id == CivilIdentity.checked_by_id)
        .where(CivilIdentity.user_id == user_id)
        .order_by(CivilIdentity.number.desc())
    )
    versions = [
        Version(row, recorded.name if recorded else "", checked.name if checked else "")
        for row, recorded, checked in session.execute(query)
    ]
    number = session.scalars(select(RegistrationNumber).where(RegistrationNumber.user_id == user_id)).one_or_none()
    return Known(versions, number)


def enrolment_for(
    session: Session, actor: Actor, enrolment_id: uuid.UUID, permission: Permission
) -> tuple[Enrolment, Cohort, User]:
    """Return an enrolment whose person the training or the certifying body may identify; NotFound otherwise."""
    query = _reached(actor, permission).where(Enrolment.id == enrolment_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    enrolment, cohort, person = row
    return enrolment, cohort, person


def _reached(actor: Actor, permission: Permission) -> Select[*tuple[Any, ...]]:
    bodies = actor.organisations(permission)
    return (
        select(Enrolment, Cohort, User)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(User, User.id == Enrolment.user_id)
        .where(or_(Enrolment.training_body_id.in_(bodies), Cohort.certifying_body_id.in_(bodies)))
    )


@dataclass(frozen=True)
class Line:
    """One person of the list: what stands of their identity, never what it says."""

    enrolment: Enrolment
    cohort: Cohort
    person: User
    identity: CivilIdentity | None

    @property
    def state(self) -> str:
        """Where it stands: missing, to check, checked."""
        if self.identity is None or not self.identity.content:
            return "missing"
        return "checked" if self.identity.checked_at is not None else "to_check"


def lines(session: Session, actor: Actor, wanted: listing.Wanted, *, per_page: int) -> listing.Listing[Line]:
    """Return a page of the people whose identity the actor may read, in two statements."""
    again = aliased(CivilIdentity)
    last = select(func.max(again.number)).where(again.user_id == Enrolment.user_id).scalar_subquery()
    rank = case((CivilIdentity.id.is_(None), 0), (~_IS_HELD, 0), (CivilIdentity.checked_at.is_(None), 1), else_=2)
    query = (
        _reached(actor, Permission.IDENTITY_READ)
        .add_columns(CivilIdentity)
        .outerjoin(CivilIdentity, and_(CivilIdentity.user_id == Enrolment.user_id, CivilIdentity.number == last))
        .where(Enrolment.state != EnrolmentState.WITHDRAWN)
        .where(*listing.matches(folded(wanted.query), Enrolment.sort_name))
    )
    states = {"missing": 0, "to_check": 1, "checked": 2}
    state = (wanted.filters or {}).get("state", "")
    if state in states:
        query = query.where(rank == states[state])
    found = listing.paginate(
        session, query, wanted, sorts={"name": (Enrolment.sort_name,), "state": (rank, Enrolment.sort_name)},
        default="state", tie=Enrolment.id, per_page=per_page, as_rows=True,
    )  # fmt: skip
    rows = [Line(*row) for row in found.rows]
    return listing.Listing(rows, found.total, wanted, found.sort, found.direction, found.page, found.per_page)


def to_check_count(session: Session, actor: Actor) -> int:
    """Count the identities that wait for somebody to compare them with the document."""
    query = listing.Wanted("", filters={"state": "to_check"})
    return lines(session, actor, query, per_page=1).total


def asks_for_number(session: Session, user_id: uuid.UUID, enrolment_id: uuid.UUID | None = None) -> bool:
    """Whether somebody's registration number (NIR) may be asked: the certification they prepare is registered today.

    Before, nothing allows to keep it (C. trav. L6113-8, R6113-17-1). The staff asks through one enrolment, and that one
    counts; a person gives their own for any of theirs.
    """
    query = (
        select(FrameworkVersion.certifying_body_id, FrameworkVersion.code)
        .join(Enrolment, Enrolment.framework_version_id == FrameworkVersion.id)
        .where(Enrolment.user_id == user_id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .distinct()
    )
    if enrolment_id is not None:
        query = query.where(Enrolment.id == enrolment_id)
    pairs = session.execute(query).all()
    return any(frameworks.recognition_of(session, *pair, clock.today()) is not None for pair in pairs)
