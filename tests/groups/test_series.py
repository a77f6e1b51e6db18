"""Series of meetings: their dates before they are kept, what they skip and why; closures."""

import uuid
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.i18n import force_locale
from certify.groups.models import Meeting, PeerGroup, Rhythm, Series
from certify.groups.queries import closures, meetings, records
from certify.groups.services import fidelity
from certify.groups.services import series as services
from certify.organisations.models import Organisation
from tests.factories.meetings import Scene, make_meeting, make_scene
from tests.factories.people import actor_of, make_member
from tests.services.statements import count_statements

MORNING = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def scene(session: Session) -> Scene:
    """Give a group opened before the school year."""
    made = make_scene(session, opened_on=date(2026, 8, 1))
    session.commit()
    return made


def _pattern(rhythm: Rhythm, first: date, until: date, **values: object) -> services.Pattern:
    wanted = {"at": time(10), "minutes": 120, "place": "Crèche"} | values
    return services.Pattern(rhythm, first, until, **wanted)  # type: ignore[arg-type]


def test_a_series_skips_a_holiday_a_closure_and_a_day_already_taken_each_with_why(
    session: Session, scene: Scene
) -> None:
    with clock.at(MORNING):
        services.close_days(
            session, scene.actor, training_body_id=scene.group.training_body_id, group=scene.group,
            period=(date(2026, 10, 14), date(2026, 10, 15)), reason="Travaux",
        )  # fmt: skip
        make_meeting(session, scene.group, date(2026, 9, 30))
        found = closures.preview(
            session, scene.group, rhythm=Rhythm.EVERY_TWO_WEEKS, first_on=date(2026, 9, 2), until=date(2026, 11, 25)
        )
    assert found.days == (date(2026, 9, 2), date(2026, 9, 16), date(2026, 10, 28), date(2026, 11, 25))
    assert [(one.day, str(one.why)) for one in found.skipped] == [
        (date(2026, 9, 30), "Une rencontre est déjà prévue ce jour-là"),
        (date(2026, 10, 14), "Fermeture\u202f: Travaux"),
        (date(2026, 11, 11), "Jour férié\u202f: Armistice"),
    ]


def test_holidays_are_named_in_the_language_of_the_reader() -> None:
    assert closures.holiday_on(date(2026, 7, 14)) == "Fête nationale"
    assert closures.holiday_on(date(2026, 7, 15)) is None


def test_holidays_are_named_in_english_too(session: Session) -> None:
    with force_locale("en"):
        assert closures.holiday_on(date(2026, 11, 11)) == "Armistice Day"
        assert closures.holiday_on(date(2026, 12, 25)) == "Christmas Day"


@pytest.mark.parametrize(
    ("rhythm", "first", "expected"),
    [
        (Rhythm.FIRST_AND_THIRD, date(2026, 9, 3), ["2026-09-03", "2026-09-17", "2026-10-01", "2026-10-15"]),
        (Rhythm.SECOND_AND_FOURTH, date(2026, 9, 8), ["2026-09-08", "2026-09-22", "2026-10-13", "2026-10-27"]),
        (
            Rhythm.EVERY_TWO_WEEKS,
            date(2026, 9, 4),
            ["2026-09-04", "2026-09-18", "2026-10-02", "2026-10-16", "2026-10-30"],
        ),
    ],
)
def test_a_series_is_kept_on_the_dates_that_were_shown(
    session: Session, scene: Scene, rhythm: Rhythm, first: date, expected: list[str]
) -> None:
    with clock.at(MORNING):
        made = services.plan(session, scene.actor, scene.group, _pattern(rhythm, first, date(2026, 10, 31)))
        session.commit()
    assert [meetings.day_of(meeting).isoformat() for meeting in made] == expected
    # The clocks go back on the 25th of October: ten o’clock stays ten o’clock.
    assert {meetings.local_start(meeting).time() for meeting in made} == {time(10)}
    series = session.scalars(select(Series)).one()
    assert {meeting.series_id for meeting in session.scalars(select(Meeting))} == {series.id}


def test_only_the_dates_left_ticked_are_kept(session: Session, scene: Scene) -> None:
    pattern = _pattern(Rhythm.EVERY_TWO_WEEKS, date(2026, 9, 4), date(2026, 10, 30))
    with clock.at(MORNING):
        made = services.plan(
            session, scene.actor, scene.group, pattern, days=[date(2026, 10, 2), date(2026, 9, 4), date(2026, 9, 4)]
        )
        assert [meetings.day_of(meeting) for meeting in made] == [date(2026, 9, 4), date(2026, 10, 2)]
        with pytest.raises(Invalid, match="au moins une date"):
            services.plan(session, scene.actor, scene.group, pattern, days=[])


def test_a_date_taken_since_it_was_shown_stops_the_whole_series(session: Session, scene: Scene) -> None:
    pattern = _pattern(Rhythm.EVERY_TWO_WEEKS, date(2026, 9, 4), date(2026, 10, 30))
    with clock.at(MORNING):
        make_meeting(session, scene.group, date(2026, 9, 18))
        with pytest.raises(Invalid, match="18 septembre 2026 n’est plus libre"):
            services.plan(session, scene.actor, scene.group, pattern, days=[date(2026, 9, 4), date(2026, 9, 18)])
    assert len(list(session.scalars(select(Meeting)))) == 1


@pytest.mark.parametrize(
    ("first", "until", "values", "field"),
    [
        (date(2026, 9, 4), date(2026, 9, 1), {}, "until"),
        (date(2026, 7, 1), date(2026, 9, 1), {}, "first_on"),
        (date(2026, 9, 4), date(2029, 9, 1), {}, "until"),
        (date(2026, 9, 4), date(2026, 12, 1), {"minutes": 600}, "minutes"),
        (date(2026, 9, 4), date(2026, 12, 1), {"place": "chez Mme Martin"}, "place"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(
    session: Session, scene: Scene, first: date, until: date, values: dict[str, object], field: str
) -> None:
    with clock.at(MORNING), pytest.raises(Invalid) as refused:
        services.plan(session, scene.actor, scene.group, _pattern(Rhythm.EVERY_TWO_WEEKS, first, until, **values))
    assert refused.value.field == field


def test_a_closure_of_the_body_concerns_every_group_and_one_of_a_group_that_group_alone(session: Session) -> None:
    one, other = make_scene(session), make_scene(session)
    coordinator = _coordinator(session, one)
    body = one.group.training_body_id
    services.close_days(session, coordinator, training_body_id=body, period=(date(2027, 2, 8), date(2027, 2, 12)))
    services.close_days(
        session, one.actor, training_body_id=body, group=one.group, period=(date(2027, 3, 1), date(2027, 3, 1))
    )
    since, until = date(2027, 2, 1), date(2027, 3, 10)
    assert len(closures.closed_days(session, one.group, since, until)) == 6
    assert closures.closed_days(session, other.group, since, until) == {}
    assert [row.code for row in closures.closures_of(session, one.actor, one.group, since)] == ["", one.group.code]
    assert [row.code for row in closures.closures_of(session, coordinator, None, since)] == [""]


def test_a_closure_of_the_body_has_the_fidelity_of_its_groups_computed_again(session: Session) -> None:
    one, other = make_scene(session), make_scene(session)
    coordinator = _coordinator(session, one)
    ids = [one.group.id, other.group.id]
    fidelity.refresh_all(session, [one.group, other.group])
    body = one.group.training_body_id
    services.close_days(session, coordinator, training_body_id=body, period=(date(2027, 2, 8), date(2027, 2, 12)))
    query = records.outdated(clock.today()).where(PeerGroup.id.in_(ids))
    assert [group.id for group in session.scalars(query)] == [one.group.id]


def test_a_closure_is_taken_away_once_by_those_who_may(session: Session) -> None:
    scene, other = make_scene(session), make_scene(session)
    body = scene.group.training_body_id
    coordinator = _coordinator(session, scene)
    closure = services.close_days(
        session, coordinator, training_body_id=body, period=(date(2027, 2, 8), date(2027, 2, 12)), reason="Été"
    )
    for actor in (scene.actor, other.actor, actor_of(session, other.referent)):
        with pytest.raises(NotFound):
            closures.closure_for(session, actor, closure.id)
    services.reopen_days(session, coordinator, closures.closure_for(session, coordinator, closure.id))
    assert closures.closed_days(session, scene.group, date(2027, 2, 8), date(2027, 2, 8)) == {}
    with pytest.raises(Conflict, match="déjà retirée"):
        services.reopen_days(session, coordinator, closure)
    with pytest.raises(NotFound):
        closures.closure_for(session, coordinator, uuid.uuid4())


@pytest.mark.parametrize(
    ("period", "reason", "field"),
    [
        ((date(2027, 2, 12), date(2027, 2, 8)), "", "ends_on"),
        ((date(2027, 2, 12), date(2028, 2, 20)), "", "ends_on"),
        ((date(2027, 2, 8), date(2027, 2, 12)), "naissance chez Mme Martin", "reason"),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(
    session: Session, period: tuple[date, date], reason: str, field: str
) -> None:
    scene = make_scene(session)
    for group in (None, scene.group):
        with pytest.raises(Invalid) as refused:
            services.close_days(
                session, scene.actor, training_body_id=scene.group.training_body_id, group=group, period=period,
                reason=reason,
            )  # fmt: skip
        assert refused.value.field == field


def test_meetings_planned_while_a_closure_lasts_are_found(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, date(2027, 2, 10))
    make_meeting(session, scene.group, date(2027, 2, 15))
    closure = services.close_days(
        session, _coordinator(session, scene), training_body_id=scene.group.training_body_id,
        period=(date(2027, 2, 8), date(2027, 2, 12)),
    )  # fmt: skip
    assert closures.planned_during(session, closure) == [meeting]


def test_the_dates_of_a_series_take_as_many_statements_for_a_month_as_for_a_year(
    session: Session, scene: Scene
) -> None:
    counts = []
    assert scene.group.opened_on == date(2026, 8, 1)
    for until in (date(2026, 10, 1), date(2027, 8, 31)):
        with count_statements(session.get_bind()) as statements:  # type: ignore[arg-type]
            closures.preview(
                session, scene.group, rhythm=Rhythm.EVERY_TWO_WEEKS, first_on=date(2026, 9, 2), until=until
            )
        counts.append(len(statements))
    assert counts == [2, 2]


def _coordinator(session: Session, scene: Scene) -> Actor:
    body = session.get_one(Organisation, scene.group.training_body_id)
    return actor_of(session, make_member(session, body, Role.COORDINATOR))
