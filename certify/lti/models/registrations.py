"""Which platforms (LMS) know certify, and what is kept to talk with them."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime

ADDRESS = 500
"""Longest address kept of a platform."""


class RegistrationState(StrEnum):
    """Whether launches of a platform are let in; pending means that the platform answered and nobody approved yet."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class Registration(Identified, Base):
    """One platform, for one organisation: LTI 1.3 core section 3.1.3, OpenID Connect client of the platform."""

    __tablename__ = "lti_registration"
    __table_args__ = (UniqueConstraint("issuer", "client_id"), Index(None, "organisation_id", "created_at"))

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """The training body whose learning platform this is."""
    name: Mapped[str] = mapped_column(String(120))
    """How people of the organisation call it."""
    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    authorization_url: Mapped[str] = mapped_column(String(ADDRESS))
    token_url: Mapped[str] = mapped_column(String(ADDRESS))
    token_audience: Mapped[str] = mapped_column(String(ADDRESS), default="")
    """Audience of our client assertions when the platform wants another than its token address."""
    jwks_url: Mapped[str] = mapped_column(String(ADDRESS))
    product: Mapped[str] = mapped_column(String(40), default="")
    """`product_family_code` of the platform: chooses its quirks."""
    product_version: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[RegistrationState] = mapped_column(EnumText(RegistrationState), default=RegistrationState.ACTIVE)
    role_mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Certify role by LMS role name, where the organisation changed the default; an empty text means none."""
    opens_cohorts: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether teachers of the platform may link any cohort of the organisation, not only theirs."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RegistrationInvitation(Identified, Base):
    """A link that lets one platform register itself, once, for one organisation (LTI dynamic registration 1.0)."""

    __tablename__ = "lti_registration_invitation"
    __table_args__ = (Index(None, "organisation_id", "created_at"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    registration_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_registration.id"))
    """Set beforehand to renew a registration; otherwise once the platform registered."""
    label: Mapped[str] = mapped_column(String(120))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DeploymentState(StrEnum):
    """Whether one installation inside a platform is let in."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class Deployment(Identified, Base):
    """One installation of the tool in a platform (LTI 1.3 core section 3.1.3); an unknown one waits for approval."""

    __tablename__ = "lti_deployment"
    __table_args__ = (UniqueConstraint("registration_id", "lms_id"),)

    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_registration.id"))
    lms_id: Mapped[str] = mapped_column(String(255))
    """`deployment_id` of the platform."""
    state: Mapped[DeploymentState] = mapped_column(EnumText(DeploymentState), default=DeploymentState.PENDING)
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class PlatformKeySet(Base):
    """The public keys of a platform as last read from its JWKS address."""

    __tablename__ = "lti_platform_key_set"

    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_registration.id"), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime)
    fresh_until: Mapped[datetime] = mapped_column(UTCDateTime)
    tried_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When the address was last asked, in vain or not: an unknown key is looked for once in a while only."""
    fault: Mapped[str] = mapped_column(String(300), default="")


class ServiceToken(Identified, Base):
    """An access token of a platform's services, for one registration and one set of scopes; encrypted."""

    __tablename__ = "lti_service_token"
    __table_args__ = (UniqueConstraint("registration_id", "scopes"),)

    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_registration.id"))
    scopes: Mapped[str] = mapped_column(String(600))
    """Sorted, separated by spaces."""
    token: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
