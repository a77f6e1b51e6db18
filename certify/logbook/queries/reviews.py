"""Reads about what waits for a trainer's answer."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock, listing
from certify.core.access import Actor, Permission
from certify.core.listing import Listing, Wanted
from certify.logbook.models import Activity, EntryState, EntryVersion, LogbookEntry


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
