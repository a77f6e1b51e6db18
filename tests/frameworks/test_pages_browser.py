"""Frameworks in a real browser: import, export, rules of the programme and recognition, at both widths."""

import pytest
from playwright.sync_api import Page, expect

import competencies
from certify.core.access import Role
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_version
from tests.factories.people import make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

REGISTRAR = "greffe@exemple.test"


@pytest.fixture
def version(live_server: LiveServer) -> str:
    """Give the address of a version in force."""
    with live_server.app.app_context():
        row = make_version(db.session)
        body = db.session.get_one(Organisation, row.certifying_body_id)
        make_member(db.session, body, Role.REGISTRAR, make_user(db.session, email=REGISTRAR))
        db.session.commit()
        return f"{live_server.url}/frameworks/{row.id}"


@pytest.mark.parametrize("window", ["page", "phone"])
def test_pages_that_exchange_and_rule_are_accessible_and_fit_their_window(
    request: pytest.FixtureRequest, live_server: LiveServer, version: str, window: str
) -> None:
    browser: Page = request.getfixturevalue(window)
    sign_in_as(browser, live_server, REGISTRAR)
    paths = {"show": "", "programme": "/programme", "recognition": "/recognition", "export": "/export"}
    assert_all_accessible(browser, {name: f"{version}{path}" for name, path in paths.items()})
    assert_all_accessible(browser, {"import": f"{live_server.url}/frameworks/import"})


@pytest.mark.parametrize(("text", "said"), [(competencies.demo_text(), "46"), ("code = ", "défaut")])
def test_what_a_file_holds_or_what_is_wrong_with_it_is_read_without_a_script(
    live_server: LiveServer, version: str, plain_page: Page, text: str, said: str
) -> None:
    sign_in_as(plain_page, live_server, REGISTRAR)
    assert version
    plain_page.goto(f"{live_server.url}/frameworks/import")
    plain_page.set_input_files(
        "input[type=file]", {"name": "referentiel.toml", "mimeType": "application/toml", "buffer": text.encode()}
    )
    plain_page.get_by_role("button", name="Lire le fichier").click()
    expect(plain_page.locator("main")).to_contain_text(said)
