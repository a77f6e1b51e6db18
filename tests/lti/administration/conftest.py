"""Who administers the platforms of a training body."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core.access import Role
from certify.lti.services.registrations import Platform
from certify.organisations.models import Organisation
from tests.factories.people import make_member, make_organisation
from tests.services.signing_in import signed_in_client

MOODLE = Platform(
    issuer="https://moodle.exemple.fr",
    client_id="client-1",
    authorization_url="https://moodle.exemple.fr/mod/lti/auth.php",
    token_url="https://moodle.exemple.fr/mod/lti/token.php",
    jwks_url="https://moodle.exemple.fr/mod/lti/certs.php",
    product="moodle",
)


@pytest.fixture
def moodle() -> Platform:
    """Give the settings of a platform that nobody needs to reach."""
    return MOODLE


@pytest.fixture
def body(session: Session) -> Organisation:
    """Give a training body."""
    return make_organisation(session, name="Organisme A", contact="contact@exemple.test")


@pytest.fixture
def administrator(session: Session, body: Organisation) -> User:
    """Give who administers it."""
    return make_member(session, body, Role.ADMINISTRATOR)


@pytest.fixture
def visitor(app: Flask, administrator: User) -> FlaskClient:
    """Give that person, signed in."""
    return signed_in_client(app, administrator)
