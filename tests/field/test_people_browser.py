"""Whose phone it is: installing, signing out, another person, a session that ended, pages that ask for the network."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import update

from certify.accounts.models import UserSession
from certify.core import clock
from certify.core.db import db
from tests.field.phones import make_ground, open_field, reconnect, settle, titles, write
from tests.services.live_server import LiveServer


def test_the_application_can_be_installed(live_server: LiveServer, phone: Page) -> None:
    settle(phone, live_server)
    link = phone.context.new_cdp_session(phone)
    manifest = link.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    # A window in private, as those of the tests are, is never offered to install.
    faults = {fault["errorId"] for fault in link.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert faults <= {"in-incognito"}
    assert phone.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("/sw.js")
    icons = phone.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json()).then(({ icons }) => icons)")
    assert {one["purpose"] for one in icons} == {"any", "maskable"}
    assert all(phone.request.get(live_server.address(one["src"])).status == 200 for one in icons)


def test_any_other_page_says_that_there_is_no_network_and_leads_to_the_field(
    live_server: LiveServer, phone: Page, axe
) -> None:
    settle(phone, live_server)
    phone.context.set_offline(True)
    phone.goto(live_server.address("/logbook"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Hors connexion")
    axe(phone)
    phone.get_by_role("link", name="Que faire, qui appeler").click()
    expect(phone.get_by_role("link", name=re.compile("119"))).to_be_visible()
    phone.goto(live_server.address("/logbook/new"))
    phone.get_by_role("link", name="Continuer sur le terrain").click()
    expect(phone.get_by_role("link", name="Nouvelle fiche")).to_be_visible()


def test_no_page_that_speaks_of_somebody_is_kept(live_server: LiveServer, phone: Page) -> None:
    ground = settle(phone, live_server)
    phone.goto(live_server.address("/logbook"))
    kept = phone.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              const answer = await cache.match(request, { ignoreVary: true });
              const kind = answer.headers.get("Content-Type") ?? "";
              if (kind.includes("html")) found.push([request.url, await answer.text()]);
            }
          }
          return found;
        }"""
    )
    person = ground.scene.facilitator
    assert sorted(url.removeprefix(live_server.url) for url, _text in kept) == [
        "/field", "/field/offline", "/field/procedure"
    ]  # fmt: skip
    assert all(person.name not in text and str(person.id) not in text for _url, text in kept)


def test_other_pages_say_what_waits_and_nothing_when_nothing_does(live_server: LiveServer, phone: Page, axe) -> None:
    settle(phone, live_server)
    phone.goto(live_server.address("/logbook"))
    expect(phone.locator("[data-waiting-banner]")).to_be_hidden()
    phone.goto(live_server.address("/field"))
    phone.context.set_offline(True)
    write(phone, "Gardée")
    write(phone, "Gardée aussi")
    phone.route("**/field/**", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.goto(live_server.address("/logbook"))
    expect(phone.locator("[data-waiting-banner]")).to_contain_text("2 fiches gardées sur ce téléphone")
    axe(phone)
    phone.context.set_offline(True)
    expect(phone.locator("[data-waiting-banner]")).to_contain_text("Hors connexion · 2 fiches gardées sur ce téléphone")
    expect(phone.locator("[data-offline-banner]")).to_be_hidden()


def test_signing_out_over_what_waits_asks_first_and_shows_nothing_after(live_server: LiveServer, phone: Page) -> None:
    ground = settle(phone, live_server)
    phone.context.set_offline(True)
    write(phone, "Secret d’une fiche")
    phone.route("**/field/person.json", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.goto(live_server.address("/logbook"))
    expect(phone.locator("[data-waiting-banner]")).to_be_visible()
    phone.locator("details.menu summary").last.click()
    phone.get_by_role("button", name="Se déconnecter").click()
    question = phone.get_by_role("dialog")
    expect(question).to_contain_text("n’est pas encore envoyée")
    question.get_by_role("button", name="Annuler").click()
    phone.locator("details.menu summary").last.click()
    phone.get_by_role("button", name="Se déconnecter").click()
    phone.get_by_role("dialog").get_by_role("button", name="Se déconnecter").click()
    phone.wait_for_url(lambda url: "/logbook" not in url)
    phone.context.set_offline(True)
    phone.goto(live_server.address("/field"))
    expect(phone.get_by_text("Personne n’est connecté sur cet appareil")).to_be_visible()
    expect(phone.get_by_text("Secret d’une fiche")).to_have_count(0)
    phone.unroute("**/field/person.json")
    phone.context.set_offline(False)
    open_field(phone, live_server, ground)
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    assert titles(live_server) == ["Secret d’une fiche"]


def test_another_person_on_the_same_phone_sees_nothing_of_the_first(live_server: LiveServer, phone: Page) -> None:
    ground, other = settle(phone, live_server), make_ground(live_server)
    phone.context.set_offline(True)
    write(phone, "De la première personne")
    phone.context.clear_cookies()
    phone.goto("about:blank")
    phone.context.set_offline(False)
    open_field(phone, live_server, other)
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    expect(phone.get_by_text("De la première personne")).to_have_count(0)
    expect(phone.get_by_role("link", name=f"Présences du groupe {other.scene.group.code}")).to_be_visible()
    assert titles(live_server) == []
    phone.context.clear_cookies()
    open_field(phone, live_server, ground)
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()
    assert titles(live_server) == ["De la première personne"]


def test_a_session_that_ended_is_said_and_nothing_is_lost(live_server: LiveServer, phone: Page, axe) -> None:
    ground = settle(phone, live_server)
    phone.context.set_offline(True)
    write(phone, "Avant la fin de la session")
    with live_server.app.app_context():
        db.session.execute(update(UserSession).values(ended_at=clock.now()))
        db.session.commit()
    phone.context.set_offline(False)
    expect(phone.locator("#field-status")).to_contain_text("Connectez-vous pour envoyer")
    expect(phone.locator(".field-thing")).to_contain_text("Avant la fin de la session")
    axe(phone)
    open_field(phone, live_server, ground)
    reconnect(phone)
    assert titles(live_server) == ["Avant la fin de la session"]
