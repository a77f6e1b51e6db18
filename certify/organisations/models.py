"""Organisations, memberships and habilitations."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.access import Role
from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime


class OrganisationKind(StrEnum):
    """What an organisation is in the programme."""

    CERTIFYING_BODY = "certifying_body"
    TRAINING_BODY = "training_body"
    HOUSE = "house"


class Organisation(Identified, Base):
    """A certifying body, a training body or a house."""

    __tablename__ = "organisation"
    __table_args__ = (Index(None, "kind", "name"),)

    kind: Mapped[OrganisationKind] = mapped_column(EnumText(OrganisationKind))
    name: Mapped[str] = mapped_column(String(160))
    city: Mapped[str] = mapped_column(String(120), default="")
    contact: Mapped[str] = mapped_column(String(254), default="")
    """Address people may write to, shown on help pages."""
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    """Everything printed for it says « données de démonstration »."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Membership(Identified, Base):
    """A role somebody holds in an organisation, from a day to another; ended, never deleted."""

    __tablename__ = "membership"
    __table_args__ = (Index(None, "user_id", "ended_at"), Index(None, "organisation_id", "role"))

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[Role] = mapped_column(EnumText(Role))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Habilitation(Identified, Base):
    """A certifying body lets a training body prepare, and perhaps assess, between two dates (C. trav. R6113-16)."""

    __tablename__ = "habilitation"

    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    may_assess: Mapped[bool] = mapped_column(Boolean, default=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
