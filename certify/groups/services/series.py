"""The verbs of what comes back: series of meetings, and the closures they skip."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy.orm import Session

from certify.anonymity import services as anonymity
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day as day_in_words
from certify.core.types import new_id
from certify.groups.models import Closure, Meeting, PeerGroup, Rhythm, Series
from certify.groups.queries.closures import preview
from certify.groups.services import fidelity
from certify.groups.services.meetings import (
    lock_group,
    moment_of,
    new_meeting,
    require_anonymous,
    require_days,
    require_minutes,
)

MOST_AT_ONCE = 60
"""Meetings that one series plans."""
LONGEST_CLOSURE = 366
"""Days."""


@dataclass(frozen=True)
class Pattern:
    """How the meetings of a series come back, and when in the day."""

    rhythm: Rhythm
    first_on: date
    until: date
    at: time
    minutes: int
    place: str = ""


def plan(
    session: Session, actor: Actor, group: PeerGroup, pattern: Pattern, *, days: Collection[date] | None = None
) -> list[Meeting]:
    """Plan the meetings of a series, all or none: without holidays, closures and days already taken.

    `days` keeps only some of the dates that were shown; raises Invalid when one of them is no longer free.
    """
    lock_group(session, group)
    require_pattern(session, group, pattern)
    free = preview(session, group, rhythm=pattern.rhythm, first_on=pattern.first_on, until=pattern.until).days
    wanted = list(free) if days is None else sorted(set(days))
    taken = next((day for day in wanted if day not in free), None)
    if taken is not None:
        raise Invalid(_l("Le %(day)s n’est plus libre : voici les dates à jour.", day=day_in_words(taken)), "days")
    if not wanted:
        raise Invalid(_l("Gardez au moins une date."), "days")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(_l("Une série a %(most)s rencontres au plus : rapprochez la fin.", most=MOST_AT_ONCE), "until")
    return _keep(session, actor, group, pattern, wanted)


def require_pattern(session: Session, group: PeerGroup, pattern: Pattern) -> None:
    """Refuse a series that makes no sense, before its dates are shown as before they are kept."""
    require_minutes(pattern.minutes)
    if pattern.until < pattern.first_on:
        raise Invalid(_l("La fin est avant la première rencontre."), "until")
    require_days(group, pattern.first_on, pattern.first_on, "first_on")
    require_days(group, pattern.first_on, pattern.until, "until")
    require_anonymous(session, group.id, [("place", _l("Lieu"), pattern.place)])


def _keep(session: Session, actor: Actor, group: PeerGroup, pattern: Pattern, days: list[date]) -> list[Meeting]:
    series = Series(
        id=new_id(), group_id=group.id, rhythm=pattern.rhythm, first_on=pattern.first_on, until=pattern.until,
        starts_at=pattern.at, minutes=pattern.minutes, place=pattern.place, created_at=clock.now(),
        created_by_id=actor.user_id,
    )  # fmt: skip
    session.add(series)
    session.flush()
    meetings = [
        new_meeting(
            group, starts_at=moment_of(day, pattern.at), minutes=pattern.minutes, place=pattern.place,
            series_id=series.id,
        )
        for day in days
    ]  # fmt: skip
    session.add_all(meetings)
    session.flush()
    audit.record(
        session, actor, "groups:series:planned", series, organisation_id=group.training_body_id, group=group.id,
        rhythm=pattern.rhythm, days=[day.isoformat() for day in days],
    )  # fmt: skip
    fidelity.refresh(session, group.id)
    return meetings


def close_days(
    session: Session,
    actor: Actor,
    *,
    training_body_id: uuid.UUID,
    group: PeerGroup | None = None,
    period: tuple[date, date],
    reason: str = "",
) -> Closure:
    """Say that nobody meets between two days, both included: in one group, or in every group of the training body."""
    starts_on, ends_on = period
    if ends_on < starts_on:
        raise Invalid(_l("Le dernier jour est avant le premier."), "ends_on")
    if (ends_on - starts_on).days >= LONGEST_CLOSURE:
        raise Invalid(_l("Une fermeture dure un an au plus."), "ends_on")
    if group is not None:
        lock_group(session, group)
        require_anonymous(session, group.id, [("reason", _l("Raison"), reason)])
    elif reason:
        anonymity.require_anonymous(session, None, [("reason", _l("Raison"), reason)])
    closure = Closure(
        id=new_id(), training_body_id=training_body_id, group_id=group.id if group else None, starts_on=starts_on,
        ends_on=ends_on, reason=reason, created_at=clock.now(),
    )  # fmt: skip
    session.add(closure)
    session.flush()
    _note(session, actor, "added", closure)
    return closure


def reopen_days(session: Session, actor: Actor, closure: Closure) -> Closure:
    """Take a closure away; meetings already planned stay as they are."""
    session.refresh(closure, with_for_update=True)
    if closure.removed_at is not None:
        raise Conflict(_l("Cette fermeture est déjà retirée."))
    closure.removed_at = clock.now()
    _note(session, actor, "removed", closure)
    return closure


def _note(session: Session, actor: Actor, what: str, closure: Closure) -> None:
    audit.record(
        session, actor, f"groups:closure:{what}", closure, organisation_id=closure.training_body_id,
        starts_on=closure.starts_on, ends_on=closure.ends_on, group=closure.group_id,
    )  # fmt: skip
    session.flush()
    if closure.group_id is not None:
        fidelity.refresh(session, closure.group_id)
    else:
        fidelity.outdate(session, closure.training_body_id)
