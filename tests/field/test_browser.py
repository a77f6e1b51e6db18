"""A phone 360 px wide on the spot: written without a network, closed, opened again, and sent once."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from certify.core.db import db
from certify.groups.models import MeetingState, Presence
from certify.groups.queries.meetings import attendance_of
from certify.logbook.models import EntrySource, LogbookEntry
from certify.logbook.queries import content_of
from tests.factories.logbook import make_entry, photo
from tests.field.phones import keep, make_ground, meeting_of, open_field, operations, reconnect, settle, titles, write
from tests.services.live_server import LiveServer

STATUS = "#field-status"


def test_an_entry_written_without_a_network_survives_a_reload_and_is_sent_once(
    live_server: LiveServer, phone: Page, axe
) -> None:
    settle(phone, live_server)
    axe(phone)
    phone.context.set_offline(True)
    phone.reload()
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    phone.get_by_label("Titre").fill("Rencontre sur le sommeil")
    axe(phone)
    expect(phone.get_by_text("Gardé sur ce téléphone à")).to_be_visible()
    phone.reload()
    expect(phone.get_by_label("Titre")).to_have_value("Rencontre sur le sommeil")
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.locator(STATUS)).to_contain_text("Hors connexion · 1 fiche gardée sur ce téléphone")
    axe(phone)
    reconnect(phone)
    axe(phone)
    with live_server.app.app_context():
        entry = db.session.scalars(select(LogbookEntry)).one()
    assert (entry.title, entry.source) == ("Rencontre sur le sommeil", EntrySource.FIELD)
    assert [one.payload for one in operations(live_server)] == [{}]


def test_every_field_of_the_form_comes_back_as_it_was_typed(live_server: LiveServer, phone: Page) -> None:
    settle(phone, live_server)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    phone.get_by_label("Titre").fill("Rencontre sur le portage")
    phone.locator("#happened_on").fill("2026-06-12")
    phone.get_by_label("Durée").fill("1 h 30")
    phone.locator("details.choices-block summary").nth(2).click()
    phone.locator('input[name="indicators"]:visible').first.check()
    keep(phone)
    reconnect(phone)
    with live_server.app.app_context():
        entry = db.session.scalars(select(LogbookEntry)).one()
        content = content_of(db.session, entry)
    assert (content.title, str(content.happened_on), content.minutes) == ("Rencontre sur le portage", "2026-06-12", 90)
    assert len(content.indicators) == 1
    phone.get_by_role("link", name="Rencontre sur le portage").click()
    expect(phone.get_by_label("Durée")).to_have_value("1\u00a0h\u00a030")


def test_a_draft_of_the_office_is_gone_on_with_on_the_spot(live_server: LiveServer, phone: Page) -> None:
    ground = make_ground(live_server)
    with live_server.app.app_context():
        make_entry(db.session, db.session.merge(ground.scene.enrolment), title="Commencée au bureau")
        db.session.commit()
    open_field(phone, live_server, ground)
    phone.context.set_offline(True)
    phone.reload()
    phone.get_by_role("link", name="Commencée au bureau").click()
    phone.get_by_label("Titre").fill("Finie à la crèche")
    keep(phone)
    phone.get_by_role("link", name="Ouvrir").click()
    phone.get_by_label("Titre").fill("Finie à la crèche, relue")
    keep(phone)
    reconnect(phone)
    assert titles(live_server) == ["Finie à la crèche, relue"]
    assert len(operations(live_server)) == 1


def test_a_photo_taken_without_a_network_reaches_its_entry(live_server: LiveServer, phone: Page) -> None:
    settle(phone, live_server)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    expect(phone.get_by_text("Aucun visage d’enfant ni de parent")).to_be_visible()
    phone.set_input_files("#photos", {"name": "salle.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(phone.locator(".file-list li")).to_contain_text("salle.jpg")
    phone.reload()
    expect(phone.locator(".file-list img")).to_be_visible()
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.locator(".field-thing")).to_contain_text("1 photo")
    reconnect(phone)
    with live_server.app.app_context():
        entry = db.session.scalars(select(LogbookEntry)).one()
        files = content_of(db.session, entry).files
    assert [one.filename for one in files] == ["salle.jpg"]


def test_attendance_of_ten_takes_at_most_twelve_taps_without_a_network(
    live_server: LiveServer, phone: Page, axe
) -> None:
    ground = settle(phone, live_server)
    phone.context.set_offline(True)
    phone.reload()
    phone.evaluate("window.taps = 0; addEventListener('pointerup', () => { window.taps += 1; }, true)")
    phone.get_by_role("link", name="Présences du groupe").tap()
    phone.get_by_role("button", name="Tout le monde est là").tap()
    rows = phone.locator(".field-seat")
    rows.nth(2).get_by_role("radio", name="Absent·e").tap()
    rows.nth(5).get_by_role("radio", name="Excusé·e").tap()
    rows.nth(7).get_by_text("Venu·e à deux parents").tap()
    phone.get_by_role("radio", name="Oui").tap()
    expect(phone.get_by_text("10 sur 10 notés")).to_be_visible()
    axe(phone)
    phone.get_by_role("button", name="Garder les présences").tap()
    expect(phone.locator(STATUS)).to_contain_text("1 fiche gardée")
    assert 6 <= phone.evaluate("window.taps") <= 12
    reconnect(phone)
    with live_server.app.app_context():
        marks = attendance_of(db.session, [ground.meeting_id])[ground.meeting_id]
    came = sorted(mark.presence for mark in marks.values())
    assert came == [Presence.ABSENT, Presence.EXCUSED, *[Presence.PRESENT] * 8]
    assert sum(mark.second_parent for mark in marks.values()) == 1
    meeting = meeting_of(live_server, ground)
    assert (meeting.state, meeting.facilitator_present) == (MeetingState.HELD, True)


def test_a_telephone_number_is_pointed_out_while_writing_and_never_stands_in_the_way(
    live_server: LiveServer, phone: Page
) -> None:
    settle(phone, live_server)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    phone.get_by_label("Ce qui s’est passé").fill("Je rappelle le 06 12 34 56 78 demain.")
    expect(phone.get_by_text("06 12 34 56 78 » permettrait de reconnaître quelqu’un")).to_be_visible()
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.locator(".field-thing")).to_have_count(1)


def test_what_the_server_refuses_stays_with_its_reason_and_can_be_corrected(
    live_server: LiveServer, phone: Page, axe
) -> None:
    settle(phone, live_server)
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    phone.get_by_label("Titre").fill("Une durée mal tapée")
    phone.get_by_label("Durée").fill("longtemps")
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.locator(".field-thing")).to_contain_text("n’est pas une durée")
    axe(phone)
    phone.get_by_role("link", name="Ouvrir").click()
    expect(phone.get_by_text("L’envoi a été refusé")).to_be_visible()
    phone.get_by_label("Durée").fill("2 h")
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    assert titles(live_server) == ["Une durée mal tapée"]


def test_what_waits_can_be_thrown_away_once_asked(live_server: LiveServer, phone: Page) -> None:
    settle(phone, live_server)
    phone.context.set_offline(True)
    write(phone, "À jeter")
    phone.get_by_role("button", name="Jeter").click()
    phone.get_by_role("dialog").get_by_role("button", name="Annuler").click()
    expect(phone.locator(".field-thing")).to_have_count(1)
    phone.get_by_role("button", name="Jeter").click()
    phone.get_by_role("dialog").get_by_role("button", name="Jeter").click()
    expect(phone.locator(".field-thing")).to_have_count(0)
    reconnect(phone)
    assert titles(live_server) == []


def test_the_whole_way_is_walked_with_the_keyboard(live_server: LiveServer, phone: Page) -> None:
    settle(phone, live_server)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="Nouvelle fiche").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.type("Écrite au clavier")
    phone.keyboard.press("Enter")
    expect(phone.locator(".field-thing")).to_contain_text("Écrite au clavier")
    phone.get_by_role("link", name="Présences du groupe").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Présences du groupe")).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.keyboard.press("ArrowRight")
    expect(phone.locator(".field-seat").first.get_by_role("radio", name="Excusé·e")).to_be_checked()
