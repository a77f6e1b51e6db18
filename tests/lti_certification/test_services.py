"""1EdTech LTI Advantage conformance, tool side: names and roles (5 rows), assignments and grades (1 row).

https://www.imsglobal.org/spec/lti/v1p3/cert/#names-and-role-provisioning-services and #assignment-and-grade-services
"""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort, Enrolment
from certify.lti.models import Context, Registration, Score, ScoreState
from certify.lti.protocol import names
from tests.factories.assessments import make_signed
from tests.services.launches import launch
from tests.services.lms import Platform
from tests.services.visiting import submit, visit

pytestmark = [pytest.mark.settings(lti_allow_insecure=True), pytest.mark.engines("sqlite")]


@pytest.fixture
def inside(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> str:
    """Give the address of the course's page, as its teacher launches it with the claims of both services."""
    address: str = launch(client, platform, "teacher").headers["Location"]
    session.scalars(select(Context)).one().cohort_id = cohort.id
    session.commit()
    return address


@pytest.fixture
def read(client: FlaskClient, inside: str, run_jobs: Callable[[], int]) -> None:
    """Have the roster read."""
    submit(client, visit(client, inside), "#roster form")
    run_jobs()


def test_an_instructor_s_launch_brings_the_names_and_roles_claim(session: Session, inside: str) -> None:
    assert session.scalars(select(Context)).one().memberships_url


def test_the_platform_receives_the_request_of_its_members(platform: Platform, read: None) -> None:
    assert platform.counts["roster"] == 1


def test_the_request_accepts_the_type_of_the_service(platform: Platform, read: None) -> None:
    asked = next(one for one in platform.seen if one.name == "roster")
    assert asked.headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def test_the_request_bears_a_valid_token(platform: Platform, read: None) -> None:
    asked = next(one for one in platform.seen if one.name == "roster")
    assert asked.headers["Authorization"].startswith("Bearer ")
    assert platform.refusals == []


def test_the_token_was_asked_for_the_scope_of_the_service_alone(platform: Platform, read: None) -> None:
    asked = next(one for one in platform.seen if one.name == "token")
    assert names.MEMBERSHIP_READ.encode() in asked.body.replace(b"%3A", b":").replace(b"%2F", b"/")
    assert b"lti-ags" not in asked.body


def test_a_student_launch_with_the_claim_then_a_column_and_a_score_on_the_results_page(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    launch(client, platform)
    submit(client, visit(client, inside), "main form[action$='/course/columns']")
    run_jobs()
    assert {item.tag for item in platform.line_items} >= {"certify:whole", "certify:1"}
    make_signed(session, session.scalars(select(Enrolment)).one())
    session.commit()
    run_jobs()
    sent = session.scalars(select(Score).where(Score.state == ScoreState.SENT)).all()
    assert sent
    assert {score.user_id for score in platform.scores} == {platform.learner.sub}
