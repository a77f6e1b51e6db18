"""Reads about the days on which nobody meets: public holidays, closures; and the dates of a series without them."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.groups.models import Closure, Meeting, MeetingState, PeerGroup, Rhythm
from certify.groups.queries.groups import visible
from certify.groups.queries.meetings import day_of, start_of, upcoming
from certify.organisations.models import Organisation, OrganisationKind
from competencies.recurrence import series_dates

Among = Collection[uuid.UUID] | Select[Any]
"""Identifiers, or the statement that selects them."""
_LANGUAGES = {"fr": "fr", "en": "en_US"}


@dataclass(frozen=True)
class ClosedDay:
    """A day on which nobody meets, and why."""

    day: date
    why: Any
    name: str = ""
    """Of a public holiday."""


@dataclass(frozen=True)
class Preview:
    """The dates of a series before it is kept, and those left out, each with why."""

    days: tuple[date, ...]
    skipped: tuple[ClosedDay, ...]


@dataclass(frozen=True)
class ClosureRow:
    """A closure of a list: of one group when it has a code."""

    closure: Closure
    code: str


@lru_cache(maxsize=64)
def _holidays_of(year: int, language: str) -> Mapping[date, str]:
    found: Mapping[date, str] = holidays.country_holidays("FR", years=year, language=_LANGUAGES[language])
    return {day: name.replace("'", "’") for day, name in found.items()}


def holiday_on(day: date) -> str | None:
    """Return the name of the public holiday of a day in France, if it is one (Code du travail, article L3133-1)."""
    return _holidays_of(day.year, current_locale()).get(day)


def holidays_between(since: date, until: date) -> dict[date, ClosedDay]:
    """Return the public holidays between two days, both included."""
    every = [_holidays_of(year, current_locale()) for year in range(since.year, until.year + 1)]
    return {
        day: ClosedDay(day, _l("Jour férié : %(name)s", name=name), name)
        for of_year in every
        for day, name in sorted(of_year.items())
        if since <= day <= until
    }


def closures_between(
    session: Session, training_body_ids: Among, group_ids: Among, since: date, until: date
) -> list[Closure]:
    """Return the closures of some training bodies, and of some groups, that touch a period; one statement."""
    query = select(Closure).where(
        Closure.training_body_id.in_(training_body_ids),
        or_(Closure.group_id.is_(None), Closure.group_id.in_(group_ids)),
        Closure.removed_at.is_(None),
        Closure.starts_on <= until,
        Closure.ends_on >= since,
    )
    return list(session.scalars(query.order_by(Closure.starts_on, Closure.id)))


def closed_days(session: Session, group: PeerGroup, since: date, until: date) -> dict[date, ClosedDay]:
    """Return the days of a period on which a group does not meet, each with why; one statement."""
    closed = holidays_between(since, until)
    for closure in closures_between(session, [group.training_body_id], [group.id], since, until):
        why = said_of(closure)
        for day in days_of(closure, since, until):
            closed.setdefault(day, ClosedDay(day, why))
    return closed


def said_of(closure: Closure) -> Any:
    """Return what a closure is called on screen."""
    return _l("Fermeture : %(reason)s", reason=closure.reason) if closure.reason else _l("Fermeture")


def days_of(closure: Closure, since: date, until: date) -> list[date]:
    """Return the days of a closure within a period."""
    first, last = max(closure.starts_on, since), min(closure.ends_on, until)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def preview(session: Session, group: PeerGroup, *, rhythm: Rhythm, first_on: date, until: date) -> Preview:
    """Return the dates of a series, without those on which nobody meets or a meeting is planned already."""
    closed = closed_days(session, group, first_on, until)
    for meeting in upcoming(session, [group.id], first_on, until):
        day = day_of(meeting)
        closed.setdefault(day, ClosedDay(day, _l("Une rencontre est déjà prévue ce jour-là")))
    every = series_dates(rhythm.value, first_on, until, lambda _day: False)
    days = series_dates(rhythm.value, first_on, until, closed.__contains__)
    return Preview(days, tuple(closed[day] for day in every if day in closed))


def closure_for(session: Session, actor: Actor, closure_id: uuid.UUID) -> Closure:
    """Return a closure that the actor may remove; raise NotFound otherwise."""
    groups = visible(actor, Permission.MEETING_WRITE).with_only_columns(PeerGroup.id).order_by(None)
    query = select(Closure).where(
        Closure.id == closure_id,
        Closure.removed_at.is_(None),
        or_(
            Closure.group_id.in_(groups),
            Closure.group_id.is_(None) & Closure.training_body_id.in_(actor.organisations(Permission.MEETING_WRITE)),
        ),
    )
    closure = session.scalars(query).one_or_none()
    if closure is None:
        raise NotFound
    return closure


def closures_of(session: Session, actor: Actor, group: PeerGroup | None, since: date) -> list[ClosureRow]:
    """Return the closures to come, one statement: of one group and its training body, or of the actor's bodies."""
    bodies = [group.training_body_id] if group else list(actor.organisations(Permission.MEETING_WRITE))
    query = (
        select(Closure, func.coalesce(PeerGroup.code, "").label("code"))
        .outerjoin(PeerGroup, PeerGroup.id == Closure.group_id)
        .where(
            Closure.training_body_id.in_(bodies),
            Closure.removed_at.is_(None),
            Closure.ends_on >= since,
            or_(Closure.group_id.is_(None), Closure.group_id == group.id) if group else Closure.group_id.is_(None),
        )
        .order_by(Closure.starts_on, Closure.id)
    )
    return [ClosureRow(closure, code) for closure, code in session.execute(query)]


def planned_during(session: Session, closure: Closure) -> list[Meeting]:
    """Return the meetings still planned while a closure lasts, as they follow one another."""
    query = select(Meeting).where(
        Meeting.training_body_id == closure.training_body_id,
        Meeting.state == MeetingState.PLANNED,
        Meeting.starts_at >= start_of(closure.starts_on),
        Meeting.starts_at < start_of(closure.ends_on + timedelta(days=1)),
    )
    if closure.group_id is not None:
        query = query.where(Meeting.group_id == closure.group_id)
    return list(session.scalars(query.order_by(Meeting.starts_at, Meeting.id)))


def bodies_of(session: Session, actor: Actor) -> list[Organisation]:
    """Return the training bodies whose closures the actor decides, by name."""
    query = select(Organisation).where(
        Organisation.id.in_(actor.organisations(Permission.MEETING_WRITE)),
        Organisation.kind == OrganisationKind.TRAINING_BODY,
    )
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))
