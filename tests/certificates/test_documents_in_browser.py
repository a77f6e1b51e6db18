"""The pages about documents in a real browser: accessible at both widths, a preview that follows what is written."""

from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from certify.certificates.models import Certificate
from certify.core import jobs
from certify.core.access import Role
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.factories.juries import make_certificate
from tests.factories.people import make_member
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as


class Made(NamedTuple):
    """What the pages speak of."""

    email: str
    body: str
    certificate: str


@pytest.fixture
def made(live_server: LiveServer) -> Made:
    """Make a certificate, its document and whoever issues it."""
    with live_server.app.app_context():
        certificate: Certificate = make_certificate(db.session)
        body = db.session.get_one(Organisation, certificate.certifying_body_id)
        registrar = make_member(db.session, body, Role.REGISTRAR)
        registrar.tf_primary_method = "email"
        found = Made(registrar.email, str(body.id), str(certificate.id))
        db.session.commit()
        jobs.run_pending()
        return found


def test_the_pages_of_documents_are_accessible_at_both_widths(
    page: Page, phone: Page, live_server: LiveServer, made: Made
) -> None:
    places = {
        "models": f"{live_server.url}/organisations/{made.body}/documents",
        "blocks": f"{live_server.url}/organisations/{made.body}/documents/blocks",
        "duplicates": f"{live_server.url}/certificates/{made.certificate}/duplicates",
        "correction": f"{live_server.url}/certificates/{made.certificate}/correction",
    }
    for window in (page, phone):
        sign_in_as(window, live_server, made.email)
        # The reader of PDF is the browser's own: it is not asked for here.
        window.add_init_script("Object.defineProperty(navigator, 'pdfViewerEnabled', {value: false})")
        assert_all_accessible(window, places)


def test_the_preview_follows_what_is_written_and_the_form_can_be_sent_at_once(
    page: Page, live_server: LiveServer, made: Made
) -> None:
    sign_in_as(page, live_server, made.email)
    with page.expect_response(lambda answer: answer.url.endswith("/preview")) as first:
        page.goto(f"{live_server.url}/organisations/{made.body}/documents/certificate")
    assert first.value.headers["content-type"] == "application/pdf"
    with page.expect_response(lambda answer: answer.url.endswith("/preview")) as second:
        page.get_by_label("Signataire", exact=True).fill("Directrice A")
    assert second.value.status == 200
    page.get_by_role("button", name="Enregistrer le modèle").last.click()
    expect(page.get_by_text("Version 1")).to_be_visible()
