"""Certificates and what happened to them."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class CertificateKind(StrEnum):
    """The whole certification, or the blocks acquired so far."""

    WHOLE = "whole"
    BLOCKS = "blocks"

    @property
    def label(self) -> Any:
        """How the kind is called on screen."""
        return _l("Certificat") if self is CertificateKind.WHOLE else _l("Attestation de blocs")


class CertificateEventKind(StrEnum):
    """What can happen to a certificate; the last one tells its state."""

    ISSUED = "issued"
    REVOKED = "revoked"
    REINSTATED = "reinstated"

    @property
    def label(self) -> Any:
        """What happened, in words."""
        return _EVENTS[self]


_EVENTS = {
    CertificateEventKind.ISSUED: _l("Délivré"),
    CertificateEventKind.REVOKED: _l("Révoqué"),
    CertificateEventKind.REINSTATED: _l("Rétabli"),
}


class Certificate(Identified, Base):
    """One certificate: its facts are frozen at issue, its bytes stored once; its state is told by its events."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("certifying_body_id", "number"),
        UniqueConstraint("decision_id", "kind"),
        Index(None, "certifying_body_id", "issued_at"),
        Index(None, "holder_id"),
    )
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"storage_key", "sha256", "size", "rendered_at"})

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_decision.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    holder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[CertificateKind] = mapped_column(EnumText(CertificateKind))
    number: Mapped[str] = mapped_column(String(30))
    """C-2026-000123, without a hole in each certifying body and year."""
    code: Mapped[str] = mapped_column(String(20), unique=True)
    """What anyone types or scans to check it; says nothing of the person."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Everything printed: holder, certification, framework version and digest, blocks, dates, minutes."""
    holder_name: Mapped[str] = mapped_column(String(170))
    """From the facts, for the register's search."""
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    issued_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    rendered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    events: Mapped[list["CertificateEvent"]] = relationship(
        lazy="raise_on_sql", order_by="CertificateEvent.at, CertificateEvent.id"
    )


class CertificateEvent(Identified, Base):
    """One thing that happened to a certificate; never updated."""

    __tablename__ = "certificate_event"
    __sealed_when__ = staticmethod(always)

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    kind: Mapped[CertificateEventKind] = mapped_column(EnumText(CertificateEventKind))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")


class CertificateCounter(Base):
    """The last number given by a certifying body in a year."""

    __tablename__ = "certificate_counter"

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
