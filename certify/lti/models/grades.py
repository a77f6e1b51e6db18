"""Grade columns of courses and what was posted in them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime
from certify.lti.models.registrations import ADDRESS

WHOLE = "whole"
"""The part of a column that shows the whole certification; others are codes of blocks."""


class LineItemState(StrEnum):
    """Whether a column can be written; a removed one was deleted in the platform."""

    ACTIVE = "active"
    REMOVED = "removed"


class LineItem(Identified, Base):
    """A grade column of a course (LTI assignment and grade services 2.0 section 3.1)."""

    __tablename__ = "lti_line_item"
    __table_args__ = (UniqueConstraint("context_id", "url"),)

    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_context.id"))
    link_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_resource_link.id"))
    part: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(String(ADDRESS))
    label: Mapped[str] = mapped_column(String(160))
    maximum: Mapped[float]
    state: Mapped[LineItemState] = mapped_column(EnumText(LineItemState), default=LineItemState.ACTIVE)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ScoreState(StrEnum):
    """Where a grade stands on its way to the platform."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """The platform said no for good, and why."""


class Score(Identified, Base):
    """The newest grade of one person in one column: one row, whatever the number of tries."""

    __tablename__ = "lti_score"
    __table_args__ = (UniqueConstraint("line_item_id", "identity_id"), Index(None, "state", "due_at"))

    line_item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_line_item.id"))
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_identity.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    value: Mapped[float]
    maximum: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each newer value."""
    state: Mapped[ScoreState] = mapped_column(EnumText(ScoreState), default=ScoreState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    """Tries of this version."""
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the next try is due."""
    stamped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Timestamp of the last try: platforms take only later ones, counted in whole seconds."""
    sent_version: Mapped[int] = mapped_column(default=0)
    sent_value: Mapped[float | None]
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer_status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the platform answered, or why it could not be asked."""
    wanted_at: Mapped[datetime] = mapped_column(UTCDateTime)
