"""Pages of fragility, supervision and practice in a real browser: wide and narrow, accessible, one tap to call."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment, Presence
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.fragility import services as fragility
from certify.fragility.models import ActionKind, Channel, FollowUpKind
from certify.organisations.models import Organisation
from certify.supervision import services as supervision
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.fieldwork import make_group_of, make_held_meeting, make_supervision
from tests.factories.people import actor_of, make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

TRAINEE, TRAINER = "stagiaire@exemple.test", "formatrice@exemple.test"


def _told(app: Flask) -> dict[str, str]:
    """Make a trainee with a bit of everything, and return the addresses to look at."""
    with app.app_context():
        session: Session = db.session
        cohort = make_cohort(session)
        person = make_user(session, email=TRAINEE, given_name="Stagiaire", family_name="03")
        enrolment = make_enrolment(session, cohort, person)
        body = session.get_one(Organisation, cohort.training_body_id)
        trainer = make_member(session, body, Role.TRAINER, make_user(session, email=TRAINER))
        _act(session, enrolment, person, trainer)
        held = make_supervision(session, trainer.id, enrolment, make_enrolment(session, cohort))
        session.commit()
        group = make_group_of(session, enrolment)
        for n in range(3):
            make_held_meeting(session, group, clock.today().replace(day=1 + n))
        session.commit()
        return {"session": str(held.id), "group": str(group.id), "enrolment": str(enrolment.id)}


def _act(session: Session, enrolment: Enrolment, person: User, trainer: User) -> None:
    actor = actor_of(session, person)
    for kind in ActionKind:
        action = fragility.record(session, actor, enrolment, kind=kind, on=clock.today())
    fragility.follow_up(session, actor, action, kind=FollowUpKind.IN_TOUCH, on=clock.today())
    fragility.strike(session, actor, fragility.record(session, actor, enrolment, kind=ActionKind.PMI, on=clock.today()))
    fragility.note_procedure(session, actor, enrolment, channel=Channel.CRIP, started_on=clock.today())
    leader = actor_of(session, trainer)
    held = make_supervision(session, trainer.id, enrolment, notes="Laisser plus de silence.")
    supervision.record_presence(session, leader, held, presences={enrolment.id: Presence.PRESENT}, revision=1)
    supervision.sign_as_supervisor(session, leader, held, revision=held.revision)
    supervision.write_notes(session, leader, held, notes="Autre chose.", revision=held.revision)
    session.flush()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_wide_and_narrow(live_server: LiveServer, page: Page, width: int) -> None:
    found = _told(live_server.app)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in_as(page, live_server, TRAINEE)
    own = ["/procedure", "/fragility", "/supervision/own", f"/supervision/{found['session']}", "/practice"]
    own += [f"/groups/{found['group']}/procedure", f"/supervision/{found['session']}/notes"]
    assert_all_accessible(page, {path: live_server.address(path) for path in own})
    page.context.clear_cookies()
    sign_in_as(page, live_server, TRAINER)
    staff = ["/supervision", "/supervision/new", "/supervision/totals", "/fragility/counts"]
    staff += [f"/supervision/{found['session']}", f"/supervision/{found['session']}/edit"]
    staff += [f"/trainees/{found['enrolment']}/computed"]
    assert_all_accessible(page, {path: live_server.address(path) for path in staff})
    assert page.url.endswith("/computed")


def test_every_number_is_a_large_target_to_call_from_a_phone(live_server: LiveServer, page: Page) -> None:
    found = _told(live_server.app)
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in_as(page, live_server, TRAINEE)
    page.goto(live_server.address(f"/groups/{found['group']}/procedure"))
    calls = page.locator("a.call")
    assert calls.count() == 7
    for n in range(calls.count()):
        box = calls.nth(n).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 240
    first = calls.first.bounding_box()
    assert first is not None
    assert first["y"] < 800, "the emergency number is on the first screen"
