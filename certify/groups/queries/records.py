"""Reads of what the fidelity rules are asked about: each group's stays, meetings and who came, as plain facts."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, or_, select, type_coerce
from sqlalchemy.orm import Session

from certify.core import clock
from certify.frameworks.queries import programmes_of
from certify.groups.models import (
    Attendance,
    GroupFidelity,
    Meeting,
    MeetingState,
    Participant,
    PeerGroup,
    Presence,
    Stay,
)
from certify.groups.queries.closures import closures_between, days_of, holidays_between
from competencies.fidelity_view import GroupRecord, MeetingFact, StayFact
from competencies.thresholds import Thresholds

_AHEAD = timedelta(days=120)
"""How far the days without meetings are read: the next meeting is due within that time."""


def records_of(session: Session, group_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, GroupRecord]:
    """Return what the rules need of each group; four statements whatever their number.

    Keys of participants and meetings are their identifiers as text.
    """
    wanted = list(dict.fromkeys(group_ids))
    if not wanted:
        return {}
    stays, meetings = _stays_of(session, wanted), _meetings_of(session, wanted)
    query = select(PeerGroup.id, PeerGroup.opened_on, PeerGroup.closed_on).where(PeerGroup.id.in_(wanted))
    return {
        group_id: GroupRecord(opened_on, closed_on, tuple(stays[group_id]), tuple(meetings[group_id]))
        for group_id, opened_on, closed_on in session.execute(query)
    }


def _stays_of(session: Session, group_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[StayFact]]:
    stays: dict[uuid.UUID, list[StayFact]] = defaultdict(list)
    query = (
        select(
            Stay.group_id, Participant.id, Participant.month, Participant.is_due, Stay.joined_on, Stay.left_on
        )
        .join(Participant, Participant.id == Stay.participant_id)
        .where(Stay.group_id.in_(group_ids), Stay.struck_at.is_(None))
        .order_by(Stay.joined_on, Stay.id)
    )  # fmt: skip
    for group_id, participant_id, month, is_due, joined_on, left_on in session.execute(query):
        stays[group_id].append(StayFact(str(participant_id), month, is_due, joined_on, left_on))
    return stays


def _meetings_of(session: Session, group_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[MeetingFact]]:
    present = _present_at(session, group_ids)
    meetings: dict[uuid.UUID, list[MeetingFact]] = defaultdict(list)
    query = (
        select(Meeting.group_id, Meeting.id, Meeting.starts_at, Meeting.state, Meeting.facilitator_present)
        .where(Meeting.group_id.in_(group_ids))
        .order_by(Meeting.starts_at, Meeting.id)
    )
    for group_id, meeting_id, starts_at, state, accompanied in session.execute(query):
        on = starts_at.astimezone(clock.PARIS).date()
        came = frozenset(present.get(meeting_id, ()))
        meetings[group_id].append(MeetingFact(str(meeting_id), on, state.value, accompanied, came))
    return meetings


def _present_at(session: Session, group_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Return who came to each meeting, the last word about each being the one that counts."""
    present: dict[uuid.UUID, set[str]] = defaultdict(set)
    keys: dict[uuid.UUID, str] = {}
    query = (
        # As text: an enumeration made anew for each of these many rows would take longer than everything else.
        select(Attendance.meeting_id, Attendance.participant_id, type_coerce(Attendance.presence, String))
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(Meeting.group_id.in_(group_ids), Meeting.state == MeetingState.HELD)
        .order_by(Attendance.recorded_at, Attendance.id)
    )
    for meeting_id, participant_id, presence in session.execute(query):
        key = keys.get(participant_id) or keys.setdefault(participant_id, str(participant_id))
        if presence == Presence.PRESENT.value:
            present[meeting_id].add(key)
        else:
            present[meeting_id].discard(key)
    return present


def thresholds_of(session: Session, groups: Iterable[PeerGroup]) -> dict[uuid.UUID, Thresholds]:
    """Return the thresholds by which each group is judged: those of its programme; one statement."""
    pairs = {one.id: (one.certifying_body_id, one.framework_code) for one in groups}
    rules = programmes_of(session, pairs.values())
    return {group_id: rules[pair].fidelity for group_id, pair in pairs.items()}


def closed_days_of(session: Session, groups: Sequence[PeerGroup], today: date) -> dict[uuid.UUID, frozenset[date]]:
    """Return the days on which each group cannot meet, since it opened and for some months to come; one statement."""
    if not groups:
        return {}
    since, until = min(one.opened_on for one in groups), today + _AHEAD
    holidays = frozenset(holidays_between(since, until))
    bodies = {one.training_body_id for one in groups}
    of_body: dict[uuid.UUID, set[date]] = defaultdict(set)
    of_group: dict[uuid.UUID, set[date]] = defaultdict(set)
    for closure in closures_between(session, bodies, [one.id for one in groups], since, until):
        days = days_of(closure, since, until)
        if closure.group_id is None:
            of_body[closure.training_body_id].update(days)
        else:
            of_group[closure.group_id].update(days)
    return {one.id: holidays.union(of_body[one.training_body_id], of_group[one.id]) for one in groups}


def outdated(today: date) -> Select[PeerGroup]:
    """Select the groups whose fidelity was not computed today: those that still meet, and those never looked at."""
    return (
        select(PeerGroup)
        .outerjoin(GroupFidelity, GroupFidelity.group_id == PeerGroup.id)
        .where(
            or_(
                GroupFidelity.group_id.is_(None),
                PeerGroup.closed_on.is_(None) & (GroupFidelity.computed_on < today),
            )
        )
        .order_by(PeerGroup.id)
    )


def batches(session: Session, groups: Select[Any], size: int) -> Iterable[list[PeerGroup]]:
    """Yield some groups a batch at a time, by identifier, so that memory does not grow with their number."""
    last: uuid.UUID | None = None
    while True:
        query = groups.order_by(None).order_by(PeerGroup.id).limit(size)
        batch = list(session.scalars(query if last is None else query.where(PeerGroup.id > last)))
        if not batch:
            return
        last = batch[-1].id
        yield batch
