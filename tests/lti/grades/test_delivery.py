"""Every answer a platform may give to a grade, and every moment at which a worker may die."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment
from certify.core import clock, jobs, outbox
from certify.core.outbox import OutboxMessage
from certify.lti import tasks
from certify.lti.models import LineItemState, Score, ScoreState
from certify.lti.queries.grades import COLUMNS_WANTED
from certify.lti.services import grades
from certify.lti.services.delivery import PATIENCE
from certify.lti.services.grades import SCORE_WANTED
from tests.lti.grades.teaching import Teaching

pytestmark = pytest.mark.settings(lti_allow_insecure=True)
DAY = timedelta(days=1)
COMPETENCIES = [one.code for one in competencies.demo().competencies]


def messages(session: Session) -> list[OutboxMessage]:
    session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.topic == SCORE_WANTED, OutboxMessage.done_at.is_(None))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def reason(score: Score) -> str:
    return score.answer.partition("\n")[0]


def test_a_grade_is_posted_once_and_noted(waiting: Teaching) -> None:
    waiting.run()
    score = waiting.score()
    assert (score.state, score.sent_value, score.sent_version, score.due_at) == (ScoreState.SENT, 100.0, 1, None)
    assert (score.answer_status, score.answer) == (200, "")
    taken = waiting.platform.scores
    assert [(one.user_id, one.given, one.maximum) for one in taken] == [(waiting.platform.learner.sub, 100.0, 100.0)]
    assert (taken[0].grading, taken[0].activity) == ("FullyGraded", "Completed")
    assert taken[0].comment.startswith("16 compétences acquises sur 16 (au ")
    assert waiting.run() == 0
    assert messages(waiting.session) == []


@pytest.mark.parametrize("answer", [201, 202, 204, "garbage"])
def test_any_2xx_of_any_body_is_sent(waiting: Teaching, answer: int | str) -> None:
    waiting.platform.next_answers(answer, to="scores")
    waiting.run()
    assert waiting.score().state is ScoreState.SENT


@pytest.mark.parametrize(
    ("answer", "said"),
    [(500, "down"), (502, "down"), (503, "down"), (429, "busy"), ("drop", "unreachable"), (301, "redirect")],
)
def test_what_may_pass_is_tried_again_later(waiting: Teaching, answer: int | str, said: str) -> None:
    waiting.platform.next_answers(answer, to="scores")
    waiting.run()
    score = waiting.score()
    assert (score.state, score.attempts, reason(score)) == (ScoreState.WAITING, 1, said)
    assert score.due_at is not None
    assert timedelta(0) < score.due_at - clock.now() < timedelta(minutes=1)
    assert waiting.run() == 0
    waiting.run(after=timedelta(minutes=1))
    assert (waiting.score().state, waiting.score().attempts) == (ScoreState.SENT, 1)
    assert len(waiting.taken()) == 1


def test_a_grade_taken_whose_answer_was_lost_is_posted_again_later_and_stays_right(waiting: Teaching) -> None:
    waiting.platform.next_answers("lost", to="scores")
    waiting.run()
    assert waiting.score().state is ScoreState.WAITING
    waiting.run(after=timedelta(minutes=1))
    assert waiting.score().state is ScoreState.SENT
    assert waiting.taken() == [(waiting.platform.learner.sub, 100.0)] * 2
    first, second = waiting.platform.scores
    assert int(second.at.timestamp()) > int(first.at.timestamp())


def test_a_platform_that_asks_to_wait_is_waited_for(waiting: Teaching) -> None:
    waiting.platform.next_answers((429, {"Retry-After": "7200"}), to="scores")
    waiting.run()
    due = waiting.score().due_at
    assert due is not None
    assert due - clock.now() > timedelta(minutes=119)
    assert waiting.run(after=timedelta(minutes=110)) == 0
    waiting.run(after=timedelta(minutes=30))
    assert waiting.score().state is ScoreState.SENT


def test_a_platform_down_for_three_days_loses_nothing_and_is_not_harassed(waiting: Teaching) -> None:
    waiting.platform.down = True
    tries = waiting.run() + sum(waiting.run(after=timedelta(hours=1)) for _hour in range(3 * 24))
    assert waiting.score().state is ScoreState.WAITING
    assert 8 < tries < 40
    waiting.platform.down = False
    waiting.run(after=DAY)
    assert waiting.score().state is ScoreState.SENT


def test_a_platform_down_for_a_month_is_given_up_with_a_reason_and_can_be_tried_again(waiting: Teaching) -> None:
    waiting.platform.down = True
    waiting.run()
    waiting.run(after=PATIENCE - DAY)
    assert waiting.score().state is ScoreState.WAITING
    waiting.run(after=2 * DAY)
    score = waiting.score()
    assert (score.state, reason(score)) == (ScoreState.REFUSED, "abandoned")
    waiting.platform.down = False
    assert grades.send_all_again(waiting.session, waiting.actor(), waiting.context) == 1
    waiting.run()
    assert waiting.score().state is ScoreState.SENT


def test_an_expired_token_is_renewed_once(waiting: Teaching) -> None:
    waiting.run()
    waiting.platform.revoke_tokens()
    grades.send_again(waiting.session, waiting.actor(), waiting.context, waiting.score())
    waiting.run()
    assert waiting.score().state is ScoreState.SENT
    assert len(waiting.taken()) == 2
    assert waiting.platform.counts["token"] == 2


def test_a_platform_that_refuses_every_token_is_asked_again_later(waiting: Teaching) -> None:
    waiting.platform.next_answers(401, 401, to="scores")
    waiting.run()
    score = waiting.score()
    assert (score.state, reason(score)) == (ScoreState.WAITING, "token-refused")
    waiting.run(after=timedelta(minutes=1))
    assert waiting.score().state is ScoreState.SENT


@pytest.mark.parametrize(("answer", "said"), [(403, "forbidden"), (400, "not-gradable"), (422, "refused")])
def test_what_the_platform_refuses_for_good_is_kept_with_its_reason(waiting: Teaching, answer: int, said: str) -> None:
    waiting.platform.next_answers(answer, to="scores")
    waiting.run()
    score = waiting.score()
    assert (score.state, reason(score), score.answer_status) == (ScoreState.REFUSED, said, answer)
    assert "Service unavailable" in score.answer
    assert waiting.run(after=DAY) == 0
    assert waiting.column().state is LineItemState.ACTIVE


def test_a_teacher_or_somebody_who_left_gets_no_grade_and_others_do(teaching: Teaching) -> None:
    teaching.make_columns()
    left, stays = teaching.platform.learners[:2]
    for person in (left, stays):
        teaching.assess(teaching.know(person))
    teaching.platform.course.remove(left)
    teaching.run()
    states = {one.state for one in teaching.scores("whole")}
    assert states == {ScoreState.REFUSED, ScoreState.SENT}
    assert teaching.taken() == [(stays.sub, 100.0)]


@pytest.mark.parametrize("status", [404, 410])
def test_a_column_deleted_in_the_platform_is_removed_and_made_again_with_its_grades(
    waiting: Teaching, status: int
) -> None:
    waiting.platform.gradebook.remove(waiting.platform.line_items[0])
    waiting.platform.next_answers(status, to="scores")
    waiting.run()
    assert reason(waiting.score()) == "gone"
    assert waiting.column().state is LineItemState.REMOVED
    waiting.make_columns()
    assert waiting.taken() == [(waiting.platform.learner.sub, 100.0)]


def test_a_404_about_a_person_does_not_remove_the_column(waiting: Teaching) -> None:
    waiting.platform.next_answers(404, to="scores")
    waiting.run()
    assert (waiting.score().state, reason(waiting.score())) == (ScoreState.REFUSED, "not-enrolled")
    assert waiting.column().state is LineItemState.ACTIVE


def test_a_conflict_on_the_same_value_is_sent(waiting: Teaching) -> None:
    waiting.run()
    grades.send_again(waiting.session, waiting.actor(), waiting.context, waiting.score())
    waiting.platform.next_answers(409, to="scores")
    waiting.run()
    assert (waiting.score().state, waiting.score().answer_status) == (ScoreState.SENT, 409)
    assert waiting.platform.counts["results"] == 1


def test_a_conflict_on_another_value_is_stamped_again_once_then_tried_later(waiting: Teaching) -> None:
    waiting.platform.next_answers(409, to="scores")
    waiting.run()
    assert waiting.score().state is ScoreState.SENT
    assert len(waiting.taken()) == 1
    waiting.platform.scores.clear()
    waiting.platform.gradebook.scores.clear()
    grades.send_again(waiting.session, waiting.actor(), waiting.context, waiting.score())
    waiting.platform.next_answers(409, 409, to="scores")
    waiting.run()
    assert (waiting.score().state, reason(waiting.score())) == (ScoreState.WAITING, "outdated")
    waiting.run(after=timedelta(minutes=1))
    assert waiting.score().state is ScoreState.SENT


def test_stamps_grow_by_whole_seconds_within_one_second_and_when_the_clock_goes_back(waiting: Teaching) -> None:
    now = clock.now()
    for moment in (now, now, now - timedelta(hours=1)):
        with clock.at(moment):
            waiting.run()
            grades.send_again(waiting.session, waiting.actor(), waiting.context, waiting.score())
    waiting.run()
    seconds = [int(one.at.timestamp()) for one in waiting.platform.scores]
    assert len(seconds) >= 3
    assert seconds == sorted(set(seconds))


def test_a_worker_killed_between_the_post_and_the_commit_posts_again_later_and_loses_nothing(
    waiting: Teaching,
) -> None:
    [message] = messages(waiting.session)
    waiting.session.commit()
    tried = _killed_after_the_post(waiting, message)
    assert tried is not None
    assert waiting.score().state is ScoreState.WAITING
    waiting.run()
    first, second = waiting.platform.scores
    assert int(second.at.timestamp()) > int(first.at.timestamp())
    assert first.given == second.given == 100.0
    assert waiting.score().state is ScoreState.SENT


def _killed_after_the_post(waiting: Teaching, message: OutboxMessage) -> object:
    payload = dict(message.payload)
    waiting.session.rollback()
    waiting.session.connection(execution_options={"reads_only": True})
    tried = tasks.try_score(waiting.session, **payload)
    waiting.session.rollback()
    return tried


def test_a_message_delivered_twice_has_one_effect(waiting: Teaching) -> None:
    waiting.run()
    session = waiting.session
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.topic == SCORE_WANTED)):
        message.done_at = None
    waiting.run()
    assert len(waiting.taken()) == 1


def test_a_newer_value_rides_with_the_message_that_waits(waiting: Teaching) -> None:
    score = waiting.score()
    enrolment_id = score.enrolment_id
    _stand(waiting, enrolment_id, {COMPETENCIES[0]: "not_acquired"})
    assert len(messages(waiting.session)) == 1
    waiting.run()
    assert waiting.taken() == [(waiting.platform.learner.sub, 0.0)]
    assert (waiting.score().version, waiting.score().sent_version) == (2, 2)


def test_a_value_that_changes_while_it_is_posted_is_followed_by_the_newer_one(waiting: Teaching) -> None:
    [message] = messages(waiting.session)
    payload = dict(message.payload)
    tried = _killed_after_the_post(waiting, message)
    _stand(waiting, waiting.score().enrolment_id, {COMPETENCIES[0]: "not_acquired"})
    tasks.settle_score(waiting.session, **payload, prepared=tried)  # type: ignore[arg-type]
    message = waiting.session.get_one(OutboxMessage, message.id)
    message.done_at = clock.now()
    waiting.session.commit()
    assert len(messages(waiting.session)) == 1
    waiting.run()
    assert [given for _who, given in waiting.taken()] == [100.0, 0.0]
    assert waiting.score().state is ScoreState.SENT


def _stand(waiting: Teaching, enrolment_id: object, levels: dict[str, str]) -> None:
    waiting.stand(waiting.session.get_one(Enrolment, enrolment_id), levels)


def test_every_topic_has_its_subscriber() -> None:
    topics = outbox.topics()
    assert topics[SCORE_WANTED] == ["certify.lti.tasks.settle_score"]
    assert topics[COLUMNS_WANTED] == ["certify.lti.tasks.keep_columns"]
    assert topics[grades.COURSE_WANTED] == ["certify.lti.tasks.want_course_scores"]
    assert "certify.lti.tasks.want_scores" in topics["assessments.signed"]


def test_a_job_that_breaks_is_shown_and_may_be_sent_again(waiting: Teaching) -> None:
    [message] = messages(waiting.session)
    broken = message.id
    message.failed_at = clock.now()
    waiting.run()
    assert waiting.score().state is ScoreState.WAITING
    waiting.pass_time(timedelta(minutes=11))
    assert grades.send_again(waiting.session, waiting.actor(), waiting.context, waiting.score())
    waiting.run()
    assert waiting.score().state is ScoreState.SENT
    waiting.session.commit()
    jobs.deliver_one(broken)
    assert len(waiting.taken()) == 1
