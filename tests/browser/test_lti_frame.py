"""Inside a platform's page, in a real browser: a frame of another site, cookies kept apart, storage, a window."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from playwright.sync_api import Frame, Page, expect
from pydantic import SecretStr
from sqlalchemy import select

from certify.cohorts.models import Cohort
from certify.core.db import db
from certify.lti.models import Context
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.conftest import SECRET
from tests.factories.cohorts import make_cohort
from tests.services import databases
from tests.services.launches import launch, register
from tests.services.live_server import LiveServer, served
from tests.services.lms import Platform, running_platform
from tests.services.lms.vocabulary import DEEP_LINKING_REQUEST
from tests.services.processes import free_port

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Give a platform whose site is another than certify's: to a browser, names make sites."""
    with running_platform(host="localhost") as platform:
        yield platform


@pytest.fixture
def tool(platform: Platform, tmp_path: Path, make_app: Callable[[Settings], Flask]) -> Iterator[LiveServer]:
    """Give certify, registered in the platform, in a course that stands for a cohort."""
    port = free_port()
    secret = SecretStr(SECRET)
    with databases.migrated_database("sqlite", tmp_path / "tool") as url:
        app = make_app(
            Settings(
                env="test", data_dir=tmp_path / "var", database_url=url, queue_url="memory:", secret_key=secret,
                password_salt=secret, keys_secret=secret, public_url=f"http://127.0.0.1:{port}",
                lti_allow_insecure=True,
            )
        )  # fmt: skip
        with served(app, port=port) as server:
            _link_the_course(server, platform)
            yield server


def _link_the_course(server: LiveServer, platform: Platform) -> None:
    with server.app.app_context():
        cohort: Cohort = make_cohort(db.session)
        register(db.session, platform, db.session.get_one(Organisation, cohort.training_body_id), tool=server.url)
        cohort_id = cohort.id
        launch(server.app.test_client(), platform, "teacher")
        db.session.scalars(select(Context)).one().cohort_id = cohort_id
        db.session.commit()


def open_course(page: Page, platform: Platform, **query: str) -> Frame:
    """Open the course and return the frame that shows the tool, once it leads somewhere."""
    link = platform.links[0].id
    asked = {"user": platform.learner.sub, "link": link, **query}
    page.goto(f"{platform.url}/course?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    page.wait_for_function("document.querySelector('iframe') !== null")
    return tool_frame(page)


def tool_frame(page: Page) -> Frame:
    """Return the frame that shows the tool."""
    page.wait_for_timeout(200)
    for _each in range(200):
        for frame in page.frames:
            if frame.url.startswith("http://127.0.0.1:"):
                return frame
        page.wait_for_timeout(100)
    raise AssertionError([frame.url for frame in page.frames])


def test_a_trainee_writes_in_their_logbook_inside_the_frame_of_another_site(
    page: Page, platform: Platform, tool: LiveServer, axe: Callable[[Any], None]
) -> None:
    frame = open_course(page, platform)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Mon cahier de suivi")
    assert "/l/" in frame.url
    frame.get_by_role("link", name="Nouvelle fiche").first.click()
    expect(frame.get_by_role("heading", level=1)).to_contain_text("fiche")
    assert page.evaluate("document.cookie").find("certify") == -1
    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert kept["__Host-certify-lti"]["sameSite"] == "None"
    assert kept["__Host-certify-lti"]["secure"]
    assert "certify" not in kept


def test_the_frame_can_be_used_with_a_keyboard_and_on_a_phone(
    page: Page, platform: Platform, tool: LiveServer, axe: Callable[[Any], None]
) -> None:
    page.set_viewport_size(PHONE)
    frame = open_course(page, platform)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Mon cahier de suivi")
    axe(page)
    frame.get_by_role("link", name="Aller au contenu").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = frame.evaluate("document.activeElement.closest('main') !== null")
    assert focused
    assert frame.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_frame_is_as_high_as_its_page(page: Page, platform: Platform, tool: LiveServer) -> None:
    frame = open_course(page, platform)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Mon cahier de suivi")
    page.wait_for_function("Number(document.querySelector('iframe').getAttribute('height') || 0) > 200")


def test_a_platform_that_keeps_values_for_us_replaces_lost_cookies(
    page: Page, platform: Platform, tool: LiveServer
) -> None:
    lose_cookies(tool)
    frame = open_course(page, platform, storage="_parent")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Mon cahier de suivi")


def test_a_browser_that_keeps_nothing_gets_a_window_of_its_own(
    page: Page, platform: Platform, tool: LiveServer
) -> None:
    lose_cookies(tool, framed_only=True)
    frame = open_course(page, platform)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ouvrir dans une nouvelle fenêtre")
    with page.expect_popup() as opened:
        frame.get_by_role("button", name="Ouvrir l’activité").click()
    window = opened.value
    expect(window.get_by_role("heading", level=1)).to_have_text("Mon cahier de suivi")


def test_what_a_frame_shows_opens_in_a_window(page: Page, platform: Platform, tool: LiveServer) -> None:
    frame = open_course(page, platform)
    with page.expect_popup() as opened:
        frame.get_by_role("button", name="Ouvrir en grand").click()
    window = opened.value
    expect(window.get_by_role("heading", level=1)).to_have_text("Mon cahier de suivi")
    expect(window.get_by_role("button", name="Ouvrir en grand")).to_have_count(0)


def test_a_teacher_places_links_and_the_answer_goes_by_itself(
    page: Page, platform: Platform, tool: LiveServer, axe: Callable[[Any], None]
) -> None:
    frame = open_course(page, platform, user=platform.teacher.sub, link="", message=DEEP_LINKING_REQUEST)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ajouter des liens à votre cours")
    axe(page)
    expect(frame.get_by_label("Colonne de notes : Progression")).to_be_hidden()
    frame.get_by_role("checkbox", name="Progression").check()
    frame.get_by_label("Colonne de notes : Progression").select_option("whole")
    frame.get_by_role("button", name="Ajouter au cours").click()
    for _each in range(100):
        if platform.responses:
            break
        page.wait_for_timeout(100)
    assert [item.title for item in platform.saved_items] == ["Mon cahier de suivi", "Progression"]
    assert platform.line_items[0].tag == "certify:whole"
    assert platform.refusals == []


class NoCookies:
    """Stands before certify for a browser set to keep no cookie of ours: those of the login never arrive."""

    def __init__(self, application: WSGIApplication, *, framed_only: bool) -> None:
        self._application, self._framed_only = application, framed_only

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        in_window = environ.get("HTTP_SEC_FETCH_DEST") == "document"
        if not environ["PATH_INFO"].startswith("/lti/login") or (self._framed_only and in_window):
            return self._application(environ, start_response)

        def without(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
            return start_response(status, kept, exc_info)

        return self._application(environ, without)


def lose_cookies(tool: LiveServer, *, framed_only: bool = False) -> None:
    tool.app.wsgi_app = NoCookies(tool.app.wsgi_app, framed_only=framed_only)  # type: ignore[method-assign]
