"""Who wants the weekly mail, and when they last had it."""

import uuid
from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base
from certify.core.types import UTCDateTime


class Subscription(Base):
    """One person's choice; without a row the mail is sent."""

    __tablename__ = "reminder_subscription"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    """In the link that declines without signing in."""
    is_wanted: Mapped[bool] = mapped_column(Boolean, default=True)
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    considered_week: Mapped[date | None] = mapped_column(Date)
    """Monday of the last week for which it was decided whether there was something to say."""
    sent_on: Mapped[date | None] = mapped_column(Date)
