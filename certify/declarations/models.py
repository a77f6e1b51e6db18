"""Deposits of certifications at the Caisse des Dépôts, and what became of each holder's line."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class Depositor(Identified, Base):
    """How a body is known at the Caisse des Dépôts; one row per change."""

    __tablename__ = "cpf_depositor"
    __table_args__ = (UniqueConstraint("certifying_body_id", "number"),)
    __sealed_when__ = staticmethod(always)

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    client_id: Mapped[str] = mapped_column(String(8))
    """`idClient` of who deposits: 8 characters given by the Caisse des Dépôts."""
    contract_id: Mapped[str] = mapped_column(String(20))
    """`idContrat`."""
    is_trusted_third_party: Mapped[bool] = mapped_column(default=False)
    """Whether somebody else deposits for the certifier (`natureDeposant`)."""
    certifier_client_id: Mapped[str] = mapped_column(String(8), default="")
    """The certifier's own `idClient` when somebody else deposits for it; empty otherwise: it is the same."""
    schema_version: Mapped[str] = mapped_column(String(10), default="1.1.5")
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class DepositState(StrEnum):
    """Where a deposit file stands."""

    GENERATED = "generated"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PARTLY_REJECTED = "partly_rejected"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Any:
        """How the state is called on screen."""
        return _DEPOSITS[self]


_DEPOSITS = {
    DepositState.GENERATED: _l("fichier prêt"),
    DepositState.SUBMITTED: _l("déposé"),
    DepositState.ACCEPTED: _l("accepté"),
    DepositState.PARTLY_REJECTED: _l("accepté en partie"),
    DepositState.REJECTED: _l("rejeté"),
    DepositState.CANCELLED: _l("annulé"),
}


class ItemState(StrEnum):
    """What became of one holder's line."""

    PENDING = "pending"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Any:
        """How the state is called on screen."""
        return _ITEMS[self]


_ITEMS = {
    ItemState.PENDING: _l("en attente du retour"),
    ItemState.DELIVERED: _l("enregistrée"),
    ItemState.REJECTED: _l("rejetée"),
    ItemState.CANCELLED: _l("annulée"),
}


class Deposit(Identified, Base):
    """One deposit file: what it was made of is frozen, so that making it again gives the same bytes."""

    __tablename__ = "cpf_deposit"
    __table_args__ = (UniqueConstraint("certifying_body_id", "number"), UniqueConstraint("flow_id"))
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"sha256", "size", "submitted_at", "answered_at", "treatment_id"})
    __always_open__ = frozenset({"state", "message", "done"})
    """Each change of state is in the audit chain."""

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    flow_id: Mapped[str] = mapped_column(String(50))
    """`idFlux`."""
    depositor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cpf_depositor.id"))
    schema_version: Mapped[str] = mapped_column(String(10))
    stamped_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """`horodatage`, written in Paris time, whenever the file is made again."""
    state: Mapped[DepositState] = mapped_column(EnumText(DepositState), default=DepositState.GENERATED)
    count: Mapped[int] = mapped_column(default=0)
    """How many lines it has."""
    done: Mapped[int] = mapped_column(default=0)
    """How many of them are written and checked so far."""
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    """What the receipt says of a file rejected as a whole."""
    treatment_id: Mapped[str] = mapped_column(String(60), default="")
    created_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DepositItem(Identified, Base):
    """One holder's line in a deposit; an award has at most one that is pending or delivered."""

    __tablename__ = "cpf_deposit_item"
    __table_args__ = (
        UniqueConstraint("deposit_id", "certificate_id"),
        Index(None, "certificate_id"),
        Index(None, "deposit_id", "state"),
        Index(
            "ix_cpf_deposit_item_live",
            "technical_id",
            unique=True,
            sqlite_where=text("state IN ('pending', 'delivered')"),
            postgresql_where=text("state IN ('pending', 'delivered')"),
        ),
    )
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"answered_at"})
    __always_open__ = frozenset({"state", "message"})

    deposit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cpf_deposit.id"))
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"))
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("civil_identity.id"))
    technical_id: Mapped[str] = mapped_column(String(60))
    """`idTechnique`: the same for an award in every deposit, whatever its certificate is corrected into."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the line says besides the identity, as `Award.to_document` gives it: dates, access, registration."""
    state: Mapped[ItemState] = mapped_column(EnumText(ItemState), default=ItemState.PENDING)
    message: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Receipt(Identified, Base):
    """A processing report as it came, read once."""

    __tablename__ = "cpf_receipt"
    __table_args__ = (UniqueConstraint("sha256"),)
    __sealed_when__ = staticmethod(always)

    deposit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cpf_deposit.id"), index=True)
    filename: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
