"""Reads about jury sessions: lists, seats, minutes, what they award."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import access, clock
from certify.core.access import Actor, Permission, Role, Scope
from certify.core.errors import Forbidden, NotFound
from certify.core.i18n import lazy as _l
from certify.frameworks.queries import certifying_bodies_from
from certify.juries.models import (
    Appeal,
    BlockDecision,
    Candidacy,
    DecisionKind,
    JuryDecision,
    JuryMinutes,
    JurySeat,
    JurySession,
    SessionState,
    Vote,
)
from certify.organisations.models import Organisation
from certify.revisions.policies import blocked_by

__all__ = [
    "Appeal", "BlockDecision", "Candidacy", "DecisionKind", "JuryDecision", "JuryMinutes", "JurySeat", "JurySession",
    "SessionState", "Vote",
]  # fmt: skip

OVER = (SessionState.CLOSED, SessionState.PUBLISHED)
"""The states in which a jury has decided."""
ACCESS_ENDED = _l("L’accès des membres aux dossiers de cette session a pris fin.")


@access.grants_from
def seats_in_juries(user_id: uuid.UUID) -> Select[*tuple[Any, ...]]:
    """Select the jury sessions in which a person sits, as member or president."""
    role = case((JurySeat.is_president, Role.PRESIDENT.value), else_=Role.JUROR.value)
    return select(role, literal(Scope.JURY.value), JurySeat.session_id).where(JurySeat.user_id == user_id)


@certifying_bodies_from
def bodies_of_juries(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the certifying bodies of the juries in which the actor sits."""
    return select(JurySession.certifying_body_id).where(JurySession.id.in_(actor.juries(Permission.FRAMEWORK_READ)))


@blocked_by
def presented(
    session: Session, enrolment_ids: Collection[uuid.UUID], _framework: competencies.Framework
) -> dict[uuid.UUID, Any]:
    """Forbid moving a candidate of a session under way: the jury decides on the file as it was presented."""
    query = (
        select(Candidacy.enrolment_id, JurySession.reference)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .where(Candidacy.enrolment_id.in_(enrolment_ids), JurySession.state != SessionState.PUBLISHED)
        .order_by(JurySession.held_on.desc(), JurySession.id)
    )
    return {
        enrolment_id: _l(
            "dossier présenté à la session de jury %(number)s, dont les résultats ne sont pas publiés", number=number
        )
        for enrolment_id, number in session.execute(query)
    }


@blocked_by
def holding_a_block(
    session: Session, enrolment_ids: Collection[uuid.UUID], framework: competencies.Framework
) -> dict[uuid.UUID, Any]:
    """Forbid moving who was awarded a block that the later version has no more: a block acquired is for good."""
    query = _standing_decisions().where(
        Candidacy.enrolment_id.in_(enrolment_ids), JuryDecision.outcome != competencies.WholeOutcome.ADJOURNED
    )
    known = {block.code for block in framework.blocks}
    lost = {
        enrolment.id: [code for code in _award(jury, enrolment, user, decision).acquired if code not in known]
        for decision, jury, enrolment, user in session.execute(query)
    }
    return {
        enrolment_id: _l("le bloc %(code)s, déjà acquis, n’existe pas dans cette version", code=codes[0])
        for enrolment_id, codes in lost.items()
        if codes
    }


def reach(actor: Actor, *permissions: Permission) -> ColumnElement[bool]:
    """Tell which sessions one of these permissions opens: those of a certifying body, or those where one sits."""
    bodies = frozenset[uuid.UUID]().union(*(actor.organisations(one) for one in permissions))
    juries = frozenset[uuid.UUID]().union(*(actor.juries(one) for one in permissions))
    return or_(JurySession.certifying_body_id.in_(bodies), JurySession.id.in_(juries))


def jury_for(session: Session, actor: Actor, jury_id: uuid.UUID, *permissions: Permission) -> JurySession:
    """Return a session on which the actor holds one of the permissions; raise NotFound otherwise.

    Who reads it because they sit, not because they keep the sessions of the body, does so until their access ends.
    """
    query = select(JurySession).where(JurySession.id == jury_id, reach(actor, *permissions))
    jury = session.scalars(query.options(selectinload(JurySession.seats))).one_or_none()
    if jury is None:
        raise NotFound()
    if has_access_ended(jury) and not any(jury.certifying_body_id in actor.organisations(one) for one in permissions):
        raise Forbidden(ACCESS_ENDED)
    return jury


def has_access_ended(jury: JurySession) -> bool:
    """Whether the members' access to a published session has ended."""
    ends = jury.access_ends_on
    return jury.state is SessionState.PUBLISHED and ends is not None and clock.today() > ends


def candidacy_for(session: Session, actor: Actor, candidacy_id: uuid.UUID, *, to_decide: bool = False) -> Candidacy:
    """Return a candidacy whose file the actor may read, or decide on: members of that jury only, and its registrar."""
    if to_decide:
        allowed: ColumnElement[bool] = JurySession.id.in_(actor.juries(Permission.JURY_DECIDE))
    else:
        bodies = actor.organisations(Permission.JURY_WRITE)
        sits = JurySession.id.in_(actor.juries(Permission.JURY_READ))
        allowed = or_(JurySession.certifying_body_id.in_(bodies), sits)
    query = select(Candidacy).join(JurySession, JurySession.id == Candidacy.session_id)
    query = query.options(selectinload(Candidacy.jury).selectinload(JurySession.seats))
    found = session.scalars(query.where(Candidacy.id == candidacy_id, allowed)).one_or_none()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class SessionLine:
    """One session in a list."""

    jury: JurySession
    body: str
    candidates: int
    decided: int


def sessions(actor: Actor, state: str = "") -> Select[*tuple[Any, ...]]:
    """Select what makes a `SessionLine`, for the sessions the actor may read."""
    candidates = select(func.count(Candidacy.id)).where(Candidacy.session_id == JurySession.id)
    decided = (
        select(func.count(JuryDecision.candidacy_id.distinct()))
        .join(Candidacy, Candidacy.id == JuryDecision.candidacy_id)
        .where(Candidacy.session_id == JurySession.id)
    )
    query = (
        select(JurySession, Organisation.name, candidates.scalar_subquery(), decided.scalar_subquery())
        .join(Organisation, Organisation.id == JurySession.certifying_body_id)
        .where(reach(actor, Permission.JURY_READ))
    )
    return query.where(JurySession.state == SessionState(state)) if state in set(SessionState) else query


def next_reference(session: Session, certifying_body_id: uuid.UUID, year: int) -> str:
    """Propose the number of the next minutes of a certifying body: 2026-014."""
    query = select(JurySession.reference).where(JurySession.certifying_body_id == certifying_body_id)
    given = session.scalars(query.where(JurySession.reference.startswith(f"{year}-")))
    numbers = [int(tail) for reference in given if (tail := reference.partition("-")[2]).isdecimal()]
    return f"{year}-{max(numbers, default=0) + 1:03d}"


def reference_is_taken(session: Session, certifying_body_id: uuid.UUID, reference: str) -> bool:
    """Whether a certifying body already gave this number to minutes."""
    query = select(JurySession.id).where(JurySession.certifying_body_id == certifying_body_id)
    return session.scalar(query.where(JurySession.reference == reference)) is not None


@dataclass(frozen=True)
class Member:
    """Somebody seated."""

    seat: JurySeat
    user: User


def members_of(session: Session, jury: JurySession) -> list[Member]:
    """Return who sits in a session, the president first."""
    rows = session.execute(
        select(JurySeat, User)
        .join(User, User.id == JurySeat.user_id)
        .where(JurySeat.session_id == jury.id)
        .order_by(JurySeat.is_president.desc(), User.family_name, User.given_name, JurySeat.id)
    )
    return [Member(seat, user) for seat, user in rows]


def counts_of(session: Session, jury_id: uuid.UUID) -> tuple[int, int]:
    """Return how many candidates a session has, and on how many it has decided."""
    decided = exists().where(JuryDecision.candidacy_id == Candidacy.id)
    query = select(func.count(), func.count().filter(decided)).where(Candidacy.session_id == jury_id)
    total, done = session.execute(query).one()
    return total, done


@dataclass(frozen=True)
class Seated:
    """A session in which the actor sits, not closed yet."""

    jury: JurySession
    seat: JurySeat
    candidates: int


def open_seats(session: Session, actor: Actor) -> list[Seated]:
    """Return the sessions not closed in which the actor sits, the nearest first."""
    count = select(func.count(Candidacy.id)).where(Candidacy.session_id == JurySession.id).scalar_subquery()
    rows = session.execute(
        select(JurySession, JurySeat, count)
        .join(JurySeat, and_(JurySeat.session_id == JurySession.id, JurySeat.user_id == actor.user_id))
        .where(JurySession.state.not_in(OVER))
        .order_by(JurySession.held_on, JurySession.id)
    )
    return [Seated(jury, seat, number) for jury, seat, number in rows]


def declarations_to_make(session: Session, actor: Actor) -> int:
    """Count the sessions where the actor has yet to declare their links, or to do so again, for the menu."""
    since = exists().where(Candidacy.session_id == JurySession.id, Candidacy.created_at > JurySeat.declared_at)
    query = (
        select(func.count())
        .select_from(JurySeat)
        .join(JurySession, JurySession.id == JurySeat.session_id)
        .where(JurySeat.user_id == actor.user_id, or_(JurySeat.declared_at.is_(None), since))
    )
    prepared = (SessionState.CREATED, SessionState.CONVENED)
    return session.scalar(query.where(JurySession.state.in_(prepared))) or 0


def minutes_of(session: Session, jury_id: uuid.UUID) -> JuryMinutes | None:
    """Return the minutes of a session once it is closed: the last ones, when it was opened again since."""
    query = select(JuryMinutes).where(JuryMinutes.session_id == jury_id).order_by(JuryMinutes.number.desc())
    return session.scalars(query.limit(1)).one_or_none()


@dataclass(frozen=True)
class Award:
    """What a published session decided on one person: everything a certificate is issued from."""

    id: uuid.UUID
    """Of the decision that stands."""
    enrolment: Enrolment
    holder: User
    jury: JurySession
    outcome: competencies.WholeOutcome
    acquired: tuple[str, ...]
    """Codes of the blocks acquired."""
    decided_on: date
    """The day of the session, or its own when the decision was taken afterwards."""
    kind: DecisionKind = DecisionKind.DELIBERATION
    number: int = 1
    """1, 2…: more than 1 when another decision stood before."""
    restores_id: uuid.UUID | None = None
    """The decision that a reinstatement brings back."""

    @property
    def leads_to_a_certificate(self) -> bool:
        """Whether there is something to certify: the whole, or at least one block; nothing once it is taken back."""
        whole = competencies.WholeOutcome
        if self.kind in (DecisionKind.FRAUD, DecisionKind.CANCELLATION):
            return False
        return self.outcome is whole.OBTAINED or (self.outcome is whole.PARTLY_OBTAINED and bool(self.acquired))


def awards_of(session: Session, *sessions: JurySession) -> list[Award]:
    """Return what published sessions decided, by name of the candidate, in two statements; nothing of the others."""
    ids = [jury.id for jury in sessions if jury.state is SessionState.PUBLISHED]
    query = _standing_decisions().where(JurySession.id.in_(ids))
    rows = session.execute(query.order_by(Enrolment.sort_name, Candidacy.id))
    return [_award(jury, enrolment, user, decision) for decision, jury, enrolment, user in rows]


def award(session: Session, decision_id: uuid.UUID) -> Award:
    """Return what one decision awards; NotFound unless it stands and its session is published."""
    row = session.execute(_standing_decisions().where(JuryDecision.id == decision_id)).one_or_none()
    if row is None:
        raise NotFound()
    decision, jury, enrolment, user = row
    return _award(jury, enrolment, user, decision)


def award_of_candidacy(session: Session, decision_id: uuid.UUID) -> Award | None:
    """Return what the decision that stands on the same candidacy awards; None unless its session is published."""
    this = aliased(JuryDecision)
    candidacy = select(this.candidacy_id).where(this.id == decision_id).scalar_subquery()
    row = session.execute(_standing_decisions().where(JuryDecision.candidacy_id == candidacy)).one_or_none()
    if row is None:
        return None
    decision, jury, enrolment, user = row
    return _award(jury, enrolment, user, decision)


def _standing_decisions() -> Any:
    later = aliased(JuryDecision)
    return (
        select(JuryDecision, JurySession, Enrolment, User)
        .join(Candidacy, Candidacy.id == JuryDecision.candidacy_id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .where(JurySession.state == SessionState.PUBLISHED)
        .where(~exists().where(later.candidacy_id == JuryDecision.candidacy_id, later.number > JuryDecision.number))
        .options(selectinload(JuryDecision.blocks))
    )


def _award(jury: JurySession, enrolment: Enrolment, holder: User, decision: JuryDecision) -> Award:
    acquired = tuple(row.block for row in decision.blocks if row.outcome == competencies.BlockOutcome.ACQUIRED)
    outcome = competencies.WholeOutcome(decision.outcome)
    return Award(
        decision.id, enrolment, holder, jury, outcome, acquired, decision.decided_on or jury.held_on, decision.kind,
        decision.number, decision.restores_id,
    )  # fmt: skip


def published_sessions(session: Session, actor: Actor, permission: Permission, limit: int = 20) -> list[JurySession]:
    """Return the sessions published lately by the bodies where the actor holds the permission, the last first."""
    query = select(JurySession).where(JurySession.certifying_body_id.in_(actor.organisations(permission)))
    query = query.where(JurySession.state == SessionState.PUBLISHED).order_by(
        JurySession.published_at.desc(), JurySession.id
    )
    return list(session.scalars(query.limit(limit)))
