"""Exemptions from a requirement, and the documents of a file that were received."""

import uuid
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import Before
from certify.core.types import UTCDateTime


def _is_withdrawn(before: Before) -> bool:
    return before["withdrawn_at"] is not None


class Derogation(Identified, Base):
    """Somebody is exempted from one requirement, for a written reason; withdrawn, never deleted."""

    __tablename__ = "eligibility_derogation"
    __table_args__ = (Index(None, "enrolment_id", "requirement"),)
    __sealed_when__ = staticmethod(_is_withdrawn)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    requirement: Mapped[str] = mapped_column(String(60))
    """Code of the requirement, as `competencies.eligibility` gives it."""
    reason: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    granted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class ReceivedDocument(Identified, Base):
    """A document of the file, asked for by the programme, was received; struck out when it turns out wrong."""

    __tablename__ = "eligibility_document"
    __table_args__ = (Index(None, "enrolment_id", "document"),)
    __sealed_when__ = staticmethod(_is_withdrawn)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    document: Mapped[str] = mapped_column(String(40))
    """Its code in the rules of the programme."""
    received_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
