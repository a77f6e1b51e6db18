"""Grades that wait for a platform to be let in again, or to answer again."""

from datetime import timedelta

import pytest

from certify.core import clock
from certify.lti.models import DeploymentState, RegistrationState, Score, ScoreState
from certify.lti.services import registrations
from tests.lti.grades.teaching import Teaching

pytestmark = pytest.mark.settings(lti_allow_insecure=True)
DAY = timedelta(days=1)


def reason(score: Score) -> str:
    return score.answer.partition("\n")[0]


@pytest.fixture(params=["registration", "deployment"])
def suspended(waiting: Teaching, request: pytest.FixtureRequest) -> Teaching:
    """Give a course whose registration, or deployment, is suspended."""
    waiting.registration.state = RegistrationState.DISABLED
    if request.param == "deployment":
        waiting.registration.state = RegistrationState.ACTIVE
        waiting.deployment.state = DeploymentState.DISABLED
    waiting.session.commit()
    return waiting


def test_nothing_is_posted_to_a_suspended_platform_and_all_of_it_once_it_is_let_in(suspended: Teaching) -> None:
    suspended.run()
    score = suspended.score()
    assert (score.state, score.attempts, reason(score)) == (ScoreState.WAITING, 0, "suspended")
    suspended.run(after=DAY)
    assert suspended.platform.scores == []
    _let_in_again(suspended)
    suspended.run()
    assert suspended.score().state is ScoreState.SENT


def _let_in_again(suspended: Teaching) -> None:
    session, actor, registration = suspended.session, suspended.actor(), suspended.registration
    if registration.state is RegistrationState.DISABLED:
        registrations.switch(session, actor, registration, enabled=True)
    else:
        registrations.decide_deployment(session, actor, registration, suspended.deployment, approve=True)


def test_the_first_grade_a_platform_takes_again_wakes_the_others(teaching: Teaching) -> None:
    teaching.make_columns()
    for person in teaching.platform.learners:
        teaching.assess(teaching.know(person))
    teaching.platform.down = True
    teaching.run()
    teaching.run(after=timedelta(hours=2))
    teaching.platform.down = False
    soonest = min(score.due_at for score in teaching.scores() if score.due_at)
    teaching.run(after=soonest - clock.now() + timedelta(seconds=1))
    assert {one.state for one in teaching.scores()} == {ScoreState.SENT}
    assert len(teaching.platform.scores) == 15
