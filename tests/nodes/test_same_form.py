"""The same form sent twenty times at once has one effect; so have twenty forms that ask for the same thing."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit, clock
from certify.core.access import Role
from certify.core.db import separate_session
from certify.logbook.models import LogbookEntry
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member
from tests.nodes.crowd import Server, at_once, known
from tests.services.visiting import submit, visit

TWENTY = 20
FORM = 'form:has([name="starts_on"])'


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
            for tab in server.tabs(browser, TWENTY)
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
            for tab in server.tabs(browser, TWENTY)
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
            for tab, page in zip(server.tabs(browser, TWENTY), pages, strict=True)
        ]
    )

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[303] == 1
    assert statuses[409] + statuses[422] == TWENTY - 1
    told = [answer.get_data(as_text=True) for answer in answers if answer.status_code != 303]
    assert all("déjà" in page and "une-seule@exemple.test" in page for page in told)
    assert session.scalar(select(func.count()).where(Enrolment.cohort_id == cohort.id)) == 1
    assert session.scalar(select(func.count()).where(User.email == "une-seule@exemple.test")) == 1
