"""Logins under way and launches made, accepted or refused."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime


class LoginState(Base):
    """A login sent to a platform and not yet come back; taken once, by deleting it."""

    __tablename__ = "lti_login_state"
    __table_args__ = ({"sqlite_with_rowid": False},)

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(String(64))
    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_registration.id", ondelete="CASCADE"))
    target_link_uri: Mapped[str] = mapped_column(Text, default="")
    is_framed: Mapped[bool] = mapped_column(Boolean)
    storage_target: Mapped[str] = mapped_column(String(120), default="")
    """Frame of the platform that keeps values for us when the browser keeps no cookie."""
    binder_hash: Mapped[str] = mapped_column(String(64), default="")
    """What the platform's storage must give back."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Verdict(StrEnum):
    """What became of a launch."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PENDING = "pending"


class Launch(Identified, Base):
    """One launch and its verdict: what the pages under it need, and the proof an administrator or a certifier reads."""

    __tablename__ = "lti_launch"
    __table_args__ = (Index(None, "registration_id", "at"), {"sqlite_with_rowid": False})

    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    """In the address of the pages under it; opens nothing without the session."""
    registration_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_registration.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verdict: Mapped[Verdict] = mapped_column(EnumText(Verdict))
    reason: Mapped[str] = mapped_column(String(60), default="")
    """Code of the broken rule."""
    detail: Mapped[str] = mapped_column(String(300), default="")
    message_type: Mapped[str] = mapped_column(String(60), default="")
    claims: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Claims without anything that names a person."""
    request_id: Mapped[str] = mapped_column(String(32), default="")
    deployment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_deployment.id"))
    context_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_context.id"))
    link_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_resource_link.id"))
    identity_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_identity.id"))
    user_session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_session.id", ondelete="SET NULL"))
    is_framed: Mapped[bool] = mapped_column(Boolean, default=True)
    return_url: Mapped[str] = mapped_column(Text, default="")
    """Where the platform wants people back (LTI 1.3 core section 5.4.4)."""
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Deep linking settings, byte-exact data included; or the person a submission review is about."""
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its deep linking response was made: it is made once."""
