"""A thousand grades, queued and delivered to a platform on this machine."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.types import new_id
from certify.lti.models import Identity, LtiMembership, ScoreState
from certify.lti.services import grades
from tests.lti.grades.teaching import Teaching

pytestmark = pytest.mark.settings(lti_allow_insecure=True)
COUNT = 1000


def _fill(session: Session, teaching: Teaching) -> None:
    now, levels = clock.now(), {one.code: "acquired" for one in competencies.demo().competencies}
    cohort, rows = teaching.cohort, [(new_id(), new_id(), new_id()) for _each in range(COUNT)]
    people = teaching.platform.course.fill(COUNT)
    session.execute(insert(User), [
        {"id": user_id, "email": f"{user_id.hex}@lti.invalid", "given_name": "Stagiaire", "created_at": now}
        for user_id, _enrolment, _identity in rows
    ])  # fmt: skip
    session.execute(insert(Enrolment), [
        {"id": enrolment_id, "user_id": user_id, "cohort_id": cohort.id, "entered_on": cohort.starts_on,
         "framework_version_id": cohort.framework_version_id, "training_body_id": cohort.training_body_id,
         "created_at": now}
        for user_id, enrolment_id, _identity in rows
    ])  # fmt: skip
    session.execute(insert(Standing), [
        {"enrolment_id": enrolment_id, "competencies": levels, "disputed": [], "assessed_at": now}
        for _user, enrolment_id, _identity in rows
    ])  # fmt: skip
    session.execute(insert(Identity), [
        {"id": identity_id, "user_id": user_id, "registration_id": teaching.registration.id, "sub": person.sub,
         "created_at": now}
        for (user_id, _enrolment, identity_id), person in zip(rows, people, strict=True)
    ])  # fmt: skip
    session.execute(insert(LtiMembership), [
        {"id": new_id(), "context_id": teaching.context.id, "identity_id": identity_id, "roles": ["Learner"],
         "role": Role.TRAINEE, "source": "roster", "joined_at": now}
        for _user, _enrolment, identity_id in rows
    ])  # fmt: skip
    session.commit()


def test_a_thousand_grades_are_queued_and_delivered(
    teaching: Teaching, session: Session, record_property: Callable[[str, object], None]
) -> None:
    url = teaching.platform.gradebook.add("2", {"label": "Tout", "scoreMaximum": 100, "tag": "certify:whole"}).url
    grades.put_column(session, teaching.context, "whole", url, "Ensemble de la certification")
    _fill(session, teaching)
    started = time.perf_counter()
    grades.want_course(session, teaching.context)
    session.commit()
    done = teaching.run()
    took = time.perf_counter() - started
    record_property("grades_per_second", round(COUNT / took))
    assert done == COUNT + 6
    assert {one.state for one in teaching.scores()} == {ScoreState.SENT}
    assert len(teaching.platform.scores) == COUNT
    assert teaching.platform.counts["token"] == 1
