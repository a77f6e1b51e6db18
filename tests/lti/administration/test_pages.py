"""The pages of platforms, as who administers them goes through them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.core.keys import SigningKey
from certify.lti.models import (
    Deployment,
    DeploymentState,
    Launch,
    Registration,
    RegistrationInvitation,
    RegistrationState,
    Verdict,
)
from certify.lti.services import registrations as services
from certify.lti.services.registrations import Platform
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.people import make_member, make_organisation
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

LIST = "/administration/lti"


@pytest.fixture
def known(session: Session, settings: Settings, body: Organisation, moodle: Platform) -> Registration:
    """Give a platform already registered."""
    made = services.register_manually(
        session, settings, None, body, name="Moodle A", platform=moodle, deployment_ids=["1"]
    )
    session.commit()
    return made


def make_launch(session: Session, registration: Registration, **values: object) -> Launch:
    defaults = {
        "public_id": f"launch-{len(session.scalars(select(Launch.id)).all())}",
        "registration_id": registration.id,
        "at": clock.now(),
        "verdict": Verdict.ACCEPTED,
        "message_type": "LtiResourceLinkRequest",
        "claims": {"roles": ["Learner"]},
        "request_id": "0123456789abcdef",
    }
    launch = Launch(**defaults | values)
    session.add(launch)
    session.flush()
    return launch


def test_without_platforms_the_page_says_what_to_do(visitor: FlaskClient) -> None:
    page = visit(visitor, LIST)
    assert "Aucune plateforme n’est raccordée" in words(page)
    assert page.select_one(".sidenav a[aria-current]").get_text(strip=True) == "Plateformes"  # type: ignore[union-attr]


def test_the_link_of_an_invitation_is_shown_once_and_can_be_withdrawn(
    session: Session, visitor: FlaskClient, settings: Settings
) -> None:
    answer = submit(visitor, visit(visitor, LIST), "#invite form", label="Moodle A")
    shown = read(answer).select_one("#invitation-link")
    assert shown is not None
    link = shown.get_text()
    assert link.startswith(f"{settings.public_url}/lti/register/")
    listed = visit(visitor, LIST)
    assert "Moodle A" in words(listed)
    assert link.rpartition("/")[2] not in str(listed)

    page = follow(visitor, submit(visitor, listed, "form[action$=withdraw]"))
    assert "Invitations envoyées" not in words(page)
    assert session.scalars(select(RegistrationInvitation)).one().withdrawn_at is not None


def test_an_invitation_without_a_name_is_refused_beside_its_field(session: Session, visitor: FlaskClient) -> None:
    page = read(submit(visitor, visit(visitor, LIST), "#invite form", label=" "), status=422)
    assert page.select_one("#label[aria-invalid=true]") is not None
    assert session.scalars(select(RegistrationInvitation)).all() == []


def test_a_platform_is_registered_by_copying_both_ways(
    session: Session, visitor: FlaskClient, settings: Settings, moodle: Platform
) -> None:
    page = visit(visitor, f"{LIST}/new")
    copied = words(page)
    for path in ("/lti/login", "/lti/launch", "/.well-known/jwks.json", "/lti/canvas.json"):
        assert settings.public_url + path in copied
    typed = {
        "name": "Moodle A",
        "product": "moodle",
        "issuer": moodle.issuer,
        "client_id": moodle.client_id,
        "authorization_url": moodle.authorization_url,
        "token_url": moodle.token_url,
        "deployment_id": " 3 ",
    }
    refused = read(submit(visitor, page, jwks_url="http://moodle.exemple.fr/certs", **typed), status=422)
    assert "https://" in words(refused.select_one("#jwks_url-error") or refused)  # type: ignore[arg-type]
    shown = follow(visitor, submit(visitor, refused, jwks_url=moodle.jwks_url))
    assert "Moodle A" in words(shown)
    assert session.scalars(select(Deployment)).one().lms_id == "3"


def test_the_same_platform_twice_is_told_and_nothing_typed_is_lost(
    visitor: FlaskClient, known: Registration, moodle: Platform
) -> None:
    page = visit(visitor, f"{LIST}/new")
    answer = submit(
        visitor,
        page,
        name="Encore",
        issuer=moodle.issuer,
        client_id=moodle.client_id,
        authorization_url=moodle.authorization_url,
        token_url=moodle.token_url,
        jwks_url=moodle.jwks_url,
    )
    page = read(answer, status=409)
    assert "déjà raccordée" in words(page)
    assert "Encore" in str(page)


def test_a_platform_shows_its_state_what_waits_and_what_happened(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    session.add(Deployment(registration_id=known.id, lms_id="<7>", first_seen_at=clock.now()))
    make_launch(session, known, verdict=Verdict.REFUSED, reason="expired", detail="1 min")
    make_launch(session, known)
    said = words(visit(visitor, f"{LIST}/{known.id}"))
    for part in ("en service", "<7>", "à approuver", "Le message de la plateforme a expiré", "Instructor"):
        assert part in said
    listed = words(visit(visitor, LIST))
    assert "1 déploiement" in listed
    assert "1 refus" in listed


def test_a_deployment_that_waits_is_approved_then_refused(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    session.add(Deployment(registration_id=known.id, lms_id="7", first_seen_at=clock.now()))
    session.flush()
    page = visit(visitor, f"{LIST}/{known.id}")
    page = follow(visitor, submit(visitor, page, "#deployments form", press="Approuver"))
    assert "est approuvé" in words(page)
    query = select(Deployment.state).where(Deployment.lms_id == "7")
    assert session.scalars(query).one() is DeploymentState.ACTIVE
    session.rollback()
    rows = page.select("#deployments tr:has(td) form")
    assert len(rows) == 2
    follow(visitor, submit(visitor, page, "#deployments tbody tr:last-child form", press="Refuser"))
    assert session.scalars(query).one() is DeploymentState.DISABLED


def test_a_platform_is_suspended_from_its_page_and_let_in_again(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    page = visit(visitor, f"{LIST}/{known.id}")
    page = follow(visitor, submit(visitor, page, "form[action$=state]"))
    assert "Cette plateforme est suspendue" in words(page)
    session.rollback()
    assert session.get_one(Registration, known.id).state is RegistrationState.DISABLED
    page = follow(visitor, submit(visitor, page, "form[action$=state]"))
    assert "Cette plateforme est suspendue" not in words(page)


def test_two_people_who_suspend_at_once_do_not_undo_each_other(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    page = visit(visitor, f"{LIST}/{known.id}")
    follow(visitor, submit(visitor, page, "form[action$=state]"))
    assert submit(visitor, page, "form[action$=state]").status_code == 409
    session.rollback()
    assert session.get_one(Registration, known.id).state is RegistrationState.DISABLED


def test_roles_and_addresses_are_changed(session: Session, visitor: FlaskClient, known: Registration) -> None:
    page = visit(visitor, f"{LIST}/{known.id}/edit")
    chosen = {"roles-TeachingAssistant": "trainer", "name": "Moodle B", "opens_cohorts": True}
    shown = follow(visitor, submit(visitor, page, **chosen))
    assert "Moodle B" in words(shown)
    session.rollback()
    row = session.get_one(Registration, known.id)
    assert (row.role_mapping, row.opens_cohorts) == ({"TeachingAssistant": "trainer"}, True)
    page = visit(visitor, f"{LIST}/{known.id}/edit")
    refused = read(submit(visitor, page, token_url="http://127.0.0.1/token"), status=422)
    assert refused.select_one("#token_url-error") is not None


def test_a_product_that_certify_does_not_know_is_kept(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    known.product = "ilias"
    session.flush()
    follow(visitor, submit(visitor, visit(visitor, f"{LIST}/{known.id}/edit"), name="ILIAS"))
    session.rollback()
    assert session.get_one(Registration, known.id).product == "ilias"


def test_a_renewal_is_an_invitation_for_the_same_platform(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    page = read(submit(visitor, visit(visitor, f"{LIST}/{known.id}"), "form[action$=renew]"))
    assert page.select_one("#invitation-link") is not None
    assert session.scalars(select(RegistrationInvitation)).one().registration_id == known.id


def test_launches_are_inspected_filtered_and_exported(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    make_launch(session, known, verdict=Verdict.REFUSED, reason="kid-unknown", detail="key a", at=clock.now())
    make_launch(session, known, at=clock.now() - timedelta(hours=1), claims={"certify_item": "x"})
    make_launch(session, known, verdict=Verdict.PENDING, reason="deployment-pending")
    everything = visit(visitor, f"{LIST}/{known.id}/launches")
    assert "3 ouvertures" in words(everything)
    assert "certify_item" in words(everything)
    refused = words(visit(visitor, f"{LIST}/{known.id}/launches?verdict=refused"))
    assert "1 ouverture" in refused
    assert "La clé de la plateforme n’est pas connue" in refused
    assert "Lire la norme" in refused
    none = words(visit(visitor, f"{LIST}/{known.id}/launches?q=nothing-like-it"))
    assert "Aucune ouverture ici" in none
    answer = visitor.get(f"{LIST}/{known.id}/launches?format=csv&verdict=refused")
    lines = answer.get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert "kid-unknown" in lines[1]


def test_a_page_of_launches_asks_a_constant_number_of_statements(
    session: Session, visitor: FlaskClient, known: Registration
) -> None:
    make_launch(session, known)
    with count_statements(db.engine) as few:
        visit(visitor, f"{LIST}/{known.id}/launches")
    for _ in range(20):
        make_launch(session, known)
    with count_statements(db.engine) as many:
        visit(visitor, f"{LIST}/{known.id}/launches")
    assert len(many) <= len(few)


def test_the_keys_of_certify_are_changed_with_notice(session: Session, visitor: FlaskClient) -> None:
    page = visit(visitor, f"{LIST}/keys")
    page = follow(visitor, submit(visitor, page, press="Préparer une nouvelle clé"))
    page = follow(visitor, submit(visitor, page, press="Préparer une nouvelle clé"))
    said = words(page)
    assert "en usage" in said
    assert "publiée, en usage bientôt" in said
    assert len(session.scalars(select(SigningKey).where(SigningKey.purpose == "lti")).all()) == 2


def test_a_coordinator_reads_and_changes_nothing(
    app: Flask, session: Session, body: Organisation, known: Registration
) -> None:
    client = signed_in_client(app, make_member(session, body, Role.COORDINATOR))
    page = visit(client, f"{LIST}/{known.id}")
    assert page.select("main form") == []
    assert page.select("main a[href$=edit]") == []
    assert visit(client, LIST).select("#invite") == []
    assert client.get(f"{LIST}/{known.id}/edit").status_code == 403


def test_another_organisation_finds_nothing(app: Flask, session: Session, known: Registration) -> None:
    client = signed_in_client(app, make_member(session, make_organisation(session), Role.ADMINISTRATOR))
    assert "Moodle A" not in words(visit(client, LIST))
    for path in ("", "/edit", "/launches"):
        assert client.get(f"{LIST}/{known.id}{path}").status_code == 404


@pytest.mark.settings(lti_allow_insecure=True)
@pytest.mark.engines("sqlite")
def test_the_setting_for_trials_is_told_on_every_page_of_administration(visitor: FlaskClient) -> None:
    for path in (LIST, "/administration"):
        assert "CERTIFY_LTI_ALLOW_INSECURE" in words(visit(visitor, path))


@pytest.mark.engines("sqlite")
def test_canvas_reads_everything_at_one_address(client: FlaskClient, settings: Settings) -> None:
    told = json.loads(client.get("/lti/canvas.json").get_data(as_text=True))
    assert told["oidc_initiation_url"] == f"{settings.public_url}/lti/login"
    assert told["public_jwk_url"] == f"{settings.public_url}/.well-known/jwks.json"
    placements = {one["placement"]: one["message_type"] for one in told["extensions"][0]["settings"]["placements"]}
    assert placements == {
        "course_navigation": "LtiResourceLinkRequest",
        "link_selection": "LtiDeepLinkingRequest",
        "assignment_selection": "LtiDeepLinkingRequest",
    }
    assert len(told["scopes"]) == 5


def test_two_platforms_of_one_name_are_both_listed(
    session: Session,
    settings: Settings,
    visitor: FlaskClient,
    body: Organisation,
    known: Registration,
    moodle: Platform,
) -> None:
    services.register_manually(session, settings, None, body, name="Moodle A", platform=replace(moodle, client_id="2"))
    assert "2 plateformes" in words(visit(visitor, LIST))
