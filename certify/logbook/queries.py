"""Reads about logbook entries: one's own, those that wait for an answer, what one of them says and said."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock, listing
from certify.core.access import Actor, Permission
from certify.core.differences import Passage, compare
from certify.core.durations import show_minutes
from certify.core.errors import NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.listing import Listing, Wanted
from certify.core.templating import day
from certify.evidence import queries as evidence
from certify.frameworks.queries import framework_of
from certify.logbook import policies
from certify.logbook.models import Activity, EntryContent, EntryReview, EntryState, EntryVersion, FileFact, LogbookEntry


@dataclass(frozen=True)
class Waiting:
    """One entry of the review queue."""

    entry: LogbookEntry
    trainee: str
    cohort: str
    number: int
    """Of the version submitted: above 1, it was returned before."""

    @property
    def days(self) -> int:
        """For how many days it has been waiting."""
        since = self.entry.submitted_at
        return (clock.today() - since.astimezone(clock.PARIS).date()).days if since is not None else 0


@dataclass(frozen=True)
class Readable:
    """An entry with everything its page shows."""

    entry: LogbookEntry
    enrolment: Enrolment
    trainee: str
    is_own: bool
    framework: competencies.Framework


@dataclass(frozen=True)
class SubmittedVersion:
    """One version of an entry and the answer it got."""

    version: EntryVersion
    content: EntryContent
    answer: EntryReview | None
    reviewer: str

    @property
    def number(self) -> int:
        """1 for the first submission."""
        return self.version.number


@dataclass(frozen=True)
class Difference:
    """What changed in one part of an entry from one version to the next."""

    label: Any
    passages: tuple[Passage, ...]


_COMPARED: tuple[tuple[Any, Callable[[EntryContent], str]], ...] = (
    (_l("Activité"), lambda content: str(content.activity.label)),
    (_l("Titre"), lambda content: content.title),
    (_l("Date"), lambda content: day(content.happened_on)),
    (_l("Durée"), lambda content: show_minutes(content.minutes)),
    (_l("Lieu"), lambda content: content.place),
    (_l("Ce qui s’est passé"), lambda content: content.account),
    (_l("Ce que j’en retiens"), lambda content: content.reflection),
    (_l("Indicateurs"), lambda content: ", ".join(content.indicators)),
    (
        _l("Preuves"),
        lambda content: "\n".join(
            f"{fact.title} ({fact.filename}) {', '.join(fact.indicators)}" for fact in content.files
        ),
    ),
)


def own_entry(session: Session, actor: Actor, entry_id: uuid.UUID, *, lock: bool = False) -> LogbookEntry:
    """Return an entry of the actor's own; NotFound otherwise. `lock` makes others who would change it wait."""
    query = select(LogbookEntry).join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
    query = query.where(LogbookEntry.id == entry_id, Enrolment.user_id == actor.user_id)
    if lock:
        query = query.with_for_update(of=LogbookEntry).execution_options(populate_existing=True)
    entry = session.scalars(query).one_or_none()
    if entry is None:
        raise NotFound
    return entry


def own_entries(
    session: Session, actor: Actor, wanted: Wanted, *, per_page: int = listing.PER_PAGE
) -> Listing[LogbookEntry]:
    """Return the actor's entries, newest day first unless asked otherwise; those put away only when asked for."""
    query = (
        select(LogbookEntry)
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .where(Enrolment.user_id == actor.user_id)
    )
    return _listed(session, query, wanted, per_page)


def entries_of_trainee(
    session: Session, enrolment: Enrolment, wanted: Wanted, *, per_page: int = listing.PER_PAGE
) -> Listing[LogbookEntry]:
    """Return what a trainee has submitted, for the staff of their training body."""
    query = select(LogbookEntry).where(
        LogbookEntry.enrolment_id == enrolment.id, LogbookEntry.state.in_(policies.READABLE_BY_STAFF)
    )
    return _listed(session, query, wanted, per_page)


def _listed(session: Session, query: Select[*tuple[Any, ...]], wanted: Wanted, per_page: int) -> Listing[LogbookEntry]:
    filters = wanted.filters or {}
    state, activity = filters.get("state", ""), filters.get("activity", "")
    if state in set(EntryState):
        query = query.where(LogbookEntry.state == EntryState(state))
    else:
        query = query.where(LogbookEntry.state != EntryState.DISCARDED)
    if activity in set(Activity):
        query = query.where(LogbookEntry.activity == Activity(activity))
    query = query.where(
        *listing.matches(
            wanted.query, LogbookEntry.title, LogbookEntry.place, LogbookEntry.account, LogbookEntry.reflection
        )
    )
    sorts: Mapping[str, list[Any]] = {
        "day": [LogbookEntry.happened_on.is_not(None), LogbookEntry.happened_on],
        "title": [func.lower(LogbookEntry.title)],
        "activity": [LogbookEntry.activity],
        "state": [LogbookEntry.state],
    }
    if not wanted.sort:
        wanted = replace(wanted, sort="day", direction="desc")
    return listing.paginate(session, query, wanted, sorts=sorts, default="day", tie=LogbookEntry.id, per_page=per_page)


def readable(session: Session, actor: Actor, entry_id: uuid.UUID) -> Readable:
    """Return an entry the actor may read: their own, or one submitted to a training body they read logbooks of."""
    query = (
        select(LogbookEntry, Enrolment, User)
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .where(LogbookEntry.id == entry_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    entry, enrolment, user = row
    is_own = enrolment.user_id == actor.user_id
    if not (is_own or policies.may_read_as_staff(actor, entry)):
        raise NotFound
    return Readable(entry, enrolment, user.name, is_own, framework_of(session, enrolment.framework_version_id))


def reviewable(session: Session, actor: Actor, entry_id: uuid.UUID) -> Readable:
    """Return an entry the actor may answer, or could have answered; NotFound otherwise."""
    found = readable(session, actor, entry_id)
    if not policies.may_read_as_staff(actor, found.entry) or not policies.may_review(
        actor, found.entry, found.enrolment.user_id
    ):
        raise NotFound
    return found


def content_of(session: Session, entry: LogbookEntry) -> EntryContent:
    """Return what an entry says now, with its files."""
    attached = evidence.attached_to(session, entry.id)
    facts = tuple(
        FileFact(
            str(item.id),
            item.title,
            item.filename,
            item.media_type,
            item.size,
            item.sha256,
            evidence.indicators_of(item),
        )
        for item in attached.files
    )
    return EntryContent(
        entry.activity,
        entry.title,
        entry.happened_on,
        entry.minutes,
        entry.place,
        entry.account,
        entry.reflection,
        attached.indicators,
        facts,
    )


def differs(session: Session, entry: LogbookEntry, content: EntryContent) -> bool:
    """Whether what somebody wrote is not what is saved; files are left out."""
    saved = content_of(session, entry)
    return replace(saved, files=(), indicators=()) != replace(content, files=(), indicators=()) or set(
        saved.indicators
    ) != set(content.indicators)


def last_number(session: Session, entry_id: uuid.UUID) -> int:
    """Return the number of the latest version of an entry, 0 before the first."""
    return session.scalar(select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry_id)) or 0


def versions_of(session: Session, entry_id: uuid.UUID) -> list[SubmittedVersion]:
    """Return every version of an entry with its answer, newest first, in one statement."""
    query = (
        select(EntryVersion, EntryReview, User)
        .outerjoin(EntryReview, EntryReview.version_id == EntryVersion.id)
        .outerjoin(User, User.id == EntryReview.reviewer_id)
        .where(EntryVersion.entry_id == entry_id)
        .order_by(EntryVersion.number.desc())
    )
    return [
        SubmittedVersion(
            version, EntryContent.from_document(version.content), answer, reviewer.name if reviewer else ""
        )
        for version, answer, reviewer in session.execute(query)
    ]


def differences_between(versions: list[SubmittedVersion]) -> dict[int, list[Difference]]:
    """Return, for each version but the first, what changed in it since the one before."""
    return {after.number: list(_differences(before.content, after.content)) for after, before in pairwise(versions)}


def _differences(before: EntryContent, after: EntryContent) -> Iterator[Difference]:
    for label, read in _COMPARED:
        old, new = read(before), read(after)
        if old != new:
            yield Difference(label, compare(old, new))


def queue(session: Session, actor: Actor, wanted: Wanted, *, per_page: int = listing.PER_PAGE) -> Listing[Any]:
    """Return the entries that wait for an answer of the actor, the longest wait first."""
    filters = wanted.filters or {}
    query = (
        _waiting(actor)
        .add_columns(User, Cohort.name)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
    )
    number = select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == LogbookEntry.id).scalar_subquery()
    query = query.add_columns(number.label("number"))
    if cohort_id := _uuid(filters.get("cohort", "")):
        query = query.where(Enrolment.cohort_id == cohort_id)
    if filters.get("activity") in set(Activity):
        query = query.where(LogbookEntry.activity == Activity(filters["activity"]))
    query = query.where(*listing.matches(wanted.query, LogbookEntry.title, User.given_name, User.family_name))
    sorts: Mapping[str, list[Any]] = {
        "waiting": [LogbookEntry.submitted_at],
        "trainee": [Enrolment.sort_name],
        "title": [func.lower(LogbookEntry.title)],
        "cohort": [Cohort.name],
    }
    page = listing.paginate(
        session, query, wanted, sorts=sorts, default="waiting", tie=LogbookEntry.id, per_page=per_page, as_rows=True
    )
    return replace(
        page, rows=[Waiting(entry, user.name, cohort, version) for entry, user, cohort, version in page.rows]
    )


def cohorts_in_queue(session: Session, actor: Actor) -> list[Cohort]:
    """Return the cohorts from which something waits, by name."""
    ids = _waiting(actor).with_only_columns(Enrolment.cohort_id)
    return list(session.scalars(select(Cohort).where(Cohort.id.in_(ids)).order_by(Cohort.name, Cohort.id)))


def next_waiting(session: Session, actor: Actor, after: LogbookEntry) -> LogbookEntry | None:
    """Return the entry to answer after this one: the next in the queue, or the oldest when it was the last."""
    query = (
        _waiting(actor).where(LogbookEntry.id != after.id).order_by(LogbookEntry.submitted_at, LogbookEntry.id).limit(1)
    )
    if after.submitted_at is None:
        return session.scalars(query).first()
    later = query.where(
        or_(
            LogbookEntry.submitted_at > after.submitted_at,
            (LogbookEntry.submitted_at == after.submitted_at) & (LogbookEntry.id > after.id),
        )
    )
    return session.scalars(later).first() or session.scalars(query).first()


def reviews_waiting(session: Session, actor: Actor) -> int:
    """Return how many entries wait for an answer of the actor."""
    return session.scalar(_waiting(actor).with_only_columns(func.count())) or 0


def entries_returned(session: Session, actor: Actor) -> int:
    """Return how many of the actor's entries were sent back to be completed."""
    query = select(func.count()).select_from(LogbookEntry).join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
    return (
        session.scalar(query.where(Enrolment.user_id == actor.user_id, LogbookEntry.state == EntryState.RETURNED)) or 0
    )


def in_current_language(text: competencies.Text) -> str:
    """Return a wording of the domain in the reader's language."""
    return text.to(current_locale())


def _waiting(actor: Actor) -> Select[LogbookEntry]:
    return (
        select(LogbookEntry)
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .where(
            LogbookEntry.training_body_id.in_(actor.organisations(Permission.LOGBOOK_REVIEW)),
            LogbookEntry.state == EntryState.SUBMITTED,
            Enrolment.user_id != actor.user_id,
        )
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
