"""Jury sessions, seats, candidacies, decisions and minutes."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import Before, always
from certify.core.types import EnumText, UTCDateTime


class SessionState(StrEnum):
    """Where a session stands; closing seals its decisions."""

    CREATED = "created"
    DELIBERATING = "deliberating"
    CLOSED = "closed"

    @property
    def label(self) -> Any:
        """How the state is called on screen."""
        return _STATES[self]


_STATES = {
    SessionState.CREATED: _l("en préparation"),
    SessionState.DELIBERATING: _l("en délibération"),
    SessionState.CLOSED: _l("close"),
}


def _is_closed(before: Before) -> bool:
    return bool(before["state"] == SessionState.CLOSED)


def _has_opened(before: Before) -> bool:
    return bool(before.of(JurySession, before["session_id"])["state"] != SessionState.CREATED)


class JurySession(Identified, Base):
    """One meeting of a jury of a certifying body."""

    __tablename__ = "jury_session"
    __table_args__ = (UniqueConstraint("certifying_body_id", "reference"), Index(None, "certifying_body_id", "held_on"))
    __sealed_when__ = staticmethod(_is_closed)

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    reference: Mapped[str] = mapped_column(String(30))
    """Number of the minutes: 2026-014."""
    held_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(160))
    state: Mapped[SessionState] = mapped_column(EnumText(SessionState), default=SessionState.CREATED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seats: Mapped[list["JurySeat"]] = relationship(lazy="raise_on_sql", order_by="JurySeat.id")
    candidacies: Mapped[list["Candidacy"]] = relationship(lazy="raise_on_sql", back_populates="jury")


class JurySeat(Identified, Base):
    """A member's place in a session."""

    __tablename__ = "jury_seat"
    __table_args__ = (UniqueConstraint("session_id", "user_id"), Index(None, "user_id"))
    __sealed_when__ = staticmethod(_has_opened)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    is_president: Mapped[bool] = mapped_column(Boolean, default=False)
    is_external: Mapped[bool] = mapped_column(Boolean, default=True)
    """External to the certifying body and to the candidates' training bodies."""
    quality: Mapped[str] = mapped_column(String(160), default="")
    """As written in the minutes: profession, employer's kind."""
    declared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the member declared to have no link with the candidates."""


class Candidacy(Identified, Base):
    """An enrolment presented to a session."""

    __tablename__ = "jury_candidacy"
    __table_args__ = (UniqueConstraint("session_id", "enrolment_id"), Index(None, "enrolment_id"))
    __sealed_when__ = staticmethod(_has_opened)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    jury: Mapped[JurySession] = relationship(lazy="raise_on_sql", back_populates="candidacies")
    decisions: Mapped[list["JuryDecision"]] = relationship(lazy="raise_on_sql", order_by="JuryDecision.number")


class JuryDecision(Identified, Base):
    """The jury's decision on a candidacy, whole and by block; amended by another one, never updated."""

    __tablename__ = "jury_decision"
    __table_args__ = (UniqueConstraint("candidacy_id", "number"),)
    __sealed_when__ = staticmethod(always)

    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id"))
    number: Mapped[int]
    """1, 2…: the last one stands."""
    outcome: Mapped[str] = mapped_column(String(40))
    """`competencies.award.WholeOutcome`."""
    reason: Mapped[str] = mapped_column(Text, default="")
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    """The president who recorded it."""
    blocks: Mapped[list["BlockDecision"]] = relationship(lazy="raise_on_sql", order_by="BlockDecision.block")


class BlockDecision(Identified, Base):
    """The decision on one block."""

    __tablename__ = "jury_block_decision"
    __table_args__ = (UniqueConstraint("decision_id", "block"),)
    __sealed_when__ = staticmethod(always)

    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_decision.id"))
    block: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(40))
    """`competencies.award.BlockOutcome`."""
    proposed: Mapped[str] = mapped_column(String(40))
    """What the assessments led the software to propose."""
    reason: Mapped[str] = mapped_column(Text, default="")


class JuryMinutes(Identified, Base):
    """The minutes (PV) of a closed session: frozen facts, then the stored bytes of their PDF."""

    __tablename__ = "jury_minutes"
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"storage_key", "sha256", "size", "rendered_at"})

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"), unique=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    rendered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
