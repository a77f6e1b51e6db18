"""Jury sessions: when and where, who sits, who is presented, who was convened."""

import uuid
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import Before, always
from certify.core.types import EnumText, UTCDateTime

if TYPE_CHECKING:
    from certify.juries.models.decisions import JuryDecision


class SessionState(StrEnum):
    """Where a session stands; closing seals its decisions, publishing makes its results known."""

    CREATED = "created"
    CONVENED = "convened"
    DELIBERATING = "deliberating"
    CLOSED = "closed"
    PUBLISHED = "published"

    @property
    def label(self) -> Any:
        """How the state is called on screen."""
        return _STATES[self]

    @property
    def is_prepared(self) -> bool:
        """Whether members and candidates may still change."""
        return self in (SessionState.CREATED, SessionState.CONVENED)

    @property
    def is_over(self) -> bool:
        """Whether the jury has decided."""
        return self in (SessionState.CLOSED, SessionState.PUBLISHED)


_STATES = {
    SessionState.CREATED: _l("en préparation"),
    SessionState.CONVENED: _l("convoquée"),
    SessionState.DELIBERATING: _l("en délibération"),
    SessionState.CLOSED: _l("close"),
    SessionState.PUBLISHED: _l("publiée"),
}


class MeetingMode(StrEnum):
    """How a session meets."""

    PLACE = "place"
    VIDEO = "video"
    BOTH = "both"

    @property
    def label(self) -> Any:
        """How the mode is called on screen."""
        return _MODES[self]


_MODES = {
    MeetingMode.PLACE: _l("sur place"),
    MeetingMode.VIDEO: _l("en visioconférence"),
    MeetingMode.BOTH: _l("sur place et en visioconférence"),
}


def _has_opened(before: Before) -> bool:
    state = before.of(JurySession, before["session_id"])["state"]
    return not SessionState(state).is_prepared


def _is_over(before: Before) -> bool:
    return SessionState(before["state"]).is_over


class JurySession(Identified, Base):
    """One meeting of a jury of a certifying body."""

    __tablename__ = "jury_session"
    __table_args__ = (UniqueConstraint("certifying_body_id", "reference"), Index(None, "certifying_body_id", "held_on"))
    __sealed_when__ = staticmethod(_is_over)
    __always_open__ = frozenset({"state", "closed_at", "published_at", "access_ends_on"})
    """Each change of these is a row of `jury_step`."""

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    reference: Mapped[str] = mapped_column(String(30))
    """Number of the minutes: 2026-014."""
    held_on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[time | None] = mapped_column(Time)
    """Local time (Europe/Paris); none when not known yet."""
    ends_at: Mapped[time | None] = mapped_column(Time)
    mode: Mapped[MeetingMode] = mapped_column(EnumText(MeetingMode), default=MeetingMode.PLACE)
    place: Mapped[str] = mapped_column(String(160), default="")
    video_url: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[SessionState] = mapped_column(EnumText(SessionState), default=SessionState.CREATED)
    rules: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """`competencies.JuryRules` in force when it was convened; none before: those of the programme today."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    convened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    access_ends_on: Mapped[date | None] = mapped_column(Date)
    """Last day on which members read the candidates' files; set at publication."""
    seats: Mapped[list["JurySeat"]] = relationship(lazy="raise_on_sql", order_by="JurySeat.id")
    candidacies: Mapped[list["Candidacy"]] = relationship(lazy="raise_on_sql", back_populates="jury")


class JuryStep(Identified, Base):
    """A session went from one state to another; going back is one more step, never an erasure."""

    __tablename__ = "jury_step"
    __table_args__ = (UniqueConstraint("session_id", "number"),)
    __sealed_when__ = staticmethod(always)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    number: Mapped[int]
    """1, 2…: in the order they were taken."""
    from_state: Mapped[SessionState] = mapped_column(EnumText(SessionState))
    to_state: Mapped[SessionState] = mapped_column(EnumText(SessionState))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Compulsory when the session goes back."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class JurySeat(Identified, Base):
    """A member's place in a session, or a reserve's."""

    __tablename__ = "jury_seat"
    __table_args__ = (UniqueConstraint("session_id", "user_id"), Index(None, "user_id"))
    __sealed_when__ = staticmethod(_has_opened)
    __always_open__ = frozenset({"declared_at"})
    """Each change of it is a row of `jury_link_declaration`: a reserve called to sit signs while the jury meets."""

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    is_president: Mapped[bool] = mapped_column(Boolean, default=False)
    is_reserve: Mapped[bool] = mapped_column(Boolean, default=False)
    """Sits only when present instead of an absent or recused member."""
    is_external: Mapped[bool] = mapped_column(Boolean, default=True)
    """External to the certifying body and to the candidates' training bodies."""
    is_qualified: Mapped[bool] = mapped_column(Boolean, default=False)
    """Holds the certification or practises the profession it is about (C. trav. D6412-6, for VAE)."""
    gender: Mapped[str] = mapped_column(String(1), default="")
    """F, M, or empty when not said: used for the balance shown for VAE, nothing else."""
    employer: Mapped[str] = mapped_column(String(160), default="")
    """As declared; compared with the candidates' houses and training bodies."""
    quality: Mapped[str] = mapped_column(String(160), default="")
    """As written in the minutes: profession, employer's kind."""
    declared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the member last signed the declaration of links; see `LinkDeclaration`."""


class Candidacy(Identified, Base):
    """An enrolment presented to a session."""

    __tablename__ = "jury_candidacy"
    __table_args__ = (UniqueConstraint("session_id", "enrolment_id"), Index(None, "enrolment_id"))
    __sealed_when__ = staticmethod(_has_opened)
    __written_later__ = frozenset({"votes_opened_at"})

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    passes_at: Mapped[time | None] = mapped_column(Time)
    """When the candidate is expected (Europe/Paris)."""
    extra_time_percent: Mapped[int] = mapped_column(default=0)
    arrangements: Mapped[str] = mapped_column(Text, default="")
    """What is to be arranged (room, interpreter, breaks), never why."""
    acquired: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Codes of the blocks already acquired when presented: for good, not decided on again."""
    votes_opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the president opened the votes to all before everybody had voted."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    jury: Mapped[JurySession] = relationship(lazy="raise_on_sql", back_populates="candidacies")
    decisions: Mapped[list["JuryDecision"]] = relationship(lazy="raise_on_sql", order_by="JuryDecision.number")


class Convocation(Identified, Base):
    """A mail that convenes a member or a candidate, or tells them of a change; its calendar line has a sequence."""

    __tablename__ = "jury_convocation"
    __table_args__ = (UniqueConstraint("session_id", "user_id", "sequence"),)
    __sealed_when__ = staticmethod(always)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    candidacy_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jury_candidacy.id", ondelete="SET NULL"))
    """Of the candidate convened; none for a member."""
    sequence: Mapped[int]
    """iCalendar SEQUENCE (RFC 5545 section 3.8.7.4): 0, then one more at each change."""
    is_cancelled: Mapped[bool] = mapped_column(Boolean, default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Day, hours, place, address of the video: what the mail said."""
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
