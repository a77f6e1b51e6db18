"""Votes, decisions by block and for the whole, appeals: one row per moment, none updated."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime
from competencies import BlockOutcome


class DecisionKind(StrEnum):
    """What made a decision: the deliberation, or something found or asked afterwards."""

    DELIBERATION = "deliberation"
    CORRECTION = "correction"
    APPEAL = "appeal"
    FRAUD = "fraud"
    CANCELLATION = "cancellation"
    REINSTATEMENT = "reinstatement"

    @property
    def label(self) -> Any:
        """How the kind is called on screen and in the minutes."""
        return _KINDS[self]

    @property
    def takes_back(self) -> bool:
        """Whether it takes back what was granted."""
        return self in (DecisionKind.FRAUD, DecisionKind.CANCELLATION)


_KINDS = {
    DecisionKind.DELIBERATION: _l("délibération"),
    DecisionKind.CORRECTION: _l("rectification d’une erreur matérielle"),
    DecisionKind.APPEAL: _l("décision sur recours"),
    DecisionKind.FRAUD: _l("retrait pour fraude"),
    DecisionKind.CANCELLATION: _l("annulation"),
    DecisionKind.REINSTATEMENT: _l("rétablissement"),
}


class Vote(Identified, Base):
    """What one member thinks of one block of one candidate, before the collegial decision; the last one counts."""

    __tablename__ = "jury_vote"
    __table_args__ = (UniqueConstraint("candidacy_id", "seat_id", "block", "number"),)
    __sealed_when__ = staticmethod(always)

    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id"))
    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id"))
    block: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    """1, 2…: the last one counts."""
    outcome: Mapped[str] = mapped_column(String(40))
    """`competencies.BlockOutcome`, or empty for an abstention."""
    comment: Mapped[str] = mapped_column(Text, default="")
    """For the deliberation only: never in the minutes nor given to the candidate."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class JuryDecision(Identified, Base):
    """The jury's decision on a candidacy, whole and by block; amended by another one, never updated."""

    __tablename__ = "jury_decision"
    __table_args__ = (UniqueConstraint("candidacy_id", "number"),)
    __sealed_when__ = staticmethod(always)

    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id"))
    number: Mapped[int]
    """1, 2…: the last one stands."""
    kind: Mapped[DecisionKind] = mapped_column(EnumText(DecisionKind), default=DecisionKind.DELIBERATION)
    decided_on: Mapped[date | None] = mapped_column(Date)
    """Its own day when it was not taken in session; otherwise the day of the session."""
    outcome: Mapped[str] = mapped_column(String(40))
    """`competencies.award.WholeOutcome`."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why, as the candidate reads it: the comment to the candidate."""
    comment_training_body: Mapped[str] = mapped_column(Text, default="")
    comment_internal: Mapped[str] = mapped_column(Text, default="")
    """Read by the jury and the certifying body only."""
    retake_from: Mapped[date | None] = mapped_column(Date)
    """From when the candidate may be presented again for what remains; none when nothing is said."""
    restores_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jury_decision.id"))
    """The decision that a reinstatement brings back."""
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    """The president who recorded it, or the registrar afterwards."""
    basis: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    """What it rests on: « seats » of those who took it, « carried » blocks that an earlier jury had granted.

    None for decisions older than this: nobody wrote it down. A decision taken afterwards keeps the seats of the jury's.
    """
    blocks: Mapped[list["BlockDecision"]] = relationship(lazy="raise_on_sql", order_by="BlockDecision.block")

    @property
    def seats(self) -> frozenset[uuid.UUID] | None:
        """The seats of those who took it; None when nobody wrote them down."""
        return None if self.basis is None else frozenset(uuid.UUID(one) for one in self.basis["seats"])

    def carried(self, presented_with: Iterable[str]) -> frozenset[str]:
        """Return the blocks that it only repeats, granted by an earlier jury; at worst those of the candidacy."""
        return frozenset(presented_with if self.basis is None else self.basis["carried"])

    def granted(self, presented_with: Iterable[str]) -> frozenset[str]:
        """Return the blocks that it grants itself; blocks are loaded."""
        acquired = frozenset(row.block for row in self.blocks if row.outcome == BlockOutcome.ACQUIRED)
        return acquired - self.carried(presented_with)


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
    votes: Mapped[str] = mapped_column(String(60), default="")
    """The count when it was decided, without names: « 2/1/0/0 » acquired, partly, not, abstentions; « * » on a tie."""
    reason: Mapped[str] = mapped_column(Text, default="")


class Appeal(Identified, Base):
    """A candidate contests a published decision; answered by a decision of its own, or by a dated refusal."""

    __tablename__ = "jury_appeal"
    __table_args__ = (Index(None, "candidacy_id"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"answered_on", "answered_by_id", "is_upheld", "answer", "decision_id"})

    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id"))
    contested_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_decision.id"))
    received_on: Mapped[date] = mapped_column(Date)
    grounds: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    """The candidate, or the registrar for a letter."""
    answered_on: Mapped[date | None] = mapped_column(Date)
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    is_upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    decision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jury_decision.id"))
