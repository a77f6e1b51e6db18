"""Certificates and what happened to them."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.kept_documents import BYTES, DOCUMENT, KeptBytes, KeptDocument
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class CertificateKind(StrEnum):
    """The whole certification, the blocks acquired so far, or the attendance of a programme."""

    WHOLE = "whole"
    BLOCKS = "blocks"
    ATTENDANCE = "attendance"

    @property
    def label(self) -> Any:
        """How the kind is called on screen."""
        return _KINDS[self]


_KINDS = {
    CertificateKind.WHOLE: _l("Certificat"),
    CertificateKind.BLOCKS: _l("Attestation de blocs"),
    CertificateKind.ATTENDANCE: _l("Attestation d’assiduité"),
}


class CertificateState(StrEnum):
    """What a certificate is worth; expiry comes with the calendar, the others with events."""

    VALID = "valid"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced"

    @property
    def label(self) -> Any:
        """How the state is called on screen."""
        return _STATES[self]


_STATES = {
    CertificateState.VALID: _l("valide"),
    CertificateState.SUSPENDED: _l("suspendu"),
    CertificateState.EXPIRED: _l("expiré"),
    CertificateState.REVOKED: _l("révoqué"),
    CertificateState.REPLACED: _l("remplacé"),
}


class CertificateEventKind(StrEnum):
    """What can happen to a certificate; the last one that changes its state tells it."""

    ISSUED = "issued"
    SUSPENDED = "suspended"
    LIFTED = "lifted"
    REVOKED = "revoked"
    REINSTATED = "reinstated"
    REPLACED = "replaced"
    DUPLICATED = "duplicated"
    REMINDED = "reminded"
    RENEWED = "renewed"

    @property
    def label(self) -> Any:
        """What happened, in words."""
        return _EVENTS[self]

    @property
    def leads_to(self) -> CertificateState | None:
        """The state this event brings, if it changes it."""
        return _LEADS_TO.get(self)


_EVENTS = {
    CertificateEventKind.ISSUED: _l("Délivré"),
    CertificateEventKind.SUSPENDED: _l("Suspendu"),
    CertificateEventKind.LIFTED: _l("Suspension levée"),
    CertificateEventKind.REVOKED: _l("Révoqué"),
    CertificateEventKind.REINSTATED: _l("Rétabli"),
    CertificateEventKind.REPLACED: _l("Remplacé"),
    CertificateEventKind.DUPLICATED: _l("Duplicata délivré"),
    CertificateEventKind.REMINDED: _l("Échéance rappelée"),
    CertificateEventKind.RENEWED: _l("Renouvelé"),
}
_LEADS_TO = {
    CertificateEventKind.ISSUED: CertificateState.VALID,
    CertificateEventKind.SUSPENDED: CertificateState.SUSPENDED,
    CertificateEventKind.LIFTED: CertificateState.VALID,
    CertificateEventKind.REVOKED: CertificateState.REVOKED,
    CertificateEventKind.REINSTATED: CertificateState.VALID,
    CertificateEventKind.REPLACED: CertificateState.REPLACED,
}


class Certificate(KeptDocument, Identified, Base):
    """One certificate: its facts are frozen at issue, its bytes stored once; its state is told by its events."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("certifying_body_id", "number"),
        UniqueConstraint("decision_id", "kind", "edition"),
        Index(None, "certifying_body_id", "issued_at"),
        Index(None, "certifying_body_id", "state"),
        Index(None, "holder_id"),
        Index(None, "enrolment_id"),
        Index(None, "expires_on"),
        Index(None, "sha256"),
        Index(None, "checked_at"),
    )
    __sealed_when__ = staticmethod(always)
    __written_later__ = DOCUMENT | {"sealed_at"}
    __always_open__ = frozenset({"state", "checked_at", "is_damaged"})
    """Told by the events, and by the job that reads the bytes again."""

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who issues it: a certifying body, or the training body for an attestation of attendance."""
    decision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jury_decision.id"))
    """None for an attestation of attendance."""
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    holder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[CertificateKind] = mapped_column(EnumText(CertificateKind))
    edition: Mapped[int] = mapped_column(default=1)
    """2 and more for a correction, which replaces the one before."""
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
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
    expires_on: Mapped[date | None] = mapped_column(Date)
    """Last day of validity; none when unlimited."""
    state: Mapped[CertificateState] = mapped_column(EnumText(CertificateState), default=CertificateState.VALID)
    """As the events tell it, for lists; expiry is read from `expires_on`."""
    sealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """None for the documents of before seals, which stay as they are."""
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the stored bytes were last compared with `sha256`."""
    is_damaged: Mapped[bool] = mapped_column(Boolean, default=False)
    events: Mapped[list["CertificateEvent"]] = relationship(
        lazy="raise_on_sql",
        order_by="CertificateEvent.at, CertificateEvent.id",
        foreign_keys="CertificateEvent.certificate_id",
    )


class CertificateEvent(KeptBytes, Identified, Base):
    """One thing that happened to a certificate; never updated.

    The bytes of a duplicate are those of its sealed sheet, which goes with the original's.
    """

    __tablename__ = "certificate_event"
    __table_args__ = (Index(None, "sha256"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = BYTES

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    kind: Mapped[CertificateEventKind] = mapped_column(EnumText(CertificateEventKind))
    number: Mapped[int | None]
    """Of a duplicate: 1, 2…; of a reminder: 1 renewal opens, 2 the end is near, 3 it has come."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    """None for what the calendar does."""
    reason: Mapped[str] = mapped_column(Text, default="")
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificate.id"))
    """The certificate that replaces or renews it."""


class CertificateCounter(Base):
    """The last number given by a certifying body in a year."""

    __tablename__ = "certificate_counter"

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class RegisterExtract(KeptDocument, Identified, Base):
    """The register of a body for one month, as a sealed document, made once the month is over."""

    __tablename__ = "certificate_register_extract"
    __table_args__ = (UniqueConstraint("certifying_body_id", "month", "number"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = DOCUMENT

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    month: Mapped[date] = mapped_column(Date)
    """First day of the month."""
    number: Mapped[int] = mapped_column(default=1)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
