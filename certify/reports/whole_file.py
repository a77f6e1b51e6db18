"""A trainee's whole file: everything signed, submitted, accepted or decided about them, gathered once.

The page, the document and the archive show the same; a draft is nobody's but its author's, and is in none of them.
The number of statements never grows.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.accounts.models import User
from certify.anonymity.queries import masks_of
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.assessments.queries import Line
from certify.cohorts.models import Enrolment, Presence, TrainingSession
from certify.cohorts.queries import IN_ORDER, attended, totals_of
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.evidence.queries import EvidenceItem, EvidenceKind, EvidenceState
from certify.frameworks.queries import framework_of
from certify.logbook.models import EntryContent, EntryReview, EntryState, EntryVersion, LogbookEntry
from certify.logbook.queries import answers_of, comments_of, masked_content
from certify.reports.happenings import Happening, happenings_of
from certify.reports.trainee import Path, path_of

_SHOWN_ENTRIES = (EntryState.SUBMITTED, EntryState.AMENDING, EntryState.RETURNED, EntryState.ACCEPTED)
_SHOWN_EVIDENCE = (EvidenceState.SUBMITTED, EvidenceState.RETURNED, EvidenceState.ACCEPTED)


@dataclass(frozen=True)
class Said:
    """What one assessment says of one indicator, with the words of its own scale."""

    indicator: str
    wording: str
    level: str
    level_code: str | None
    comment: str
    confidence: int | None


@dataclass(frozen=True)
class Signed:
    """One signed assessment with everything in it."""

    assessment: Assessment
    assessor: str
    is_superseded: bool
    version: str
    """Of the framework it was made on."""
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Version:
    """An entry as it was submitted one day, and the answer it got."""

    row: EntryVersion
    content: EntryContent
    answer: EntryReview | None
    reviewer: str

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What it answers to its form, by label."""
        return answers_of(self.content)

    @property
    def comments(self) -> list[tuple[str, str]]:
        """What was said of single fields, by label."""
        return comments_of(self.content, self.answer.comments) if self.answer is not None else []

    @property
    def remarks(self) -> str:
        """Everything its answer says, of the whole then of single fields."""
        of_the_whole = self.answer.comment if self.answer is not None else ""
        return "\n".join(filter(None, (of_the_whole, *(f"{label} : {text}" for label, text in self.comments))))


@dataclass(frozen=True)
class Entry:
    """One logbook entry and every version submitted, the last first."""

    entry: LogbookEntry
    versions: tuple[Version, ...]


@dataclass(frozen=True)
class HalfDayPresence:
    """One half-day of training, and whether the trainee came; nothing when the sheet says nothing."""

    half_day: TrainingSession
    presence: Presence | None
    is_expected: bool


@dataclass(frozen=True)
class WholeFile:
    """Everything there is to show about one trainee."""

    path: Path
    assessments: tuple[Signed, ...]
    own: tuple[Signed, ...]
    """Self-assessments, which never count."""
    entries: tuple[Entry, ...]
    items: tuple[EvidenceItem, ...]
    half_days: tuple[HalfDayPresence, ...]
    attended: tuple[int, int]
    """Half-days attended, of those counted."""
    happenings: tuple[Happening, ...]
    made_at: datetime

    @property
    def files(self) -> tuple[EvidenceItem, ...]:
        """Deposited files and logbook entries that are evidence."""
        return tuple(item for item in self.items if item.kind is not EvidenceKind.PRIOR)

    @property
    def prior(self) -> tuple[EvidenceItem, ...]:
        """Prior learning."""
        return tuple(item for item in self.items if item.kind is EvidenceKind.PRIOR)


def whole_file(session: Session, enrolment: Enrolment, *, made_at: datetime) -> WholeFile:
    """Return the whole file of an enrolment; the caller has checked who asks."""
    path = path_of(session, enrolment)
    ratings = _ratings(session, enrolment.id)
    return WholeFile(
        path,
        tuple(_signed(session, path.history, ratings)),
        tuple(_signed(session, path.own_history, ratings)),
        tuple(_entries(session, enrolment.id)),
        tuple(_items(session, enrolment.id)),
        tuple(_half_days(session, enrolment)),
        _attended(session, enrolment.id),
        tuple(happenings_of(session, enrolment)),
        made_at,
    )


def _attended(session: Session, enrolment_id: uuid.UUID) -> tuple[int, int]:
    total = totals_of(session, [enrolment_id])[enrolment_id]
    return total.present, total.expected


def _ratings(session: Session, enrolment_id: uuid.UUID) -> Mapping[uuid.UUID, list[Rating]]:
    found: defaultdict[uuid.UUID, list[Rating]] = defaultdict(list)
    query = (
        select(Rating)
        .join(Assessment, Assessment.id == Rating.assessment_id)
        .where(Assessment.enrolment_id == enrolment_id, Assessment.state == AssessmentState.SIGNED)
    )
    for rating in session.scalars(query):
        found[rating.assessment_id].append(rating)
    return found


def _signed(session: Session, lines: Sequence[Line], ratings: Mapping[uuid.UUID, list[Rating]]) -> Iterator[Signed]:
    for line in lines:
        one = line.assessment
        framework = framework_of(session, one.framework_version_id)
        said = tuple(_in_order(framework, one.kind, ratings.get(one.id, ())))
        yield Signed(one, line.assessor, line.is_superseded, framework.version, said)


def _in_order(framework: competencies.Framework, kind: AssessmentKind, ratings: Collection[Rating]) -> Iterator[Said]:
    given = {rating.indicator: rating for rating in ratings}
    locale = current_locale()
    for indicator in framework.indicators:
        rating = given.get(indicator.code)
        if rating is not None:
            yield Said(
                indicator.code, indicator.wording.to(locale), _level_word(framework, kind, rating), rating.level,
                rating.comment, rating.confidence,
            )  # fmt: skip


def _level_word(framework: competencies.Framework, kind: AssessmentKind, rating: Rating) -> str:
    if rating.level is None:
        return _("non observé") if not rating.is_observed else _("non évalué")
    scale = framework.scale_of(rating.indicator, is_certifying=kind is AssessmentKind.EXAMINATION)
    level = scale.level(rating.level)
    return f"{level.sign} {level.label.to(current_locale())}"


def _entries(session: Session, enrolment_id: uuid.UUID) -> Iterator[Entry]:
    query = select(LogbookEntry).where(
        LogbookEntry.enrolment_id == enrolment_id, LogbookEntry.state.in_(_SHOWN_ENTRIES)
    )
    entries = list(session.scalars(query.order_by(LogbookEntry.happened_on.desc(), LogbookEntry.id)))
    versions: defaultdict[uuid.UUID, list[Version]] = defaultdict(list)
    rows = session.execute(
        select(EntryVersion, EntryReview, User)
        .join(LogbookEntry, LogbookEntry.id == EntryVersion.entry_id)
        .outerjoin(EntryReview, EntryReview.version_id == EntryVersion.id)
        .outerjoin(User, User.id == EntryReview.reviewer_id)
        .where(LogbookEntry.enrolment_id == enrolment_id)
        .order_by(EntryVersion.number.desc())
    ).all()
    masks = masks_of(session, [version.id for version, _answer, _reviewer in rows])
    for version, answer, reviewer in rows:
        content = masked_content(version, masks.get(version.id, ()))
        versions[version.entry_id].append(Version(version, content, answer, reviewer.name if reviewer else ""))
    return (Entry(entry, tuple(versions[entry.id])) for entry in entries if versions[entry.id])


def _items(session: Session, enrolment_id: uuid.UUID) -> list[EvidenceItem]:
    query = (
        select(EvidenceItem)
        .where(EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.state.in_(_SHOWN_EVIDENCE))
        .order_by(EvidenceItem.created_at.desc(), EvidenceItem.id)
        .options(selectinload(EvidenceItem.links))
    )
    return list(session.scalars(query))


def _half_days(session: Session, enrolment: Enrolment) -> Iterator[HalfDayPresence]:
    rows = session.execute(attended(enrolment).order_by(*IN_ORDER))
    return (HalfDayPresence(half_day, presence, bool(expected)) for half_day, presence, expected in rows)
