"""Reads about sessions: those somebody may see, what a list shows of each, and who may write them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Enrolment, EnrolmentState, HalfDay, Presence
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.audit import AuditEvent
from certify.core.errors import NotFound
from certify.groups.models import PeerGroup
from certify.supervision.models import Side, SupervisionPresence, SupervisionSession, SupervisionSignature
from certify.supervision.queries.attendees import latest

IN_ORDER = (SupervisionSession.on, case((SupervisionSession.half == HalfDay.MORNING, 0), else_=1))
"""Sessions as they follow one another."""
NOTES_READ = "supervision:notes:read"
"""Trace of who read the notes without being of the session."""
_TRAINEE, _SUPERVISOR = aliased(SupervisionSignature), aliased(SupervisionSignature)


@dataclass(frozen=True)
class SessionLine:
    """One session of a list."""

    held: SupervisionSession
    supervisor: str
    group: str
    expected: int = 0
    present: int = 0
    signed: int = 0
    """How many of those who came have both signatures of the session as it stands."""

    @property
    def is_complete(self) -> bool:
        """Whether everybody who came has signed, with the supervisor."""
        return self.present > 0 and self.signed == self.present


@dataclass(frozen=True)
class OwnLine:
    """One session of a trainee's list."""

    held: SupervisionSession
    supervisor: str
    group: str
    presence: Presence | None
    has_signed: bool
    is_signed: bool


def _of_staff(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    bodies = actor.organisations(permission)
    of_house = select(PeerGroup.id).where(PeerGroup.house_id.in_(bodies))
    return or_(
        SupervisionSession.training_body_id.in_(bodies),
        SupervisionSession.group_id.in_(of_house),
        SupervisionSession.supervisor_id == actor.user_id,
    )


def _expects(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        SupervisionPresence.session_id == SupervisionSession.id,
        SupervisionPresence.enrolment_id == Enrolment.id,
        Enrolment.user_id == actor.user_id,
        Enrolment.state != EnrolmentState.WITHDRAWN,
    )


def with_supervisors(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the sessions the actor reads as staff: (session, supervisor, group code)."""
    return (
        select(SupervisionSession, User, PeerGroup.code)
        .join(User, User.id == SupervisionSession.supervisor_id)
        .outerjoin(PeerGroup, PeerGroup.id == SupervisionSession.group_id)
        .where(_of_staff(actor, Permission.SUPERVISION_READ))
    )


def lines_of(session: Session, rows: Sequence[Any]) -> list[SessionLine]:
    """Return what a list shows of some sessions, in two statements."""
    ids = [held.id for held, _supervisor, _code in rows]
    came, signed = _came(session, ids), _signed(session, ids)
    return [
        SessionLine(held, supervisor.name, code or "", *came.get(held.id, (0, 0)), signed.get(held.id, 0))
        for held, supervisor, code in rows
    ]


def _came(session: Session, session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    found = latest(select(SupervisionPresence).where(SupervisionPresence.session_id.in_(session_ids)))
    present = func.sum(case((found.c.presence == Presence.PRESENT, 1), else_=0))
    query = select(found.c.session_id, func.count(), present).where(found.c.rank == 1).group_by(found.c.session_id)
    return {session_id: (expected, int(came or 0)) for session_id, expected, came in session.execute(query)}


def _signed(session: Session, session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    query = (
        select(SupervisionSession.id, func.count())
        .join(_TRAINEE, SupervisionSession.id == _TRAINEE.session_id)
        .join(
            _SUPERVISOR,
            (_SUPERVISOR.session_id == _TRAINEE.session_id)
            & (_SUPERVISOR.enrolment_id == _TRAINEE.enrolment_id)
            & (_SUPERVISOR.revision == _TRAINEE.revision),
        )
        .where(
            SupervisionSession.id.in_(session_ids), _TRAINEE.side == Side.TRAINEE,
            _SUPERVISOR.side == Side.SUPERVISOR, _TRAINEE.revision == SupervisionSession.revision,
        )
        .group_by(SupervisionSession.id)
    )  # fmt: skip
    return {row[0]: row[1] for row in session.execute(query)}


def own_sessions(enrolment: Enrolment) -> Select[*tuple[Any, ...]]:
    """Select the sessions to which a trainee is or was expected: (session, supervisor, group code)."""
    mine = exists().where(
        SupervisionPresence.session_id == SupervisionSession.id, SupervisionPresence.enrolment_id == enrolment.id
    )
    return (
        select(SupervisionSession, User, PeerGroup.code)
        .join(User, User.id == SupervisionSession.supervisor_id)
        .outerjoin(PeerGroup, PeerGroup.id == SupervisionSession.group_id)
        .where(mine)
    )


def own_lines(session: Session, enrolment: Enrolment, rows: Sequence[Any]) -> list[OwnLine]:
    """Return what a trainee's list shows of some sessions, in two statements."""
    ids = [held.id for held, _supervisor, _code in rows]
    of_mine = select(SupervisionPresence).where(
        SupervisionPresence.session_id.in_(ids), SupervisionPresence.enrolment_id == enrolment.id
    )
    found = latest(of_mine)
    of_each = select(found.c.session_id, found.c.presence).where(found.c.rank == 1)
    presences = {row[0]: row[1] for row in session.execute(of_each)}
    query = select(SupervisionSignature.session_id, SupervisionSignature.side, SupervisionSignature.revision)
    of_mine_signed = query.where(
        SupervisionSignature.session_id.in_(ids), SupervisionSignature.enrolment_id == enrolment.id
    )
    signed = {tuple(row) for row in session.execute(of_mine_signed)}
    return [
        OwnLine(
            held,
            supervisor.name,
            code or "",
            presences.get(held.id),
            (held.id, Side.TRAINEE, held.revision) in signed,
            {(held.id, side, held.revision) for side in Side} <= signed,
        )
        for held, supervisor, code in rows
    ]


def held_for(
    session: Session,
    actor: Actor,
    session_id: uuid.UUID,
    permission: Permission = Permission.SUPERVISION_READ,
    *,
    lock: bool = False,
) -> SupervisionSession:
    """Return a session the actor reads as staff or is expected to; only as staff to write it. NotFound otherwise."""
    allowed = _of_staff(actor, permission)
    if permission is Permission.SUPERVISION_READ:
        allowed = or_(allowed, _expects(actor))
    query = select(SupervisionSession).where(SupervisionSession.id == session_id, allowed)
    if lock:
        query = query.with_for_update(of=SupervisionSession).execution_options(populate_existing=True)
    held = session.scalars(query).one_or_none()
    if held is None:
        raise NotFound
    return held


def may_write(session: Session, actor: Actor, held: SupervisionSession) -> bool:
    """Whether the actor plans and corrects this session, as staff."""
    if not actor.may(Permission.SUPERVISION_WRITE):
        return False
    query = select(SupervisionSession.id).where(
        SupervisionSession.id == held.id, _of_staff(actor, Permission.SUPERVISION_WRITE)
    )
    return session.scalar(query) is not None


def is_participant(session: Session, actor: Actor, held: SupervisionSession) -> bool:
    """Whether the actor is of the session: who leads it, or a trainee expected to it."""
    if held.supervisor_id == actor.user_id:
        return True
    query = select(SupervisionSession.id).where(SupervisionSession.id == held.id, _expects(actor))
    return session.scalar(query) is not None


def choosable(session: Session, actor: Actor) -> list[tuple[Enrolment, User]]:
    """Return the trainees the actor may expect to a session, by name."""
    bodies = actor.organisations(Permission.SUPERVISION_WRITE)
    query = (
        select(Enrolment, User)
        .join(User, User.id == Enrolment.user_id)
        .where(
            or_(Enrolment.training_body_id.in_(bodies), Enrolment.house_id.in_(bodies)),
            Enrolment.state.in_([EnrolmentState.ACTIVE, EnrolmentState.INVITED, EnrolmentState.SUSPENDED]),
        )
        .order_by(Enrolment.sort_name, Enrolment.id)
    )
    return [(enrolment, person) for enrolment, person in session.execute(query)]


def names_of(session: Session, user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the name of each account, in one statement."""
    return {person.id: person.name for person in session.scalars(select(User).where(User.id.in_(set(user_ids))))}


def was_read_today(session: Session, actor: Actor, held: SupervisionSession) -> bool:
    """Whether the trail already says that the actor read these notes today."""
    morning = datetime.combine(clock.today(), time(), clock.PARIS)
    query = select(AuditEvent.id).where(
        AuditEvent.object_id == held.id, AuditEvent.at >= morning, AuditEvent.tag == NOTES_READ,
        AuditEvent.actor_id == actor.user_id,
    )  # fmt: skip
    return session.scalar(query.limit(1)) is not None
