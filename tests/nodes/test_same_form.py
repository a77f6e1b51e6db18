"""The same form sent twenty times at once has one effect; so have twenty forms that ask for the same thing."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certify import create_app
from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit, clock
from certify.core.access import Role
from certify.core.db import db, separate_session
from certify.logbook.models import LogbookEntry
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member
from tests.nodes.balancer import Balancer, Browser
from tests.nodes.path import PASSWORD
from tests.services import databases
from tests.services.live_server import environment_of, is_alive, running_node
from tests.services.processes import free_port, wait_for
from tests.services.visiting import follow, submit, visit

TWENTY = 20
FORM = 'form:has([name="starts_on"])'


@dataclass(frozen=True)
class Server:
    """A real server of two processes, the application it serves, and the browsers that reach it."""

    url: str
    app: Flask

    def browser_of(self, email: str) -> Browser:
        """Return the browser of somebody signed in."""
        browser = Browser(Balancer([self.url]), self.url)
        page = visit(browser, "/login")
        follow(browser, submit(browser, page, 'form:has([name="email"])', email=email, password=PASSWORD))
        return browser

    def tabs(self, browser: Browser) -> list[Browser]:
        """Return twenty tabs of one browser."""
        cookie = browser.get_cookie("certify", domain=str(urlsplit(self.url).hostname))
        assert cookie is not None
        tabs = [Browser(Balancer([self.url]), self.url) for _ in range(TWENTY)]
        for tab in tabs:
            tab.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
        return tabs


@pytest.fixture(scope="module", params=databases.ENGINES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a real server of two processes, on a database that the tests of this file share."""
    folder, port = tmp_path_factory.mktemp("same-form"), free_port()
    url, secret = f"http://127.0.0.1:{port}", SecretStr("a secret of the tests, of no worth to anybody")
    command = ("serve", "--no-worker", "--processes", "2", "--threads", "6", "--port", str(port))
    with databases.migrated_database(request.param, folder) as database:
        settings = Settings(
            env="test", data_dir=folder / "var", database_url=database, queue_url="memory:",
            secret_key=secret, password_salt=secret, keys_secret=secret,
        )  # fmt: skip
        with running_node("web", *command, env=environment_of(settings), log=folder / "web.log") as node:
            wait_for(node, lambda: is_alive(url))
            app = create_app(settings)
            yield Server(url, app)
            with app.app_context():
                db.engine.dispose()


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    """Give a session of the test on the database of the server, which can write only once its transaction ends."""
    with server.app.app_context(), separate_session() as session:
        yield session


@pytest.fixture
def cohort(session: Session) -> Cohort:
    """Give a cohort."""
    return make_cohort(session)


@pytest.fixture
def coordinator(session: Session, cohort: Cohort) -> str:
    """Give the address of the coordinator of the cohort, who has a password."""
    body = session.get_one(Organisation, cohort.training_body_id)
    return known(session, make_member(session, body, Role.COORDINATOR))


def known(session: Session, user: User) -> str:
    """Give somebody a password, and return their address."""
    accounts.set_password(session, user, PASSWORD)
    session.commit()
    return user.email


def at_once(work: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """Send everything at the same moment; return the answers."""
    together = Barrier(len(work))

    def send(one: Callable[[], TestResponse]) -> TestResponse:
        together.wait(30)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(send, work))


def test_twenty_tabs_sending_the_same_form_open_one_cohort_and_all_go_there(
    session: Session, server: Server, coordinator: str
) -> None:
    browser = server.browser_of(coordinator)
    page = visit(browser, "/cohorts/new")
    today = clock.today()
    dates = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=200)).isoformat()}

    answers = at_once(
        [
            lambda tab=tab: submit(tab, page, FORM, name="Promotion d’automne", **dates)  # type: ignore[misc]
            for tab in server.tabs(browser)
        ]
    )

    assert Counter(answer.status_code for answer in answers) == {303: TWENTY}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert session.scalar(select(func.count()).where(Cohort.name == "Promotion d’automne")) == 1
    assert list(audit.verify(session)) == []


def test_twenty_taps_on_one_new_entry_begin_one_entry(session: Session, server: Server, cohort: Cohort) -> None:
    enrolment = make_enrolment(session, cohort)
    trainee, enrolment_id = session.get_one(User, enrolment.user_id), enrolment.id
    browser = server.browser_of(known(session, trainee))
    page = visit(browser, "/logbook/new")

    answers = at_once(
        [
            lambda tab=tab: submit(tab, page, "form:has(.tile)", press="Rencontre de groupe")  # type: ignore[misc]
            for tab in server.tabs(browser)
        ]
    )

    assert Counter(answer.status_code for answer in answers) == {303: TWENTY}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert session.scalar(select(func.count()).where(LogbookEntry.enrolment_id == enrolment_id)) == 1


def test_twenty_forms_enrolling_the_same_person_enrol_once_and_the_others_are_told(
    session: Session, server: Server, cohort: Cohort, coordinator: str
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
    assert session.scalar(select(func.count()).where(Enrolment.cohort_id == cohort.id)) == 1
    assert session.scalar(select(func.count()).where(User.email == "une-seule@exemple.test")) == 1
