"""Writing an entry on a phone, with the scripts of the page."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from certify.core.db import db
from certify.logbook import queries
from certify.logbook.models import LogbookEntry
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_entry, photo, trainee_of
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_browser


def draft_on(phone: Page, server: LiveServer) -> str:
    """Sign a trainee in on the phone; return the address of a draft of theirs."""
    with server.app.app_context():
        enrolment = make_enrolment(db.session)
        entry = make_entry(db.session, enrolment, indicators=())
        sign_in_browser(phone.context, server, trainee_of(db.session, enrolment))
        path = f"/logbook/{entry.id}/edit"
        db.session.commit()
    return server.address(path)


def only_entry(app: Flask) -> LogbookEntry:
    return db.session.scalars(select(LogbookEntry)).one()


def test_what_is_typed_is_saved_by_itself_and_a_photo_is_attached(live_server: LiveServer, phone: Page, axe) -> None:
    phone.goto(draft_on(phone, live_server))
    phone.fill("#account", "Six parents sont venus.")
    expect(phone.locator("[data-autosave-status]")).to_contain_text("Enregistré")
    phone.fill("#indicators-filter", "tour de parole cadre")
    expect(phone.locator("#indicators [data-filter-none]")).to_be_visible()
    phone.fill("#indicators-filter", "cadre")
    phone.locator("#indicators label.choice:visible").first.click()
    phone.set_input_files("#evidence_file", {"name": "salle.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    phone.fill("#evidence_title", "Salle prête")
    axe(phone)
    phone.get_by_role("button", name="Joindre ce fichier").click()
    expect(phone.get_by_role("link", name="Salle prête")).to_be_visible()
    with live_server.app.app_context():
        content = queries.content_of(db.session, only_entry(live_server.app))
    assert content.account == "Six parents sont venus."
    assert len(content.indicators) == 1
    assert [fact.title for fact in content.files] == ["Salle prête"]


@pytest.mark.settings(upload_max_bytes=100_000)
def test_a_heavy_photo_is_named_before_it_travels(live_server: LiveServer, phone: Page) -> None:
    phone.goto(draft_on(phone, live_server))
    heavy = {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": bytes(200_000)}
    phone.set_input_files("#evidence_file", heavy)
    expect(phone.locator(".file-list .is-refused")).to_contain_text(re.compile("IMG_0001.jpg.*la limite est de"))


def test_two_tabs_are_told_of_one_another_and_lose_nothing(live_server: LiveServer, phone: Page, axe) -> None:
    address = draft_on(phone, live_server)
    phone.goto(address)
    other = phone.context.new_page()
    other.goto(address)
    other.fill("#account", "Écrit dans l’autre onglet.")
    other.get_by_role("button", name="Enregistrer").click()
    expect(other.locator(".flash, [role=status]").filter(has_text="La fiche est enregistrée").first).to_be_visible()
    phone.fill("#account", "Écrit dans cet onglet.")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Deux textes pour la même fiche")
    expect(phone.locator("#account")).to_have_value("Écrit dans cet onglet.")
    expect(phone.get_by_text("Écrit dans l’autre onglet.")).to_be_visible()
    axe(phone)
    phone.get_by_role("button", name="Enregistrer ce texte").click()
    expect(phone.locator("#account")).to_have_value("Écrit dans cet onglet.")
