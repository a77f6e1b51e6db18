"""Launching: who gets in, where they land, what stays out; and the pages seen from a course."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit
from certify.core.access import Role
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
    Verdict,
)
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_user
from tests.services.launches import answer, begin, landing, launch
from tests.services.lms import ABSENT, Platform
from tests.services.lms.vocabulary import DEEP_LINKING_REQUEST
from tests.services.visiting import visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


def link_course(session: Session, cohort: Cohort) -> Context:
    context = session.scalars(select(Context)).one()
    context.cohort_id = cohort.id
    session.commit()
    return context


def last_launch(session: Session) -> Launch:
    return session.scalars(select(Launch).order_by(Launch.at.desc(), Launch.id.desc()).limit(1)).one()


def test_a_trainee_lands_in_their_own_logbook(
    app: Flask, client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    assert landing(launch(client, platform, "teacher")) == "/course"
    link_course(session, cohort)
    response = launch(client, platform)
    assert landing(response) == "/logbook"
    page = visit(client, response.headers["Location"])
    assert "Mon cahier" in words(page)
    enrolment = session.scalars(select(Enrolment).where(Enrolment.cohort_id == cohort.id)).one()
    person = session.get_one(User, enrolment.user_id)
    assert person.name == platform.learner.name
    assert person.is_external
    assert person.address == platform.learner.email
    assert list(audit.verify(session)) == []


def test_links_of_a_launched_page_stay_under_the_launch(
    app: Flask, client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    link_course(session, cohort)
    response = launch(client, platform)
    root = response.headers["Location"].rpartition("/logbook")[0]
    page = visit(client, response.headers["Location"])
    inside = [str(link["href"]) for link in page.select("nav a[href], main a[href]")]
    assert inside
    assert all(link.startswith((root, "#")) for link in inside), inside
    files = [str(tag.get("src") or tag.get("href")) for tag in page.select("script[src], link[rel=stylesheet]")]
    assert all(file.startswith("/static/") for file in files), files


def test_the_same_answer_never_opens_twice(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    assert answer(client, token, state).status_code == 303
    again = answer(client, token, state)
    assert again.status_code == 401
    assert "used-already" in again.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Launch).where(Launch.verdict == Verdict.ACCEPTED)) == 1


def test_a_refused_answer_uses_its_state_up(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"], nonce="x" * 43)
    assert answer(client, token, state).status_code == 401
    assert session.scalar(select(func.count()).select_from(LoginState)) == 0
    kept = last_launch(session)
    assert (kept.verdict, kept.reason) == (Verdict.REFUSED, "nonce-wrong")
    assert platform.learner.email not in str(kept.claims)


def test_another_browser_cannot_finish_a_login(
    app: Flask, client: FlaskClient, platform: Platform, registration: Registration
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    other = app.test_client()
    refused = answer(other, token, state)
    assert refused.status_code == 401
    assert "browser-unbound" in refused.get_data(as_text=True)
    assert not other.get_cookie("__Host-certify-lti")


def test_an_unknown_deployment_waits_for_approval(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    platform.deployment_id = "77"
    refused = launch(client, platform)
    assert refused.status_code == 403
    waiting = session.scalars(select(Deployment).where(Deployment.lms_id == "77")).one()
    assert waiting.state is DeploymentState.PENDING
    waiting.state = DeploymentState.ACTIVE
    session.commit()
    assert launch(client, platform).status_code == 303


def test_a_disabled_registration_lets_nobody_in_and_ends_visits(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    inside = launch(client, platform, "teacher").headers["Location"]
    assert client.get(inside).status_code == 200
    session.get_one(Registration, registration.id).state = RegistrationState.DISABLED
    session.commit()
    assert client.get(inside).status_code == 401
    assert begin(client, platform.login_request()).status_code == 403


def test_a_visit_opens_nothing_in_another_browser(
    app: Flask, client: FlaskClient, platform: Platform, registration: Registration
) -> None:
    inside = launch(client, platform, "teacher").headers["Location"]
    assert app.test_client().get(inside).status_code == 401


def test_two_tabs_of_two_courses_do_not_mix(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    link_course(session, cohort)
    second = platform.add_course("Autre cours", platform.teacher, platform.learner)
    link = platform.add_link("Mon carnet", course=second)
    launch(client, platform, "teacher", link=link)
    body = session.get_one(Organisation, cohort.training_body_id)
    other = make_cohort(session, training_body=body, name="Autre promotion")
    session.scalars(select(Context).where(Context.lms_id == second.id)).one().cohort_id = other.id
    session.commit()
    one = launch(client, platform, link=platform.links[0]).headers["Location"]
    two = launch(client, platform, link=link).headers["Location"]
    first_page = visit(client, one.replace("/logbook", "/progress"))
    second_page = visit(client, two.replace("/logbook", "/progress"))
    assert cohort.name in words(first_page)
    assert other.name in words(second_page)


def test_a_teacher_of_the_platform_sees_the_cohort_of_the_course_only(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    link_course(session, cohort)
    body = session.get_one(Organisation, cohort.training_body_id)
    other = make_cohort(session, training_body=body, name="Promotion d’un autre cours")
    hidden = make_enrolment(session, other, make_user(session))
    shown = make_enrolment(session, cohort, make_user(session))
    session.commit()
    root = launch(client, platform, "teacher").headers["Location"].removesuffix("/course")
    assert client.get(f"{root}/cohorts/{cohort.id}").status_code == 200
    assert client.get(f"{root}/trainees/{shown.id}").status_code == 200
    assert client.get(f"{root}/cohorts/{other.id}").status_code == 404
    assert client.get(f"{root}/trainees/{hidden.id}").status_code == 404
    assert other.name not in client.get(f"{root}/cohorts").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/account", "/administration", "/juries", "/organisations", "/login"])
def test_pages_that_need_more_than_a_platform_are_not_opened_inside_a_course(
    client: FlaskClient, platform: Platform, registration: Registration, path: str
) -> None:
    root = launch(client, platform, "teacher").headers["Location"].removesuffix("/course")
    assert client.get(root + path).status_code == 404


def test_roles_give_nothing_unless_mapped(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    link_course(session, cohort)
    for roles in ([], [""], ["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"], ["Unknown"]):
        assert landing(launch(client, platform, claims={"roles": roles})) == "/course/waiting"
    member = session.scalars(select(LtiMembership).join(Identity).where(Identity.sub == platform.learner.sub)).one()
    assert member.role is None
    session.get_one(Registration, registration.id).role_mapping = {"Mentor": "referent"}
    session.commit()
    mentor = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"]
    assert landing(launch(client, platform, claims={"roles": mentor})) == "/course"
    session.refresh(member)
    assert member.role is Role.REFERENT


def test_people_without_a_name_get_each_their_label(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    platform.shares_names = platform.shares_emails = False
    for person in platform.learners:
        launch(client, platform, person)
    names = [user.name for user in session.scalars(select(User).join(Identity, Identity.user_id == User.id))]
    assert len(set(names)) == len(platform.learners)
    assert all(name.startswith("Stagiaire ") for name in names)


def test_an_address_never_finds_an_account(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    person = make_user(session, email=platform.learner.email)
    session.commit()
    launch(client, platform)
    identity = session.scalars(select(Identity)).one()
    assert identity.user_id != person.id


def test_a_launch_without_a_course_shows_what_to_do(
    client: FlaskClient, platform: Platform, registration: Registration
) -> None:
    response = launch(client, platform, claims={"context": ABSENT})
    assert landing(response) == "/course/waiting"
    page = visit(client, response.headers["Location"])
    assert "rattachée à aucun cours" in words(page)


def test_the_language_is_the_platform_s(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    link_course(session, cohort)
    platform.locale = "en"
    page = visit(client, launch(client, platform).headers["Location"])
    assert page.select_one("html")["lang"] == "en"  # type: ignore[index]


def test_only_the_platform_may_show_the_page_in_a_frame(
    client: FlaskClient, platform: Platform, registration: Registration
) -> None:
    answer_ = client.get(launch(client, platform, "teacher").headers["Location"])
    assert f"frame-ancestors 'self' {platform.url}" in answer_.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer_.headers
    assert "frame-ancestors 'none'" in client.get("/verify").headers["Content-Security-Policy"]


def test_choosing_what_to_place_is_for_those_who_teach(
    client: FlaskClient, platform: Platform, registration: Registration
) -> None:
    assert landing(launch(client, platform, "teacher", message=DEEP_LINKING_REQUEST)) == "/course/choose"
    assert landing(launch(client, platform, message=DEEP_LINKING_REQUEST)) == "/course/waiting"


def test_a_frame_s_page_opens_in_a_window_of_its_own(
    app: Flask, client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    link_course(session, cohort)
    page = visit(client, launch(client, platform).headers["Location"])
    token = page.select_one(".framebar input[name=token]")["value"]  # type: ignore[index]
    window = app.test_client()
    refused = window.post("/lti/window", data={"token": token}, headers={"Origin": "https://attacker.example"})
    assert refused.status_code == 401
    opened = window.post("/lti/window", data={"token": token}, headers={"Origin": "http://localhost"})
    assert landing(opened) == "/logbook"
    assert "Mon cahier" in words(visit(window, opened.headers["Location"]))


def test_a_frame_that_keeps_no_cookie_offers_a_window_before_the_platform_is_asked(
    app: Flask, client: FlaskClient, platform: Platform, registration: Registration
) -> None:
    asked = platform.login_request()
    tried = begin(client, asked, **{"Sec-Fetch-Dest": "iframe"})
    assert tried.status_code == 303
    kept = client.get(tried.headers["Location"], headers={"Sec-Fetch-Dest": "iframe"})
    assert kept.headers["Location"].startswith(platform.authorization_url)
    stranger = app.test_client()
    page = stranger.get(tried.headers["Location"], headers={"Sec-Fetch-Dest": "iframe"})
    assert page.status_code == 200
    assert 'target="_blank"' in page.get_data(as_text=True)
