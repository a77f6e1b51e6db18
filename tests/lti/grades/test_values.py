"""What a grade is worth, and who gets one."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

import competencies
from certify.assessments.models import AssessmentKind
from certify.cohorts.models import EnrolmentState
from certify.core import clock
from certify.core.db import separate_session
from certify.lti.marks import Mark, mark_of, parts_of
from certify.lti.models import Context, Identity, LtiMembership, ScoreState
from certify.lti.services import grades
from tests.factories.assessments import make_draft, make_signed
from tests.factories.cohorts import make_enrolment
from tests.factories.people import make_user
from tests.lti.grades.teaching import Teaching
from tests.services.launches import launch

FRAMEWORK = competencies.demo()
CODES = [one.code for one in FRAMEWORK.competencies]
pytestmark = pytest.mark.settings(lti_allow_insecure=True)


def test_a_block_shows_the_share_of_its_competencies_acquired() -> None:
    first = [one.code for one in FRAMEWORK.blocks[0].competencies]
    levels = dict.fromkeys(first[:3], "acquired") | {first[3]: "partly_acquired"}
    assert mark_of(FRAMEWORK, levels, "1") == Mark(3, 4, 4)
    assert Mark(3, 4, 4).value == 75.0
    assert mark_of(FRAMEWORK, levels, "2") == Mark(0, 0, 4)
    assert mark_of(FRAMEWORK, levels, "whole") == Mark(3, 4, 16)
    assert Mark(3, 4, 16).value == 18.8
    assert mark_of(FRAMEWORK, levels, "9") is None


@given(st.dictionaries(st.sampled_from([*CODES, "unknown"]), st.sampled_from([*FRAMEWORK.scale.codes, "unknown"])))
def test_a_grade_is_between_0_and_its_maximum_whatever_the_levels(levels: dict[str, str]) -> None:
    marks = [mark_of(FRAMEWORK, levels, part) for part in parts_of(FRAMEWORK)]
    assert all(one is not None and 0 <= one.value <= 100 and one.acquired <= one.assessed for one in marks)
    *blocks, whole = [one for one in marks if one is not None]
    assert whole.acquired == sum(one.acquired for one in blocks)


def test_nothing_is_posted_before_an_assessment_is_validated_nor_for_what_nobody_assessed(teaching: Teaching) -> None:
    teaching.make_columns()
    trainee = teaching.know(teaching.platform.learner)
    make_draft(teaching.session, trainee)
    teaching.want(trainee)
    teaching.run()
    assert teaching.platform.scores == []
    unseen = {one.code: None for one in FRAMEWORK.blocks[1].indicators}
    teaching.assess(trainee, **unseen)
    teaching.run()
    assert [given for _who, given in teaching.taken("1")] == [100.0]
    assert teaching.taken("2") == []
    assert [given for _who, given in teaching.taken("whole")] == [75.0]
    assert teaching.score("whole").comment.startswith("12 compétences acquises sur 16 (au ")


def test_an_assessment_that_changes_no_grade_posts_nothing(teaching: Teaching) -> None:
    teaching.make_columns()
    trainee = teaching.know(teaching.platform.learner)
    teaching.assess(trainee)
    teaching.run()
    posted = len(teaching.platform.scores)
    teaching.assess(trainee)
    teaching.run()
    assert len(teaching.platform.scores) == posted == 5


def test_a_grade_falls_to_nothing_when_what_was_acquired_is_not_any_more(teaching: Teaching) -> None:
    teaching.make_columns()
    trainee = teaching.know(teaching.platform.learner)
    teaching.stand(trainee, {CODES[0]: "acquired"})
    teaching.run()
    teaching.stand(trainee, {})
    teaching.run()
    assert [given for _who, given in teaching.taken("1")] == [25.0, 0.0]
    assert teaching.score("1").comment.startswith("0 compétence")


def test_a_self_assessment_is_worth_no_grade(teaching: Teaching) -> None:
    assert AssessmentKind.SELF == "self"
    teaching.make_columns()
    trainee = teaching.know(teaching.platform.learner)
    signed = make_signed(teaching.session, trainee)
    assert signed.kind is not AssessmentKind.SELF
    teaching.stand(trainee, {})
    teaching.run()
    assert teaching.platform.scores == []


def test_columns_made_after_the_assessments_get_everybodys_grade(teaching: Teaching) -> None:
    for person in teaching.platform.learners:
        teaching.assess(teaching.know(person))
    assert teaching.scores() == []
    teaching.make_columns()
    assert len(teaching.platform.scores) == 15
    assert {one.state for one in teaching.scores()} == {ScoreState.SENT}


def test_a_person_known_after_their_assessment_gets_their_grade(teaching: Teaching) -> None:
    teaching.make_columns()
    trainee = teaching.know(teaching.platform.learner, active=False)
    teaching.assess(trainee)
    teaching.run()
    assert teaching.platform.scores == []
    for membership in teaching.session.query(LtiMembership):
        membership.active = True
    grades.want_course(teaching.session, teaching.context)
    teaching.run()
    assert teaching.taken() == [(teaching.platform.learner.sub, 100.0)]


def test_a_person_assessed_before_their_first_visit_gets_their_grade_then(
    client: FlaskClient, teaching: Teaching, session: Session
) -> None:
    teaching.make_columns()
    user = make_user(session)
    trainee = make_enrolment(session, teaching.cohort, user)
    teaching.assess(trainee)
    session.add(
        Identity(
            registration_id=teaching.registration.id,
            sub=teaching.platform.learner.sub,
            user_id=user.id,
            created_at=clock.now(),
        )
    )
    teaching.run()
    assert teaching.platform.scores == []
    for _twice in range(2):
        launch(client, teaching.platform)
        teaching.run()
    assert teaching.taken() == [(teaching.platform.learner.sub, 100.0)]


def test_a_person_who_comes_back_to_the_course_gets_their_grade(client: FlaskClient, teaching: Teaching) -> None:
    teaching.make_columns()
    teaching.assess(teaching.know(teaching.platform.learner, active=False))
    teaching.run()
    assert teaching.platform.scores == []
    launch(client, teaching.platform)
    teaching.run()
    assert teaching.taken() == [(teaching.platform.learner.sub, 100.0)]


def test_nobody_gets_a_grade_in_a_course_of_another_cohort_nor_after_leaving(teaching: Teaching) -> None:
    teaching.make_columns()
    first, second = teaching.platform.learners[:2]
    left = teaching.know(first)
    left.state = EnrolmentState.WITHDRAWN
    teaching.assess(left)
    teaching.assess(teaching.know(second))
    teaching.context.cohort_id = None
    teaching.run()
    assert {who for who, _given in teaching.taken()} == {second.sub}
    other = teaching.know(teaching.platform.learners[2])
    teaching.assess(other)
    teaching.run()
    assert {who for who, _given in teaching.taken()} == {second.sub}


def test_one_person_met_under_two_identities_has_a_grade_for_each(teaching: Teaching, session: Session) -> None:
    teaching.make_columns()
    first, second = teaching.platform.learners[:2]
    user = make_user(session)
    trainee = teaching.know(first, user=user)
    teaching.meet(second, user)
    teaching.assess(trainee)
    teaching.run()
    assert sorted(teaching.taken()) == sorted([(first.sub, 100.0), (second.sub, 100.0)])


def test_a_course_of_many_trainees_is_wanted_two_hundred_at_a_time(teaching: Teaching, session: Session) -> None:
    grades.put_column(session, teaching.context, "whole", "https://lms.example/1", "Ensemble")
    for person in teaching.platform.course.fill(205):
        trainee = teaching.know(person)
        teaching.stand(trainee, {})
    teaching.run()
    assert teaching.scores() == []
    _everybody_acquired(session)
    grades.want_course(session, teaching.context)
    session.commit()
    grades.want_course_scores(session, teaching.context.id)
    assert len(teaching.session.new) + session.query(Identity).count() >= 205
    session.commit()
    assert len(teaching.scores()) == 200


def _everybody_acquired(session: Session) -> None:
    from certify.assessments.models import Standing

    for row in session.query(Standing):
        row.competencies, row.assessed_at = {CODES[0]: "acquired"}, clock.now()
    session.commit()


def test_a_link_to_a_course_alone_makes_no_grade(teaching: Teaching, session: Session) -> None:
    assert session.get(Context, teaching.context.id) is not None
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    assert teaching.scores() == []


def test_two_jobs_at_once_leave_the_latest_value(teaching: Teaching, app: Flask) -> None:
    """The first job has begun, and waits for the second, which saw a newer assessment."""
    teaching.make_columns()
    trainee = teaching.know(teaching.platform.learner)
    teaching.stand(trainee, {CODES[0]: "not_acquired"})
    trainee_id, done = trainee.id, []

    def late() -> None:
        with app.app_context(), separate_session() as own:
            grades.want_scores(own, trainee_id)
            own.commit()
            done.append(True)

    teaching.stand(trainee, {CODES[0]: "acquired"})
    jobs_at_once = [threading.Thread(target=late) for _each in range(4)]
    for job in jobs_at_once:
        job.start()
    for job in jobs_at_once:
        job.join()
    assert len(done) == 4
    teaching.run()
    assert teaching.score("1").sent_value == 25.0
    assert len(teaching.scores("1")) == 1
