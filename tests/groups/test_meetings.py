"""Meetings one by one: planned, prepared, held, cancelled, moved; and the days on which nobody meets."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.errors import Conflict, Invalid, NotFound
from certify.groups.models import GroupFidelity, MeetingState, Presence
from certify.groups.models.rooms import RoomItem
from certify.groups.queries import meetings as queries
from certify.groups.services import attendance
from certify.groups.services import meetings as services
from tests.factories.meetings import Scene, days_ago, make_meeting, make_scene
from tests.factories.people import actor_of, make_member, make_organisation, make_user

MORNING = datetime(2026, 9, 1, 8, tzinfo=UTC)
"""A Tuesday of the school year, from which the tests look ahead."""


def _plan(session: Session, scene: Scene, day: date, **values: object) -> object:
    wanted = {"starts_at": services.moment_of(day, time(10)), "minutes": 120, "place": "Crèche"} | values
    return services.plan(session, scene.actor, scene.group, **wanted)  # type: ignore[arg-type]


def test_a_meeting_keeps_its_hour_on_the_wall_in_summer_and_in_winter() -> None:
    summer, winter = services.moment_of(date(2026, 10, 24), time(10)), services.moment_of(date(2026, 10, 25), time(10))
    assert (summer.hour, winter.hour) == (8, 9)
    assert winter - summer == timedelta(hours=25)
    spring = services.moment_of(date(2027, 3, 28), time(10))
    assert spring.astimezone(clock.PARIS).time() == time(10)


def test_a_meeting_late_in_the_evening_is_of_its_day_in_paris(session: Session) -> None:
    scene = make_scene(session, members=1)
    meeting = make_meeting(session, scene.group, starts_at=datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    assert queries.day_of(meeting) == date(2026, 7, 1)
    assert queries.upcoming(session, [scene.group.id], date(2026, 7, 1), date(2026, 7, 1)) == [meeting]
    assert queries.upcoming(session, [scene.group.id], date(2026, 6, 1), date(2026, 6, 30)) == []


def test_a_planned_meeting_makes_the_fidelity_of_its_group_again(session: Session) -> None:
    scene = make_scene(session)
    with clock.at(datetime.now(UTC) - timedelta(days=1)):
        meeting = _plan(session, scene, clock.today() + timedelta(days=1), despite_closure=True)
    session.commit()
    assert session.get_one(GroupFidelity, scene.group.id).computed_on == clock.today() - timedelta(days=1)
    assert (meeting.state, meeting.revision) == (MeetingState.PLANNED, 1)  # type: ignore[attr-defined]
    assert list(audit.verify(session)) == []


def test_a_group_meets_once_a_day_at_most(session: Session) -> None:
    scene = make_scene(session)
    _plan(session, scene, days_ago(3), despite_closure=True)
    with pytest.raises(Invalid, match="déjà prévue"):
        _plan(session, scene, days_ago(3), despite_closure=True)


def test_a_public_holiday_needs_to_be_wanted(session: Session) -> None:
    scene = make_scene(session)
    with clock.at(MORNING):
        scene.group.opened_on = date(2026, 5, 1)
        with pytest.raises(Invalid, match=r"Armistice.*quand même"):
            _plan(session, scene, date(2026, 11, 11))
        meeting = _plan(session, scene, date(2026, 11, 11), despite_closure=True)
    assert queries.day_of(meeting) == date(2026, 11, 11)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "minutes", "said"),
    [(date(2026, 4, 30), 120, "ouvert"), (date(2029, 1, 5), 120, "trop loin"), (date(2026, 9, 3), 5, "minutes")],
)
def test_a_meeting_outside_the_life_of_its_group_is_refused(
    session: Session, day: date, minutes: int, said: str
) -> None:
    scene = make_scene(session)
    with clock.at(MORNING):
        scene.group.opened_on = date(2026, 5, 1)
        with pytest.raises(Invalid, match=said):
            _plan(session, scene, day, minutes=minutes)


def test_a_closed_group_plans_no_meeting(session: Session) -> None:
    scene = make_scene(session)
    scene.group.closed_on = days_ago(1)
    with pytest.raises(Conflict, match="clos"):
        _plan(session, scene, days_ago(3))


@pytest.mark.parametrize("field", ["place", "theme"])
def test_a_place_or_a_theme_that_names_somebody_is_refused(session: Session, field: str) -> None:
    scene = make_scene(session)
    with pytest.raises(Invalid, match="reconnaître") as refused:
        _plan(session, scene, days_ago(3), despite_closure=True, **{field: "chez Mme Martin"})
    assert refused.value.field == field


def test_the_time_the_place_and_the_theme_are_corrected_on_what_was_read(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(5))
    services.amend(
        session, scene.actor, meeting, at=time(14, 30), minutes=90, place="PMI", theme="Le sommeil", revision=1
    )
    assert queries.local_start(meeting).time() == time(14, 30)
    assert (queries.day_of(meeting), meeting.place, meeting.revision) == (days_ago(5), "PMI", 2)
    with pytest.raises(services.StaleMeeting, match="modifiée"):
        services.amend(session, scene.actor, meeting, at=time(9), minutes=90, place="", theme="", revision=1)


def test_the_room_is_ticked_item_by_item(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    services.check_room(session, scene.actor, meeting, ready=["water", "floor", "nonsense"])
    assert {code for code, is_ready in meeting.checklist.items() if is_ready} == {"water", "floor"}
    assert set(meeting.checklist) == {item.value for item in RoomItem}
    services.check_room(session, scene.actor, meeting, ready=["floor"])
    assert (meeting.checklist["water"], meeting.revision) == (False, 3)
    services.check_room(session, scene.actor, meeting, ready=["floor"])
    assert meeting.revision == 3


def test_a_meeting_to_come_cannot_be_declared_held(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(-1))
    with pytest.raises(Invalid, match="à venir"):
        services.hold(session, scene.actor, meeting, facilitator_present=True)
    with clock.at(meeting.starts_at):
        services.hold(session, scene.actor, meeting, facilitator_present=False)
    assert (meeting.state, meeting.facilitator_present) == (MeetingState.HELD, False)


def test_a_meeting_is_cancelled_with_a_reason_and_may_be_planned_again(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(-3))
    with pytest.raises(Invalid, match="pourquoi"):
        services.cancel(session, scene.actor, meeting, reason="")
    with pytest.raises(Invalid, match="reconnaître"):
        services.cancel(session, scene.actor, meeting, reason="Mme Martin est malade")
    services.cancel(session, scene.actor, meeting, reason="Le lieu est fermé")
    assert (meeting.state, meeting.reason) == (MeetingState.CANCELLED, "Le lieu est fermé")
    with pytest.raises(Conflict, match="annulée"):
        services.hold(session, scene.actor, meeting, facilitator_present=True)
    services.restore(session, scene.actor, meeting)
    assert (meeting.state, meeting.reason) == (MeetingState.PLANNED, "")


def test_a_cancelled_meeting_is_not_planned_again_on_a_day_taken_since(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(2), state=MeetingState.CANCELLED)
    make_meeting(session, scene.group, days_ago(2))
    with pytest.raises(Invalid, match="déjà prévue"):
        services.restore(session, scene.actor, meeting)


def test_a_meeting_about_which_somebody_was_noted_stays_held(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    rows = {scene.participants[0].id: (Presence.PRESENT, False)}
    attendance.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
    with pytest.raises(Conflict, match="a eu lieu"):
        services.restore(session, scene.actor, meeting)
    with pytest.raises(Conflict, match="tenue"):
        services.cancel(session, scene.actor, meeting, reason="Erreur")


def test_a_meeting_moved_twice_points_to_the_last_one(session: Session) -> None:
    scene = make_scene(session)
    first = make_meeting(session, scene.group, date(2026, 9, 8), theme="Le sommeil")
    with clock.at(MORNING):
        scene.group.opened_on = date(2026, 5, 1)
        second = services.move(
            session, scene.actor, first, starts_at=services.moment_of(date(2026, 9, 10), time(10)), reason="Salle prise"
        )
        third = services.move(
            session, scene.actor, second, starts_at=services.moment_of(date(2026, 9, 15), time(14)), place="PMI"
        )
        with pytest.raises(Conflict, match="reportée"):
            services.move(session, scene.actor, first, starts_at=services.moment_of(date(2026, 9, 22), time(10)))
    assert (first.state, first.moved_to_id, first.reason) == (MeetingState.MOVED, second.id, "Salle prise")
    assert (second.state, second.moved_to_id) == (MeetingState.MOVED, third.id)
    assert (third.state, third.place, third.theme) == (MeetingState.PLANNED, "PMI", "Le sommeil")
    assert queries.moved_from(session, third) is second
    assert queries.upcoming(session, [scene.group.id], date(2026, 9, 1), date(2026, 9, 30)) == [third]


def test_a_meeting_is_moved_to_another_day_that_is_free(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(3))
    make_meeting(session, scene.group, days_ago(2))
    for day, said in ((days_ago(3), "même jour"), (days_ago(2), "déjà prévue")):
        with pytest.raises(Invalid, match=said):
            services.move(session, scene.actor, meeting, starts_at=services.moment_of(day, time(15)))
    assert meeting.state is MeetingState.PLANNED


def test_a_meeting_is_seen_by_its_facilitator_and_by_the_staff_of_its_body(session: Session) -> None:
    scene, other = make_scene(session), make_scene(session)
    meeting = make_meeting(session, scene.group)
    for actor in (scene.actor, actor_of(session, scene.referent)):
        assert queries.meeting_for(session, actor, meeting.id, lock=True) is meeting
    stranger = actor_of(session, make_member(session, make_organisation(session), next(iter(scene.actor.roles))))
    for actor in (other.actor, actor_of(session, other.referent), actor_of(session, make_user(session)), stranger):
        with pytest.raises(NotFound):
            queries.meeting_for(session, actor, meeting.id)
