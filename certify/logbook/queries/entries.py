"""Reads about logbook entries: one's own, those that wait for an answer, what one of them says and said."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock, listing
from certify.core.access import Actor
from certify.core.audit import AuditEvent
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted
from certify.evidence import queries as evidence
from certify.frameworks.queries import framework_of
from certify.logbook import policies
from certify.logbook.models import Activity, EntryState, LogbookEntry

_MOST_WORDS = 6
ENTRY_READ = "logbook:entry:read"


@dataclass(frozen=True)
class Readable:
    """An entry with everything its page shows."""

    entry: LogbookEntry
    enrolment: Enrolment
    trainee: str
    is_own: bool
    framework: competencies.Framework


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
        .where(Enrolment.user_id == actor.user_id, *_says(wanted.query, LogbookEntry.title, LogbookEntry.account))
    )
    return _listed(session, query, wanted, per_page)


def entries_of_trainee(
    session: Session, enrolment: Enrolment, wanted: Wanted, *, per_page: int = listing.PER_PAGE
) -> Listing[LogbookEntry]:
    """Return what a trainee has submitted, for the staff of their training body; found by what was submitted."""
    query = select(LogbookEntry).where(
        LogbookEntry.enrolment_id == enrolment.id,
        LogbookEntry.state.in_(policies.READABLE_BY_STAFF),
        *_says(wanted.query),
    )
    return _listed(session, query, wanted, per_page)


def _says(words: str, *own: Any) -> Iterator[ColumnElement[bool]]:
    """Yield one condition per word: it stands in what the entry is found by, or in a column its author reads."""
    for word in words.split()[:_MOST_WORDS]:
        plain = listing.matches(policies.plain(word), LogbookEntry.search_text)
        typed = listing.matches(word, *own) if own else ()
        yield or_(*plain, *typed)


def _listed(session: Session, query: Select[*tuple[Any, ...]], wanted: Wanted, per_page: int) -> Listing[LogbookEntry]:
    filters = wanted.filters or {}
    state, activity = filters.get("state", ""), filters.get("activity", "")
    if state in set(EntryState):
        query = query.where(LogbookEntry.state == EntryState(state))
    else:
        query = query.where(LogbookEntry.state != EntryState.DISCARDED)
    if activity in set(Activity):
        query = query.where(LogbookEntry.activity == Activity(activity))
    if since := _day(filters.get("since", "")):
        query = query.where(LogbookEntry.happened_on >= since)
    if until := _day(filters.get("until", "")):
        query = query.where(LogbookEntry.happened_on <= until)
    if code := filters.get("indicator", ""):
        query = query.where(LogbookEntry.id.in_(evidence.entries_illustrating(code)))
    sorts: Mapping[str, list[Any]] = {
        "day": [LogbookEntry.happened_on.is_not(None), LogbookEntry.happened_on],
        "title": [func.lower(LogbookEntry.title)],
        "activity": [LogbookEntry.activity],
        "state": [LogbookEntry.state],
    }
    if not wanted.sort:
        wanted = replace(wanted, sort="day", direction="desc")
    return listing.paginate(session, query, wanted, sorts=sorts, default="day", tie=LogbookEntry.id, per_page=per_page)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


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


def entries_returned(session: Session, actor: Actor) -> int:
    """Return how many of the actor's entries were sent back to be completed."""
    query = select(func.count()).select_from(LogbookEntry).join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
    return (
        session.scalar(query.where(Enrolment.user_id == actor.user_id, LogbookEntry.state == EntryState.RETURNED)) or 0
    )


def was_read_today(session: Session, actor: Actor, entry: LogbookEntry) -> bool:
    """Whether the trace of the actor having read an entry today is kept already."""
    morning = datetime.combine(clock.today(), time.min, clock.PARIS)
    trace = exists().where(
        AuditEvent.object_id == entry.id,
        AuditEvent.actor_id == actor.user_id,
        AuditEvent.tag == ENTRY_READ,
        AuditEvent.at >= morning,
    )
    return bool(session.scalar(select(trace)))
