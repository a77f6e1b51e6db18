"""Assessments, their ratings, and where each enrolment stands after them."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import Before
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


class Standing(Base):
    """Where an enrolment stands after its signed assessments: a read model, made anew at each signature."""

    __tablename__ = "assessment_standing"

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    competencies: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Level code of each competency assessed."""
    disputed: Mapped[list[str]] = mapped_column(JSON)
    """Codes of competencies on which assessors disagree."""
    assessed_at: Mapped[datetime] = mapped_column(UTCDateTime)
