"""Whose cohorts and enrolments a person reaches."""

import uuid

import pytest
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts import queries
from certify.cohorts.models import EnrolmentState
from certify.core.access import Permission, Role
from certify.core.db import db
from certify.core.errors import NotFound
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.statements import count_statements


def test_a_cohort_is_reached_by_the_staff_of_its_training_body_only(session: Session) -> None:
    cohort = make_cohort(session)
    training = session.get_one(Organisation, cohort.training_body_id)
    trainer = actor_of(session, make_member(session, training, Role.TRAINER))
    assert queries.cohort_for(session, trainer, cohort.id, Permission.COHORT_READ) is cohort
    with pytest.raises(NotFound):
        queries.cohort_for(session, trainer, cohort.id, Permission.COHORT_WRITE)
    stranger = actor_of(session, make_member(session, make_organisation(session), Role.COORDINATOR))
    with pytest.raises(NotFound):
        queries.cohort_for(session, stranger, cohort.id, Permission.COHORT_READ)


def test_an_enrolment_is_reached_by_the_staff_of_its_training_body_only(session: Session) -> None:
    enrolment = make_enrolment(session)
    training = session.get_one(Organisation, enrolment.training_body_id)
    trainer = actor_of(session, make_member(session, training, Role.TRAINER))
    assert queries.enrolment_for(session, trainer, enrolment.id, Permission.COHORT_READ) is enrolment
    for stranger in (make_user(session), session.get_one(User, enrolment.user_id)):
        with pytest.raises(NotFound):
            queries.enrolment_for(session, actor_of(session, stranger), enrolment.id, Permission.COHORT_READ)


def test_the_enrolment_to_work_on_comes_first_and_a_withdrawn_one_is_gone(session: Session) -> None:
    user = make_user(session)
    done = make_enrolment(session, user=user, state=EnrolmentState.COMPLETED)
    active = make_enrolment(session, user=user)
    gone = make_enrolment(session, user=user, state=EnrolmentState.WITHDRAWN)
    actor = actor_of(session, user)
    assert queries.own_enrolments(session, actor) == [active, done]
    assert queries.own_enrolment(session, actor) is active
    assert queries.own_enrolment(session, actor, done.id) is done
    for enrolment_id in (gone.id, make_enrolment(session).id, uuid.uuid4()):
        with pytest.raises(NotFound):
            queries.own_enrolment(session, actor, enrolment_id)


def test_who_is_enrolled_nowhere_has_no_enrolment(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.own_enrolment(session, actor_of(session, make_user(session)))


def test_the_people_of_many_enrolments_come_in_one_statement(session: Session) -> None:
    cohort = make_cohort(session)
    enrolments = [make_enrolment(session, cohort) for _ in range(4)]
    session.commit()
    with count_statements(db.engine) as statements:
        people = queries.people_of(session, (enrolment for enrolment in list(enrolments)))
    assert len(statements) <= 1 + len(enrolments), str(statements)
    assert {key: user.id for key, user in people.items()} == {one.id: one.user_id for one in enrolments}


@pytest.mark.parametrize(
    ("text", "plain"), [("Élan", "elan"), ("ŁUKASZ Dvořák", "łukasz dvorak"), ("Straße", "strasse")]
)
def test_names_are_compared_without_case_or_accents(text: str, plain: str) -> None:
    assert queries.folded(text) == plain
