"""Meetings in a real browser: attendance in a few taps on a phone, by the keyboard, and every page at both widths."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from certify.core.db import db
from certify.groups.models import Meeting, MeetingState, Presence
from certify.groups.queries import meetings as queries
from certify.groups.services import attendance, calendar
from tests.factories.meetings import days_ago, make_meeting, make_scene
from tests.services.accessibility import assert_all_accessible
from tests.services.live_server import LiveServer
from tests.services.signing_in import sign_in_as

MOST_TAPS = 12


class Taps:
    """Counts what a thumb does."""

    def __init__(self, window: Page) -> None:
        self.window, self.count = window, 0

    def on(self, selector: str) -> None:
        """Tap one thing."""
        self.window.locator(selector).first.tap()
        self.count += 1


@pytest.fixture
def group(live_server: LiveServer) -> dict[str, str]:
    """Give the addresses of a group of ten whose meeting is today, and the address of who facilitates it."""
    with live_server.app.app_context():
        scene = make_scene(db.session, members=10)
        meeting = make_meeting(db.session, scene.group)
        past = make_meeting(db.session, scene.group, days_ago(14), theme="Le sommeil")
        rows = {one.id: (Presence.PRESENT, n == 2) for n, one in enumerate(scene.participants)}
        attendance.take(db.session, scene.actor, past, rows=rows, facilitator_present=True)
        off = make_meeting(
            db.session, scene.group, days_ago(7), state=MeetingState.CANCELLED, reason="Le lieu est fermé"
        )
        later = make_meeting(db.session, scene.group, days_ago(-9))
        moved = make_meeting(db.session, scene.group, days_ago(-2), state=MeetingState.MOVED, moved_to_id=later.id)
        calendar.make_feed(db.session, scene.actor)
        found = {
            "list": f"/groups/{scene.group.id}/meetings", "new": f"/groups/{scene.group.id}/meetings/new",
            "series": f"/groups/{scene.group.id}/meetings/series", "closures": f"/groups/{scene.group.id}/closures",
            "today": f"/meetings/{meeting.id}", "past": f"/meetings/{past.id}", "cancelled": f"/meetings/{off.id}",
            "moved": f"/meetings/{moved.id}", "later": f"/meetings/{later.id}",
            "attendance": f"/meetings/{meeting.id}/attendance", "corrected": f"/meetings/{past.id}/attendance",
            "edit": f"/meetings/{meeting.id}/edit", "cancel": f"/meetings/{meeting.id}/cancel",
            "move": f"/meetings/{meeting.id}/move", "calendar": "/calendar",
        }  # fmt: skip
        email = scene.facilitator.email
        db.session.commit()
    return {name: live_server.url + path for name, path in found.items()} | {"email": email}


def _noted(server: LiveServer, address: str) -> queries.Counts:
    with server.app.app_context():
        identity = next(one for one in db.session.scalars(select(Meeting.id)) if str(one) in address)
        return queries.counts_of(db.session, [identity])[identity]


@pytest.mark.parametrize("window", ["page", "phone"])
def test_every_page_of_meetings_is_accessible_and_fits_its_window(
    request: pytest.FixtureRequest, live_server: LiveServer, group: dict[str, str], window: str
) -> None:
    page: Page = request.getfixturevalue(window)
    places = dict(group)
    sign_in_as(page, live_server, places.pop("email"))
    assert_all_accessible(page, places)
    page.goto(places["series"])
    page.get_by_role("button", name="Voir les dates").click()
    expect(page.get_by_role("button", name="Garder ces rencontres")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_ten_participants_are_noted_one_by_one_in_twelve_taps_at_most(
    live_server: LiveServer, group: dict[str, str], phone: Page
) -> None:
    sign_in_as(phone, live_server, group["email"])
    phone.goto(group["today"])
    taps = Taps(phone)
    taps.on("a:has-text('Noter les présences')")
    phone.wait_for_url(group["attendance"])
    for n, row in enumerate(phone.locator(".attend-row").all()):
        row.locator(".segmented label").nth(n % 3).tap()
        taps.count += 1
    expect(phone.locator("[data-roster-count]")).to_have_text("10 sur 10 notés")
    taps.on("text=Enregistrer les présences")
    expect(phone.get_by_text("10 présences sont notées.")).to_be_visible()
    assert taps.count <= MOST_TAPS, taps.count
    assert _noted(live_server, group["today"]) == queries.Counts(4, 3, 3, 0)


def test_everybody_but_two_is_noted_in_five_taps(live_server: LiveServer, group: dict[str, str], phone: Page) -> None:
    sign_in_as(phone, live_server, group["email"])
    phone.goto(group["attendance"])
    taps = Taps(phone)
    taps.on("[data-everybody]")
    taps.on(".attend-row:nth-child(3) .seg-absent")
    taps.on(".attend-row:nth-child(5) .attend-second")
    taps.on(".attend-row:nth-child(7) .seg-excused")
    taps.on("text=Enregistrer les présences")
    expect(phone.get_by_text("10 présences sont notées.")).to_be_visible()
    assert taps.count == 5
    assert _noted(live_server, group["today"]) == queries.Counts(8, 1, 1, 1)


def test_every_answer_is_large_enough_for_a_thumb(live_server: LiveServer, group: dict[str, str], phone: Page) -> None:
    sign_in_as(phone, live_server, group["email"])
    phone.goto(group["attendance"])
    boxes = [one.bounding_box() for one in phone.locator(".attend-row .segmented label, .attend-second").all()]
    assert len(boxes) == 40
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)


def test_attendance_is_taken_by_the_keyboard_alone(live_server: LiveServer, group: dict[str, str], page: Page) -> None:
    sign_in_as(page, live_server, group["email"])
    page.goto(group["attendance"])
    page.locator("[data-everybody]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-roster-count]")).to_have_text("10 sur 10 notés")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".attend-row:first-child .seg-present input")).to_be_checked()
    expect(page.locator(".attend-row:first-child .attend-second input")).to_be_checked()
    page.get_by_role("button", name="Enregistrer les présences").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("10 présences sont notées.")).to_be_visible()
    assert _noted(live_server, group["today"]) == queries.Counts(10, 0, 0, 1)


def test_attendance_needs_no_script(live_server: LiveServer, group: dict[str, str], plain_page: Page) -> None:
    sign_in_as(plain_page, live_server, group["email"])
    plain_page.goto(group["attendance"])
    plain_page.get_by_role("link", name="Tous présents").click()
    plain_page.locator(".attend-row .seg-absent").first.click()
    plain_page.get_by_role("button", name="Enregistrer les présences").click()
    expect(plain_page.get_by_text("10 présences sont notées.")).to_be_visible()
    assert _noted(live_server, group["today"]) == queries.Counts(9, 0, 1, 0)
