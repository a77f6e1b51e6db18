"""Suspensions: one way to suspend, dated, for an administrative reason; what they change elsewhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts import queries, services
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState, PauseReason
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Invalid
from certify.organisations.models import Organisation
from certify.reports.cohort import is_late
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.following import make_pause
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

DAY = timedelta(days=1)
LEAVE = PauseReason.LEAVE


def _coordinator(session: Session, enrolment: Enrolment) -> Actor:
    body = session.get_one(Organisation, enrolment.training_body_id)
    return actor_of(session, make_member(session, body, Role.COORDINATOR))


def test_a_training_is_suspended_then_goes_on(session: Session) -> None:
    enrolment, today = make_enrolment(session), clock.today()
    actor = _coordinator(session, enrolment)
    services.suspend(session, actor, enrolment, starts_on=today - 9 * DAY, reason=LEAVE, precision="congé sans solde")
    session.flush()
    assert enrolment.state is EnrolmentState.SUSPENDED
    services.resume(session, actor, enrolment, ends_on=today - 2 * DAY)
    session.flush()
    (pause,) = queries.pauses_of(session, [enrolment.id])[enrolment.id]
    assert (enrolment.state, pause.ends_on, pause.reason) == (EnrolmentState.ACTIVE, today - 2 * DAY, LEAVE)
    pause.precision = "autre chose"
    with pytest.raises(Conflict):
        session.flush()


def test_what_makes_no_suspension_is_refused(session: Session) -> None:
    enrolment, today = make_enrolment(session), clock.today()
    actor = _coordinator(session, enrolment)
    with pytest.raises(Invalid, match="pas encore venu"):
        services.suspend(session, actor, enrolment, starts_on=today + DAY, reason=LEAVE)
    with pytest.raises(Invalid, match="avant l’entrée"):
        services.suspend(session, actor, enrolment, starts_on=enrolment.entered_on - DAY, reason=LEAVE)
    with pytest.raises(Invalid, match="reconnaître"):
        services.suspend(session, actor, enrolment, starts_on=today, reason=LEAVE, precision="voir Mme Dupont")
    with pytest.raises(Conflict, match="pas suspendue"):
        services.resume(session, actor, enrolment, ends_on=today)
    services.suspend(session, actor, enrolment, starts_on=today, reason=LEAVE)
    session.flush()
    with pytest.raises(Conflict, match="pas en cours"):
        services.suspend(session, actor, enrolment, starts_on=today, reason=LEAVE)
    with pytest.raises(Invalid, match="après le début"):
        services.resume(session, actor, enrolment, ends_on=today)
    with pytest.raises(Invalid, match="pas encore venu"):
        services.resume(session, actor, enrolment, ends_on=today + DAY)


def test_suspensions_do_not_overlap(session: Session) -> None:
    enrolment, today = make_enrolment(session), clock.today()
    actor = _coordinator(session, enrolment)
    make_pause(session, enrolment, today - 20 * DAY, today - 10 * DAY)
    for start in (today - 30 * DAY, today - 20 * DAY, today - 11 * DAY):
        with pytest.raises(Invalid, match="déjà été suspendue"):
            services.suspend(session, actor, enrolment, starts_on=start, reason=LEAVE)
    services.suspend(session, actor, enrolment, starts_on=today - 10 * DAY, reason=LEAVE)
    session.flush()
    assert len(queries.pauses_of(session, [enrolment.id])[enrolment.id]) == 2


def test_every_way_into_and_out_of_a_suspension_leaves_its_dates(session: Session) -> None:
    enrolment, today = make_enrolment(session), clock.today()
    services.change_state(session, None, enrolment, state=EnrolmentState.SUSPENDED)
    session.flush()
    pause = queries.open_pause(session, enrolment.id)
    assert pause is not None
    assert (pause.starts_on, pause.reason) == (today, PauseReason.ADMINISTRATIVE)
    services.change_state(session, None, enrolment, state=EnrolmentState.WITHDRAWN)
    session.flush()
    assert queries.open_pause(session, enrolment.id) is None
    assert (pause.ends_on, enrolment.ended_on) == (today, today)
    services.change_state(session, None, enrolment, state=EnrolmentState.ACTIVE)
    assert enrolment.ended_on is None


def test_the_days_of_suspension_of_a_period_are_counted(session: Session) -> None:
    enrolment, other, today = make_enrolment(session), make_enrolment(session), clock.today()
    make_pause(session, enrolment, today - 20 * DAY, today - 10 * DAY)
    make_pause(session, enrolment, today - 3 * DAY)
    found = queries.paused_days(session, [enrolment.id, other.id], today - 15 * DAY, today)
    assert found == {enrolment.id: 8}


def test_who_was_suspended_lately_is_not_late(session: Session) -> None:
    cohort, today = make_cohort(session), clock.today()
    late, lately, long_ago, suspended = (make_enrolment(session, cohort) for _n in range(4))
    make_pause(session, lately, today - 40 * DAY, today - 5 * DAY)
    make_pause(session, long_ago, today - 60 * DAY, today - 40 * DAY)
    services.change_state(session, None, suspended, state=EnrolmentState.SUSPENDED)
    session.flush()
    found = set(session.scalars(select(Enrolment.id).where(Enrolment.cohort_id == cohort.id, is_late())))
    assert found == {late.id, long_ago.id}


@pytest.mark.engines("sqlite")
def test_a_coordinator_suspends_and_resumes_from_the_page(session: Session, sign_in: SignIn) -> None:
    enrolment, today = make_enrolment(session), clock.today()
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = sign_in(make_member(session, body, Role.COORDINATOR))
    address = f"/enrolments/{enrolment.id}/pause"
    page = visit(client, address)
    assert "n’a jamais été suspendue" in words(page)
    page = read(submit(client, page, starts_on=(today - DAY).isoformat()), status=422)
    assert "Choisissez une raison" in words(page)
    page = follow(client, submit(client, page, reason="employer", precision="mutation"))
    assert "Changement d’employeur · mutation" in words(page)
    form = visit(client, f"/enrolments/{enrolment.id}")
    assert {str(one["value"]) for one in form.select("select[name=state] option")} == {
        "suspended", "completed", "withdrawn",
    }  # fmt: skip
    page = read(submit(client, page, ends_on="2000-01-01"), status=422)
    assert "après le début" in words(page)
    page = follow(client, submit(client, page, ends_on=today.isoformat()))
    assert "La formation a repris" in words(page)
    form = visit(client, f"/enrolments/{enrolment.id}")
    assert "suspended" not in {str(one["value"]) for one in form.select("select[name=state] option")}
    follow(client, submit(client, form, "main form.form", access_route=AccessRoute.INITIAL.value))
    reader = sign_in(make_member(session, body, Role.REFERENT))
    assert not visit(reader, address).select("main form")


@pytest.mark.engines("sqlite")
def test_the_page_of_suspensions_asks_the_database_the_same_however_many(session: Session, sign_in: SignIn) -> None:
    cohort: Cohort = make_cohort(session)
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR))
    counts = []
    for number in (1, 9):
        enrolment = make_enrolment(session, cohort)
        for n in range(number):
            make_pause(session, enrolment, clock.today() - (4 * n + 3) * DAY, clock.today() - (4 * n + 1) * DAY)
        session.commit()
        client.get(f"/enrolments/{enrolment.id}/pause")
        with count_statements(session.get_bind().engine) as sent:
            visit(client, f"/enrolments/{enrolment.id}/pause")
        counts.append(len(sent))
    assert counts[0] == counts[1]
