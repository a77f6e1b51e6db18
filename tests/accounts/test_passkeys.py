"""Passkeys in a real Chromium, with the authenticator it simulates."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from certify.accounts import services
from certify.accounts.models import User, WebAuthn
from certify.core.access import Role
from certify.core.db import db
from tests.factories.people import make_certifying_body, make_member, make_user
from tests.services.live_server import LiveServer
from tests.services.signing_in import PASSWORD, sign_in_browser

EMAIL = "certification@exemple.test"


@pytest.fixture
def server(live_server: LiveServer) -> LiveServer:
    """Give the server under a name: passkeys belong to names, not to numbers."""
    return LiveServer(live_server.url.replace("127.0.0.1", "localhost"), live_server.app)


@pytest.fixture
def authenticator(page: Page) -> None:
    """Plug a telephone that knows its owner into the browser."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _registrar() -> User:
    user = make_user(db.session, email=EMAIL)
    services.set_password(db.session, user, PASSWORD)
    return make_member(db.session, make_certifying_body(db.session), Role.REGISTRAR, user)


def test_a_passkey_is_made_then_asked_after_the_password(
    server: LiveServer, page: Page, authenticator: None, axe: Callable[[Page], None]
) -> None:
    with server.app.app_context():
        sign_in_browser(page.context, server, _registrar(), second_factor=False)
    page.goto(server.address("/organisations"))
    axe(page)
    page.get_by_role("link", name="Clé d’accès").click()
    page.get_by_label("Nom de cette clé").fill("Téléphone « du bureau »")
    axe(page)
    page.get_by_role("button", name="Créer la clé").click()
    page.wait_for_url("**/mf-recovery-codes*")
    assert page.locator("#recovery-codes li").count() == 8
    axe(page)
    with server.app.app_context():
        assert db.session.scalars(select(WebAuthn)).one().usage == "secondary"

    page.context.clear_cookies()
    page.goto(server.address("/login?next=/account"))
    page.get_by_label("Adresse électronique").fill(EMAIL)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.get_by_role("heading", name="Vérifier avec une clé d’accès").wait_for()
    page.get_by_role("button", name="Continuer").click()

    page.wait_for_url("**/account")
    assert page.get_by_role("heading", level=1).inner_text() == "Mon compte"
    axe(page)
