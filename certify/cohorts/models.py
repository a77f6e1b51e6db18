"""Cohorts, enrolments, and what happens to an enrolment: pauses and steps of a VAE; training half-days."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import Before, always
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
    ended_on: Mapped[date | None] = mapped_column(Date)
    """Day from which training is over, completed or abandoned: nothing is expected from that day on."""
    covered: Mapped[int] = mapped_column(default=0)
    """How many indicators its accepted evidence covers: counted at each acceptance, for a cohort to read in one go."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


def _is_over(before: Before) -> bool:
    return before["ends_on"] is not None


class PauseReason(StrEnum):
    """Why training is suspended: of an administrative kind, never of health."""

    LEAVE = "leave"
    EMPLOYER = "employer"
    ADMINISTRATIVE = "administrative"
    OTHER = "other"

    @property
    def label(self) -> Any:
        """How the reason is called on screen."""
        return _PAUSE_REASONS[self]


_PAUSE_REASONS = {
    PauseReason.LEAVE: _l("Congé"),
    PauseReason.EMPLOYER: _l("Changement d’employeur"),
    PauseReason.ADMINISTRATIVE: _l("Raison administrative"),
    PauseReason.OTHER: _l("Autre raison"),
}


class Pause(Identified, Base):
    """A suspension of somebody's training; the day they resume is written once."""

    __tablename__ = "enrolment_pause"
    __sealed_when__ = staticmethod(_is_over)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """First day of training again."""
    reason: Mapped[PauseReason] = mapped_column(EnumText(PauseReason))
    precision: Mapped[str] = mapped_column(String(200), default="")
    """A few words more, if any: nothing about health, nobody named."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class VaeStepKind(StrEnum):
    """The dated steps of a validation of prior experience (C. trav. R6412-1 to R6412-7)."""

    FEASIBILITY_FILED = "feasibility_filed"
    ADMITTED = "admitted"
    NOT_ADMITTED = "not_admitted"
    STEP_TAKEN = "step_taken"
    VALIDATION_FILED = "validation_filed"
    JURY_HELD = "jury_held"
    RESULT_NOTIFIED = "result_notified"

    @property
    def label(self) -> Any:
        """How the step is called on screen."""
        return _VAE_STEPS[self]


_VAE_STEPS = {
    VaeStepKind.FEASIBILITY_FILED: _l("Dossier de faisabilité complet"),
    VaeStepKind.ADMITTED: _l("Recevabilité notifiée"),
    VaeStepKind.NOT_ADMITTED: _l("Dossier déclaré non recevable"),
    VaeStepKind.STEP_TAKEN: _l("Démarche inscrite sur le portail"),
    VaeStepKind.VALIDATION_FILED: _l("Dossier de validation déposé"),
    VaeStepKind.JURY_HELD: _l("Jury réuni"),
    VaeStepKind.RESULT_NOTIFIED: _l("Résultat notifié"),
}


class VaeStep(Identified, Base):
    """One dated step of somebody's VAE; a mistaken one is struck out by another, never changed."""

    __tablename__ = "vae_step"
    __table_args__ = (Index(None, "enrolment_id", "on"),)
    __sealed_when__ = staticmethod(always)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    kind: Mapped[VaeStepKind] = mapped_column(EnumText(VaeStepKind))
    on: Mapped[date] = mapped_column(Date)
    blocks: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Of a feasibility file that asks for some blocks only: their codes. Empty for the whole certification."""
    strikes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("vae_step.id"), unique=True)
    """The step this row strikes out; such a row is not a step itself."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class HalfDay(StrEnum):
    """The unit of attendance sheets."""

    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _HALVES[self]


_HALVES = {HalfDay.MORNING: _l("matin"), HalfDay.AFTERNOON: _l("après-midi")}


class TrainingSession(Identified, Base):
    """Half a day of training of a cohort, to which its trainees are expected."""

    __tablename__ = "training_session"
    __table_args__ = (UniqueConstraint("cohort_id", "on", "half"),)

    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"))
    on: Mapped[date] = mapped_column(Date)
    half: Mapped[HalfDay] = mapped_column(EnumText(HalfDay))
    title: Mapped[str] = mapped_column(String(160))
    minutes: Mapped[int] = mapped_column(default=210)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Presence(StrEnum):
    """Whether somebody expected came."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _PRESENCES[self]


_PRESENCES = {
    Presence.PRESENT: _l("présent·e"), Presence.EXCUSED: _l("absence excusée"), Presence.ABSENT: _l("absent·e")
}  # fmt: skip


class Attendance(Identified, Base):
    """Who came to a training session, as recorded one moment; a later row about the same person replaces it."""

    __tablename__ = "training_attendance"
    __table_args__ = (Index(None, "session_id", "enrolment_id", "recorded_at"), Index(None, "enrolment_id"))
    __sealed_when__ = staticmethod(always)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("training_session.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    presence: Mapped[Presence] = mapped_column(EnumText(Presence))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
