"""What was recorded of a past meeting never changes, whatever happens to memberships later."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Refusal
from certify.groups.models import Attendance, LeavingReason, Meeting, Participant, PeerGroup
from certify.groups.queries import records, rosters
from certify.groups.queries.meetings import attendance_of, sheet_of
from certify.groups.services import members
from tests.factories.groups import lived_group, make_coordinator, month_of, open_one

TODAY = clock.today()
OPENED = TODAY - timedelta(days=120)
_DAYS = st.integers(0, 120).map(lambda days: OPENED + timedelta(days=days))
_WHO = st.integers(0, 5)
_EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), _WHO, _DAYS),
        st.tuples(st.just("leave"), _WHO, _DAYS),
        st.tuples(st.just("return"), _WHO, _DAYS),
        st.tuples(st.just("strike"), _WHO, _DAYS),
        st.tuples(st.just("month"), _WHO, _DAYS),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def lived(session: Session) -> tuple[Actor, PeerGroup, tuple[Meeting, ...]]:
    """Give a group that met four times with four people."""
    actor, body = make_coordinator(session)
    group = open_one(session, actor, body, opened_on=OPENED)
    _people, held = lived_group(session, actor, group, size=4, meetings=4, every=20)
    session.commit()
    return actor, group, tuple(held)


def _apply(session: Session, actor: Actor, group: PeerGroup, event: tuple[str, int, object]) -> None:
    kind, who, day = event
    people = session.scalars(select(Participant).where(Participant.group_id == group.id).order_by(Participant.id)).all()
    one = people[who % len(people)]
    match kind:
        case "join":
            members.add(session, actor, group, month=month_of(OPENED, -2), is_due=False, joined_on=day)
        case "leave":
            members.leave(session, actor, group, one, left_on=day, reason=LeavingReason.UNKNOWN)
        case "return":
            members.join_again(session, actor, group, one, joined_on=day)
        case "strike":
            stays = next(m for m in rosters.members_of(session, [group.id])[group.id] if m.participant.id == one.id)
            members.strike(session, actor, group, stays.stays[who % len(stays.stays)])
        case "month":
            members.amend_month(session, actor, group, one, month=month_of(TODAY, -who), is_due=False)


def _recorded(session: Session, held: tuple[Meeting, ...]) -> tuple[object, ...]:
    """Return the rows as they are, what is in force, and what each sheet shows of those noted."""
    session.expire_all()
    ids = [meeting.id for meeting in held]
    rows = session.execute(select(Attendance.__table__).where(Attendance.meeting_id.in_(ids)).order_by(Attendance.id))
    sheets = [
        {(row.participant_id, row.pseudonym, row.marks) for row in sheet_of(session, meeting) if row.marks}
        for meeting in held
    ]
    came = [one.present for one in records.records_of(session, [held[0].group_id])[held[0].group_id].meetings]
    return [tuple(row) for row in rows], attendance_of(session, ids), sheets, came


@settings(max_examples=15)
@given(events=_EVENTS)
def test_attendance_of_a_past_meeting_never_changes_whatever_happens_to_memberships_later(
    app: Flask,
    session: Session,
    lived: tuple[Actor, PeerGroup, tuple[Meeting, ...]],
    events: list[tuple[str, int, object]],
) -> None:
    actor, group, held = lived
    before = _recorded(session, held)
    assert len(before[0]) == 16

    for event in events:
        try:
            with session.begin_nested():
                _apply(session, actor, group, event)
        except Refusal:
            continue
    session.flush()

    assert _recorded(session, held) == before
    session.rollback()


@given(
    stays=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30) | st.none()), max_size=4),
    day=st.integers(0, 100),
)
@settings(max_examples=15)
def test_the_roster_of_a_day_is_those_whose_interval_covers_it(
    app: Flask, session: Session, stays: list[tuple[int, int | None]], day: int
) -> None:
    actor, body = make_coordinator(session)
    group = open_one(session, actor, body, opened_on=OPENED)
    expected = set()
    for begin, length in stays:
        one = members.add(
            session, actor, group, month=month_of(OPENED, -1), is_due=False, joined_on=OPENED + timedelta(days=begin)
        )
        if length is not None:
            left_on = OPENED + timedelta(days=begin + length)
            members.leave(session, actor, group, one, left_on=left_on, reason=LeavingReason.MOVED)
        if begin <= day and (length is None or day < begin + length):
            expected.add(one.id)

    found = rosters.roster_on(session, group.id, OPENED + timedelta(days=day))

    assert {seat.participant_id for seat in found} == expected
    session.rollback()
