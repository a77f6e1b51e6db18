"""Assessments and their ratings, who may sign them, the standing that follows, and how they are checked."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import Before, always
from certify.core.types import EnumText, UTCDateTime


class AssessmentKind(StrEnum):
    """At which moment of the path, and with which weight."""

    POSITIONING = "positioning"
    SELF = "self"
    FORMATIVE = "formative"
    OBSERVATION = "observation"
    EXAMINATION = "examination"

    @property
    def label(self) -> Any:
        """How the kind is called on screen."""
        return _KINDS[self]


_KINDS = {
    AssessmentKind.POSITIONING: _l("Positionnement à l’entrée"),
    AssessmentKind.SELF: _l("Auto-évaluation"),
    AssessmentKind.FORMATIVE: _l("Évaluation formative"),
    AssessmentKind.OBSERVATION: _l("Observation en situation"),
    AssessmentKind.EXAMINATION: _l("Évaluation certificative"),
}


class AssessmentState(StrEnum):
    """A draft changes; a signed assessment never does."""

    DRAFT = "draft"
    SIGNED = "signed"


def _is_signed(before: Before) -> bool:
    return bool(before["state"] == AssessmentState.SIGNED)


def _belongs_to_a_signed_one(before: Before) -> bool:
    return _is_signed(before.of(Assessment, before["assessment_id"]))


class Assessment(Identified, Base):
    """One person's view of one trainee at one moment."""

    __tablename__ = "assessment"
    __table_args__ = (Index(None, "enrolment_id", "state", "signed_at"), Index(None, "assessor_id", "state"))
    __sealed_when__ = staticmethod(_is_signed)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    """The version it is made on, which stays when the enrolment moves to a later one."""
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    assessor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[AssessmentKind] = mapped_column(EnumText(AssessmentKind), default=AssessmentKind.FORMATIVE)
    held_on: Mapped[date] = mapped_column(Date)
    """The moment assessed."""
    state: Mapped[AssessmentState] = mapped_column(EnumText(AssessmentState), default=AssessmentState.DRAFT)
    comment: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    """Grows at each save; a save from an older one is a conflict."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seal: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of everything assessed, made when signed."""
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("assessment.id"), unique=True)
    """The signed assessment this one corrects, which counts no more once this one is signed; one correction each."""
    doubles_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("assessment.id"), index=True)
    """The assessment of somebody else that this one doubles (double marking), made without seeing it."""
    ratings: Mapped[list["Rating"]] = relationship(lazy="raise_on_sql", order_by="Rating.indicator")


class Rating(Identified, Base):
    """One level given to one indicator in one assessment."""

    __tablename__ = "assessment_rating"
    __table_args__ = (UniqueConstraint("assessment_id", "indicator"),)
    __sealed_when__ = staticmethod(_belongs_to_a_signed_one)

    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"))
    indicator: Mapped[str] = mapped_column(String(20))
    level: Mapped[str | None] = mapped_column(String(40))
    """Code of a level of the framework's scale; empty when not observed."""
    is_observed: Mapped[bool] = mapped_column(Boolean, default=True)
    """False is « non observé »: nothing was seen, which is not a low level."""
    comment: Mapped[str] = mapped_column(Text, default="")
    confidence: Mapped[int | None]
    """In a self-assessment, how sure the trainee is of this level: 1 (not sure) to 4 (quite sure)."""


class Standing(Base):
    """Where an enrolment stands after its signed assessments: a read model, made anew at each signature."""

    __tablename__ = "assessment_standing"

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    competencies: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Level code of each competency assessed, on the certification scale; the retained level where there is one."""
    disputed: Mapped[list[str]] = mapped_column(JSON)
    """Codes of competencies on which assessors disagree."""
    assessed_at: Mapped[datetime] = mapped_column(UTCDateTime)


def _has_ended(before: Before) -> bool:
    return before["ended_at"] is not None


class AssessorHabilitation(Identified, Base):
    """A person may sign assessments of one block, or of all, between two dates; ended, never deleted."""

    __tablename__ = "assessor_habilitation"
    __table_args__ = (Index(None, "user_id", "framework_code"), Index(None, "training_body_id"))
    __sealed_when__ = staticmethod(_has_ended)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    certifying_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """Whose trainees they may assess."""
    framework_code: Mapped[str] = mapped_column(String(60))
    block: Mapped[str] = mapped_column(String(40), default="")
    """Code of the block; empty for all."""
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """Last day."""
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    granted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class RetainedLevel(Identified, Base):
    """A level retained for a competency in place of the proposed one, and why; the latest row is in force."""

    __tablename__ = "assessment_retained_level"
    __table_args__ = (Index(None, "enrolment_id", "competency", "decided_at"),)
    __sealed_when__ = staticmethod(always)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    competency: Mapped[str] = mapped_column(String(40))
    proposed: Mapped[str | None] = mapped_column(String(40))
    """What was proposed that day."""
    level: Mapped[str | None] = mapped_column(String(40))
    """On the certification scale; empty gives the competency back to its proposal."""
    comment: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class VerificationDraw(Identified, Base):
    """A sample of signed assessments drawn for an internal verifier: the same seed gives the same sample."""

    __tablename__ = "verification_draw"
    __table_args__ = (Index(None, "training_body_id", "drawn_at"),)
    __sealed_when__ = staticmethod(always)

    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    percentage: Mapped[int]
    """Share of each assessor's assessments, rounded up: 1 to 100."""
    seed: Mapped[str] = mapped_column(String(40))
    population: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Identifiers of the assessments drawn from, by assessor: enough to draw again."""
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)
    drawn_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class Verdict(StrEnum):
    """What the internal verifier says of an assessment."""

    CONFIRMED = "confirmed"
    TO_DISCUSS = "to_discuss"
    TO_REDO = "to_redo"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.CONFIRMED: _l("confirmée"), Verdict.TO_DISCUSS: _l("à discuter"), Verdict.TO_REDO: _l("à refaire")
}  # fmt: skip


def _has_verdict(before: Before) -> bool:
    return before["verdict"] is not None


class VerificationItem(Identified, Base):
    """One assessment of a sample, and what the verifier said of it, once."""

    __tablename__ = "verification_item"
    __table_args__ = (UniqueConstraint("draw_id", "assessment_id"),)
    __sealed_when__ = staticmethod(_has_verdict)

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("verification_draw.id"))
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"), index=True)
    verdict: Mapped[Verdict | None] = mapped_column(EnumText(Verdict))
    comment: Mapped[str] = mapped_column(Text, default="")
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verified_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
