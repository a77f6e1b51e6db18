"""A phone that has received what the field takes, and what is read of it and of the server."""

import uuid
from dataclasses import dataclass

from playwright.sync_api import Page, expect
from sqlalchemy import select

from certify.core.db import db
from certify.field.models import FieldOperation
from certify.groups.models import Meeting
from certify.logbook.models import LogbookEntry
from tests.factories.meetings import Scene, make_meeting, make_scene
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_browser

_CONTROLLED = """navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller
  || new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done))).then(() => true)"""


@dataclass(frozen=True)
class OnTheSpot:
    """A group with a meeting today, and who facilitates it."""

    scene: Scene
    meeting_id: uuid.UUID


def make_ground(server: LiveServer, members: int = 10) -> OnTheSpot:
    """Make a group of ten with a meeting today; what is returned can be read outside the application's context."""
    with server.app.app_context():
        scene = make_scene(db.session, members=members)
        meeting = make_meeting(db.session, scene.group)
        db.session.commit()
        for row in (scene.group, scene.enrolment, scene.facilitator, scene.referent, *scene.participants, meeting):
            db.session.refresh(row)
        db.session.expunge_all()
        return OnTheSpot(scene, meeting.id)


def open_field(phone: Page, server: LiveServer, ground: OnTheSpot) -> None:
    """Sign the facilitator in on a phone, and wait until it can do without a network."""
    with server.app.app_context():
        sign_in_browser(phone.context, server, db.session.merge(ground.scene.facilitator))
    phone.goto(server.address("/field"))
    expect(phone.get_by_role("link", name="Nouvelle fiche")).to_be_visible()
    assert phone.evaluate(_CONTROLLED)


def settle(phone: Page, server: LiveServer) -> OnTheSpot:
    """Make a group, and have its facilitator's phone ready."""
    ground = make_ground(server)
    open_field(phone, server, ground)
    return ground


def write(phone: Page, title: str) -> None:
    """Begin an entry about a meeting of a group, and keep it."""
    phone.get_by_role("link", name="Nouvelle fiche").click()
    phone.get_by_role("link", name="Rencontre de groupe").click()
    phone.get_by_label("Titre").fill(title)
    keep(phone)


def keep(phone: Page) -> None:
    """Keep the open entry; it is written on the phone once the first view is back."""
    phone.get_by_role("button", name="Garder la fiche").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sur le terrain")


def reconnect(phone: Page) -> None:
    """Give the network back, and wait until nothing waits any more."""
    phone.context.set_offline(False)
    expect(phone.get_by_text("Tout est envoyé")).to_be_visible()


def titles(server: LiveServer) -> list[str]:
    """Return the titles of all the entries of the server."""
    with server.app.app_context():
        return sorted(db.session.scalars(select(LogbookEntry.title)))


def operations(server: LiveServer) -> list[FieldOperation]:
    """Return what the server took from devices."""
    with server.app.app_context():
        return list(db.session.scalars(select(FieldOperation).order_by(FieldOperation.received_at)))


def meeting_of(server: LiveServer, ground: OnTheSpot) -> Meeting:
    """Return the meeting as it is now."""
    with server.app.app_context():
        return db.session.get_one(Meeting, ground.meeting_id)
