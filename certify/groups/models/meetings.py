"""Meetings of a group: their series, the closures they skip, and who came."""

import uuid
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class Rhythm(StrEnum):
    """How a series comes back: twice a month in one way or another."""

    EVERY_TWO_WEEKS = "every_two_weeks"
    FIRST_AND_THIRD = "first_and_third"
    SECOND_AND_FOURTH = "second_and_fourth"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _RHYTHMS[self]


_RHYTHMS = {
    Rhythm.EVERY_TWO_WEEKS: _l("Toutes les deux semaines"),
    Rhythm.FIRST_AND_THIRD: _l("Premier et troisième du mois"),
    Rhythm.SECOND_AND_FOURTH: _l("Deuxième et quatrième du mois"),
}


class Series(Identified, Base):
    """Meetings planned at once, on the weekday of the first."""

    __tablename__ = "meeting_series"

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("peer_group.id"), index=True)
    rhythm: Mapped[Rhythm] = mapped_column(EnumText(Rhythm))
    first_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[time] = mapped_column(Time)
    """Time of the day in Paris."""
    minutes: Mapped[int] = mapped_column(default=120)
    place: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Closure(Identified, Base):
    """Days on which nobody meets: the place is closed, the team is away. Public holidays need no row."""

    __tablename__ = "meeting_closure"
    __table_args__ = (Index(None, "training_body_id", "starts_on"), Index(None, "group_id", "starts_on"))

    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("peer_group.id"))
    """Empty when it concerns every group of the training body."""
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    """Last day."""
    reason: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MeetingState(StrEnum):
    """What became of a meeting."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"
    MOVED = "moved"

    @property
    def label(self) -> Any:
        """Its name on screen."""
        return _STATES[self]

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return {MeetingState.HELD: "ok", MeetingState.CANCELLED: "warning"}.get(self, "neutral")


_STATES = {
    MeetingState.PLANNED: _l("Prévue"),
    MeetingState.HELD: _l("Tenue"),
    MeetingState.CANCELLED: _l("Annulée"),
    MeetingState.MOVED: _l("Reportée"),
}


class Meeting(Identified, Base):
    """One meeting of a group."""

    __tablename__ = "meeting"
    __table_args__ = (Index(None, "group_id", "starts_at"), Index(None, "training_body_id", "starts_at"))

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("peer_group.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    series_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting_series.id"))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    minutes: Mapped[int] = mapped_column(default=120)
    place: Mapped[str] = mapped_column(String(160), default="")
    theme: Mapped[str] = mapped_column(String(160), default="")
    state: Mapped[MeetingState] = mapped_column(EnumText(MeetingState), default=MeetingState.PLANNED)
    facilitator_present: Mapped[bool | None]
    """Whether the facilitator accompanied the meeting; unknown until somebody says so."""
    checklist: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Of the room: by code, whether it was ready."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was cancelled or moved; guarded like every free text."""
    moved_to_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id"))
    held_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When somebody said that it took place."""
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Presence(StrEnum):
    """Whether a participant came."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _PRESENCES[self]


_PRESENCES = {
    Presence.PRESENT: _l("Présent·e"), Presence.EXCUSED: _l("Excusé·e"), Presence.ABSENT: _l("Absent·e")
}  # fmt: skip


class Attendance(Identified, Base):
    """Whether a participant came, as recorded one moment; a later row about the same participant replaces it."""

    __tablename__ = "meeting_attendance"
    __table_args__ = (Index(None, "meeting_id", "participant_id", "recorded_at"), Index(None, "participant_id"))
    __sealed_when__ = staticmethod(always)

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("group_participant.id"))
    presence: Mapped[Presence] = mapped_column(EnumText(Presence))
    second_parent: Mapped[bool] = mapped_column(default=False)
    """Both parents came."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class CalendarFeed(Base):
    """The secret address under which somebody's calendar program reads their meetings."""

    __tablename__ = "calendar_feed"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
