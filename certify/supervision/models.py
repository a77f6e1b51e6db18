"""Supervision sessions, who came, and both signatures."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.cohorts.models import HalfDay, Presence
from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class SupervisionKind(StrEnum):
    """What a session is."""

    OBSERVATION = "observation"
    DEBRIEF = "debrief"
    PRACTICE_ANALYSIS = "practice_analysis"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _KINDS[self]


_KINDS = {
    SupervisionKind.OBSERVATION: _l("Observation d’une rencontre"),
    SupervisionKind.DEBRIEF: _l("Retour sur une rencontre"),
    SupervisionKind.PRACTICE_ANALYSIS: _l("Analyse de pratiques"),
}


class SupervisionSession(Identified, Base):
    """Half a day of supervision."""

    __tablename__ = "supervision_session"
    __table_args__ = (Index(None, "training_body_id", "on"), Index(None, "group_id"))

    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[SupervisionKind] = mapped_column(EnumText(SupervisionKind))
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("peer_group.id"))
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id"))
    """Of an observation or the talk after it: which meeting."""
    on: Mapped[date] = mapped_column(Date)
    half: Mapped[HalfDay] = mapped_column(EnumText(HalfDay))
    minutes: Mapped[int] = mapped_column(default=180)
    place: Mapped[str] = mapped_column(String(160), default="")
    theme: Mapped[str] = mapped_column(String(160), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    """What both sides keep of it; guarded like every free text."""
    notes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the notes were last written."""
    supervisor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SupervisionPresence(Identified, Base):
    """Whether a trainee came, as recorded one moment; a later row about the same trainee replaces it."""

    __tablename__ = "supervision_presence"
    __table_args__ = (Index(None, "session_id", "enrolment_id", "recorded_at"), Index(None, "enrolment_id"))
    __sealed_when__ = staticmethod(always)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_session.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    presence: Mapped[Presence | None] = mapped_column(EnumText(Presence))
    """Nothing yet for somebody who is expected."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Side(StrEnum):
    """Who signs."""

    TRAINEE = "trainee"
    SUPERVISOR = "supervisor"


class SupervisionSignature(Identified, Base):
    """One side vouches for what the session's row said when they signed."""

    __tablename__ = "supervision_signature"
    __table_args__ = (UniqueConstraint("session_id", "enrolment_id", "side", "revision"), Index(None, "enrolment_id"))
    __sealed_when__ = staticmethod(always)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_session.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    side: Mapped[Side] = mapped_column(EnumText(Side))
    signer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    revision: Mapped[int]
    """Of the session as it was read."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
