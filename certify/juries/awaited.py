"""What waits for somebody: minutes to sign, results to publish, appeals to answer, for their home page."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core.access import Actor
from certify.juries.models import (
    Appeal,
    Candidacy,
    JuryMinutes,
    JurySeat,
    JurySession,
    JurySignature,
    MissingSignature,
    SessionState,
)


def minutes_to_sign(session: Session, actor: Actor) -> list[JurySession]:
    """Return the sessions in which the actor sat and whose minutes they have yet to sign, the oldest first."""
    settled = select(JurySignature.minutes_id, JurySignature.seat_id).union(
        select(MissingSignature.minutes_id, MissingSignature.seat_id)
    )
    done = settled.subquery()
    query = (
        select(JurySession, JuryMinutes, JurySeat.id)
        .join(JurySeat, JurySeat.session_id == JurySession.id)
        .join(JuryMinutes, JuryMinutes.session_id == JurySession.id)
        .outerjoin(done, (done.c.minutes_id == JuryMinutes.id) & (done.c.seat_id == JurySeat.id))
        .where(
            JurySeat.user_id == actor.user_id, JurySession.state == SessionState.CLOSED, done.c.minutes_id.is_(None),
            JuryMinutes.superseded_at.is_(None), JuryMinutes.signed_at.is_(None),
        )
        .order_by(JurySession.held_on, JurySession.id)
    )  # fmt: skip
    return [jury for jury, minutes, seat_id in session.execute(query) if _sat(minutes, seat_id)]


def _sat(minutes: JuryMinutes, seat_id: uuid.UUID) -> bool:
    return any(one.get("seat") == str(seat_id) and one["is_present"] for one in minutes.facts["members"])


def sessions_to_publish(session: Session, bodies: Collection[uuid.UUID]) -> list[tuple[JurySession, bool]]:
    """Return the closed sessions of some bodies, the oldest first, with whether their minutes are signed."""
    query = (
        select(JurySession, JuryMinutes.signed_at.is_not(None))
        .join(JuryMinutes, JuryMinutes.session_id == JurySession.id)
        .where(
            JurySession.certifying_body_id.in_(bodies), JurySession.state == SessionState.CLOSED,
            JuryMinutes.superseded_at.is_(None),
        )
        .order_by(JurySession.held_on, JurySession.id)
    )  # fmt: skip
    return [(jury, is_signed) for jury, is_signed in session.execute(query)]


def appeals_to_answer(session: Session, bodies: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str, date]]:
    """Return the appeals that some bodies have yet to answer, the oldest first: identifier, session, day received."""
    query = (
        select(Appeal.id, JurySession.reference, Appeal.received_on)
        .join(Candidacy, Candidacy.id == Appeal.candidacy_id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .where(JurySession.certifying_body_id.in_(bodies), Appeal.answered_on.is_(None))
        .order_by(Appeal.received_on, Appeal.id)
    )
    return [(one, reference, on) for one, reference, on in session.execute(query)]


def next_session_of(session: Session, enrolment_id: uuid.UUID) -> JurySession | None:
    """Return the session to come to which somebody is presented, if any."""
    query = (
        select(JurySession)
        .join(Candidacy, Candidacy.session_id == JurySession.id)
        .where(
            Candidacy.enrolment_id == enrolment_id,
            JurySession.state.in_([SessionState.CREATED, SessionState.CONVENED, SessionState.DELIBERATING]),
        )
        .order_by(JurySession.held_on, JurySession.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()
