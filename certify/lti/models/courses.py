"""Courses of a platform, the links placed in them, and the people seen there."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.access import Role
from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime
from certify.lti.models.registrations import ADDRESS


class Target(StrEnum):
    """What a link of a course opens."""

    LOGBOOK = "logbook"
    GROUP = "group"
    REVIEWS = "reviews"
    PROGRESS = "progress"
    SELF_ASSESSMENT = "self-assessment"
    CERTIFICATE = "certificate"


class Context(Identified, Base):
    """A course of a platform (LTI 1.3 core section 5.4.1), and the cohort it stands for."""

    __tablename__ = "lti_context"
    __table_args__ = (UniqueConstraint("deployment_id", "lms_id"), Index(None, "cohort_id"))

    deployment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_deployment.id"))
    lms_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")
    label: Mapped[str] = mapped_column(String(120), default="")
    id_history: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Identifiers of the courses this one was copied from, the nearest first."""
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cohort.id"))
    copied_from_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_context.id"))
    """The known course it is a copy of, until a teacher says which cohort it stands for."""
    memberships_url: Mapped[str] = mapped_column(String(ADDRESS), default="")
    """Names and roles service; empty when the platform does not offer it."""
    line_items_url: Mapped[str] = mapped_column(String(ADDRESS), default="")
    """Assignment and grade services; empty when the platform does not offer them."""
    ags_scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    roster_applied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its roster was last applied; the first time follows a preview."""


class Placement(Identified, Base):
    """What a teacher placed in a course by deep linking; its id travels in the link's custom parameters."""

    __tablename__ = "lti_placement"
    __table_args__ = (Index(None, "context_id"),)

    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_context.id"))
    target: Mapped[Target] = mapped_column(EnumText(Target))
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"))
    part: Mapped[str] = mapped_column(String(20), default="")
    """Grade column asked for with it: « whole », the code of a block, or none."""
    created_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ResourceLink(Identified, Base):
    """A link of a course as the platform knows it (LTI 1.3 core section 5.3.5)."""

    __tablename__ = "lti_resource_link"
    __table_args__ = (UniqueConstraint("deployment_id", "lms_id"), Index(None, "context_id"))

    deployment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_deployment.id"))
    context_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_context.id"))
    lms_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")
    placement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lti_placement.id"))
    target: Mapped[Target | None] = mapped_column(EnumText(Target))
    line_item_url: Mapped[str] = mapped_column(String(ADDRESS), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Identity(Identified, Base):
    """A person of a platform, known by (registration, sub); never joined to an account by an address alone."""

    __tablename__ = "lti_identity"
    __table_args__ = (UniqueConstraint("registration_id", "sub"), Index(None, "user_id"))

    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_registration.id"))
    sub: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    email: Mapped[str] = mapped_column(String(254), default="")
    """As the platform said; shown to staff, never trusted to find an account."""
    has_label: Mapped[bool] = mapped_column(Boolean, default=False)
    """No name was ever sent: the account bears a label that a trainer may replace, and the platform too."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    joined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was joined to an account that already existed, by its owner or by a registrar."""


class LtiMembership(Identified, Base):
    """A person in a course, with what the platform calls them and the role it gives here."""

    __tablename__ = "lti_membership"
    __table_args__ = (UniqueConstraint("context_id", "identity_id"), Index(None, "identity_id"))

    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_context.id"))
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_identity.id"))
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    """As sent."""
    role: Mapped[Role | None] = mapped_column(EnumText(Role))
    """As mapped by the organisation; none gives no right."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    source: Mapped[str] = mapped_column(String(10))
    """« launch » or « roster »."""
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RosterState(StrEnum):
    """Where the reading of a roster stands."""

    WAITING = "waiting"
    READY = "ready"
    APPLIED = "applied"
    FAILED = "failed"


class RosterRead(Identified, Base):
    """One reading of a course's members by the names and roles service, to look at before it is applied."""

    __tablename__ = "lti_roster_read"
    __table_args__ = (Index(None, "context_id", "created_at"),)

    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lti_context.id"))
    state: Mapped[RosterState] = mapped_column(EnumText(RosterState), default=RosterState.WAITING)
    members: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    found: Mapped[int] = mapped_column(default=0)
    """Members read so far."""
    is_applied_at_once: Mapped[bool] = mapped_column(Boolean, default=False)
    """Applied as soon as it is read: the course's first roster was looked at before, this one follows it."""
    fault: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
