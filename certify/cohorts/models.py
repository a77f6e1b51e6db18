"""Cohorts and enrolments."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime


class AccessRoute(StrEnum):
    """How a person comes to the certification (France compétences open data, `SI_JURY_*`)."""

    INITIAL = "FI"
    APPRENTICESHIP = "CA"
    CONTINUING = "FC"
    PROFESSIONALISATION = "CQ"
    INDIVIDUAL = "CL"
    PRIOR_EXPERIENCE = "VAE"


class EnrolmentState(StrEnum):
    """Where an enrolment stands."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class Cohort(Identified, Base):
    """Trainees who start together in a training body, on one framework version, for one certifying body."""

    __tablename__ = "cohort"
    __table_args__ = (UniqueConstraint("training_body_id", "name"), Index(None, "training_body_id", "starts_on"))

    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Enrolment(Identified, Base):
    """One person in one cohort; keeps the framework version it was made on."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "user_id"),
        Index(None, "user_id", "state"),
        Index(None, "cohort_id", "sort_name"),
    )

    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    """The cohort's, repeated so that every query of a trainee's things is scoped by one column."""
    house_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    access_route: Mapped[AccessRoute] = mapped_column(EnumText(AccessRoute), default=AccessRoute.CONTINUING)
    state: Mapped[EnrolmentState] = mapped_column(EnumText(EnrolmentState), default=EnrolmentState.INVITED)
    sort_name: Mapped[str] = mapped_column(String(170), default="")
    """Family name then given name, lower case without accents: the order of every list."""
    entered_on: Mapped[date] = mapped_column(Date)
    """Date of entry into training (C. trav. L6113-9)."""
    covered: Mapped[int] = mapped_column(default=0)
    """How many indicators its accepted evidence covers: counted at each acceptance, for a cohort to read in one go."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
