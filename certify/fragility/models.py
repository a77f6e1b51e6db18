"""Coded actions, their follow-up, and the fact that a protection procedure was started."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class ActionKind(StrEnum):
    """What the facilitator did."""

    LISTENED = "listened"
    INDIVIDUAL_MEETING = "individual_meeting"
    NETWORK = "network"
    PMI = "pmi"
    DOCTOR = "doctor"
    MIDWIFE = "midwife"
    PSYCHOLOGIST = "psychologist"
    SOCIAL_WORKER = "social_worker"
    ASSOCIATION = "association"
    SUPERVISION = "supervision"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _ACTIONS[self]


_ACTIONS = {
    ActionKind.LISTENED: _l("J’ai écouté, sans juger"),
    ActionKind.INDIVIDUAL_MEETING: _l("J’ai proposé un entretien individuel"),
    ActionKind.NETWORK: _l("J’ai sollicité le réseau"),
    ActionKind.PMI: _l("J’ai orienté vers la PMI"),
    ActionKind.DOCTOR: _l("J’ai orienté vers un médecin"),
    ActionKind.MIDWIFE: _l("J’ai orienté vers une sage-femme"),
    ActionKind.PSYCHOLOGIST: _l("J’ai orienté vers un·e psychologue"),
    ActionKind.SOCIAL_WORKER: _l("J’ai orienté vers un·e travailleur·se social·e"),
    ActionKind.ASSOCIATION: _l("J’ai orienté vers une association"),
    ActionKind.SUPERVISION: _l("J’en ai parlé en supervision"),
}


class FollowUpKind(StrEnum):
    """What came of it."""

    IN_TOUCH = "in_touch"
    TAKEN_UP = "taken_up"
    DECLINED = "declined"
    ENDED = "ended"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _FOLLOW_UPS[self]


_FOLLOW_UPS = {
    FollowUpKind.IN_TOUCH: _l("Le lien est gardé"),
    FollowUpKind.TAKEN_UP: _l("Le relais est pris"),
    FollowUpKind.DECLINED: _l("La proposition n’a pas été suivie"),
    FollowUpKind.ENDED: _l("Sans suite à donner"),
}


class Channel(StrEnum):
    """Through which channel a protection procedure was started."""

    CRIP = "crip"
    LINE_119 = "119"
    EMERGENCY = "emergency"
    EMPLOYER = "employer"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _CHANNELS[self]


_CHANNELS = {
    Channel.CRIP: _l("CRIP du département"),
    Channel.LINE_119: _l("119, Enfance en danger"),
    Channel.EMERGENCY: _l("15 ou 17, danger immédiat"),
    Channel.EMPLOYER: _l("Employeur, qui transmet"),
}


class FragilityAction(Identified, Base):
    """One action taken, dated; nothing says about whom."""

    __tablename__ = "fragility_action"
    __table_args__ = (Index(None, "enrolment_id", "on"), Index(None, "training_body_id", "on"))
    __sealed_when__ = staticmethod(always)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("peer_group.id"))
    kind: Mapped[ActionKind] = mapped_column(EnumText(ActionKind))
    on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    strikes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("fragility_action.id"), unique=True)
    """The action this row strikes out, recorded by mistake; such a row is not an action itself."""


class FollowUp(Identified, Base):
    """What came of an action, dated."""

    __tablename__ = "fragility_follow_up"
    __sealed_when__ = staticmethod(always)

    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fragility_action.id"), index=True)
    kind: Mapped[FollowUpKind] = mapped_column(EnumText(FollowUpKind))
    on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProtectionProcedure(Identified, Base):
    """A child-protection procedure was started: when and through which channel, and nothing else."""

    __tablename__ = "protection_procedure"
    __sealed_when__ = staticmethod(always)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    strikes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("protection_procedure.id"), unique=True)
    """The row this one strikes out, recorded by mistake; such a row is not a procedure itself."""
