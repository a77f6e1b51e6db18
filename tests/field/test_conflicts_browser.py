"""The same thing changed in two places: both versions are seen, and neither is lost whatever is chosen."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from certify.core.db import db
from certify.groups.models import Presence
from certify.groups.queries.meetings import attendance_of, meeting_for
from certify.groups.services import attendance
from certify.logbook import queries, services
from certify.logbook.models import LogbookEntry
from tests.factories.logbook import make_content, make_entry
from tests.field.phones import OnTheSpot, make_ground, open_field, settle, titles
from tests.services.browser import PHONE, watched_page
from tests.services.live_server import LiveServer

HERE, THERE = "Écrit à la crèche", "Écrit au bureau"


def two_texts(phone: Page, server: LiveServer) -> OnTheSpot:
    """Have the same entry written on the phone without a network, and at the office."""
    ground = make_ground(server)
    with server.app.app_context():
        entry_id = make_entry(db.session, db.session.merge(ground.scene.enrolment), title="Commencée").id
        db.session.commit()
    open_field(phone, server, ground)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Commencée").click()
    phone.get_by_label("Titre").fill(HERE)
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.locator(".field-thing")).to_contain_text(HERE)
    with server.app.app_context():
        entry = db.session.get_one(LogbookEntry, entry_id)
        content = make_content(title=THERE)
        services.save(db.session, ground.scene.actor, entry, revision=entry.revision, content=content)
        db.session.commit()
    phone.context.set_offline(False)
    expect(phone.get_by_text("en conflit")).to_be_visible()
    return ground


@pytest.mark.parametrize(
    ("button", "kept"),
    [
        ("Garder celle de ce téléphone", [HERE]),
        ("Garder l’autre", [THERE]),
        ("Garder les deux", [THERE, HERE]),
    ],
)
def test_two_texts_are_shown_side_by_side_and_one_chooses(
    live_server: LiveServer, phone: Page, axe, button: str, kept: list[str]
) -> None:
    two_texts(phone, live_server)
    phone.get_by_role("link", name="Comparer").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Deux versions de la même fiche")
    expect(phone.locator(".field-pair", has_text="Titre")).to_contain_text(HERE)
    expect(phone.locator(".field-pair", has_text="Titre")).to_contain_text(THERE)
    axe(phone)
    phone.get_by_role("button", name=button).click()
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    assert titles(live_server) == sorted(kept)


def test_a_phone_that_is_lost_loses_neither_text_and_another_window_chooses(
    live_server: LiveServer, phone: Page, page: Page, axe
) -> None:
    ground = two_texts(phone, live_server)
    phone.evaluate("indexedDB.deleteDatabase('certify-field')")
    open_field(page, live_server, ground)
    page.get_by_role("link", name="attend votre choix entre deux versions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Versions à comparer")
    expect(page.get_by_text(HERE)).to_be_visible()
    expect(page.locator("dd", has_text=THERE)).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Garder les deux").click()
    expect(page.get_by_text("Votre choix est enregistré")).to_be_visible()
    assert titles(live_server) == sorted([HERE, THERE])


def test_a_conflict_settled_on_its_page_leaves_the_phone_by_itself(live_server: LiveServer, phone: Page) -> None:
    two_texts(phone, live_server)
    phone.goto(live_server.address("/field/conflicts"))
    phone.get_by_role("button", name="Garder celle du téléphone").click()
    phone.goto(live_server.address("/field"))
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    assert titles(live_server) == [HERE]


def test_two_sheets_of_one_meeting_are_settled_participant_by_participant(
    live_server: LiveServer, phone: Page, axe
) -> None:
    ground = settle(phone, live_server)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Présences du groupe").click()
    phone.get_by_role("button", name="Tout le monde est là").click()
    phone.get_by_role("button", name="Garder les présences").click()
    expect(phone.locator(".field-thing")).to_have_count(1)
    first, second, *_others = ground.scene.participants
    note(live_server, ground, first.id, second.id)
    phone.context.set_offline(False)
    phone.get_by_role("link", name="Comparer").click()
    expect(phone.locator("fieldset")).to_have_count(2)
    axe(phone)
    phone.locator("fieldset", has_text=first.pseudonym).get_by_text("Enregistré ailleurs").click()
    phone.get_by_role("button", name="Garder ces choix").click()
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    with live_server.app.app_context():
        marks = attendance_of(db.session, [ground.meeting_id])[ground.meeting_id]
    assert marks[first.id].presence is Presence.ABSENT
    assert {mark.presence for one, mark in marks.items() if one != first.id} == {Presence.PRESENT}
    assert len(marks) == 10


def note(server: LiveServer, ground: OnTheSpot, *absent: object) -> None:
    """Have somebody else note that some were absent."""
    with server.app.app_context():
        meeting = meeting_for(db.session, ground.scene.actor, ground.meeting_id)
        rows = {one.id: (Presence.ABSENT, False) for one in ground.scene.participants if one.id in absent}
        attendance.take(db.session, ground.scene.actor, meeting, rows=rows, facilitator_present=None)
        db.session.commit()


def test_two_phones_of_one_person_lose_nothing(live_server: LiveServer, phone: Page, browser: Browser) -> None:
    ground = make_ground(live_server)
    with live_server.app.app_context():
        make_entry(db.session, db.session.merge(ground.scene.enrolment), title="Commencée")
        db.session.commit()
    context = browser.new_context(locale="fr-FR", viewport=PHONE)
    with watched_page(context) as other:
        for one, text in ((phone, HERE), (other, THERE)):
            open_field(one, live_server, ground)
            one.context.set_offline(True)
            one.get_by_role("link", name="Commencée").click()
            one.get_by_label("Titre").fill(text)
            one.get_by_role("button", name="Garder la fiche").click()
            expect(one.locator(".field-thing")).to_contain_text(text)
        other.context.set_offline(False)
        expect(other.get_by_text("Tout est envoyé")).to_be_visible()
        phone.context.set_offline(False)
        phone.get_by_role("link", name="Comparer").click()
        phone.get_by_role("button", name="Garder les deux").click()
        expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    context.close()
    assert titles(live_server) == sorted([HERE, THERE])
    assert_both_are_written(live_server.app)


def assert_both_are_written(app: Flask) -> None:
    """Assert that each entry can still be read."""
    with app.app_context():
        read = [queries.content_of(db.session, entry).title for entry in db.session.query(LogbookEntry)]
    assert sorted(read) == sorted([HERE, THERE])
