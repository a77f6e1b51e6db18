"""Requests and their one answer."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class Way(StrEnum):
    """How the referent answers."""

    MAIL = "mail"
    """From a link received by mail."""
    TOGETHER = "together"
    """On the trainee's device, both being there."""


class ObservationRequest(Identified, Base):
    """A trainee asks a named referent what they saw."""

    __tablename__ = "observation_request"
    __table_args__ = (Index(None, "enrolment_id", "created_at"),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    """Where the codes of its indicators come from."""
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id"))
    way: Mapped[Way] = mapped_column(EnumText(Way))
    referent_name: Mapped[str] = mapped_column(String(120))
    referent_role: Mapped[str] = mapped_column(String(120), default="")
    referent_email: Mapped[str] = mapped_column(String(254), default="")
    """Emptied when the retention of contacts ends."""
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    message: Mapped[str] = mapped_column(Text, default="")
    indicators: Mapped[list[str]] = mapped_column(JSON, default=list)
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret in the link; the secret itself is only in the mail."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a link last left; empty for an answer given on the trainee's device."""
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The referent said that they cannot answer, or that they are not the person."""
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the referent has ticked and written so far, with its revision; emptied once answered."""


class ObservationAnswer(Identified, Base):
    """What the referent saw, signed by them; never updated."""

    __tablename__ = "observation_answer"
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"trainee_signed_at"})
    __always_open__ = frozenset({"contested_at"})

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("observation_request.id"), unique=True)
    seen: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By indicator: {"level": code of the scale, or null for « non observé », "comment": text}."""
    comment: Mapped[str] = mapped_column(Text, default="")
    signed_name: Mapped[str] = mapped_column(String(120))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    digest: Mapped[str] = mapped_column(String(64))
    trainee_signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    contested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The referent wrote that they never gave this answer."""
