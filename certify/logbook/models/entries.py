"""Logbook entries, their versions and reviews."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class Activity(StrEnum):
    """What a trainee did that day."""

    GROUP_MEETING = "group_meeting"
    PARTNER_MEETING = "partner_meeting"
    WATCH = "watch"
    INDIVIDUAL_MEETING = "individual_meeting"
    PRACTICE_ANALYSIS = "practice_analysis"
    TRAINING_DAY = "training_day"

    @property
    def label(self) -> Any:
        """Its name on screen."""
        return _ACTIVITY_LABELS[self]

    @property
    def explanation(self) -> Any:
        """One line that helps to choose."""
        return _ACTIVITY_EXPLANATIONS[self]


_ACTIVITY_LABELS: dict[Activity, Any] = {
    Activity.GROUP_MEETING: _l("Rencontre de groupe"),
    Activity.PARTNER_MEETING: _l("Rencontre avec un partenaire"),
    Activity.INDIVIDUAL_MEETING: _l("Entretien individuel"),
    Activity.WATCH: _l("Veille documentaire"),
    Activity.PRACTICE_ANALYSIS: _l("Analyse de pratiques"),
    Activity.TRAINING_DAY: _l("Journée de formation"),
}
_ACTIVITY_EXPLANATIONS: dict[Activity, Any] = {
    Activity.GROUP_MEETING: _l("Vous avez préparé, animé ou coanimé une rencontre de parents."),
    Activity.PARTNER_MEETING: _l("Vous avez rencontré la PMI, une crèche, une mairie, une association…"),
    Activity.INDIVIDUAL_MEETING: _l(
        "Vous avez écouté un parent en dehors du groupe, sans rien qui permette de le reconnaître."
    ),
    Activity.WATCH: _l("Vous avez cherché, lu, comparé ou partagé des sources."),
    Activity.PRACTICE_ANALYSIS: _l("Vous êtes revenu·e sur une situation avec des pairs ou en supervision."),
    Activity.TRAINING_DAY: _l("Vous avez suivi une journée ou une demi-journée de formation."),
}


class EntryState(StrEnum):
    """Where an entry stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    AMENDING = "amending"
    """Taken back by its author before anybody answered; the version submitted stays readable."""
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    """A draft its author put away before anybody read it; it can be taken up again."""

    @property
    def label(self) -> Any:
        """Its name on screen."""
        return _STATE_LABELS[self]

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return {EntryState.ACCEPTED: "ok", EntryState.RETURNED: "warning"}.get(self, "neutral")


_STATE_LABELS: dict[EntryState, Any] = {
    EntryState.DRAFT: _l("Brouillon"),
    EntryState.SUBMITTED: _l("Soumise"),
    EntryState.AMENDING: _l("Reprise avant réponse"),
    EntryState.RETURNED: _l("À compléter"),
    EntryState.ACCEPTED: _l("Acceptée"),
    EntryState.DISCARDED: _l("Mise de côté"),
}


class ReviewOutcome(StrEnum):
    """What a trainer answered."""

    RETURNED = "returned"
    ACCEPTED = "accepted"


class AiUse(StrEnum):
    """What part software that writes had in an entry, as its author declares it."""

    NONE = "none"
    WORDING = "wording"
    TRANSLATION = "translation"
    WRITING = "writing"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _AI_USES[self]


_AI_USES: dict[AiUse, Any] = {
    AiUse.NONE: _l("Je n’ai pas utilisé d’IA"),
    AiUse.WORDING: _l("Une IA a corrigé ou reformulé mon texte"),
    AiUse.TRANSLATION: _l("Une IA a traduit mon texte"),
    AiUse.WRITING: _l("Une IA a rédigé une partie du texte"),
}


class EntrySource(StrEnum):
    """Where an entry comes from."""

    WRITTEN = "written"
    FIELD = "field"
    """From a phone without a network."""
    IMPORTED = "imported"
    SCANNED = "scanned"


@dataclass(frozen=True)
class FileFact:
    """What a version keeps of one file that went with it."""

    id: str
    title: str
    filename: str
    media_type: str
    size: int
    sha256: str
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class EntryContent:
    """What an entry says: as it is being written, or as it was submitted."""

    activity: Activity
    title: str = ""
    happened_on: date | None = None
    minutes: int | None = None
    place: str = ""
    account: str = ""
    reflection: str = ""
    indicators: tuple[str, ...] = ()
    files: tuple[FileFact, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    """What was answered to the fields the form adds, by their codes."""
    ai_use: AiUse | None = None
    ai_account: str = ""
    form: Mapping[str, Any] | None = None
    """The form it was written with, as a document; nothing for entries older than forms."""

    def to_document(self) -> dict[str, Any]:
        """Return the content as JSON can hold it."""
        return {
            **asdict(self),
            "activity": self.activity.value,
            "happened_on": self.happened_on and self.happened_on.isoformat(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "EntryContent":
        """Read back what `to_document` gave."""
        day = document["happened_on"]
        files = tuple(FileFact(**{**fact, "indicators": tuple(fact["indicators"])}) for fact in document["files"])
        read: dict[str, Any] = {
            "activity": Activity(document["activity"]),
            "happened_on": day and date.fromisoformat(day),
            "ai_use": AiUse(document["ai_use"]) if document.get("ai_use") else None,
        }
        return cls(**{**document, **read, "indicators": tuple(document["indicators"]), "files": files})

    @property
    def all_indicators(self) -> frozenset[str]:
        """Everything the entry or one of its files illustrates."""
        return frozenset(self.indicators).union(*(fact.indicators for fact in self.files))


class LogbookEntry(Identified, Base):
    """The working copy of one entry: what the trainee is writing."""

    __tablename__ = "logbook_entry"
    __table_args__ = (
        Index(None, "enrolment_id", "happened_on"),
        Index(None, "enrolment_id", "submitted_at"),
        Index(None, "training_body_id", "state", "submitted_at"),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    activity: Mapped[Activity] = mapped_column(EnumText(Activity))
    title: Mapped[str] = mapped_column(String(160), default="")
    happened_on: Mapped[date | None] = mapped_column(Date)
    minutes: Mapped[int | None]
    """Length of the activity."""
    place: Mapped[str] = mapped_column(String(160), default="")
    """A kind of place or a host place, never a home address."""
    account: Mapped[str] = mapped_column(Text, default="")
    """What happened and what the trainee did."""
    reflection: Mapped[str] = mapped_column(Text, default="")
    """What the trainee takes from it for their practice."""
    form_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logbook_form.id"))
    """The training body's form it is written with; empty for a shipped one."""
    form_number: Mapped[int] = mapped_column(default=1)
    """Without `form_id`: the number of the shipped form of its activity."""
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    private_note: Mapped[str] = mapped_column(Text, default="")
    """Its author's alone: never part of a version, never shown to anybody else."""
    ai_use: Mapped[AiUse | None] = mapped_column(EnumText(AiUse))
    ai_account: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[EntrySource] = mapped_column(EnumText(EntrySource), default=EntrySource.WRITTEN)
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logbook_import.id"))
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id"))
    """The meeting of a group it tells of, if it was started from it."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    """What it says without accents or capitals, for searching; never the private note."""
    state: Mapped[EntryState] = mapped_column(EnumText(EntryState), default=EntryState.DRAFT)
    revision: Mapped[int] = mapped_column(default=1)
    """Grows at each save; a save from an older one is a conflict."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EntryVersion(Identified, Base):
    """An entry as it was submitted, the first time or amended; never updated."""

    __tablename__ = "logbook_version"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)
    __sealed_when__ = staticmethod(always)

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("logbook_entry.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    """Where the codes of its indicators come from."""
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The entry's fields, and the indicators and evidence attached to it then."""
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class EntryReview(Identified, Base):
    """A trainer's answer to one version; never updated."""

    __tablename__ = "logbook_review"
    __sealed_when__ = staticmethod(always)

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("logbook_entry.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("logbook_version.id"), unique=True)
    """One answer per version: a second trainer is told that it has been given."""
    reviewer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    outcome: Mapped[ReviewOutcome] = mapped_column(EnumText(ReviewOutcome))
    comment: Mapped[str] = mapped_column(Text, default="")
    comments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """By field: what is said of it."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
