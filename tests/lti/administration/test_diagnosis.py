"""The test of a connection: it tries everything for real and says which step fails."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Role
from certify.lti import keys
from certify.lti.models import Deployment, DeploymentState, Registration, RegistrationState, ServiceToken
from certify.lti.services import diagnosis
from certify.lti.services.diagnosis import Outcome
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.people import make_member
from tests.services.lms import Fault, Platform
from tests.services.signing_in import signed_in_client
from tests.services.visiting import read, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)
TOKENS = ("token:lineitem", "token:result.readonly", "token:score", "token:contextmembership.readonly")


@pytest.fixture
def registered(session: Session, settings: Settings, platform: Platform, registration: Registration) -> Registration:
    """Give a platform that knows the keys of certify."""
    published = keys.published(session, settings)
    session.commit()
    platform.know(settings.public_url, jwks=lambda: published)
    return registration


@pytest.fixture
def outcomes(session: Session, settings: Settings, registered: Registration) -> Iterator[object]:
    """Give the function that examines it and returns what became of each step."""

    def examine() -> dict[str, Outcome]:
        identifier = registered.id
        session.commit()
        findings = diagnosis.examine(settings, identifier)
        session.expire_all()
        return {step.code: step.outcome for step in findings.steps}

    return examine  # type: ignore[return-value]


def test_a_platform_in_order_passes_every_step_that_concerns_it(outcomes, platform: Platform) -> None:  # type: ignore[no-untyped-def]
    found = outcomes()
    for code in ("state", "addresses", "authorization", "keys", "clocks", "deployments", *TOKENS):
        assert found[code] is Outcome.OK, code
    # Nothing serves certify itself in this test, and nobody launched yet: told, and no failure.
    assert found["own-keys"] is Outcome.WARNING
    assert found["launches"] is Outcome.WARNING
    assert platform.refusals == [] or all("auth" in one or "login" in one for one in platform.refusals)


def test_it_keeps_no_token_from_before_for_proof(outcomes, session: Session, platform: Platform) -> None:  # type: ignore[no-untyped-def]
    outcomes()
    assert len(session.scalars(select(ServiceToken)).all()) == 4
    session.rollback()
    platform.next_answers(401, 401, 401, 401, to="token")
    found = outcomes()
    assert [found[code] for code in TOKENS] == [Outcome.FAILURE] * 4


def test_a_platform_that_is_down_fails_where_it_matters(outcomes, platform: Platform) -> None:  # type: ignore[no-untyped-def]
    platform.down = True
    found = outcomes()
    assert {found[code] for code in ("authorization", "keys", *TOKENS)} == {Outcome.FAILURE}
    assert found["addresses"] is Outcome.OK


def test_a_key_address_that_gives_a_page_is_said(outcomes, platform: Platform) -> None:  # type: ignore[no-untyped-def]
    platform.next_answers("garbage", to="keys")
    assert outcomes()["keys"] is Outcome.FAILURE


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(0, Outcome.OK), (12, Outcome.WARNING), (45, Outcome.FAILURE), (-45, Outcome.FAILURE)]
)
@pytest.mark.engines("sqlite")
def test_clocks_that_disagree_are_measured(outcomes, seconds: int, outcome: Outcome) -> None:  # type: ignore[no-untyped-def]
    with clock.at(clock.now() + timedelta(seconds=seconds)):
        assert outcomes()["clocks"] is outcome


def test_what_waits_or_is_suspended_is_said(outcomes, session: Session, registered: Registration) -> None:  # type: ignore[no-untyped-def]
    registered.state = RegistrationState.DISABLED
    session.scalars(select(Deployment)).one().state = DeploymentState.PENDING
    found = outcomes()
    assert (found["state"], found["deployments"]) == (Outcome.WARNING, Outcome.WARNING)


@pytest.mark.settings(lti_allow_insecure=False)
def test_without_the_setting_for_trials_nothing_private_is_called(outcomes, platform: Platform) -> None:  # type: ignore[no-untyped-def]
    found = outcomes()
    assert {found[code] for code in ("public-url", "addresses", "authorization", "keys", *TOKENS)} == {Outcome.FAILURE}
    assert platform.counts == {}


def test_the_button_shows_each_step_and_what_to_do(
    app: Flask, session: Session, platform: Platform, registered: Registration
) -> None:
    organisation = session.get_one(Organisation, registered.organisation_id)
    client: FlaskClient = signed_in_client(app, make_member(session, organisation, Role.ADMINISTRATOR))
    platform.next_answers(Fault(500), to="keys")
    page = read(submit(client, visit(client, f"/administration/lti/{registered.id}"), press="Tester la connexion"))
    said = words(page)
    assert "Test de la connexion" in said
    assert "Service d’envoi des notes" in said
    assert "La plateforme donne l’accès." in said
    assert "1 échec" in said
