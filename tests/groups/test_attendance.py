"""Attendance: rows only ever added, nothing lost between two people, and the past as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.errors import Conflict, Invalid
from certify.groups.models import Attendance, LeavingReason, MeetingState, Presence, Stay
from certify.groups.queries import meetings as queries
from certify.groups.services import attendance as services
from tests.factories.meetings import Scene, days_ago, make_meeting, make_participant, make_scene
from tests.factories.people import actor_of
from tests.services.statements import count_statements

PRESENT, EXCUSED, ABSENT = (Presence.PRESENT, False), (Presence.EXCUSED, False), (Presence.ABSENT, False)


def _presences(session: Session, meeting_id: object) -> list[tuple[Presence, bool]]:
    rows = session.scalars(
        select(Attendance).where(Attendance.meeting_id == meeting_id).order_by(Attendance.recorded_at)
    )
    return [(row.presence, row.second_parent) for row in rows]


def test_taking_attendance_holds_the_meeting_and_notes_who_noted(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    one, two, three = (participant.id for participant in scene.participants)
    rows = {one: (Presence.PRESENT, True), two: EXCUSED, three: ABSENT}
    written = services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True, revision=1)
    session.commit()
    assert written == 3
    assert (meeting.state, meeting.facilitator_present, meeting.revision) == (MeetingState.HELD, True, 2)
    sheet = queries.sheet_of(session, meeting)
    assert [(row.last.presence, row.last.second_parent, row.last.who) for row in sheet if row.last] == [
        (Presence.PRESENT, True, scene.facilitator.name),
        (Presence.EXCUSED, False, scene.facilitator.name),
        (Presence.ABSENT, False, scene.facilitator.name),
    ]
    assert queries.counts_of(session, [meeting.id])[meeting.id] == queries.Counts(1, 1, 1, 1)
    assert queries.counted(sheet) == queries.Counts(1, 1, 1, 1)
    assert list(audit.verify(session)) == []


def test_saving_the_same_sheet_again_adds_nothing(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    rows = {participant.id: PRESENT for participant in scene.participants}
    services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
    revision = meeting.revision
    assert services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True, revision=1) == 0
    assert (len(_presences(session, meeting.id)), meeting.revision) == (3, revision)


def test_a_late_correction_adds_one_row_and_keeps_the_first(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(40))
    rows = {participant.id: PRESENT for participant in scene.participants}
    # Within one instant, the later of two rows must still be in force.
    with clock.at(datetime.now(UTC)):
        services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
        referent = actor_of(session, scene.referent)
        first = scene.participants[0].id
        assert services.take(session, referent, meeting, rows=rows | {first: ABSENT}, facilitator_present=None) == 1
    session.commit()
    row = queries.sheet_of(session, meeting)[0]
    assert [(mark.presence, mark.who) for mark in row.marks] == [
        (Presence.PRESENT, scene.facilitator.name), (Presence.ABSENT, scene.referent.name),
    ]  # fmt: skip
    assert queries.attendance_of(session, [meeting.id])[meeting.id][first].presence is Presence.ABSENT


def test_the_second_of_two_people_sees_what_the_first_noted_and_loses_nothing(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    one, two, three = (participant.id for participant in scene.participants)
    services.take(session, scene.actor, meeting, rows={one: ABSENT}, facilitator_present=True, revision=1)
    referent = actor_of(session, scene.referent)
    with pytest.raises(services.StaleAttendance, match="Comparez"):
        services.take(
            session, referent, meeting, rows={one: PRESENT, two: PRESENT}, facilitator_present=True, revision=1
        )
    assert _presences(session, meeting.id) == [ABSENT]
    # What contradicts nobody is kept, however late it comes.
    assert services.take(session, referent, meeting, rows={three: PRESENT}, facilitator_present=True, revision=1) == 1
    services.take(session, referent, meeting, rows={one: PRESENT}, facilitator_present=True, revision=meeting.revision)
    assert _presences(session, meeting.id) == [ABSENT, PRESENT, PRESENT]


def test_another_answer_about_the_facilitator_is_a_conflict_too(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    one = scene.participants[0].id
    services.take(session, scene.actor, meeting, rows={one: PRESENT}, facilitator_present=True, revision=1)
    with pytest.raises(services.StaleAttendance):
        services.take(session, scene.actor, meeting, rows={one: PRESENT}, facilitator_present=False, revision=1)
    assert meeting.facilitator_present is True


def test_the_other_parent_only_counts_with_somebody_present(session: Session) -> None:
    scene = make_scene(session, members=1)
    meeting = make_meeting(session, scene.group)
    services.take(
        session,
        scene.actor,
        meeting,
        rows={scene.participants[0].id: (Presence.ABSENT, True)},
        facilitator_present=None,
    )
    assert _presences(session, meeting.id) == [ABSENT]
    assert meeting.facilitator_present is None


@pytest.mark.parametrize("state", [MeetingState.CANCELLED, MeetingState.MOVED])
def test_a_meeting_that_was_not_held_has_no_attendance(session: Session, state: MeetingState) -> None:
    scene = make_scene(session, members=1)
    meeting = make_meeting(session, scene.group, days_ago(1), state=state)
    with pytest.raises(Conflict, match="n’a pas eu lieu"):
        services.take(session, scene.actor, meeting, rows={}, facilitator_present=True)


def test_a_meeting_to_come_has_no_attendance_until_its_day(session: Session) -> None:
    scene = make_scene(session, members=1)
    meeting = make_meeting(session, scene.group, days_ago(-1))
    rows = {scene.participants[0].id: PRESENT}
    with pytest.raises(Invalid, match="à venir"):
        services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
    with clock.at(meeting.starts_at - timedelta(hours=3)):
        assert services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True) == 1


def test_nobody_of_another_group_is_noted(session: Session) -> None:
    scene, other = make_scene(session, members=1), make_scene(session, members=1)
    meeting = make_meeting(session, scene.group)
    with pytest.raises(Invalid, match="pas de ce groupe"):
        services.take(session, scene.actor, meeting, rows={other.participants[0].id: PRESENT}, facilitator_present=True)
    assert _presences(session, meeting.id) == []


def test_the_sheet_is_of_those_of_that_day_and_of_those_noted_all_the_same(session: Session) -> None:
    scene = make_scene(session, members=1)
    later = make_participant(session, scene.group, joined_on=days_ago(3))
    gone = make_participant(session, scene.group, left_on=days_ago(10))
    meeting = make_meeting(session, scene.group, days_ago(5))
    services.take(session, scene.actor, meeting, rows={gone.id: PRESENT}, facilitator_present=True)
    sheet = queries.sheet_of(session, meeting)
    assert [(row.participant_id, row.is_expected) for row in sheet] == [
        (scene.participants[0].id, True),
        (gone.id, False),
    ]
    assert later.id not in {row.participant_id for row in sheet}


def test_what_was_noted_can_neither_be_changed_nor_taken_away(session: Session) -> None:
    scene = make_scene(session, members=1)
    meeting = make_meeting(session, scene.group)
    services.take(session, scene.actor, meeting, rows={scene.participants[0].id: PRESENT}, facilitator_present=True)
    session.commit()
    row = session.scalars(select(Attendance)).one()
    row.presence = Presence.ABSENT
    with pytest.raises(Conflict):
        session.flush()
    session.rollback()
    session.delete(session.scalars(select(Attendance)).one())
    with pytest.raises(Conflict):
        session.flush()
    session.rollback()


def _leave_and_return(session: Session, scene: Scene, index: int, days: int) -> None:
    participant = scene.participants[index]
    stay = session.scalars(
        select(Stay).where(Stay.participant_id == participant.id, Stay.left_on.is_(None), Stay.struck_at.is_(None))
    ).one_or_none()
    if stay is not None:
        stay.left_on, stay.reason = max(stay.joined_on + timedelta(days=1), days_ago(days)), LeavingReason.UNKNOWN
    else:
        session.add(
            Stay(
                group_id=scene.group.id, participant_id=participant.id, joined_on=days_ago(days),
                recorded_at=clock.now(),
            )
        )  # fmt: skip
    session.flush()


@pytest.mark.engines("sqlite")
@settings(max_examples=20)
@given(changes=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), max_size=6))
def test_the_attendance_of_a_past_meeting_never_changes_whatever_happens_to_memberships(
    session: Session, changes: list[tuple[int, int]]
) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(30))
    rows = {one.id: said for one, said in zip(scene.participants, (PRESENT, EXCUSED, ABSENT), strict=True)}
    services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
    session.commit()
    before = queries.attendance_of(session, [meeting.id])
    for index, days in changes:
        _leave_and_return(session, scene, index, days)
    make_participant(session, scene.group)
    session.commit()
    assert queries.attendance_of(session, [meeting.id]) == before
    assert {row.participant_id: row.last.presence for row in queries.sheet_of(session, meeting) if row.last} == {
        one: presence for one, (presence, _second) in rows.items()
    }


def test_taking_attendance_takes_as_many_statements_for_three_as_for_twelve(session: Session) -> None:
    counts = []
    for members_count in (3, 12):
        scene = make_scene(session, members=members_count)
        meeting = make_meeting(session, scene.group)
        rows = {one.id: PRESENT for one in scene.participants}
        session.commit()
        with count_statements(session.get_bind()) as statements:  # type: ignore[arg-type]
            services.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
            session.commit()
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
