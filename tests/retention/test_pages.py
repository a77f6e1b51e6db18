"""What an administrator sees and decides about how long things are kept."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import jobs
from certify.core.access import Role
from certify.core.db import db
from certify.retention import services
from certify.retention.classes import CLASSES
from certify.retention.models import Purge, RetentionPeriod
from tests.factories.people import make_certifying_body, make_member, make_organisation, make_user
from tests.retention.test_purging import old_receipts
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as, signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import submit, visit

HOME = "/administration/retention"


@pytest.fixture
def administrator(session: Session) -> User:
    """Make somebody who administers the application."""
    person = make_member(session, make_certifying_body(session), Role.ADMINISTRATOR)
    session.commit()
    return person


def test_the_page_says_what_would_go_today_and_why_the_rest_stays(
    app: Flask, session: Session, administrator: User
) -> None:
    old_receipts(session, 4, days=31)
    page = visit(signed_in_client(app, administrator), HOME)
    row = page.find("strong", string="Reçus de formulaires").find_parent("tr")
    assert [cell.get_text(" ", strip=True).split()[0] for cell in row.find_all("td", class_="number")] == ["30", "4"]
    assert len(page.select("tbody tr")) == len(CLASSES)
    assert "Journal d’audit" in page.find(id="kept").get_text()


def test_a_period_is_changed_and_what_is_typed_wrong_is_explained(
    app: Flask, session: Session, administrator: User
) -> None:
    client = signed_in_client(app, administrator)
    path = f"{HOME}/field_operations"
    refused = submit(client, visit(client, path), days="3")
    assert refused.status_code == 422
    assert "Choisissez de 60 à" in refused.text
    assert 'value="3"' in refused.text
    assert submit(client, visit(client, path), days="deux mois").status_code == 422
    assert submit(client, visit(client, path), days="90").status_code == 303
    assert session.scalars(select(RetentionPeriod.days)).all() == [90]


def test_a_purge_asked_for_is_done_by_a_job_and_shown_in_the_log(
    app: Flask, session: Session, administrator: User
) -> None:
    old_receipts(session, 2, days=31)
    client = signed_in_client(app, administrator)
    assert submit(client, visit(client, HOME)).status_code == 303
    jobs.run_pending()
    log = visit(client, f"{HOME}/log")
    assert "Reçus de formulaires" in log.get_text()
    assert administrator.name in log.get_text()
    session.rollback()
    [purge] = session.scalars(select(Purge))
    assert purge.count == 2


def test_only_administrators_come_here(app: Flask, session: Session) -> None:
    coordinator = make_member(session, make_organisation(session), Role.COORDINATOR)
    session.commit()
    client = signed_in_client(app, coordinator)
    assert client.get(HOME).status_code == 403
    assert client.post(f"{HOME}/form_receipts/purge").status_code in (400, 403)
    assert client.get(f"{HOME}/anything").status_code == 403


def test_an_unknown_class_is_a_404(app: Flask, administrator: User) -> None:
    assert signed_in_client(app, administrator).get(f"{HOME}/anything").status_code == 404


def test_pages_take_as_many_statements_whatever_is_due(app: Flask, session: Session, administrator: User) -> None:
    client = signed_in_client(app, administrator)
    visit(client, HOME)
    with count_statements(db.engine) as few:
        client.get(HOME)
    old_receipts(session, 200, days=31)
    for _ in range(30):
        services.purge_some(session, CLASSES[0], services.queries.limit(30))
    session.commit()
    with count_statements(db.engine) as many:
        client.get(HOME)
    assert len(many) == len(few)


@pytest.mark.parametrize("window", ["page", "phone"])
def test_pages_are_accessible_and_fit_their_window(
    request: pytest.FixtureRequest, live_server: LiveServer, window: str
) -> None:
    with live_server.app.app_context():
        person = make_user(db.session, email="administration@example.org")
        make_member(db.session, make_certifying_body(db.session), Role.ADMINISTRATOR, person)
        old_receipts(db.session, 3, days=31)
        services.purge_some(db.session, CLASSES[0], services.queries.limit(30))
        old_receipts(db.session, 1, days=31)
        db.session.commit()
    browser: Page = request.getfixturevalue(window)
    sign_in_as(browser, live_server, "administration@example.org")
    places = {"home": HOME, "period": f"{HOME}/mails", "log": f"{HOME}/log"}
    assert_all_accessible(browser, {name: live_server.url + path for name, path in places.items()})
    assert live_server.app is not None
