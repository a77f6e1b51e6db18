"""Groups, those who facilitate them, their participants under pseudonyms, and families who wait."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import Before
from certify.core.types import EnumText, UTCDateTime


class ClosingReason(StrEnum):
    """Why a group ended."""

    COMPLETED = "completed"
    TOO_FEW = "too_few"
    FACILITATOR_LEFT = "facilitator_left"
    PLACE_LOST = "place_lost"
    OTHER = "other"

    @property
    def label(self) -> Any:
        """How the reason is called on screen."""
        return _CLOSINGS[self]


_CLOSINGS = {
    ClosingReason.COMPLETED: _l("Le parcours du groupe est achevé"),
    ClosingReason.TOO_FEW: _l("Trop peu de participants"),
    ClosingReason.FACILITATOR_LEFT: _l("Départ de la facilitatrice ou du facilitateur"),
    ClosingReason.PLACE_LOST: _l("Plus de lieu d’accueil"),
    ClosingReason.OTHER: _l("Autre raison"),
}


class PeerGroup(Identified, Base):
    """A group of parents (groupe de pairs) of a house, known by a code; nobody in it is identified."""

    __tablename__ = "peer_group"
    __table_args__ = (
        UniqueConstraint("training_body_id", "code"),
        Index(None, "training_body_id", "closed_on", "code"),
        Index(None, "referent_id", "closed_on", "code"),
        Index(None, "house_id", "closed_on"),
    )

    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    house_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """With the framework code, whose programme rules say its thresholds."""
    framework_code: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(160), default="")
    """The host place (lieu d'ancrage)."""
    referent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    opened_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    closing_reason: Mapped[ClosingReason | None] = mapped_column(EnumText(ClosingReason))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Facilitator(Identified, Base):
    """A trainee facilitates a group between two days."""

    __tablename__ = "group_facilitator"
    __table_args__ = (Index(None, "group_id"), Index(None, "enrolment_id", "ends_on"))

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("peer_group.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """First day on which they no longer do."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Participant(Identified, Base):
    """Somebody of one group, under a pseudonym drawn at random for that group alone, with a month and nothing else."""

    __tablename__ = "group_participant"
    __table_args__ = (UniqueConstraint("group_id", "pseudonym"),)

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("peer_group.id"))
    pseudonym: Mapped[str] = mapped_column(String(40))
    month: Mapped[date] = mapped_column(Date)
    """First day of the month in which the child was born, or is due."""
    is_due: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LeavingReason(StrEnum):
    """Why a participant left, as coded; nothing about their life."""

    MOVED = "moved"
    SCHEDULE = "schedule"
    WORK = "work"
    OTHER_GROUP = "other_group"
    NO_NEWS = "no_news"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Any:
        """How the reason is called on screen."""
        return _LEAVINGS[self]


_LEAVINGS = {
    LeavingReason.MOVED: _l("Déménagement"),
    LeavingReason.SCHEDULE: _l("Horaires"),
    LeavingReason.WORK: _l("Reprise d’une activité"),
    LeavingReason.OTHER_GROUP: _l("Passage dans un autre groupe"),
    LeavingReason.NO_NEWS: _l("Ne vient plus, sans nouvelles"),
    LeavingReason.UNKNOWN: _l("Non précisé"),
}


def _is_over(before: Before) -> bool:
    return before["left_on"] is not None


class Stay(Identified, Base):
    """A participant belongs to their group from a day to another; the day they left is written once."""

    __tablename__ = "group_stay"
    __table_args__ = (Index(None, "group_id", "joined_on"), Index(None, "participant_id"))
    __sealed_when__ = staticmethod(_is_over)
    __always_open__ = frozenset({"struck_at", "struck_by_id"})

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("peer_group.id"))
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("group_participant.id"))
    joined_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    """First day on which they were no longer of the group."""
    reason: Mapped[LeavingReason | None] = mapped_column(EnumText(LeavingReason))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """A stay recorded by mistake is struck out: it counts nowhere, and stays to be read."""
    struck_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class WaitingOutcome(StrEnum):
    """What became of a family who waited."""

    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    NO_NEWS = "no_news"

    @property
    def label(self) -> Any:
        """How the outcome is called on screen."""
        return _OUTCOMES[self]


_OUTCOMES = {
    WaitingOutcome.PLACED: _l("Entrée dans un groupe"),
    WaitingOutcome.WITHDRAWN: _l("S’est retirée"),
    WaitingOutcome.NO_NEWS: _l("Sans nouvelles"),
}


class WaitingFamily(Identified, Base):
    """A family who waits for a group, known by a number; never tied to the pseudonym drawn for it later."""

    __tablename__ = "waiting_family"
    __table_args__ = (UniqueConstraint("training_body_id", "number"), Index(None, "training_body_id", "closed_on"))

    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    house_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(String(160), default="")
    """The host place, or the part of town, where they could come."""
    month: Mapped[date] = mapped_column(Date)
    is_due: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[WaitingOutcome | None] = mapped_column(EnumText(WaitingOutcome))
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("peer_group.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GroupFidelity(Base):
    """What the fidelity rules said of a group the last time something changed, or a day passed; can be made again."""

    __tablename__ = "group_fidelity"
    __table_args__ = (Index(None, "training_body_id", "worst"), Index(None, "computed_on"))

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("peer_group.id"), primary_key=True)
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    worst: Mapped[str] = mapped_column(String(20))
    """The least favourable of its verdicts: `competencies.Verdict`."""
    verdicts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By rule: its verdict."""
    members: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    """How many meetings are missing from the rhythm so far."""
    eight_months_on: Mapped[date | None] = mapped_column(Date)
    """When the minimal length is or will be reached."""
    computed_on: Mapped[date] = mapped_column(Date)
    alerted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """By rule: the verdict and the day of the last alert sent."""
