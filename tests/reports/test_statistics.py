"""Results of promotions: counted from the decisions that stand, never without their counts, never of too few people."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.juries.models import BlockDecision, Candidacy, JuryDecision, JurySession, SessionState
from certify.organisations.models import Organisation
from certify.reports import statistics
from certify.reports.statistics import Rate, Results
from competencies import BlockOutcome, WholeOutcome
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member, make_organisation, make_user
from tests.reports.test_exports import cells
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import visit, words

FRAMEWORK = competencies.demo()
BLOCKS = [block.code for block in FRAMEWORK.blocks]
GOT, SOME, NONE, LATER = WholeOutcome


def _session(
    session: Session, cohort: Cohort, *, ago: int = 0, state: SessionState = SessionState.PUBLISHED
) -> JurySession:
    moment = clock.now()
    jury = JurySession(
        certifying_body_id=cohort.certifying_body_id, framework_version_id=cohort.framework_version_id,
        reference=f"R-{make_user(session).family_name}", held_on=clock.today() - timedelta(days=ago), place="Salle",
        state=state, created_at=moment, closed_at=moment if state is SessionState.PUBLISHED else None,
    )  # fmt: skip
    session.add(jury)
    session.flush()
    return jury


def _decide(
    session: Session, jury: JurySession, enrolment: Enrolment, *outcomes: WholeOutcome, lost: Sequence[str] = ()
) -> None:
    candidacy = Candidacy(session_id=jury.id, enrolment_id=enrolment.id, created_at=clock.now())
    session.add(candidacy)
    session.flush()
    taker = make_user(session)
    for number, outcome in enumerate(outcomes, 1):
        blocks = [
            BlockDecision(
                block=code, proposed="acquired",
                outcome=(BlockOutcome.NOT_ACQUIRED if code in lost else BlockOutcome.ACQUIRED).value,
            )
            for code in BLOCKS
        ]  # fmt: skip
        session.add(
            JuryDecision(
                candidacy_id=candidacy.id, number=number, outcome=outcome.value, taken_at=clock.now(),
                taken_by_id=taker.id, blocks=blocks,
            )
        )  # fmt: skip
    session.flush()


def _promotion(session: Session, *outcomes: WholeOutcome, lost: Sequence[str] = (), **values: object) -> Cohort:
    cohort = make_cohort(session, **values)  # type: ignore[arg-type]
    jury = _session(session, cohort)
    for outcome in outcomes:
        _decide(session, jury, make_enrolment(session, cohort), outcome, lost=() if outcome is GOT else lost)
    return cohort


def _results(session: Session, cohort: Cohort) -> Results:
    session.flush()
    return statistics.results_of(session, [cohort.id])[cohort.id]


def test_rates_are_counted_from_decisions_of_closed_sessions(session: Session) -> None:
    cohort = _promotion(session, GOT, GOT, GOT, SOME, NONE, LATER)
    make_enrolment(session, cohort)
    make_enrolment(session, cohort, state=EnrolmentState.WITHDRAWN)
    _decide(session, _session(session, cohort, state=SessionState.DELIBERATING), make_enrolment(session, cohort), GOT)
    results = _results(session, cohort)
    assert (results.enrolled, results.withdrawn, results.adjourned) == (9, 1, 1)
    assert results.presented == Rate(5, 9)
    assert (results.obtained, results.partly, results.refused) == (Rate(3, 5), Rate(1, 5), Rate(1, 5))
    assert results.obtained.percentage == 60


def test_an_amended_decision_and_a_later_session_count_once(session: Session) -> None:
    cohort = make_cohort(session)
    amended, later, kept = (make_enrolment(session, cohort) for _ in range(3))
    first, second = _session(session, cohort, ago=30), _session(session, cohort, ago=2)
    _decide(session, first, amended, NONE, SOME)
    _decide(session, first, later, SOME, lost=BLOCKS[1:])
    _decide(session, second, later, GOT)
    _decide(session, first, kept, GOT)
    _decide(session, second, kept, NONE, lost=BLOCKS)
    results = _results(session, cohort)
    assert (results.obtained, results.partly, results.refused) == (Rate(2, 3), Rate(1, 3), Rate(0, 3))
    assert {rate.failed for rate in results.blocks(FRAMEWORK)} == {Rate(0, 3)}


def test_blocks_come_the_most_failed_first(session: Session) -> None:
    cohort = _promotion(session, GOT, GOT, SOME, SOME, lost=[BLOCKS[2]])
    rates = _results(session, cohort).blocks(FRAMEWORK)
    assert [(rate.block.code, rate.failed) for rate in rates[:2]] == [(BLOCKS[2], Rate(2, 4)), (BLOCKS[0], Rate(0, 4))]


def test_time_to_certification_gives_the_median_and_quartiles(session: Session) -> None:
    cohort = make_cohort(session)
    jury = _session(session, cohort)
    for days in (100, 200, 300, 400, 500):
        entered_on = clock.today() - timedelta(days=days)
        _decide(session, jury, make_enrolment(session, cohort, entered_on=entered_on), GOT)
    _decide(session, jury, make_enrolment(session, cohort), SOME)
    durations = _results(session, cohort).durations
    assert (durations.n, durations.quartiles) == (5, (200.0, 300.0, 400.0))


def test_nothing_is_shown_of_fewer_than_three_people(session: Session, sign_in: SignIn) -> None:
    cohort = _promotion(session, GOT, NONE, lost=BLOCKS)
    make_enrolment(session, cohort)
    client = sign_in(_coordinator(session, cohort))
    for address in ("/statistics", f"/cohorts/{cohort.id}/results"):
        said = words(visit(client, address))
        assert "50 %" not in said
        assert "1 sur 2" not in said
        assert "2 sur 3" in said
    assert "Moins de 3 personnes présentées" in said
    row = _csv(client.get("/statistics?format=csv").get_data())[1]
    assert row[5:12] == ["3", "0", "2", "", "", "", ""]


def _csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def _coordinator(session: Session, cohort: Cohort, role: Role = Role.COORDINATOR) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), role)


def test_no_percentage_stands_without_its_counts(session: Session, sign_in: SignIn) -> None:
    cohort = _promotion(session, GOT, GOT, SOME, lost=[BLOCKS[0]], name="=Promotion")
    client = sign_in(_coordinator(session, cohort))
    page = visit(client, "/statistics")
    assert page.select_one(".bars-chart[aria-label*='2, 1 et 0 sur 3']")
    for address in ("/statistics", f"/cohorts/{cohort.id}/results"):
        cells_shown = visit(client, address).select("td:not(:has(table))")
        shares = [" ".join(cell.get_text(" ").split()) for cell in cells_shown if "%" in cell.get_text()]
        assert shares
        assert all(" sur " in share for share in shares), shares
    book = client.get("/statistics?format=xlsx").data
    assert cells(book, 1)[1][0] == "=Promotion"
    assert cells(book, 2)[1][1].startswith("1 ")
    assert _csv(client.get(f"/cohorts/{cohort.id}/results?format=csv").data)[1][0] == "'=Promotion"


def test_results_are_open_to_coordinators_auditors_and_the_certifying_body_s_auditor_only(
    session: Session, sign_in: SignIn
) -> None:
    cohort = _promotion(session, GOT)
    address = f"/cohorts/{cohort.id}/results"
    body = session.get_one(Organisation, cohort.certifying_body_id)
    allowed = [_coordinator(session, cohort), _coordinator(session, cohort, Role.AUDITOR)]
    allowed.append(make_member(session, body, Role.AUDITOR))
    stranger = make_member(session, make_organisation(session), Role.COORDINATOR)
    for user in allowed:
        assert cohort.name in words(visit(sign_in(user), address))
    assert sign_in(stranger).get(address).status_code == 404
    assert cohort.name not in words(visit(sign_in(stranger), "/statistics"))
    assert sign_in(_coordinator(session, cohort, Role.TRAINER)).get(address).status_code == 403


@pytest.mark.parametrize("address", ["/statistics", "/cohorts/{}/results"])
def test_the_pages_take_as_many_statements_whatever_the_sizes(session: Session, sign_in: SignIn, address: str) -> None:
    training = make_organisation(session)
    client = sign_in(make_member(session, training, Role.COORDINATOR))
    counts = []
    for size in (1, 4, 12):
        cohort = _promotion(session, *([GOT, SOME, NONE] * size), training_body=training)
        session.commit()
        path = address.format(cohort.id)
        assert client.get(path).status_code == 200
        with count_statements(db.engine) as statements:
            assert client.get(path).status_code == 200
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
    assert session.scalars(select(Cohort)).all()
