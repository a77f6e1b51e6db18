"""Who sees which framework version, and how often it is read."""

import uuid

import pytest
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core.access import Role
from certify.core.db import db
from certify.core.errors import NotFound
from certify.frameworks import queries
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment, make_version
from tests.factories.people import actor_of, make_certifying_body, make_member, make_organisation, make_user
from tests.services.statements import count_statements


def _seen(session: Session, user: User) -> set[uuid.UUID]:
    rows = session.execute(queries.visible_versions(actor_of(session, user)))
    return {version.id for version, _body in rows}


def test_a_framework_is_read_once_by_a_process(session: Session) -> None:
    version = make_version(session)
    queries.framework_of(session, version.id)
    with count_statements(db.engine) as statements:
        queries.framework_of(session, version.id)
    assert len(statements) == 0, str(statements)


def test_the_framework_of_an_unknown_version_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.framework_of(session, uuid.uuid4())


def test_the_staff_of_a_training_body_sees_the_versions_of_those_who_habilitate_it(session: Session) -> None:
    cohort = make_cohort(session)
    other = make_version(session)
    trainer = make_member(session, make_organisation(session), Role.TRAINER)
    assert _seen(session, trainer) == set()
    own = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER)
    assert _seen(session, own) == {cohort.framework_version_id}
    assert other.id not in _seen(session, own)


def test_a_trainee_sees_the_versions_of_the_certifying_body_of_their_cohort(session: Session) -> None:
    enrolment = make_enrolment(session)
    assert _seen(session, session.get_one(User, enrolment.user_id)) == {enrolment.framework_version_id}


def test_a_stranger_sees_nothing(session: Session) -> None:
    version = make_version(session)
    stranger = make_user(session)
    assert _seen(session, stranger) == set()
    with pytest.raises(NotFound):
        queries.version_for(session, actor_of(session, stranger), version.id)


def test_only_the_certifying_body_sees_a_version_in_preparation(session: Session) -> None:
    enrolment = make_enrolment(session)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    version.state = VersionState.DRAFT
    registrar = make_member(session, session.get_one(Organisation, version.certifying_body_id), Role.REGISTRAR)
    assert _seen(session, registrar) == {version.id}
    assert _seen(session, session.get_one(User, enrolment.user_id)) == set()


def test_new_cohorts_are_offered_the_versions_in_force_only(session: Session) -> None:
    body = make_certifying_body(session)
    version = make_version(session, body)
    assert [one.id for one in queries.active_versions(session, [body.id])] == [version.id]
    version.state = VersionState.ARCHIVED
    session.flush()
    assert queries.active_versions(session, [body.id]) == []
