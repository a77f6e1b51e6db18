"""A platform that registers itself, in a real browser: in its frame, and closed by it at the end."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from certify.core.access import Role
from certify.core.db import db
from certify.lti.models import Registration
from certify.lti.services import registrations as services
from tests.factories.people import make_member, make_organisation
from tests.services.live_server import LiveServer
from tests.services.lms import Platform
from tests.services.signing_in import sign_in_browser

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


def test_the_frame_registers_the_platform_and_is_closed_by_it(
    live_server: LiveServer, page: Page, platform: Platform
) -> None:
    with live_server.app.app_context():
        body = make_organisation(db.session, name="Organisme A")
        settings = live_server.app.config["SETTINGS"]
        token = services.invite(db.session, settings, None, body, label="Moodle A").token
        db.session.commit()
    link = live_server.address(f"/lti/register/{token}")
    page.goto(f"{platform.url}/mod/lti/startltiadvregistration.php?{urlencode({'url': link})}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Confirmer le raccordement").click()
    expect(page.locator("#state")).to_have_text("Terminé")
    with live_server.app.app_context():
        assert db.session.scalars(select(Registration)).one().issuer == platform.issuer


def test_the_pages_of_platforms_have_no_accessibility_fault(
    live_server: LiveServer, page: Page, platform: Platform, axe: Callable[[Page], None]
) -> None:
    with live_server.app.app_context():
        body = make_organisation(db.session, name="Organisme A")
        settings = live_server.app.config["SETTINGS"]
        known = services.register_manually(
            db.session,
            settings,
            None,
            body,
            name="Moodle A",
            platform=services.Platform(
                platform.issuer, "1", platform.authorization_url, platform.token_url, platform.jwks_url
            ),
            deployment_ids=["1"],
        )
        token = services.invite(db.session, settings, None, body, label="Moodle A").token
        identifier = known.id
        sign_in_browser(page.context, live_server, make_member(db.session, body, Role.ADMINISTRATOR))
    root = "/administration/lti"
    paths = [root, f"{root}/new", f"{root}/{identifier}", f"{root}/{identifier}/edit", f"{root}/keys"]
    opened = [f"/lti/register/{token}", f"/lti/register/{token}?{urlencode(platform.registration_request())}"]
    for path in [*paths, f"{root}/{identifier}/launches", *opened]:
        answer = page.goto(live_server.address(path))
        assert answer is not None
        assert answer.ok, f"{path} answered {answer.status}"
        axe(page)
