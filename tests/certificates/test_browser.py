"""The public check and the register in a real browser: axe, and nothing wider than the window."""

import pytest
from playwright.sync_api import Page

from certify.certificates import services
from certify.core.db import db
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

REASON = "Un point du dossier est en cours d’examen."


@pytest.mark.parametrize("size", ["page", "phone"])
def test_pages_of_certificates_are_accessible_on_a_screen_and_a_phone(
    live_server: LiveServer, request: pytest.FixtureRequest, size: str
) -> None:
    window: Page = request.getfixturevalue(size)
    with live_server.app.app_context():
        jury = make_closed_jury(db.session, 3)
        registrar = actor_of(db.session, jury.registrar)
        valid, suspended = services.issue_all(db.session, registrar, jury.jury)[:2]
        services.suspend(db.session, registrar, suspended, reason=REASON)
        codes, one, jury_id, email = (valid.code, suspended.code), valid.id, jury.jury.id, jury.registrar.email
        db.session.commit()
    public = {"valid": f"/verify/{codes[0]}", "suspended": f"/v/{codes[1]}", "ask": "/verify"}
    assert_all_accessible(window, {name: live_server.address(path) for name, path in public.items()})
    sign_in_as(window, live_server, email)
    own = {
        "register": "/certificates", "one": f"/certificates/{one}", "session": f"/juries/{jury_id}/certificates",
        "extracts": "/certificates/extracts",
    }  # fmt: skip
    assert_all_accessible(window, {name: live_server.address(path) for name, path in own.items()})
