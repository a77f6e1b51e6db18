from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import AssessmentKind, AssessmentState
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState, VaeStep, VaeStepKind
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.logbook.models import EntryState
from certify.organisations.models import Organisation
from certify.reminders.digests import Line, digests_of
from competencies import Text
from tests.factories.assessments import make_accepted_evidence
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.files import INDICATORS, make_practice, make_rules, make_seen, make_standing
from tests.factories.people import make_member, make_user
from tests.services.statements import count_statements

Told = Callable[[User], dict[str, Line]]


@pytest.fixture
def cohort(session: Session) -> Cohort:
    """Make a cohort that ends in twenty days, in a programme that reminds thirty days before."""
    today = clock.today()
    made = make_cohort(session, starts_on=today - timedelta(days=5), ends_on=today + timedelta(days=20))
    make_rules(session, made, reminder_days=30)
    return made


@pytest.fixture
def told(session: Session) -> Told:
    """Give what there is to tell somebody, by kind."""
    return lambda user: {line.kind: line for line in digests_of(session, [user.id]).get(user.id, ())}


def trainee(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def staff(session: Session, cohort: Cohort, role: Role) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), role)


def test_a_trainee_is_told_what_is_missing_before_the_end_of_training(
    session: Session, cohort: Cohort, told: Told
) -> None:
    enrolment = make_enrolment(session, cohort)
    line = told(trainee(session, enrolment))["end"]
    assert (line.count, line.on, line.cohort, line.path) == (2, cohort.ends_on, cohort.name, "/file")
    assert line.wordings("fr") == ("Indicateurs prouvés", "Compétences évaluées")
    make_accepted_evidence(session, enrolment, INDICATORS)
    make_standing(session, enrolment)
    assert told(trainee(session, enrolment)) == {}


def test_nobody_is_told_long_before_the_end_nor_after_it_nor_once_withdrawn(
    session: Session, cohort: Cohort, told: Told
) -> None:
    enrolment = make_enrolment(session, cohort)
    for days in (31, -1):
        cohort.ends_on = clock.today() + timedelta(days=days)
        assert told(trainee(session, enrolment)) == {}
    cohort.ends_on = clock.today() + timedelta(days=30)
    assert set(told(trainee(session, enrolment))) == {"end"}
    enrolment.state = EnrolmentState.WITHDRAWN
    assert told(trainee(session, enrolment)) == {}


def test_a_trainee_is_told_of_entries_returned_and_of_an_unsigned_self_assessment(session: Session, told: Told) -> None:
    enrolment = make_enrolment(session)
    person = trainee(session, enrolment)
    make_practice(session, enrolment, 2, state=EntryState.RETURNED)
    make_practice(session, enrolment, state=EntryState.DRAFT)
    make_seen(session, enrolment, kind=AssessmentKind.SELF, assessor=person, state=AssessmentState.DRAFT)
    found = told(person)
    assert {kind: line.count for kind, line in found.items()} == {"returned": 2, "own_drafts": 1}


@pytest.mark.parametrize(("days", "is_told"), [(200, True), (1, False)])
def test_a_candidate_to_vae_is_told_when_a_delay_ends_soon_or_was_missed(
    session: Session, told: Told, days: int, is_told: bool
) -> None:
    enrolment = make_enrolment(session, access_route=AccessRoute.PRIOR_EXPERIENCE)
    admitted = clock.today() - timedelta(days=days)
    for kind in (VaeStepKind.FEASIBILITY_FILED, VaeStepKind.ADMITTED, VaeStepKind.VALIDATION_FILED):
        session.add(VaeStep(enrolment_id=enrolment.id, kind=kind, on=admitted, recorded_at=clock.now()))
    session.flush()
    found = told(trainee(session, enrolment))
    assert ("clock" in found) is is_told


def test_the_programme_says_how_long_before_a_delay_of_vae_people_are_told(
    session: Session, cohort: Cohort, told: Told
) -> None:
    enrolment = make_enrolment(session, cohort, access_route=AccessRoute.PRIOR_EXPERIENCE)
    for kind in (VaeStepKind.FEASIBILITY_FILED, VaeStepKind.ADMITTED, VaeStepKind.VALIDATION_FILED):
        session.add(VaeStep(enrolment_id=enrolment.id, kind=kind, on=clock.today(), recorded_at=clock.now()))
    session.flush()
    assert "clock" not in told(trainee(session, enrolment))
    make_rules(session, cohort, number=2, reminder_days=120)
    assert "clock" in told(trainee(session, enrolment))


def test_a_trainer_is_told_of_entries_that_wait_of_drafts_and_of_late_trainees(
    session: Session, cohort: Cohort, told: Told
) -> None:
    trainer = staff(session, cohort, Role.TRAINER)
    enrolment = make_enrolment(session, cohort, entered_on=clock.today() - timedelta(days=60))
    since = clock.now() - timedelta(days=20)
    make_practice(session, enrolment, 3, state=EntryState.SUBMITTED, submitted_at=since)
    make_seen(session, enrolment, assessor=trainer, state=AssessmentState.DRAFT)
    found = told(trainer)
    assert {kind: line.count for kind, line in found.items()} == {"waiting": 3, "drafts": 1, "late": 1, "files": 1}
    assert found["waiting"].days == 20
    assert found["late"].path == f"/cohorts/{cohort.id}?situation=late"


def test_a_coordinator_is_told_of_files_and_late_trainees_and_not_of_entries(
    session: Session, cohort: Cohort, told: Told
) -> None:
    coordinator = staff(session, cohort, Role.COORDINATOR)
    enrolment = make_enrolment(session, cohort, entered_on=clock.today() - timedelta(days=60))
    make_practice(session, enrolment, state=EntryState.SUBMITTED, submitted_at=clock.now() - timedelta(days=20))
    found = told(coordinator)
    assert set(found) == {"files", "late"}
    assert found["files"].path == f"/cohorts/{cohort.id}/files?situation=incomplete"


def test_staff_of_another_body_auditors_and_those_who_left_are_told_nothing(
    session: Session, cohort: Cohort, told: Told
) -> None:
    make_enrolment(session, cohort, entered_on=clock.today() - timedelta(days=60))
    elsewhere = staff(session, make_cohort(session), Role.TRAINER)
    auditor = staff(session, cohort, Role.AUDITOR)
    assert told(elsewhere) == told(auditor) == told(make_user(session)) == {}


def test_a_batch_takes_as_many_statements_whatever_the_people(session: Session, cohort: Cohort) -> None:
    people = [staff(session, cohort, Role.TRAINER).id]
    counts = []
    for many in (1, 25):
        for _ in range(many):
            enrolment = make_enrolment(session, cohort)
            make_practice(session, enrolment, state=EntryState.RETURNED)
            people += [enrolment.user_id, staff(session, cohort, Role.COORDINATOR).id]
        digests_of(session, people)
        with count_statements(db.engine) as statements:
            assert set(digests_of(session, people)) == set(people)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_line_survives_the_queue() -> None:
    line = Line("end", "/file", 2, on=date(2026, 6, 12), cohort="Printemps", names=(Text("Heures", "Hours"),))
    assert Line.from_document(line.to_document()) == line
    assert Line.from_document(Line("drafts", "/assessments").to_document()) == Line("drafts", "/assessments")
