"""Reads about hours of practice analysis: those attended, and among them those signed by both sides."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts.models import Enrolment, EnrolmentState, Presence
from certify.cohorts.queries import folded
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.supervision.models import (
    Side,
    SupervisionKind,
    SupervisionPresence,
    SupervisionSession,
    SupervisionSignature,
)
from certify.supervision.queries.attendees import latest
from certify.supervision.queries.sessions import IN_ORDER


@dataclass(frozen=True)
class Hours:
    """Practice analysis of one trainee: half-days and minutes attended, and those both sides signed."""

    half_days: int = 0
    minutes: int = 0
    signed_half_days: int = 0
    signed_minutes: int = 0


@dataclass(frozen=True)
class AttendedHalfDay:
    """One half-day of practice analysis a trainee came to."""

    held: SupervisionSession
    is_signed: bool


def _attended(enrolment_ids: Collection[uuid.UUID]) -> Select[*tuple[Any, ...]]:
    found = latest(select(SupervisionPresence).where(SupervisionPresence.enrolment_id.in_(enrolment_ids)))
    trainee, supervisor = aliased(SupervisionSignature), aliased(SupervisionSignature)

    def _signed(by: Any, side: Side) -> Any:
        return (
            (by.session_id == SupervisionSession.id)
            & (by.enrolment_id == found.c.enrolment_id)
            & (by.revision == SupervisionSession.revision)
            & (by.side == side)
        )

    return (
        select(
            found.c.enrolment_id, SupervisionSession,
            (trainee.id.is_not(None) & supervisor.id.is_not(None)).label("is_signed"),
        )
        .join(SupervisionSession, SupervisionSession.id == found.c.session_id)
        .outerjoin(trainee, _signed(trainee, Side.TRAINEE))
        .outerjoin(supervisor, _signed(supervisor, Side.SUPERVISOR))
        .where(
            found.c.rank == 1, found.c.presence == Presence.PRESENT, SupervisionSession.cancelled_at.is_(None),
            SupervisionSession.kind == SupervisionKind.PRACTICE_ANALYSIS,
        )
        .order_by(*IN_ORDER, SupervisionSession.id)
    )  # fmt: skip


def hours_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Hours]:
    """Return the practice analysis of each trainee, in one statement."""
    hours = dict.fromkeys(enrolment_ids, Hours())
    if not hours:
        return hours
    for enrolment_id, held, is_signed in session.execute(_attended(enrolment_ids)):
        before = hours[enrolment_id]
        hours[enrolment_id] = Hours(
            before.half_days + 1,
            before.minutes + held.minutes,
            before.signed_half_days + int(is_signed),
            before.signed_minutes + (held.minutes if is_signed else 0),
        )
    return hours


def attended_half_days(session: Session, enrolment_id: uuid.UUID) -> list[AttendedHalfDay]:
    """Return the half-days of practice analysis a trainee came to, oldest first."""
    return [AttendedHalfDay(held, bool(signed)) for _one, held, signed in session.execute(_attended([enrolment_id]))]


def trainees_with_hours(actor: Actor, words: str = "") -> Select[*tuple[Any, ...]]:
    """Select the trainees whose hours the actor may read: (enrolment, person)."""
    bodies = actor.organisations(Permission.SUPERVISION_READ)
    return (
        select(Enrolment, User)
        .join(User, User.id == Enrolment.user_id)
        .where(
            or_(Enrolment.training_body_id.in_(bodies), Enrolment.house_id.in_(bodies)),
            Enrolment.state != EnrolmentState.WITHDRAWN,
            *listing.matches(folded(words), Enrolment.sort_name, func.lower(User.email)),
        )
    )
