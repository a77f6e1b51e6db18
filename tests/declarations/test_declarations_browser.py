"""Identities and declarations in a real browser, at both widths: accessible, within the window."""

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.db import db
from certify.declarations import services
from certify.declarations.models import DepositItem
from tests.factories.declarations import make_declared, make_deposit, make_identity, report
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as


@pytest.fixture
def places(live_server: LiveServer) -> dict[str, str]:
    """Give the addresses of the pages of a body that declared one person of three, and rejected another."""
    with live_server.app.app_context():
        session = db.session
        declared = make_declared(session, 3, has_identities=False)
        for one in declared.holders[:2]:
            make_identity(session, one)
        deposit = make_deposit(session, declared)
        names = list(session.scalars(select(DepositItem.technical_id)))
        content = report(deposit, names[:1], {names[1]: "Plusieurs titulaires"})
        services.import_receipt(session, declared.actor(session), deposit, filename="retour.xml", content=content)
        enrolments = {
            row.user_id: row.id
            for row in session.scalars(select(Enrolment).where(Enrolment.user_id.in_(declared.holders)))
        }
        known, unknown = enrolments[declared.holders[0]], enrolments[declared.holders[2]]
        emails = {"staff": declared.registrar.email, "own": session.get_one(User, declared.holders[2]).email}
        session.commit()
        found = {
            "declarations": "/declarations", "identifiers": "/declarations/depositor",
            "deposit": f"/declarations/deposits/{deposit.id}", "identities": "/identities",
            "known": f"/trainees/{known}/identity", "unknown": f"/trainees/{unknown}/identity",
            "edit": f"/trainees/{known}/identity/edit",
        }  # fmt: skip
    return emails | {name: live_server.url + path for name, path in found.items()}


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_identities_and_declarations_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest, live_server: LiveServer, places: dict[str, str], window: str
) -> None:
    seen: Page = request.getfixturevalue(window)
    sign_in_as(seen, live_server, places.pop("staff"))
    own = places.pop("own")
    assert_all_accessible(seen, places)
    seen.context.clear_cookies()
    sign_in_as(seen, live_server, own)
    assert_all_accessible(seen, {"own": live_server.url + "/identity"})
