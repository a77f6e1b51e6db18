"""What a person typed survives a session that ended, a refused file, a server that vanished."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from certify.accounts import services as accounts
from certify.accounts.models import User, UserSession
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.db import db
from certify.logbook.models import LogbookEntry
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import docx, make_entry, trainee_of
from tests.services.live_server import LiveServer
from tests.services.signing_in import PASSWORD, sign_in_browser

ACCOUNT = "Six parents sont venus. J’ai proposé un tour de parole, puis un temps de jeu au sol."
_MIB = 1024 * 1024


@pytest.fixture
def draft(live_server: LiveServer) -> str:
    """Give the address of a draft; its author has a password."""
    with live_server.app.app_context():
        entry = make_entry(db.session, make_enrolment(db.session, entered_on=date(2026, 1, 5)), indicators=())
        accounts.set_password(db.session, author(entry), PASSWORD)
        db.session.commit()
        return live_server.address(f"/logbook/{entry.id}/edit")


def author(entry: LogbookEntry) -> User:
    """Return who writes the entry."""
    return trainee_of(db.session, db.session.get_one(Enrolment, entry.enrolment_id))


def begin(page: Page, server: LiveServer, address: str) -> None:
    """Open the draft as its author."""
    with server.app.app_context():
        sign_in_browser(page.context, server, author(db.session.scalars(select(LogbookEntry)).one()))
    page.goto(address)


def saved_account(server: LiveServer) -> str:
    """Return what the server holds of the draft."""
    with server.app.app_context():
        return db.session.scalars(select(LogbookEntry)).one().account


def sign_in_in_another_tab(page: Page, server: LiveServer) -> None:
    """Sign the author in as people do, in a tab beside this one."""
    with server.app.app_context():
        email = author(db.session.scalars(select(LogbookEntry)).one()).email
    other = page.context.new_page()
    other.goto(server.address("/login"))
    other.fill("main input[name=email]", email)
    other.fill("main input[name=password]", PASSWORD)
    other.get_by_role("button", name="Se connecter").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    other.close()


def test_a_form_sent_after_the_session_ended_elsewhere_is_accepted_once_signed_in_again(
    live_server: LiveServer, plain_page: Page, draft: str
) -> None:
    begin(plain_page, live_server, draft)
    plain_page.fill("#account", ACCOUNT)
    with live_server.app.app_context():
        db.session.execute(update(UserSession).values(ended_at=clock.now()))
        db.session.commit()

    plain_page.get_by_role("button", name="Enregistrer").click()

    expect(plain_page.locator("[data-not-accepted]")).to_contain_text("connexion a pris fin")
    expect(plain_page.get_by_label("Ce qui s’est passé")).to_have_value(ACCOUNT)
    assert saved_account(live_server) != ACCOUNT
    sign_in_in_another_tab(plain_page, live_server)
    plain_page.get_by_role("button", name="Renvoyer").click()
    if plain_page.locator("[data-not-accepted]").count():
        # Signing in gives forms a new seal: the old one is refused once more, with the same text.
        plain_page.get_by_role("button", name="Renvoyer").click()
    expect(plain_page.locator("#account")).to_have_value(ACCOUNT)
    assert saved_account(live_server) == ACCOUNT


def test_what_was_typed_while_signed_out_stays_on_the_device(live_server: LiveServer, phone: Page, draft: str) -> None:
    begin(phone, live_server, draft)
    with live_server.app.app_context():
        db.session.execute(update(UserSession).values(ended_at=clock.now()))
        db.session.commit()

    phone.fill("#account", ACCOUNT)

    expect(phone.locator("[data-autosave-status].is-trouble")).to_be_visible()
    sign_in_in_another_tab(phone, live_server)
    phone.goto(draft)
    phone.get_by_role("button", name="Reprendre ce que vous aviez saisi").click()
    expect(phone.locator("#account")).to_have_value(ACCOUNT)
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    assert saved_account(live_server) == ACCOUNT


def test_what_was_typed_while_the_server_was_away_is_offered_again(
    live_server: LiveServer, phone: Page, draft: str
) -> None:
    begin(phone, live_server, draft)
    phone.route("**/autosave", lambda route: route.abort())

    phone.fill("#account", ACCOUNT)

    expect(phone.locator("[data-autosave-status].is-trouble")).to_be_visible()
    phone.unroute("**/autosave")
    phone.goto(draft)
    phone.get_by_role("button", name="Reprendre ce que vous aviez saisi").click()
    expect(phone.locator("#account")).to_have_value(ACCOUNT)
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    assert saved_account(live_server) == ACCOUNT


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(30 * _MIB), "Mo", id="30 MB photo"),
        pytest.param("compte-rendu.pdf", b"<!doctype html><p>Bonjour", "PDF", id="HTML named .pdf"),
        pytest.param("bombe.docx", docx(**{"word/media/a.bmp": bytes(40 * _MIB)}), "démesuré", id="zip bomb"),
    ],
)
def test_a_refused_file_says_why_and_loses_nothing_of_the_entry(
    live_server: LiveServer, plain_page: Page, draft: str, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    begin(plain_page, live_server, draft)
    plain_page.fill("#account", ACCOUNT)
    plain_page.fill("#evidence_title", "Salle prête")
    chosen = tmp_path / name
    chosen.write_bytes(content)
    plain_page.set_input_files("#evidence_file", chosen)

    plain_page.get_by_role("button", name="Joindre ce fichier").click()

    expect(plain_page.locator("#evidence_file-error")).to_contain_text(reason)
    expect(plain_page.locator("#account")).to_have_value(ACCOUNT)
    expect(plain_page.locator("#evidence_title")).to_have_value("Salle prête")
    assert saved_account(live_server) == ACCOUNT
