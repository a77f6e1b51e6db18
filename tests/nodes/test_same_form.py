"""The same form sent twenty times at once has one effect; so have twenty forms that ask for the same thing."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit, clock
from certify.core.access import Role
from certify.logbook.models import LogbookEntry
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member
from tests.nodes.balancer import Balancer, Browser
from tests.nodes.path import PASSWORD
from tests.services.live_server import environment_of, is_alive, running_node
from tests.services.processes import free_port, wait_for
from tests.services.visiting import follow, submit, visit

TWENTY = 20


@dataclass(frozen=True)
class Server:
    """A real server of two processes, and the browsers that reach it."""

    url: str

    def browser_of(self, user: User) -> Browser:
        """Return the browser of somebody signed in."""
        browser = Browser(Balancer([self.url]), self.url)
        page = visit(browser, "/login")
        follow(browser, submit(browser, page, 'form:has([name="email"])', email=user.email, password=PASSWORD))
        return browser

    def tabs(self, browser: Browser) -> list[Browser]:
        """Return twenty tabs of one browser."""
        cookie = browser.get_cookie("certify", domain=str(urlsplit(self.url).hostname))
        assert cookie is not None
        tabs = [Browser(Balancer([self.url]), self.url) for _ in range(TWENTY)]
        for tab in tabs:
            tab.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
        return tabs


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """Give a real server of two processes on the database of the test."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ("serve", "--no-worker", "--processes", "2", "--threads", "6", "--port", str(port))
    with running_node("web", *command, env=environment_of(settings), log=tmp_path / "web.log") as node:
        wait_for(node, lambda: is_alive(url))
        yield Server(url)


@pytest.fixture
def cohort(app: Flask, session: Session) -> Cohort:
    """Give a cohort."""
    return make_cohort(session)


@pytest.fixture
def coordinator(session: Session, cohort: Cohort) -> User:
    """Give the coordinator of the cohort, who has a password."""
    user = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR)
    accounts.set_password(session, user, PASSWORD)
    session.commit()
    return user


def at_once(work: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """Send everything at the same moment; return the answers."""
    together = Barrier(len(work))

    def send(one: Callable[[], TestResponse]) -> TestResponse:
        together.wait(30)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(send, work))


def test_twenty_tabs_sending_the_same_form_open_one_cohort_and_all_go_there(
    session: Session, server: Server, coordinator: User
) -> None:
    browser = server.browser_of(coordinator)
    page = visit(browser, "/cohorts/new")
    today = clock.today()
    written = {
        "name": "Promotion d’automne", "starts_on": today.isoformat(), "ends_on": (today + timedelta(days=200)).isoformat(),
    }  # fmt: skip

    answers = at_once(
        [
            lambda tab=tab: submit(tab, page, 'form:has([name="starts_on"])', **written)  # type: ignore[misc]
            for tab in server.tabs(browser)
        ]
    )

    assert Counter(answer.status_code for answer in answers) == {303: TWENTY}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    session.rollback()
    assert session.scalar(select(func.count()).where(Cohort.name == "Promotion d’automne")) == 1
    assert list(audit.verify(session)) == []


def test_twenty_taps_on_one_new_entry_begin_one_entry(session: Session, server: Server, cohort: Cohort) -> None:
    trainee = session.get_one(User, make_enrolment(session, cohort).user_id)
    accounts.set_password(session, trainee, PASSWORD)
    session.commit()
    browser = server.browser_of(trainee)
    page = visit(browser, "/logbook/new")

    answers = at_once(
        [
            lambda tab=tab: submit(tab, page, "form:has(.tile)", press="Rencontre de groupe")  # type: ignore[misc]
            for tab in server.tabs(browser)
        ]
    )

    assert Counter(answer.status_code for answer in answers) == {303: TWENTY}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    session.rollback()
    assert session.scalar(select(func.count(LogbookEntry.id))) == 1


def test_twenty_forms_enrolling_the_same_person_enrol_once_and_the_others_are_told(
    session: Session, server: Server, cohort: Cohort, coordinator: User
) -> None:
    browser = server.browser_of(coordinator)
    address = f"/cohorts/{cohort.id}/enrolments/new"
    pages = [visit(browser, address) for _ in range(TWENTY)]
    person = {"email": "une-seule@exemple.test", "given_name": "Stagiaire", "family_name": "Seule"}
    person["entered_on"] = clock.today().isoformat()

    answers = at_once(
        [
            lambda tab=tab, page=page: submit(tab, page, 'form:has([name="entered_on"])', **person)  # type: ignore[misc]
            for tab, page in zip(server.tabs(browser), pages, strict=True)
        ]
    )

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[303] == 1
    assert statuses[409] + statuses[422] == TWENTY - 1
    told = [answer.get_data(as_text=True) for answer in answers if answer.status_code != 303]
    assert all("déjà" in page and "une-seule@exemple.test" in page for page in told)
    session.rollback()
    assert session.scalar(select(func.count(Enrolment.id))) == 1
    assert session.scalar(select(func.count()).where(User.email == "une-seule@exemple.test")) == 1
