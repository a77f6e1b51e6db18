"""Groups in a real browser, at both widths: accessible, readable with a thumb, and usable without a script."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from certify.accounts.models import User
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.groups.models import LeavingReason
from certify.groups.queries.groups import facilitators_of
from certify.groups.services import composing, members
from tests.factories.groups import at_noon, lived_group, make_coordinator, month_of, open_one, trainee_of_group
from tests.factories.meetings import make_meeting
from tests.factories.people import make_member
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

STAFF = "groupes@exemple.test"


@pytest.fixture
def places(live_server: LiveServer) -> dict[str, str]:
    """Give the addresses of the pages of a group that met for months, and of families who wait."""
    with live_server.app.app_context():
        session, today = db.session, clock.today()
        actor, body = make_coordinator(session, email=STAFF)
        make_member(session, body, Role.REFERENT, session.get_one(User, actor.user_id))
        opened = today - timedelta(days=160)
        with clock.at(at_noon(opened)):
            group = open_one(session, actor, body, opened_on=opened, referent_id=actor.user_id)
        people, _held = lived_group(session, actor, group, size=9, meetings=8)
        members.leave(session, actor, group, people[2], left_on=today, reason=LeavingReason.SCHEDULE)
        make_meeting(session, group, today + timedelta(days=4))
        make_meeting(session, group, today - timedelta(days=4))
        for n in range(10):
            family = composing.wait(
                session, actor, body.id, place="Crèche", month=month_of(today, -(n % 3)), is_due=False, since=today
            )
        facilitator = facilitators_of(session, [group.id])[group.id][0].facilitator
        found = {
            "list": "/groups", "group": f"/groups/{group.id}", "members": f"/groups/{group.id}/members",
            "member": f"/groups/{group.id}/members/{people[0].id}",
            "gone": f"/groups/{group.id}/members/{people[2].id}",
            "settings": f"/groups/{group.id}/edit",
            "ending": f"/groups/{group.id}/facilitators/{facilitator.id}/end", "new": "/groups/new",
            "waiting": "/groups/waiting", "stop": f"/groups/waiting/{family.id}", "compose": "/groups/compose",
            "place": "/groups/compose/open?families=1,2,3&place=Cr%C3%A8che",
        }  # fmt: skip
        trainee = trainee_of_group(session, group).email
        session.commit()
    return {"trainee": trainee} | {name: live_server.url + path for name, path in found.items()}


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_groups_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest, live_server: LiveServer, places: dict[str, str], window: str
) -> None:
    page: Page = request.getfixturevalue(window)
    sign_in_as(page, live_server, STAFF)
    assert_all_accessible(page, {name: url for name, url in places.items() if name != "trainee"})


def test_a_trainee_opens_the_lines_behind_a_rule_and_the_procedure_on_a_phone(
    live_server: LiveServer, places: dict[str, str], phone: Page
) -> None:
    sign_in_as(phone, live_server, places["trainee"])
    phone.goto(places["group"])
    rule = phone.locator("#rule-rhythm")
    expect(rule.get_by_text("Une dynamique de 2 fois par mois")).to_be_hidden()
    rule.locator("summary").click()
    expect(rule.get_by_text("Une dynamique de 2 fois par mois")).to_be_visible()
    assert rule.locator("tbody tr").count() >= 1
    phone.get_by_role("link", name="Ouvrir la procédure").click()
    assert phone.url.endswith("/procedure")


def test_somebody_joins_and_leaves_without_a_script(
    live_server: LiveServer, places: dict[str, str], plain_page: Page
) -> None:
    sign_in_as(plain_page, live_server, STAFF)
    plain_page.goto(places["members"])
    plain_page.locator("summary", has_text="Faire entrer quelqu’un").click()
    plain_page.get_by_label("est né").check()
    plain_page.get_by_label("Mois de naissance, ou du terme prévu").fill(month_of(clock.today(), -2).isoformat()[:7])
    plain_page.get_by_role("button", name="Faire entrer dans le groupe").click()
    expect(plain_page.get_by_text("le nom tiré au sort pour cette personne")).to_be_visible()
    plain_page.goto(places["member"])
    plain_page.get_by_label("Déménagement").check()
    plain_page.get_by_role("button", name="Noter le départ").click()
    expect(plain_page.get_by_text("est noté.")).to_be_visible()
