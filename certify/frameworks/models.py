"""Framework versions, kept whole as documents."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime


class VersionState(StrEnum):
    """Where a version stands in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class FrameworkVersion(Identified, Base):
    """One version of a framework, owned by a certifying body; its content never changes once it is active."""

    __tablename__ = "framework_version"
    __table_args__ = (UniqueConstraint("certifying_body_id", "code", "version"),)

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(30))
    state: Mapped[VersionState] = mapped_column(EnumText(VersionState), default=VersionState.ACTIVE)
    title_fr: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    """What `competencies.to_document` gives; loaded only when asked for."""
    digest: Mapped[str] = mapped_column(String(64))
    """`competencies.digest` of the content: certificates quote it."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
