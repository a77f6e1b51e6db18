"""Reads about who is expected to sessions, who came, and who signed."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment, Presence
from certify.supervision import policies
from certify.supervision.models import Side, SupervisionPresence, SupervisionSession, SupervisionSignature


@dataclass(frozen=True)
class Mark:
    """What was recorded of somebody at one moment."""

    presence: Presence
    at: datetime


@dataclass(frozen=True)
class Attendee:
    """A trainee expected to a session: what is in force of their coming, and the signatures."""

    enrolment: Enrolment
    person: User
    marks: tuple[Mark, ...]
    by_trainee: SupervisionSignature | None
    by_supervisor: SupervisionSignature | None
    older: tuple[SupervisionSignature, ...]

    @property
    def presence(self) -> Presence | None:
        """Return what is in force of their coming."""
        return self.marks[-1].presence if self.marks else None

    @property
    def came(self) -> bool:
        """Whether they came."""
        return self.presence is Presence.PRESENT

    @property
    def is_signed(self) -> bool:
        """Whether both sides signed the session as it stands."""
        return self.by_trainee is not None and self.by_supervisor is not None


def latest(rows: Select[Any]) -> Subquery:
    """Return presence rows with their rank: the first about each trainee of a session is in force."""
    rank = func.row_number().over(
        partition_by=(SupervisionPresence.session_id, SupervisionPresence.enrolment_id),
        order_by=(SupervisionPresence.recorded_at.desc(), SupervisionPresence.id.desc()),
    )
    return rows.add_columns(rank.label("rank")).subquery()


def expected_ids(session: Session, held: SupervisionSession) -> frozenset[uuid.UUID]:
    """Return the enrolments expected to a session."""
    query = select(SupervisionPresence.enrolment_id).where(SupervisionPresence.session_id == held.id)
    return frozenset(session.scalars(query))


def attendees_of(session: Session, held: SupervisionSession) -> tuple[Attendee, ...]:
    """Return the trainees of a session by name, with their presence and signatures: three statements."""
    marks = _marks_of(session, held)
    signatures = _signatures_of(session, [held.id])
    query = (
        select(Enrolment, User)
        .join(User, User.id == Enrolment.user_id)
        .where(Enrolment.id.in_(marks))
        .order_by(Enrolment.sort_name, Enrolment.id)
    )
    found = []
    for enrolment, person in session.execute(query):
        signed = signatures[(held.id, enrolment.id)]
        found.append(
            Attendee(
                enrolment,
                person,
                tuple(marks[enrolment.id]),
                policies.signed_now(held, signed, Side.TRAINEE),
                policies.signed_now(held, signed, Side.SUPERVISOR),
                tuple(policies.signed_before(held, signed)),
            )
        )
    return tuple(found)


def _marks_of(session: Session, held: SupervisionSession) -> dict[uuid.UUID, list[Mark]]:
    """Return what was recorded of each trainee expected, oldest first; nothing yet makes an empty list."""
    marks: dict[uuid.UUID, list[Mark]] = {}
    query = (
        select(SupervisionPresence)
        .where(SupervisionPresence.session_id == held.id)
        .order_by(SupervisionPresence.recorded_at, SupervisionPresence.id)
    )
    for row in session.scalars(query):
        of_one = marks.setdefault(row.enrolment_id, [])
        if row.presence is not None:
            of_one.append(Mark(row.presence, row.recorded_at))
    return marks


def _signatures_of(
    session: Session, session_ids: Collection[uuid.UUID]
) -> dict[tuple[uuid.UUID, uuid.UUID], list[SupervisionSignature]]:
    found: dict[tuple[uuid.UUID, uuid.UUID], list[SupervisionSignature]] = defaultdict(list)
    query = select(SupervisionSignature).where(SupervisionSignature.session_id.in_(session_ids))
    for row in session.scalars(query.order_by(SupervisionSignature.signed_at, SupervisionSignature.id)):
        found[(row.session_id, row.enrolment_id)].append(row)
    return found
