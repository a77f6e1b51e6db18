"""Launching as the time before: nothing is changed, nothing that changed meanwhile is missed."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User, UserSession
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import audit, clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Identity,
    Launch,
    LoginState,
    LtiMembership,
    Registration,
    RegistrationState,
    ResourceLink,
    Target,
    Verdict,
)
from certify.lti.services import launching
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort
from tests.services.launches import answer, begin, landing, launch
from tests.services.lms import Platform
from tests.services.statements import count_statements

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


@pytest.fixture
def known(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Context:
    """Give the course of a trainee who launched once since the course stands for a cohort."""
    launch(client, platform)
    context = session.scalars(select(Context)).one()
    context.cohort_id = cohort.id
    session.commit()
    assert landing(launch(client, platform)) == "/logbook"
    return context


def changes(client: FlaskClient, platform: Platform, **how: Any) -> bool:
    """Launch, and say whether what is known was read to be changed: a launch like the one before does not."""
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"], **how.get("claims", {}))
    with count_statements(db.engine) as sent:
        response = answer(client, token, state)
    assert response.status_code == how.get("status", 303), response.get_data(as_text=True)
    if "to" in how:
        assert landing(response) == how["to"]
    return len(sent) > 0


def member(session: Session) -> LtiMembership:
    session.expire_all()
    return session.scalars(select(LtiMembership)).one()


def test_the_same_launch_again_changes_nothing_but_the_record(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    before = [session.scalar(select(func.count()).select_from(table)) for table in (Launch, UserSession, AuditEvent)]
    session.commit()
    assert not changes(client, platform, to="/logbook")
    after = [session.scalar(select(func.count()).select_from(table)) for table in (Launch, UserSession, AuditEvent)]
    assert [one - other for one, other in zip(after, before, strict=True)] == [1, 1, 1]  # type: ignore[operator]
    first, second = session.scalars(select(Launch).order_by(Launch.at.desc()).limit(2))
    own = {"id", "public_id", "at", "claims", "request_id", "user_session_id"}
    for name in set(Launch.__table__.columns.keys()) - own:
        assert getattr(first, name) == getattr(second, name), name
    assert not first.claims, "those of the launch before"
    assert second.claims
    assert first.request_id
    opened = session.get_one(UserSession, first.user_session_id)
    assert opened.user_id == session.scalars(select(Identity.user_id)).one()
    noted = session.scalars(select(AuditEvent).order_by(AuditEvent.at.desc()).limit(1)).one()
    assert (noted.tag, noted.detail["launch"]) == ("account:session:opened", first.public_id)
    assert session.scalar(select(func.count()).select_from(LoginState)) == 0
    assert list(audit.verify(session)) == []


def test_a_repeated_launch_is_taken_once(client: FlaskClient, platform: Platform, known: Context) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    assert answer(client, token, state).status_code == 303
    again = answer(client, token, state)
    assert again.status_code == 401
    assert "used-already" in again.get_data(as_text=True)


def test_another_role_is_followed(client: FlaskClient, session: Session, platform: Platform, known: Context) -> None:
    teacher = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]
    assert changes(client, platform, claims={"roles": teacher}, to="/course")
    assert member(session).role is Role.TRAINER
    assert not changes(client, platform, claims={"roles": teacher}, to="/course")
    assert changes(client, platform, to="/logbook")
    assert member(session).role is Role.TRAINEE


def test_another_mapping_of_roles_is_followed(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, known: Context
) -> None:
    session.get_one(Registration, registration.id).role_mapping = {"Learner": ""}
    session.commit()
    assert changes(client, platform, to="/course/waiting")
    assert member(session).role is None


def test_another_name_or_address_is_followed(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    named = {"given_name": "Nouveau", "family_name": "Nom", "name": "Nouveau Nom"}
    assert changes(client, platform, claims=named)
    session.expire_all()
    person = session.scalars(select(User).join(Identity, Identity.user_id == User.id)).one()
    assert person.name == "Nouveau Nom"
    assert changes(client, platform, claims={**named, "email": "autre@exemple.fr"})
    session.expire_all()
    assert person.contact == session.scalars(select(Identity.email)).one() == "autre@exemple.fr"
    assert not changes(client, platform, claims={**named, "email": "autre@exemple.fr"})


def test_another_title_is_followed(client: FlaskClient, session: Session, platform: Platform, known: Context) -> None:
    course = {"id": known.lms_id, "title": "Nouveau titre", "label": "NT"}
    assert changes(client, platform, claims={"context": course})
    session.expire_all()
    assert known.title == "Nouveau titre"
    link = {"id": platform.link.id, "title": "Nouveau lien"}
    assert changes(client, platform, claims={"context": course, "resource_link": link})
    session.expire_all()
    assert session.scalars(select(ResourceLink.title)).one() == "Nouveau lien"


def test_what_somebody_changed_meanwhile_is_set_right(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    person = session.scalars(select(User).join(Identity, Identity.user_id == User.id)).one()
    name = person.name
    person.family_name = "Autrement"
    known.title = "Autrement"
    member(session).role = Role.TRAINER
    session.commit()
    assert changes(client, platform, to="/logbook")
    session.expire_all()
    assert (person.name, known.title != "Autrement", member(session).role) == (name, True, Role.TRAINEE)


def test_another_cohort_of_the_course_is_followed(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    first = session.get_one(Cohort, known.cohort_id)
    other = make_cohort(session, training_body=session.get_one(Organisation, first.training_body_id), name="Autre")
    known.cohort_id = other.id
    session.commit()
    assert changes(client, platform, to="/logbook")
    enrolled = session.scalars(select(Enrolment.cohort_id))
    assert set(enrolled) == {first.id, other.id}


def test_nobody_withdrawn_comes_back_by_a_repeated_launch(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    session.scalars(select(Enrolment)).one().state = EnrolmentState.WITHDRAWN
    session.commit()
    changes(client, platform, to="/course/waiting")
    session.expire_all()
    assert session.scalars(select(Enrolment.state)).one() is EnrolmentState.WITHDRAWN


def test_somebody_who_left_the_course_is_back(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    left = member(session)
    left.active, left.left_at = False, clock.now()
    session.commit()
    assert changes(client, platform, to="/logbook")
    assert (member(session).active, member(session).left_at) == (True, None)


def test_an_inactive_person_stays_out(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    session.scalars(select(User).join(Identity, Identity.user_id == User.id)).one().active = False
    session.commit()
    changes(client, platform, status=403)
    refused = session.scalars(select(Launch).order_by(Launch.at.desc()).limit(1)).one()
    assert (refused.verdict, refused.reason) == (Verdict.PENDING, "person-inactive")
    assert session.scalar(select(func.count()).select_from(LoginState)) == 0


@pytest.mark.parametrize("state", [DeploymentState.PENDING, DeploymentState.DISABLED])
def test_a_deployment_no_longer_let_in_stays_out(
    client: FlaskClient, session: Session, platform: Platform, known: Context, state: DeploymentState
) -> None:
    session.scalars(select(Deployment)).one().state = state
    session.commit()
    changes(client, platform, status=403)
    refused = session.scalars(select(Launch).order_by(Launch.at.desc()).limit(1)).one()
    assert refused.reason == f"deployment-{state.value}"


def test_a_registration_disabled_between_login_and_launch_stays_out(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, known: Context
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    session.get_one(Registration, registration.id).state = RegistrationState.DISABLED
    session.commit()
    refused = answer(client, token, state)
    assert refused.status_code == 403
    assert "registration-disabled" in refused.get_data(as_text=True)


def test_what_a_link_opens_is_followed(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    session.scalars(select(ResourceLink)).one().target = Target.PROGRESS
    session.commit()
    assert not changes(client, platform, to="/progress")
    assert changes(client, platform, claims={"custom": {"certify_open": "self-assessment"}}, to="/self-assessment")
    assert not changes(client, platform, claims={"custom": {"certify_open": "self-assessment"}}, to="/self-assessment")


def test_the_first_launch_of_a_day_is_noted(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    member(session).launched_at = clock.now() - timedelta(days=1)
    session.commit()
    assert changes(client, platform, to="/logbook")
    noted = member(session).launched_at
    assert noted is not None
    assert clock.now() - noted < timedelta(minutes=5)


def test_a_refused_repeated_launch_uses_its_state_up(
    client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    changes(client, platform, claims={"nonce": "x" * 43}, status=401)
    assert session.scalar(select(func.count()).select_from(LoginState)) == 0
    kept = session.scalars(select(Launch).order_by(Launch.at.desc()).limit(1)).one()
    assert (kept.verdict, kept.reason) == (Verdict.REFUSED, "nonce-wrong")


def test_logins_that_never_came_back_are_forgotten(
    client: FlaskClient, session: Session, platform: Platform, known: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(client, platform.login_request())
    session.scalars(select(LoginState)).one().created_at -= 2 * launching.LOGIN_LASTS
    session.commit()
    monkeypatch.setattr(launching, "_PURGED_SHARE", 256)
    begin(client, platform.login_request())
    session.expire_all()
    assert session.scalars(select(LoginState)).one().created_at > clock.now() - launching.LOGIN_LASTS
