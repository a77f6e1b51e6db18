"""Importing a logbook and printing sheets, as a window of a computer and one of a phone show them."""

import pytest
from playwright.sync_api import Page, expect

from certify.core.db import db
from certify.logbook.models import Activity
from certify.logbook.services import importing as services
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import trainee_of
from tests.factories.people import actor_of
from tests.factories.spreadsheets import ROWS, csv_of, make_import
from tests.logbook.test_importing import ALL
from tests.services.accessibility import assert_accessible, assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

WRONG = ("pas une date", "veille", "90", "Lecture", "", "M. Durand était là.", "")


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_imports_and_sheets_is_accessible(
    live_server: LiveServer, request: pytest.FixtureRequest, size: str
) -> None:
    window: Page = request.getfixturevalue(size)
    with live_server.app.app_context():
        enrolment = make_enrolment(db.session)
        actor = actor_of(db.session, trainee_of(db.session, enrolment))
        rows = [*ROWS, WRONG, ("15/06/2026", "veille", "30", "À reformuler", "", "Mme Durand était là.", "2.1.1")]
        open_one, done = (make_import(db.session, enrolment, content=csv_of(rows=rows[n:]).encode()) for n in (0, 1))
        for made in (open_one, done):
            services.choose(db.session, actor, made, ALL)
        services.confirm(db.session, actor, done)
        email, ids = trainee_of(db.session, enrolment).email, [str(open_one.id), str(done.id)]
        db.session.commit()
    sign_in_as(window, live_server, email)
    assert_all_accessible(
        window,
        {
            "handing in": live_server.address("/logbook/import"),
            "columns": live_server.address(f"/logbook/import/{ids[0]}/columns"),
            "preview": live_server.address(f"/logbook/import/{ids[0]}/preview"),
            "what was made": live_server.address(f"/logbook/import/{ids[1]}"),
            "sheets": live_server.address("/logbook/sheets"),
            "scan": live_server.address("/logbook/scan"),
        },
    )


def test_a_file_goes_from_the_phone_to_drafts(live_server: LiveServer, phone: Page) -> None:
    with live_server.app.app_context():
        email = trainee_of(db.session, make_enrolment(db.session)).email
        db.session.commit()
    sign_in_as(phone, live_server, email)
    phone.goto(live_server.address("/logbook/import"))
    content = csv_of(rows=[*ROWS, WRONG]).encode("cp1252")
    phone.set_input_files("#file", {"name": "cahier.csv", "mimeType": "text/csv", "buffer": content})
    phone.get_by_role("button", name="Lire le fichier").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Dire ce que sont les colonnes")
    phone.get_by_label("Usage d’une IA").select_option("none")
    phone.get_by_role("button", name="Voir l’aperçu").tap()
    expect(phone.locator("mark")).to_have_count(0)
    expect(phone.get_by_text(str(Activity.WATCH.label)).first).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Créer 3 brouillons").tap()
    expect(phone.get_by_text("3 brouillons sont dans votre cahier")).to_be_visible()
    assert_accessible(phone)
