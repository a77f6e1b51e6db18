"""The verbs of meetings: planned one by one, prepared, held, cancelled, moved."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from certify.anonymity import services as anonymity
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day as day_in_words
from certify.core.types import new_id
from certify.groups.models import Meeting, MeetingState, PeerGroup
from certify.groups.models.rooms import RoomItem
from certify.groups.queries.closures import closed_days
from certify.groups.queries.groups import facilitators_of
from certify.groups.queries.meetings import attendance_of, day_of, upcoming
from certify.groups.services import fidelity

SHORTEST, LONGEST = 15, 480
"""Minutes of the shortest and of the longest meeting."""
FURTHEST = timedelta(days=2 * 366)
"""How far ahead a meeting may be planned."""


class StaleMeeting(Conflict):
    """The meeting was changed from somewhere else since it was opened here."""


def moment_of(day: date, at: time) -> datetime:
    """Return the moment of a time of the day in Paris, the same on the wall in summer and in winter."""
    return datetime.combine(day, at, clock.PARIS).astimezone(UTC)


def plan(
    session: Session,
    actor: Actor,
    group: PeerGroup,
    *,
    starts_at: datetime,
    minutes: int,
    place: str = "",
    theme: str = "",
    despite_closure: bool = False,
) -> Meeting:
    """Plan one meeting, or record one that was not planned.

    Raises Invalid on a day on which nobody meets, unless `despite_closure`, or when the group already meets that day.
    """
    lock_group(session, group)
    require_minutes(minutes)
    require_anonymous(session, group.id, _texts(place=place, theme=theme))
    require_free_day(session, group, _day(starts_at), despite_closure=despite_closure)
    meeting = new_meeting(group, starts_at=starts_at, minutes=minutes, place=place, theme=theme)
    session.add(meeting)
    session.flush()
    _note(session, actor, "planned", meeting)
    return meeting


def amend(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    *,
    at: time,
    minutes: int,
    place: str,
    theme: str,
    revision: int,
) -> Meeting:
    """Correct the time of the day, the length, the place or the theme; another day is for `move`."""
    _open(session, meeting, revision, MeetingState.PLANNED, MeetingState.HELD)
    require_minutes(minutes)
    require_anonymous(session, meeting.group_id, _texts(place=place, theme=theme))
    meeting.starts_at, meeting.minutes = moment_of(day_of(meeting), at), minutes
    meeting.place, meeting.theme = place, theme
    _saved(meeting)
    _note(session, actor, "amended", meeting)
    return meeting


def check_room(session: Session, actor: Actor, meeting: Meeting, *, ready: Collection[str]) -> Meeting:
    """Say what of the room is ready; the others of the list are not."""
    _open(session, meeting, None, MeetingState.PLANNED, MeetingState.HELD)
    checklist = {item.value: item.value in ready for item in RoomItem}
    if checklist != meeting.checklist:
        meeting.checklist = checklist
        _saved(meeting)
        audit.record(
            session, actor, "groups:room:checked", meeting, organisation_id=meeting.training_body_id,
            ready=sorted(code for code, is_ready in checklist.items() if is_ready),
        )  # fmt: skip
    return meeting


def hold(session: Session, actor: Actor, meeting: Meeting, *, facilitator_present: bool | None) -> Meeting:
    """Say that a meeting took place, and whether the facilitator accompanied it."""
    _open(session, meeting, None, MeetingState.PLANNED, MeetingState.HELD)
    if day_of(meeting) > clock.today():
        raise Invalid(_l("Cette rencontre est à venir : elle se déclare tenue le jour même."))
    if (meeting.state, meeting.facilitator_present) == (MeetingState.HELD, facilitator_present):
        return meeting
    if meeting.state is MeetingState.PLANNED:
        meeting.held_at = clock.now()
    meeting.state, meeting.facilitator_present = MeetingState.HELD, facilitator_present
    _saved(meeting)
    _note(session, actor, "held", meeting, facilitator_present=facilitator_present)
    return meeting


def cancel(session: Session, actor: Actor, meeting: Meeting, *, reason: str) -> Meeting:
    """Say that a meeting does not take place, and why."""
    _open(session, meeting, None, MeetingState.PLANNED)
    if not reason:
        raise Invalid(_l("Dites pourquoi la rencontre est annulée."), "reason")
    require_anonymous(session, meeting.group_id, _texts(reason=reason))
    meeting.state, meeting.reason = MeetingState.CANCELLED, reason
    _saved(meeting)
    _note(session, actor, "cancelled", meeting)
    return meeting


def restore(session: Session, actor: Actor, meeting: Meeting) -> Meeting:
    """Plan again a meeting cancelled, or declared held by mistake and about which nobody was noted."""
    _open(session, meeting, None, MeetingState.CANCELLED, MeetingState.HELD)
    if meeting.state is MeetingState.HELD and attendance_of(session, [meeting.id])[meeting.id]:
        raise Conflict(_l("Des présences sont notées : cette rencontre a eu lieu. Corrigez les présences si besoin."))
    group = session.get_one(PeerGroup, meeting.group_id)
    lock_group(session, group)
    if meeting.state is MeetingState.CANCELLED:
        require_free_day(session, group, day_of(meeting), despite_closure=True)
    meeting.state, meeting.reason, meeting.held_at = MeetingState.PLANNED, "", None
    meeting.facilitator_present = None
    _saved(meeting)
    _note(session, actor, "restored", meeting)
    return meeting


def move(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    *,
    starts_at: datetime,
    place: str | None = None,
    reason: str = "",
    despite_closure: bool = False,
) -> Meeting:
    """Move a meeting to another day: a new one is planned, which this one points to. Return the new one."""
    _open(session, meeting, None, MeetingState.PLANNED)
    place = meeting.place if place is None else place
    require_anonymous(session, meeting.group_id, _texts(place=place, reason=reason))
    group = session.get_one(PeerGroup, meeting.group_id)
    lock_group(session, group)
    day = _day(starts_at)
    if day == day_of(meeting):
        raise Invalid(_l("C’est le même jour : pour changer l’heure, modifiez la rencontre."), "day")
    require_free_day(session, group, day, despite_closure=despite_closure)
    new = new_meeting(
        group, starts_at=starts_at, minutes=meeting.minutes, place=place, theme=meeting.theme,
        series_id=meeting.series_id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    meeting.state, meeting.reason, meeting.moved_to_id = MeetingState.MOVED, reason, new.id
    _saved(meeting)
    _note(session, actor, "moved", meeting, moved_to=new.id)
    return new


def new_meeting(
    group: PeerGroup,
    *,
    starts_at: datetime,
    minutes: int,
    place: str,
    theme: str = "",
    series_id: uuid.UUID | None = None,
) -> Meeting:
    """Return a meeting of a group, planned and not kept yet."""
    now = clock.now()
    return Meeting(
        id=new_id(), group_id=group.id, training_body_id=group.training_body_id, series_id=series_id,
        starts_at=starts_at, minutes=minutes, place=place, theme=theme, state=MeetingState.PLANNED, checklist={},
        reason="", revision=1, created_at=now, saved_at=now,
    )  # fmt: skip


def lock_group(session: Session, group: PeerGroup) -> None:
    """Make everybody else who plans a meeting of the group wait; raise Conflict when the group has ended."""
    session.flush()
    session.refresh(group, with_for_update=True)
    if group.closed_on is not None:
        raise Conflict(_l("Ce groupe est clos : ses rencontres ne changent plus."))


def require_minutes(minutes: int) -> None:
    """Refuse a length that no meeting has."""
    if not SHORTEST <= minutes <= LONGEST:
        raise Invalid(
            _l("Une rencontre dure de %(least)s à %(most)s minutes.", least=SHORTEST, most=LONGEST), "minutes"
        )


def require_days(group: PeerGroup, first: date, last: date, field: str = "day") -> None:
    """Refuse days outside the life of the group, or too far ahead."""
    if first < group.opened_on:
        raise Invalid(_l("Le groupe n’est ouvert que depuis le %(day)s.", day=day_in_words(group.opened_on)), field)
    if last > clock.today() + FURTHEST:
        raise Invalid(_l("Le %(day)s est trop loin : deux ans au plus.", day=day_in_words(last)), field)


def require_free_day(session: Session, group: PeerGroup, day: date, *, despite_closure: bool) -> None:
    """Refuse a day on which the group meets already, or on which nobody meets."""
    require_days(group, day, day)
    if upcoming(session, [group.id], day, day):
        raise Invalid(_l("Une rencontre de ce groupe est déjà prévue le %(day)s.", day=day_in_words(day)), "day")
    closed = closed_days(session, group, day, day).get(day)
    if closed is not None and not despite_closure:
        raise Invalid(
            _l(
                "Le %(day)s, personne ne se réunit (%(why)s). "
                "Choisissez un autre jour, ou cochez « Prévoir la rencontre quand même ».",
                day=day_in_words(day),
                why=closed.why,
            ),
            "day",
        )


def require_anonymous(session: Session, group_id: uuid.UUID, texts: Iterable[tuple[str, Any, str]]) -> None:
    """Refuse texts that would let a family be recognised, by what any facilitator of the group declared."""
    texts = [text for text in texts if text[2]]
    if not texts:
        return
    known = {row.facilitator.enrolment_id for row in facilitators_of(session, [group_id])[group_id]}
    anonymity.require_anonymous(session, None, texts)
    for enrolment_id in sorted(known):
        anonymity.require_anonymous(session, enrolment_id, texts)


_LABELS = {"place": _l("Lieu"), "theme": _l("Thème"), "reason": _l("Raison")}


def _texts(**texts: str) -> Iterator[tuple[str, Any, str]]:
    for field, text in texts.items():
        yield field, _LABELS[field], text


def _day(starts_at: datetime) -> date:
    return starts_at.astimezone(clock.PARIS).date()


def _open(session: Session, meeting: Meeting, revision: int | None, *states: MeetingState) -> None:
    """Make everybody else who changes the meeting wait; raise Conflict when it is not in a state this needs."""
    session.flush()
    session.refresh(meeting, with_for_update=True)
    if revision not in (None, meeting.revision):
        raise StaleMeeting(
            _l("Cette rencontre a été modifiée depuis que vous l’avez ouverte. Rouvrez-la, comparez, puis enregistrez.")
        )
    if meeting.state not in states:
        raise Conflict(_REFUSED[meeting.state])


_REFUSED: Mapping[MeetingState, Any] = {
    MeetingState.PLANNED: _l("Cette rencontre est déjà prévue."),
    MeetingState.HELD: _l("Cette rencontre a déjà été déclarée tenue."),
    MeetingState.CANCELLED: _l("Cette rencontre est annulée. Rétablissez-la d’abord si elle a lieu."),
    MeetingState.MOVED: _l("Cette rencontre est reportée : ouvrez celle qui la remplace."),
}


def _saved(meeting: Meeting) -> None:
    meeting.revision += 1
    meeting.saved_at = clock.now()


def _note(session: Session, actor: Actor, what: str, meeting: Meeting, **detail: Any) -> None:
    session.flush()
    audit.record(session, actor, f"groups:meeting:{what}", meeting, organisation_id=meeting.training_body_id, **detail)
    fidelity.refresh(session, meeting.group_id)
