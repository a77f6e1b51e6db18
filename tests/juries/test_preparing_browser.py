"""The pages on which a session is prepared, in a real browser, on a screen and on a phone."""

from datetime import time, timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.juries.models import JurySeat
from certify.organisations.models import Organisation
from tests.factories.juries import declared, make_jury, seat_member
from tests.factories.people import make_member, make_user
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_a_session_being_prepared_is_accessible(
    live_server: LiveServer, request: pytest.FixtureRequest, size: str
) -> None:
    window: Page = request.getfixturevalue(size)
    with live_server.app.app_context():
        made = make_jury(db.session, 2, held_on=clock.today() + timedelta(days=20), starts_at=time(9), ends_at=time(17))
        declared(db.session, made)
        body = db.session.get_one(Organisation, made.cohort.training_body_id)
        user = make_member(db.session, body, Role.TRAINER, make_user(db.session, given_name="Formatrice"))
        seat_member(db.session, made.jury, user, declared_at=None, employer="Relais des Lilas")
        seat = db.session.scalars(select(JurySeat).where(JurySeat.user_id == user.id)).one()
        jury, seat_id, candidacy = f"/juries/{made.jury.id}", seat.id, made.candidacies[0].id
        link = f"{jury}/derogations?violation=conflict_trained&member={user.id}"
        emails = [made.registrar.email, user.email]
        db.session.commit()
    sign_in_as(window, live_server, emails[0])
    pages = {
        "the list": "/juries", "a new session": "/juries/new", "the session": jury, "its date": f"{jury}/edit",
        "a seat": f"{jury}/seats/{seat_id}", "needs": f"{jury}/candidates/{candidacy}", "a derogation": link,
        "whom to present": f"{jury}/candidates", "convocations": f"{jury}/convocations",
    }  # fmt: skip
    assert_all_accessible(window, {name: live_server.address(address) for name, address in pages.items()})
    sign_in_as(window, live_server, emails[1])
    own = {"a member's session": jury, "a declaration": f"{jury}/declare"}
    assert_all_accessible(window, {name: live_server.address(address) for name, address in own.items()})
