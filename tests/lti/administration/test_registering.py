"""A platform that registers itself, over real HTTP, as an administrator of it lives it."""

import json
import secrets

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.lti.models import Deployment, DeploymentState, Registration, RegistrationInvitation, RegistrationState
from certify.lti.protocol import names
from certify.lti.services import registrations as services
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.services.lms import Fault, Platform
from tests.services.visiting import Page, read, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True, public_url="http://localhost")


@pytest.fixture
def link(session: Session, settings: Settings, body: Organisation) -> str:
    """Give the path of an invitation's link."""
    made = services.invite(session, settings, None, body, label="Moodle de l’organisme A")
    session.commit()
    return f"/lti/register/{made.token}"


def opened(client: FlaskClient, link: str, platform: Platform, *, status: int = 200) -> Page:
    """Open the link as a platform does, in a frame."""
    return read(client.get(link, query_string=platform.registration_request()), status=status)


def test_a_platform_registers_itself_and_is_ready_at_once(
    session: Session, client: FlaskClient, platform: Platform, link: str, body: Organisation
) -> None:
    page = opened(client, link, platform)
    said = words(page)
    for part in ("Organisme A", "Moodle de l’organisme A", "liste des membres", "contact@exemple.test"):
        assert part in said
    assert session.scalars(select(Registration)).all() == []

    done = read(submit(client, page))
    assert "La plateforme est raccordée" in words(done)
    known = session.scalars(select(Registration)).one()
    told = platform.registrations.done[0]
    assert (known.issuer, known.client_id, known.organisation_id) == (platform.issuer, told.client_id, body.id)
    assert (known.state, known.product) == (RegistrationState.ACTIVE, "moodle")
    assert known.token_url == platform.token_url
    deployment = session.scalars(select(Deployment)).one()
    assert (deployment.lms_id, deployment.state) == (told.deployment_id, DeploymentState.ACTIVE)
    assert told.body["initiate_login_uri"] == "http://localhost/lti/login"
    assert set(told.body["scope"].split()) == set(names.SCOPES)
    assert platform.refusals == []


def test_the_last_page_tells_the_platform_to_close_it(client: FlaskClient, platform: Platform, link: str) -> None:
    done = read(submit(client, opened(client, link, platform)))
    section = done.select_one("[data-close-for]")
    assert section is not None
    assert section["data-close-for"] == platform.url
    assert done.select("script[src*='lti-close.js']")


def test_the_pages_open_in_a_frame_of_that_platform_only(client: FlaskClient, platform: Platform, link: str) -> None:
    answer = client.get(link, query_string=platform.registration_request())
    assert f"frame-ancestors 'self' {platform.url};" in answer.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    plain = client.get(link)
    assert "frame-ancestors 'none'" in plain.headers["Content-Security-Policy"]


def test_no_cookie_is_needed_to_confirm(session: Session, client: FlaskClient, platform: Platform, link: str) -> None:
    answer = client.post(link, data=platform.registration_request())
    assert answer.status_code == 200
    assert session.scalars(select(Registration)).one().name == "Moodle de l’organisme A"


def test_an_invitation_used_says_so_and_registers_nothing_more(
    session: Session, client: FlaskClient, platform: Platform, link: str
) -> None:
    page = opened(client, link, platform)
    read(submit(client, page))
    assert "a déjà servi" in words(read(submit(client, page), status=410))
    assert "a déjà servi" in words(opened(client, link, platform, status=410))
    assert len(session.scalars(select(Registration)).all()) == 1
    assert len(platform.registrations.done) == 1


@pytest.mark.parametrize(("ending", "said"), [("expired", "a expiré"), ("withdrawn", "a été retirée")])
def test_an_invitation_that_ended_says_why_and_whom_to_ask(
    session: Session, client: FlaskClient, platform: Platform, link: str, ending: str, said: str
) -> None:
    invitation = session.scalars(select(RegistrationInvitation)).one()
    if ending == "expired":
        invitation.expires_at = clock.now()
    else:
        invitation.withdrawn_at = clock.now()
    session.commit()
    page = words(opened(client, link, platform, status=410))
    assert said in page
    assert "contact@exemple.test" in page


def test_a_link_nobody_made_opens_nothing(client: FlaskClient, platform: Platform) -> None:
    page = opened(client, f"/lti/register/{secrets.token_urlsafe(32)}", platform, status=404)
    assert "ne correspond à aucune invitation" in words(page)
    assert platform.counts == {}


def test_a_person_who_opens_the_link_learns_where_to_paste_it(client: FlaskClient, link: str) -> None:
    said = words(visit(client, link))
    for part in ("se colle dans votre plateforme", link, "Moodle", "Canvas", "Brightspace", "Blackboard", "Sakai"):
        assert part in said
    assert "lien d’invitation, propre à chaque plateforme" in words(visit(client, "/lti/register"))


def test_a_platform_that_speaks_for_another_is_refused(
    session: Session, client: FlaskClient, platform: Platform, link: str
) -> None:
    platform.configuration_changes["issuer"] = "http://moodle.exemple.fr"
    assert "sous le nom d’une autre" in words(opened(client, link, platform, status=422))
    assert client.post(link, data=platform.registration_request()).status_code == 422
    assert session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"jwks_uri": ""}, "Il manque une adresse"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "RS256"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "private_key_jwt"),
        ({names.PLATFORM_CONFIGURATION: None}, "comment elle emploie LTI"),
    ],
)
@pytest.mark.engines("sqlite")
def test_a_platform_that_cannot_work_is_told_why(
    client: FlaskClient, platform: Platform, link: str, change: dict[str, object], said: str
) -> None:
    platform.configuration_changes.update(change)
    assert said in words(opened(client, link, platform, status=422))


def test_a_platform_that_refuses_leaves_the_invitation_good(
    session: Session, client: FlaskClient, platform: Platform, link: str
) -> None:
    asked = {"openid_configuration": platform.configuration_url, "registration_token": "not-one-of-theirs"}
    page = words(read(client.post(link, data=asked), status=502))
    assert "a refusé l’enregistrement" in page
    assert "votre invitation n’a pas été utilisée" in page
    assert session.scalars(select(Registration)).all() == []
    read(submit(client, opened(client, link, platform)))
    assert session.scalars(select(Registration)).one().issuer == platform.issuer


def test_a_platform_that_does_not_answer_is_told_and_nothing_is_kept(
    session: Session, client: FlaskClient, platform: Platform, link: str
) -> None:
    page = opened(client, link, platform)
    platform.down = True
    assert "n’est pas joignable" in words(read(submit(client, page), status=502))
    assert session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize("told", [b"", b"<html>", b"[]", b"null", b'{"issuer": 3}', b"{" * 5000])
@pytest.mark.engines("sqlite")
def test_nonsense_instead_of_a_configuration_is_a_page(
    client: FlaskClient, platform: Platform, link: str, told: bytes
) -> None:
    platform.next_answers(Fault(200, {"Content-Type": "application/json"}, told), to="configuration")
    answer = client.get(link, query_string=platform.registration_request())
    assert answer.status_code in (422, 502)


@pytest.mark.settings(public_url="https://certify.exemple.test")
@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/c", "https://127.0.0.1:1/c", "file:///etc/passwd", "https://10.0.0.1/c", "x", "https://a b"],
)
@pytest.mark.engines("sqlite")
def test_a_configuration_of_a_private_place_is_not_even_asked(client: FlaskClient, link: str, url: str) -> None:
    answer = client.get(link, query_string={"openid_configuration": url})
    assert answer.status_code == 502
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_renewed_platform_stays_the_same(
    session: Session, client: FlaskClient, platform: Platform, registration: Registration, settings: Settings
) -> None:
    organisation = session.get_one(Organisation, registration.organisation_id)
    made = services.invite(session, settings, None, organisation, label="Moodle", registration=registration)
    session.commit()
    page = opened(client, f"/lti/register/{made.token}", platform)
    assert "sera renouvelé" in words(page)
    read(submit(client, page))
    known = session.scalars(select(Registration)).one()
    session.refresh(known)
    assert (known.id, known.client_id) == (registration.id, platform.registrations.done[0].client_id)


def test_a_platform_already_known_is_told_and_leaves_the_invitation_good(
    session: Session, client: FlaskClient, platform: Platform, registration: Registration, link: str
) -> None:
    answered = json.dumps({"client_id": registration.client_id}).encode()
    platform.next_answers(Fault(201, {"Content-Type": "application/json"}, answered), to="registration")
    page = words(read(client.post(link, data=platform.registration_request()), status=409))
    assert "déjà raccordée" in page
    invitation = session.scalars(select(RegistrationInvitation)).one()
    assert (invitation.used_at, invitation.registration_id) == (None, None)
