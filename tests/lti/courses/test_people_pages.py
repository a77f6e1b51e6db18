"""People of platforms: found by who answers for them, joined to an account by themselves or with a trace."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import Assessment
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import audit, jobs
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.lti.models import Context, Identity, Registration
from certify.organisations.models import Organisation
from tests.factories.assessments import make_draft, make_signed, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.declarations import make_identity as civil_identity
from tests.factories.logbook import make_entry
from tests.factories.people import make_member, make_organisation, make_user
from tests.factories.platforms import make_identity
from tests.services.launches import landing, launch
from tests.services.lms import Platform
from tests.services.signing_in import sign_in, signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import Visitor, follow, read, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)
PEOPLE = "/administration/lti/people"


@pytest.fixture
def body(session: Session, cohort: Cohort) -> Organisation:
    """Give the training body whose platform it is."""
    return session.get_one(Organisation, cohort.training_body_id)


@pytest.fixture
def coordinator(app: Flask, session: Session, body: Organisation) -> Visitor:
    """Give somebody signed in who coordinates the training body."""
    person = make_member(session, body, Role.COORDINATOR)
    session.commit()
    return signed_in_client(app, person)


@pytest.fixture
def trainee(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Identity:
    """Give a person of the platform, enrolled in the cohort by opening the course."""
    launch(client, platform, "teacher")
    session.scalars(select(Context)).one().cohort_id = cohort.id
    session.commit()
    launch(client, platform)
    return identity_of(session, platform.learner.sub)


def identity_of(session: Session, sub: str) -> Identity:
    return session.scalars(select(Identity).where(Identity.sub == sub)).one()


def make_account(session: Session, organisation: Organisation, email: str = "stagiaire@exemple.test") -> User:
    """Make an account with a password, enrolled once in an older cohort of the organisation."""
    user = make_user(session, email=email, given_name="Stagiaire", family_name="Avec compte", password="!")
    make_enrolment(session, make_cohort(session, organisation), user)
    session.commit()
    return user


def merge(visitor: Visitor, identity: Identity, email: str) -> object:
    page = visit(visitor, f"{PEOPLE}/{identity.id}/merge")
    page = read(submit(visitor, page, "main form", email=email))
    return follow(visitor, submit(visitor, page, "main form:has(input[name=step])"))


def test_people_are_listed_searched_filtered_and_exported(
    session: Session, platform: Platform, registration: Registration, trainee: Identity, coordinator: Visitor
) -> None:
    page = visit(coordinator, PEOPLE)
    assert "2 personnes" in words(page)
    assert platform.learner.name in words(page)
    assert platform.learner.email in words(page)
    assert platform.course.title in words(page)
    assert "1 personne" in words(visit(coordinator, f"{PEOPLE}?q=formatrice"))
    assert "Personne ne correspond" in words(visit(coordinator, f"{PEOPLE}?q=inconnue"))
    assert "Personne ne correspond" in words(visit(coordinator, f"{PEOPLE}?account=joined"))
    for sort in ("name", "platform", "met"):
        visit(coordinator, f"{PEOPLE}?sort={sort}&direction=desc&account=own")
    lines = coordinator.get(f"{PEOPLE}?format=csv").get_data(as_text=True).splitlines()
    assert lines[0].lstrip("\ufeff") == "Nom;Plateforme;Adresse électronique;Cours;Connue depuis;Rattachée à un compte"
    assert len(lines) == 3
    for _n in range(60):
        make_identity(session, registration)
    session.commit()
    assert "1 à 50 sur 62" in words(visit(coordinator, PEOPLE))


@pytest.mark.engines("sqlite")
def test_the_list_asks_as_much_of_the_database_for_many_as_for_few(
    session: Session, registration: Registration, trainee: Identity, coordinator: Visitor
) -> None:
    def statements() -> int:
        visit(coordinator, PEOPLE)
        with count_statements(db.engine) as counted:
            visit(coordinator, PEOPLE)
        return len(counted)

    few = statements()
    for _n in range(40):
        make_identity(session, registration)
    session.commit()
    assert statements() == few


def test_people_of_other_organisations_are_out_of_sight_and_out_of_reach(
    app: Flask, session: Session, trainee: Identity, cohort: Cohort
) -> None:
    foreign = make_member(session, make_organisation(session), Role.COORDINATOR)
    registrar = make_member(session, session.get_one(Organisation, cohort.certifying_body_id), Role.REGISTRAR)
    trainer = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER)
    session.commit()
    stranger = signed_in_client(app, foreign)
    assert "Personne n’est encore entré" in words(visit(stranger, PEOPLE))
    assert stranger.get(f"{PEOPLE}/{trainee.id}/merge").status_code == 404
    assert signed_in_client(app, trainer).get(PEOPLE).status_code == 403
    assert "2 personnes" in words(visit(signed_in_client(app, registrar, second_factor=True), PEOPLE))


def test_a_platform_s_word_is_not_enough_to_merge(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, trainee: Identity
) -> None:
    registration.role_mapping = {"Instructor": "coordinator"}
    session.commit()
    root = launch(client, platform, "teacher").headers["Location"].removesuffix("/course")
    for path in (PEOPLE, f"{PEOPLE}/{trainee.id}/merge", "/administration/lti", "/administration/lti/keys"):
        assert client.get(root + path).status_code == 404


def test_a_coordinator_merges_two_accounts_with_a_trace(
    client: FlaskClient, session: Session, platform: Platform, body: Organisation, trainee: Identity,
    coordinator: Visitor,
) -> None:  # fmt: skip
    account = make_account(session, body)
    enrolment = session.scalars(select(Enrolment).where(Enrolment.user_id == trainee.user_id)).one()
    make_entry(session, enrolment)
    session.commit()
    former = trainee.user_id
    known = civil_identity(session, former)
    session.commit()
    inside = launch(client, platform).headers["Location"]
    page = visit(coordinator, f"{PEOPLE}/{trainee.id}/merge")
    page = read(submit(coordinator, page, "main form", email=" STAGIAIRE@exemple.test "))
    assert "1 fiche, 0 évaluation" in words(page)
    page = follow(coordinator, submit(coordinator, page, "main form:has(input[name=step])"))
    assert "rattachée" in words(page)
    session.expire_all()
    assert enrolment.user_id == known.user_id == account.id
    assert identity_of(session, trainee.sub).user_id == account.id
    assert not session.get_one(User, former).active
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "lti:person:merged")).one()
    assert (event.organisation_id, event.detail["account"]) == (body.id, str(account.id))
    assert list(audit.verify(session)) == []
    assert client.get(inside).status_code == 401
    assert landing(launch(client, platform)) == "/logbook"
    jobs.run_pending()
    session.expire_all()
    assert enrolment.sort_name == "avec compte stagiaire"
    assert "déjà rattachée" in words(visit(coordinator, f"{PEOPLE}/{trainee.id}/merge"))


def test_an_account_that_opens_other_organisations_is_joined_by_its_owner_only(
    session: Session, body: Organisation, trainee: Identity, coordinator: Visitor
) -> None:
    known_elsewhere = make_account(session, body)
    make_member(session, make_organisation(session), Role.TRAINER, known_elsewhere)
    make_account(session, make_organisation(session), "ailleurs@exemple.test")
    page = visit(coordinator, f"{PEOPLE}/{trainee.id}/merge")
    for email, reason in (
        ("stagiaire@exemple.test", "sert aussi dans un autre organisme"),
        ("ailleurs@exemple.test", "Aucun compte de vos organismes"),
        ("personne@exemple.test", "Aucun compte de vos organismes"),
        (session.get_one(User, trainee.user_id).email, "Aucun compte de vos organismes"),
        ("pas une adresse", "Ce n’est pas une adresse"),
    ):
        assert reason in words(read(submit(coordinator, page, "main form", email=email), status=422))
        forged = submit(coordinator, page, "main form", email=email)
        assert forged.status_code == 422


def test_an_empty_enrolment_gives_way_to_a_filled_one(
    session: Session, body: Organisation, cohort: Cohort, trainee: Identity, coordinator: Visitor
) -> None:
    account = make_account(session, body)
    twin = make_enrolment(session, cohort, account)
    written = session.scalars(select(Enrolment).where(Enrolment.user_id == trainee.user_id)).one()
    make_entry(session, written)
    session.commit()
    former = trainee.user_id
    merge(coordinator, trainee, account.email)
    session.expire_all()
    assert (written.user_id, written.state) == (account.id, EnrolmentState.ACTIVE)
    assert (twin.user_id, twin.state) == (former, EnrolmentState.WITHDRAWN)
    assert session.scalars(select(User).where(User.given_name == "", User.family_name == "")).all() == []


def test_an_enrolment_without_anything_in_it_stays_behind(
    session: Session, body: Organisation, cohort: Cohort, trainee: Identity, coordinator: Visitor
) -> None:
    account = make_account(session, body)
    twin = make_enrolment(session, cohort, account)
    make_entry(session, twin)
    session.commit()
    former = trainee.user_id
    merge(coordinator, trainee, account.email)
    session.expire_all()
    assert (twin.user_id, twin.state) == (account.id, EnrolmentState.ACTIVE)
    left = session.scalars(select(Enrolment).where(Enrolment.user_id == former)).one()
    assert left.state is EnrolmentState.WITHDRAWN


def test_two_filled_files_of_one_cohort_are_not_mixed(
    session: Session, body: Organisation, cohort: Cohort, trainee: Identity, coordinator: Visitor
) -> None:
    account = make_account(session, body)
    make_entry(session, make_enrolment(session, cohort, account))
    make_entry(session, session.scalars(select(Enrolment).where(Enrolment.user_id == trainee.user_id)).one())
    session.commit()
    page = visit(coordinator, f"{PEOPLE}/{trainee.id}/merge")
    page = read(submit(coordinator, page, "main form", email=account.email))
    assert "mêlerait deux parcours" in words(page)
    assert page.select("input[name=step]") == []
    token = str(page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    forged = {"csrf_token": token, "email": account.email, "step": "merge"}
    assert coordinator.post(f"{PEOPLE}/{trainee.id}/merge", data=forged).status_code == 409
    assert identity_of(session, trainee.sub).user_id != account.id


def test_what_is_signed_keeps_its_author_and_drafts_change_hands(
    session: Session, body: Organisation, platform: Platform, trainee: Identity, coordinator: Visitor
) -> None:
    teacher = identity_of(session, platform.teacher.sub)
    former = session.get_one(User, teacher.user_id)
    enrolment = session.scalars(select(Enrolment).where(Enrolment.user_id == trainee.user_id)).one()
    make_member(session, body, Role.TRAINER, former)
    draft = make_draft(session, make_enrolment(session, make_cohort(session, body)), former)
    signed = make_signed(session, enrolment, assessor=former, ratings=whole_grid("acquired"))
    account = make_member(session, body, Role.TRAINER)
    session.commit()
    merge(coordinator, teacher, account.email)
    session.expire_all()
    assert session.get_one(Assessment, signed.id).assessor_id == former.id
    assert session.get_one(Assessment, draft.id).assessor_id == account.id
    assert list(audit.verify(session)) == []


@pytest.fixture
def in_a_window(client: FlaskClient, session: Session, platform: Platform, trainee: Identity) -> Callable[[], str]:
    """Give what opens the page of joining, from a course opened in a window; it returns the address it led to."""

    def go() -> str:
        begun = client.get("/lti/login", query_string=platform.login_request(), headers={"Sec-Fetch-Dest": "document"})
        token, state = platform.authorize(begun.headers["Location"])
        inside = client.post("/lti/launch", data={"id_token": token, "state": state}).headers["Location"]
        root = "/".join(urlsplit(inside).path.split("/")[:3])
        answer = client.get(f"{root}/course/join")
        assert answer.status_code == 303
        return urlsplit(answer.headers["Location"]).path

    return go


def test_a_person_joins_their_own_account(
    client: FlaskClient, session: Session, platform: Platform, body: Organisation, trainee: Identity,
    in_a_window: Callable[[], str],
) -> None:  # fmt: skip
    account = make_account(session, body)
    address = in_a_window()
    asked = client.get(address)
    assert asked.status_code == 303
    assert "/login" in asked.headers["Location"]
    sign_in(client, account)
    page = visit(client, address)
    assert account.email in words(page)
    assert platform.learner.name in words(page)
    page = follow(client, submit(client, page, "main form"))
    assert "C’est fait" in words(page)
    session.expire_all()
    joined = identity_of(session, trainee.sub)
    assert joined.user_id == account.id
    assert joined.joined_at is not None
    assert session.scalars(select(AuditEvent).where(AuditEvent.tag == "lti:person:joined")).one()
    assert landing(launch(client, platform)) == "/logbook"
    assert client.get(in_a_window_again(client, platform)).status_code == 404


def in_a_window_again(client: FlaskClient, platform: Platform) -> str:
    return f"{launch(client, platform).headers['Location'].removesuffix('/logbook')}/lti/join/anything"


def test_a_link_passed_on_to_somebody_else_joins_nothing(
    app: Flask, session: Session, body: Organisation, trainee: Identity, in_a_window: Callable[[], str]
) -> None:
    victim = make_account(session, body)
    address = in_a_window()
    other = signed_in_client(app, victim)
    assert "depuis votre cours" in words(visit(other, address, status=401))
    assert other.post(address).status_code in (400, 401)
    assert identity_of(session, trainee.sub).user_id != victim.id


def test_the_way_to_join_is_offered_to_who_comes_by_a_platform_only(
    client: FlaskClient, session: Session, platform: Platform, body: Organisation, registration: Registration,
    coordinator: Visitor,
) -> None:  # fmt: skip
    waiting = launch(client, platform).headers["Location"]
    page = visit(client, waiting)
    button = page.select_one("aside form[action='/lti/window']")
    assert button is not None
    token = str(button.select_one("input[name=token]")["value"])  # type: ignore[index]
    opened = client.post("/lti/window", data={"token": token}, headers={"Origin": "http://localhost"})
    assert opened.headers["Location"].endswith("/course/join")
    led = client.get(opened.headers["Location"])
    assert urlsplit(led.headers["Location"]).path.startswith("/lti/join/")
    merge(coordinator, identity_of(session, platform.learner.sub), make_account(session, body).email)
    page = visit(client, launch(client, platform).headers["Location"])
    assert page.select("aside form[action='/lti/window']") == []
