"""One effect per form shown, however often it is sent."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.access import Role
from certify.core.receipts import FormReceipt
from certify.core.types import new_id
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort
from tests.factories.people import make_member, make_user
from tests.services.signing_in import SignIn
from tests.services.visiting import Page, read, submit, visit

DATES = {"starts_on": "2026-01-12", "ends_on": "2026-12-18"}


@pytest.fixture
def coordinator(session: Session, sign_in: SignIn) -> FlaskClient:
    """Give a coordinator signed in, whose training body may open cohorts."""
    body = session.get_one(Organisation, make_cohort(session, name="La première").training_body_id)
    return sign_in(make_member(session, body, Role.COORDINATOR))


@pytest.fixture
def names(session: Session) -> Callable[[], list[str]]:
    """Give the function that reads the names of the cohorts opened."""

    def read_names() -> list[str]:
        session.rollback()
        query = select(Cohort.name).where(Cohort.name != "La première").order_by(Cohort.name)
        found = list(session.scalars(query))
        session.rollback()
        return found

    return read_names


def receipt_of(page: Page) -> str:
    return str(page.select_one("main input[name=_receipt]")["value"])  # type: ignore[index]


def test_a_form_sent_again_gets_its_first_answer_and_opens_nothing_more(
    coordinator: FlaskClient, names: Callable[[], list[str]]
) -> None:
    page = visit(coordinator, "/cohorts/new")
    first, second = (submit(coordinator, page, name="Printemps", **DATES) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert names() == ["Printemps"]


def test_a_form_sent_again_with_other_words_gets_its_first_answer(
    coordinator: FlaskClient, names: Callable[[], list[str]]
) -> None:
    page = visit(coordinator, "/cohorts/new")
    first = submit(coordinator, page, name="Printemps", **DATES)
    second = submit(coordinator, page, name="Automne", **DATES)
    assert first.location == second.location
    assert names() == ["Printemps"]


def test_the_page_shown_again_is_another_form(coordinator: FlaskClient, names: Callable[[], list[str]]) -> None:
    for name in ("Automne", "Printemps"):
        assert submit(coordinator, visit(coordinator, "/cohorts/new"), name=name, **DATES).status_code == 303
    assert names() == ["Automne", "Printemps"]


def test_a_refused_form_keeps_its_receipt_until_it_is_accepted(
    coordinator: FlaskClient, names: Callable[[], list[str]]
) -> None:
    page = visit(coordinator, "/cohorts/new")
    refused = read(submit(coordinator, page, name="", **DATES), status=422)
    assert receipt_of(refused) == receipt_of(page)
    accepted = submit(coordinator, refused, name="Printemps", **DATES)
    assert accepted.status_code == 303
    assert submit(coordinator, page, name="", **DATES).location == accepted.location
    assert names() == ["Printemps"]


def test_the_receipt_of_one_address_says_nothing_at_another(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    receipt = str(new_id())
    person = sign_in(make_user(session))
    token = str(visit(person, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    data = {"_receipt": receipt, "csrf_token": token, "locale": "en", "next": "/aide"}
    assert person.post("/language", data=data).location == "/aide"
    assert person.post("/organisation", data=data).location == "/"
    assert person.post("/language", data=data | {"next": "/account"}).location == "/aide"


@pytest.mark.parametrize("receipt", ["", "no identifier", "\0", "é" * 36, "0" * 400])
def test_a_receipt_nobody_made_is_no_obstacle(client: FlaskClient, receipt: str) -> None:
    token = str(visit(client, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    data = {"_receipt": receipt, "csrf_token": token, "locale": "en", "next": "/aide"}
    for _ in range(2):
        assert client.post("/language", data=data).location == "/aide"


def test_a_receipt_is_kept_with_the_moment_and_the_address(client: FlaskClient, session: Session) -> None:
    token = str(visit(client, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    data = {"_receipt": str(new_id()), "csrf_token": token, "locale": "en", "next": "/aide"}
    client.post("/language", data=data)
    kept = session.scalars(select(FormReceipt)).one()
    assert (kept.path, kept.location) == ("/language", "/aide")
    assert abs((clock.now() - kept.at).total_seconds()) < 60


def test_a_page_that_is_read_keeps_no_receipt(client: FlaskClient, session: Session) -> None:
    client.get("/aide", query_string={"_receipt": str(new_id())})
    assert session.scalar(select(func.count()).select_from(FormReceipt)) == 0


def test_two_forms_shown_have_two_receipts(app: Flask, coordinator: FlaskClient) -> None:
    assert receipt_of(visit(coordinator, "/cohorts/new")) != receipt_of(visit(coordinator, "/cohorts/new"))
