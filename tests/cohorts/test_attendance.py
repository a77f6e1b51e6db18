"""Half-days of training: who is expected, who came, what is corrected, what it adds up to."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts import queries, services
from certify.cohorts.models import Attendance, Cohort, Enrolment, EnrolmentState, HalfDay, Presence, TrainingSession
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Invalid
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.following import make_half_day, make_pause, mark
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

DAY = timedelta(days=1)


def _trainer(session: Session, cohort: Cohort) -> Actor:
    return actor_of(session, make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER))


def _named(session: Session, cohort: Cohort, number: int, **values: object) -> Enrolment:
    return make_enrolment(
        session, cohort, make_user(session, given_name="Stagiaire", family_name=f"{number:02d}"), **values
    )


def test_a_series_of_half_days_is_planned_all_or_none(session: Session) -> None:
    cohort, today = make_cohort(session), clock.today()
    actor = _trainer(session, cohort)
    days = [today, today + DAY, today]
    planned = services.plan_half_days(
        session, actor, cohort, days=days, halves=list(HalfDay), title="Écouter", minutes=180
    )
    assert [(one.on, one.half.value) for one in planned] == [
        (today, "morning"), (today, "afternoon"), (today + DAY, "morning"), (today + DAY, "afternoon"),
    ]  # fmt: skip
    with pytest.raises(Invalid, match="déjà au programme"):
        services.plan_half_days(
            session, actor, cohort, days=[today + 2 * DAY, today], halves=[HalfDay.MORNING], title="X", minutes=60
        )
    assert len(list(session.scalars(select(TrainingSession)))) == 4


@pytest.mark.parametrize(
    ("shift", "halves", "minutes", "words_said"),
    [
        (1000, [HalfDay.MORNING], 60, "hors des dates"),
        (0, [], 60, "au moins un jour"),
        (0, [HalfDay.MORNING], 0, "minutes"),
        (0, [HalfDay.MORNING], 301, "minutes"),
    ],
)
def test_what_makes_no_half_day_is_refused(
    session: Session, shift: int, halves: list[HalfDay], minutes: int, words_said: str
) -> None:
    cohort = make_cohort(session)
    days = [clock.today() + shift * DAY]
    with pytest.raises(Invalid, match=words_said):
        services.plan_half_days(
            session, _trainer(session, cohort), cohort, days=days, halves=halves, title="X", minutes=minutes
        )


def test_a_cancelled_half_day_counts_no_more_until_it_is_planned_again(session: Session) -> None:
    cohort = make_cohort(session)
    actor, enrolment, half_day = (
        _trainer(session, cohort),
        make_enrolment(session, cohort),
        make_half_day(session, cohort),
    )
    mark(session, half_day, enrolment)
    services.cancel_half_day(session, actor, cohort, half_day)
    session.flush()
    assert queries.attendance_of(session, [enrolment.id]) == {enrolment.id: (0, 0)}
    with pytest.raises(Conflict):
        services.cancel_half_day(session, actor, cohort, half_day)
    with pytest.raises(Conflict, match="annulée"):
        services.record_attendance(session, actor, cohort, half_day, presences={}, revision=1)
    again = services.plan_half_days(
        session, actor, cohort, days=[half_day.on], halves=[half_day.half], title="Repris", minutes=120
    )
    assert again == [half_day]
    assert queries.attendance_of(session, [enrolment.id]) == {enrolment.id: (1, 1)}


def test_only_what_differs_is_written_and_a_correction_is_a_new_row(session: Session) -> None:
    cohort = make_cohort(session)
    actor, first, second = _trainer(session, cohort), _named(session, cohort, 1), _named(session, cohort, 2)
    half_day = make_half_day(session, cohort)
    present, absent, excused = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED
    said = {first.id: present, second.id: absent}
    assert services.record_attendance(session, actor, cohort, half_day, presences=said, revision=0) == 2
    session.flush()
    said[second.id] = excused
    assert services.record_attendance(session, actor, cohort, half_day, presences=said, revision=2) == 1
    session.flush()
    sheet = queries.sheet_of(session, half_day)
    assert [[mark.presence for mark in row.marks] for row in sheet.rows] == [[present], [absent, excused]]
    assert sheet.rows[1].presence is excused
    assert sheet.rows[1].marks[0].who == actor.name
    assert queries.totals_of(session, [second.id])[second.id] == queries.Total(0, 1, 0)
    rows = list(session.scalars(select(Attendance)))
    assert len(rows) == 3
    rows[0].presence = excused
    with pytest.raises(Conflict):
        session.flush()


def test_of_two_trainers_the_second_is_told_to_read_again(session: Session) -> None:
    cohort = make_cohort(session)
    actor, enrolment, half_day = (
        _trainer(session, cohort),
        make_enrolment(session, cohort),
        make_half_day(session, cohort),
    )
    absent, present = {enrolment.id: Presence.ABSENT}, {enrolment.id: Presence.PRESENT}
    services.record_attendance(session, actor, cohort, half_day, presences=absent, revision=0)
    session.flush()
    with pytest.raises(Conflict, match="autre appareil"):
        services.record_attendance(session, actor, cohort, half_day, presences=present, revision=0)
    assert queries.attendance_of(session, [enrolment.id]) == {enrolment.id: (0, 1)}


def test_a_sheet_is_not_filled_in_before_its_day(session: Session) -> None:
    cohort = make_cohort(session)
    half_day = make_half_day(session, cohort, clock.today() + DAY)
    with pytest.raises(Invalid, match="pas encore eu lieu"):
        services.record_attendance(session, _trainer(session, cohort), cohort, half_day, presences={}, revision=0)


def test_who_is_not_there_that_day_is_not_expected(session: Session) -> None:
    cohort, today = make_cohort(session), clock.today()
    here = _named(session, cohort, 1)
    _named(session, cohort, 2, entered_on=today + DAY)
    resumed = _named(session, cohort, 3)
    make_pause(session, resumed, today - 9 * DAY, today)
    paused = _named(session, cohort, 4)
    make_pause(session, paused, today)
    _named(session, cohort, 5, state=EnrolmentState.WITHDRAWN)
    _named(session, cohort, 6, state=EnrolmentState.WITHDRAWN, ended_on=today)
    later = _named(session, cohort, 7, state=EnrolmentState.COMPLETED, ended_on=today + DAY)
    sheet = queries.sheet_of(session, make_half_day(session, cohort, today))
    assert [row.enrolment_id for row in sheet.rows] == [here.id, resumed.id, later.id]


def test_an_absence_during_a_suspension_does_not_count_and_a_presence_does(session: Session) -> None:
    cohort, today = make_cohort(session), clock.today()
    enrolment = make_enrolment(session, cohort)
    came = make_half_day(session, cohort, today - 3 * DAY)
    missed = make_half_day(session, cohort, today - 2 * DAY)
    mark(session, came, enrolment)
    mark(session, missed, enrolment, Presence.ABSENT)
    assert queries.attendance_of(session, [enrolment.id]) == {enrolment.id: (1, 2)}
    make_pause(session, enrolment, today - 5 * DAY)
    assert queries.attendance_of(session, [enrolment.id]) == {enrolment.id: (1, 1)}


def test_what_is_not_recorded_does_not_count(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment, other = make_enrolment(session, cohort), make_enrolment(session, cohort)
    mark(session, make_half_day(session, cohort), enrolment)
    make_half_day(session, cohort, clock.today() - 2 * DAY)
    assert queries.attendance_of(session, [enrolment.id, other.id]) == {enrolment.id: (1, 1), other.id: (0, 0)}
    assert queries.attendance_of(session, []) == {}
    assert queries.totals_of(session, [other.id])[other.id].percentage is None
    assert queries.totals_of(session, [enrolment.id])[enrolment.id].percentage == 100


def _filled(session: Session, people: int, half_days: int) -> Cohort:
    cohort = make_cohort(session)
    enrolments = [_named(session, cohort, n) for n in range(people)]
    for n in range(half_days):
        half_day = make_half_day(session, cohort, clock.today() - (n + 1) * DAY)
        for enrolment in enrolments:
            mark(session, half_day, enrolment)
    session.commit()
    return cohort


@pytest.mark.engines("sqlite")
def test_the_pages_of_attendance_ask_the_database_the_same_whatever_the_numbers(
    session: Session, sign_in: SignIn
) -> None:
    counts = []
    for people, half_days in ((2, 2), (12, 6)):
        cohort = _filled(session, people, half_days)
        body = session.get_one(Organisation, cohort.training_body_id)
        client = sign_in(make_member(session, body, Role.TRAINER))
        half_day = session.scalars(select(TrainingSession).where(TrainingSession.cohort_id == cohort.id)).first()
        assert half_day is not None
        base = f"/cohorts/{cohort.id}/attendance"
        paths = [base, f"{base}/{half_day.id}", f"{base}/{half_day.id}/print", f"{base}/trainees"]
        paths.append(f"{base}/trainees?format=csv")
        client.get(base)
        seen = []
        for path in paths:
            with count_statements(session.get_bind().engine) as sent:
                assert client.get(path).status_code == 200
            seen.append(len(sent))
        counts.append(seen)
    assert counts[0] == counts[1]


@pytest.mark.engines("sqlite")
def test_a_trainer_plans_fills_in_corrects_and_exports(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    _named(session, cohort, 1)
    second = _named(session, cohort, 2)
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER))
    page = visit(client, f"/cohorts/{cohort.id}/attendance")
    assert "Aucune demi-journée" in words(page)
    refused = submit(client, page, title="Écouter", day=clock.today().isoformat(), more_days="31/02/2026")
    page = read(refused, status=422)
    assert "n’existe pas" in words(page)
    yesterday = (clock.today() - DAY).strftime("%d/%m/%Y")
    page = follow(client, submit(client, page, title="Écouter", more_days=yesterday, halves=["morning"]))
    assert "2 demi-journées sont ajoutées" in words(page)
    address = str(page.select("td.cell-main a")[0]["href"])
    page = visit(client, address)
    assert "Tout le monde y est présent au départ" in words(page)
    page = follow(client, submit(client, page, press="Enregistrer", **{f"presence-{second.id}": "absent"}))
    assert "La feuille est enregistrée" in words(page)
    stale = visit(client, address)
    page = follow(client, submit(client, page, press="Enregistrer", **{f"presence-{second.id}": "excused"}))
    assert "Corrigée 1 fois" in words(page)
    page = read(submit(client, stale, press="Enregistrer"), status=422)
    assert "vient d’être remplie" in words(page)
    assert page.select_one(f"[name=presence-{second.id}][checked]")["value"] == "excused"  # type: ignore[index]
    rows = client.get(f"/cohorts/{cohort.id}/attendance/trainees?format=csv").get_data(as_text=True).splitlines()
    assert rows[2].startswith("Stagiaire 02;0;1;0;1;0;;absence excusée")
    assert "Signature" in words(visit(client, f"{address}/print"))
    page = follow(client, submit(client, visit(client, address), "form[action$=cancel]"))
    assert "La demi-journée est annulée" in words(page)
    assert "annulée" in words(visit(client, address))


@pytest.mark.engines("sqlite")
def test_who_reads_attendance_only_does_not_fill_it_in(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    enrolment = _named(session, cohort, 1)
    half_day = make_half_day(session, cohort)
    mark(session, half_day, enrolment)
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.REFERENT))
    address = f"/cohorts/{cohort.id}/attendance/{half_day.id}"
    page = visit(client, address)
    assert "présent·e" in words(page)
    assert not page.select("main form")
    assert not visit(client, f"/cohorts/{cohort.id}/attendance").select("main form")
    stranger = sign_in(make_member(session, make_organisation(session), Role.TRAINER))
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}/print").status_code == 404


@pytest.mark.engines("sqlite")
def test_a_trainee_sees_their_own_attendance(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    enrolment, other = _named(session, cohort, 1), _named(session, cohort, 2)
    half_day = make_half_day(session, cohort, title="Écouter sans juger")
    mark(session, half_day, enrolment, Presence.EXCUSED)
    mark(session, half_day, other)
    client = sign_in(session.get_one(type(make_user(session)), enrolment.user_id))
    said = words(visit(client, "/attendance"))
    assert "absence excusée" in said
    assert "0 sur 1" in said
    assert "Stagiaire 02" not in said
