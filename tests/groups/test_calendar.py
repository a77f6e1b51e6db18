"""The calendar: a month on a page, and what a calendar program reads under a secret address."""

from datetime import date, time, timedelta
from typing import Any

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core.access import Role
from certify.core.errors import NotFound
from certify.groups.models import CalendarFeed, Meeting, MeetingState
from certify.groups.queries import calendar as queries
from certify.groups.queries.groups import visible
from certify.groups.services import calendar as services
from certify.groups.services import meetings, series
from certify.organisations.models import Organisation
from tests.factories.fieldwork import make_group_of
from tests.factories.meetings import Scene, days_ago, end_of_summer_time, make_meeting, make_scene
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

MAKE = "form[action$='/calendar/feed']"


def _events(client: FlaskClient, token: str) -> list[Any]:
    answer = client.get(f"/calendar/{token}.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return list(icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT"))


def _feed(session: Session, scene: Scene) -> str:
    token = services.make_feed(session, scene.actor).token
    session.commit()
    return token


def test_a_month_shows_meetings_holidays_and_closures_on_their_days(session: Session) -> None:
    scene = make_scene(session, opened_on=date(2026, 1, 1))
    make_meeting(session, scene.group, date(2026, 11, 12))
    make_meeting(session, make_scene(session).group, date(2026, 11, 12))
    series.close_days(
        session, scene.actor, training_body_id=scene.group.training_body_id, group=scene.group,
        period=(date(2026, 11, 16), date(2026, 11, 17)), reason="Travaux",
    )  # fmt: skip
    month = queries.month_of(session, queries.mine(scene.actor), date(2026, 11, 1))
    days = {day.day: day for week in month.weeks for day in week}
    assert [entry.code for entry in days[date(2026, 11, 12)].entries] == [scene.group.code]
    assert [one.name for one in days[date(2026, 11, 11)].closed] == ["Armistice"]
    assert [str(one.why) for one in days[date(2026, 11, 17)].closed] == ["Fermeture\u202f: Travaux"]
    assert (month.before, month.after, month.count) == (date(2026, 10, 1), date(2026, 12, 1), 1)
    assert all(len(week) == 7 for week in month.weeks)


def test_what_concerns_somebody_depends_on_their_part(session: Session) -> None:
    scene = make_scene(session)
    body = session.get_one(Organisation, scene.group.training_body_id)
    other = make_group_of(session, scene.enrolment, opened_on=days_ago(10))
    coordinator = actor_of(session, make_member(session, body, Role.COORDINATOR))
    trainer = actor_of(session, make_member(session, body, Role.TRAINER))

    def codes(actor: object) -> set[str]:
        return {group.code for group in session.scalars(queries.mine(actor))}  # type: ignore[arg-type]

    assert codes(scene.actor) == codes(coordinator) == {scene.group.code, other.code}
    assert codes(actor_of(session, scene.referent)) == {scene.group.code}
    assert codes(trainer) == set()
    assert {group.code for group in session.scalars(visible(trainer))} == {scene.group.code, other.code}


def test_a_feed_tells_the_code_and_the_place_and_nothing_else(session: Session, client: FlaskClient) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(-7), theme="Le sommeil", minutes=90)
    token = _feed(session, scene)
    (event,) = _events(client, token)
    assert event["summary"] == f"Rencontre {scene.group.code}"
    assert event["location"] == "Crèche des Lilas"
    assert (event["dtend"].dt - event["dtstart"].dt) == timedelta(minutes=90)
    assert event["dtstart"].dt == meeting.starts_at
    assert (event["status"], event["sequence"], event["uid"]) == ("CONFIRMED", 0, f"{meeting.id}@certify")
    text = client.get(f"/calendar/{token}.ics").get_data(as_text=True)
    assert "sommeil" not in text
    assert not any(participant.pseudonym in text for participant in scene.participants)
    assert "BEGIN:VTIMEZONE" in text
    assert "TZID:Europe/Paris" in text
    assert "DTSTART;TZID=Europe/Paris:" in text


def test_a_feed_keeps_the_hour_across_a_change_of_clock(session: Session, client: FlaskClient) -> None:
    scene, change = make_scene(session), end_of_summer_time()
    for days in (-2, 5):
        starts_at = meetings.moment_of(change + timedelta(days=days), time(10))
        make_meeting(session, scene.group, starts_at=starts_at)
    events = _events(client, _feed(session, scene))
    assert [event["dtstart"].dt.hour for event in events] == [10, 10]
    assert [event["dtstart"].dt.utcoffset() for event in events] == [timedelta(hours=2), timedelta(hours=1)]


def test_a_meeting_moved_twice_stays_one_event_whose_number_rises(session: Session, client: FlaskClient) -> None:
    scene = make_scene(session)
    token = _feed(session, scene)
    meeting = first = make_meeting(session, scene.group, days_ago(-7))
    session.commit()
    seen = [_events(client, token)]
    for days in (-9, -14):
        starts_at = meetings.moment_of(days_ago(days), time(9))
        meeting = meetings.move(session, scene.actor, meeting, starts_at=starts_at, despite_closure=True)
        session.commit()
        seen.append(_events(client, token))
    numbers = [event["sequence"] for (event,) in seen]
    assert {str(event["uid"]) for (event,) in seen} == {f"{first.id}@certify"}
    assert numbers == sorted(set(numbers))
    assert seen[-1][0]["dtstart"].dt == meeting.starts_at


def test_a_cancelled_meeting_stays_in_the_feed_as_cancelled(session: Session, client: FlaskClient) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(-7))
    token = _feed(session, scene)
    meetings.cancel(session, scene.actor, meeting, reason="Le lieu est fermé")
    session.commit()
    (event,) = _events(client, token)
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)


def test_an_address_renewed_or_revoked_answers_no_more(session: Session, client: FlaskClient) -> None:
    scene = make_scene(session)
    first = _feed(session, scene)
    second = _feed(session, scene)
    assert first != second
    assert (client.get(f"/calendar/{first}.ics").status_code, client.get(f"/calendar/{second}.ics").status_code) == (
        404,
        200,
    )
    services.revoke_feed(session, scene.actor)
    services.revoke_feed(session, scene.actor)
    session.commit()
    assert client.get(f"/calendar/{second}.ics").status_code == 404
    assert list(session.scalars(select(CalendarFeed))) == []


def test_the_address_of_somebody_whose_account_is_closed_answers_no_more(session: Session) -> None:
    scene = make_scene(session)
    token = _feed(session, scene)
    assert queries.owner_of(session, token).user_id == scene.facilitator.id
    scene.facilitator.active = False
    session.flush()
    for unknown in (token, "", "x"):
        with pytest.raises(NotFound):
            queries.owner_of(session, unknown)


def test_somebody_makes_changes_and_removes_their_address(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    visitor = sign_in(scene.facilitator)
    shown = follow(visitor, submit(visitor, visit(visitor, "/calendar"), MAKE))
    address = shown.select_one("#feed-address")
    assert address is not None
    assert str(address["value"]).startswith("http://127.0.0.1:8000/calendar/")
    changed = follow(visitor, submit(visitor, visit(visitor, "/calendar"), MAKE))
    assert changed.select_one("#feed-address")["value"] != address["value"]  # type: ignore[index]
    removed = follow(visitor, submit(visitor, visit(visitor, "/calendar"), "form[action$='/feed/revoke']"))
    assert removed.select_one("#feed-address") is None


def test_the_page_of_a_month_follows_its_address(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    make_meeting(session, scene.group, date(2026, 10, 15))
    visitor = sign_in(scene.facilitator)
    shown = words(visit(visitor, "/calendar?month=2026-10"))
    assert scene.group.code in shown
    assert "Octobre 2026" in shown
    assert scene.group.code not in words(visit(visitor, "/calendar?month=2026-09"))
    assert scene.group.code in words(visit(visitor, f"/calendar?month=2026-10&group={scene.group.id}"))
    for nonsense in ("2026-13", "9999-01", "x", "1500-01"):
        assert "Calendrier" in words(visit(visitor, f"/calendar?month={nonsense}"))
    assert read(visitor.get(f"/calendar?group={make_scene(session).group.id}"), status=404) is not None


def test_a_month_and_a_feed_take_as_many_statements_for_one_group_as_for_six(session: Session, sign_in: SignIn) -> None:
    counts = []
    for groups in (1, 6):
        scene = make_scene(session)
        others = [make_group_of(session, scene.enrolment) for _n in range(groups - 1)]
        for group in [scene.group, *others]:
            for n in range(groups):
                make_meeting(session, group, days_ago(-n), state=MeetingState.PLANNED)
        token = _feed(session, scene)
        visitor = sign_in(scene.facilitator)
        visit(visitor, "/calendar")
        session.commit()
        with count_statements(session.get_bind()) as statements:  # type: ignore[arg-type]
            visit(visitor, "/calendar")
            visitor.get(f"/calendar/{token}.ics")
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
    assert len(list(session.scalars(select(Meeting)))) == 37
