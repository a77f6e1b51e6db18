"""Framework versions as whole documents, what the State recognises of them, and the rules of a programme."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import Before, always
from certify.core.types import EnumText, UTCDateTime

NUMBER_LENGTH = 30
TITLE_LENGTH = 200
"""Lists show the beginning of a longer title; the content holds it whole."""


class VersionState(StrEnum):
    """Where a version stands in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


def _is_in_force(before: Before) -> bool:
    return bool(before["state"] != VersionState.DRAFT)


class FrameworkVersion(Identified, Base):
    """One version of a framework, owned by a certifying body; its content never changes once it is active."""

    __tablename__ = "framework_version"
    __table_args__ = (UniqueConstraint("certifying_body_id", "code", "version"),)
    __sealed_when__ = staticmethod(_is_in_force)
    __always_open__ = frozenset({"state", "archived_at", "is_public"})

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    state: Mapped[VersionState] = mapped_column(EnumText(VersionState), default=VersionState.ACTIVE)
    title_fr: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    title_en: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    """What `competencies.to_document` gives; of a draft, such a document with whatever faults it still has."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """`competencies.digest` of the content: certificates quote it. Empty for a draft."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    predecessor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("framework_version.id"), index=True)
    """The version this one was made from."""
    mapping: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, deferred=True)
    """What becomes of each indicator of the predecessor: `competencies.Carried` rows as documents."""
    revision: Mapped[int] = mapped_column(default=1)
    """Grows at each save of a draft; a save from an older one is a conflict."""
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_public: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether anybody may read it at the CASE addresses."""


class RegistrationState(StrEnum):
    """What France compétences holds of a certification (C. trav. L6113-5, L6113-6)."""

    NOT_REGISTERED = "non_enregistre"
    RNCP = "RNCP"
    RS = "RS"


class Recognition(Identified, Base):
    """What the State and public classifications say of a framework, as recorded one day; a later row replaces it."""

    __tablename__ = "recognition"
    __table_args__ = (UniqueConstraint("certifying_body_id", "framework_code", "number"),)
    __sealed_when__ = staticmethod(always)

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    framework_code: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    """1, 2, 3… : the greatest is in force."""
    state: Mapped[RegistrationState] = mapped_column(EnumText(RegistrationState))
    reference: Mapped[str] = mapped_column(String(20), default="")
    """Number of the record, as in RNCP12345 or RS1234."""
    level: Mapped[int | None]
    """Level of the national framework (D. 2019-14), 3 to 8; none for RS."""
    decided_on: Mapped[date | None] = mapped_column(Date)
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    rome: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`{"code", "label", "status": "aimed" | "granted"}`."""
    esco: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`{"uri", "label"}`."""
    nsf: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`{"code", "label"}`: speciality codes (NSF), that documents of a registered certification must quote."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class ProgrammeRules(Identified, Base):
    """The rules of the programme that leads to a certification (parcours), as set one day; a later row replaces it."""

    __tablename__ = "programme_rules"
    __table_args__ = (UniqueConstraint("certifying_body_id", "framework_code", "number"),)
    __sealed_when__ = staticmethod(always)

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    framework_code: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`competencies.Programme` as a document."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
