"""One's own account: name, language, devices in words."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from certify.accounts import policies
from certify.accounts.models import User
from certify.core import clock
from certify.core.audit import AuditEvent
from certify.core.db import db
from tests.factories.people import make_user
from tests.services.signing_in import sign_in
from tests.services.visiting import follow, read, submit, visit


@pytest.fixture
def person(client: FlaskClient, session: Session) -> User:
    user = make_user(session, given_name="Stagiaire", family_name="03")
    sign_in(client, user)
    return user


def test_changing_ones_name_is_shown_and_leaves_a_trace_without_the_name(
    client: FlaskClient, session: Session, person: User
) -> None:
    answer = submit(client, visit(client, "/account"), family_name="Trois")

    assert "Stagiaire Trois" in follow(client, answer).get_text()
    trace = session.scalars(select(AuditEvent).where(AuditEvent.tag == "account:name:changed")).one()
    assert (trace.actor_id, trace.object_id, trace.detail) == (person.id, person.id, {})


def test_saving_the_same_name_leaves_no_trace(client: FlaskClient, session: Session, person: User) -> None:
    submit(client, visit(client, "/account"))

    assert session.scalars(select(AuditEvent).where(AuditEvent.tag == "account:name:changed")).all() == []


def test_an_empty_name_is_refused_beside_its_field(client: FlaskClient, person: User) -> None:
    page = read(submit(client, visit(client, "/account"), given_name="   "), status=422)

    assert "Remplissez ce champ" in page.select_one("#given_name-error").get_text()  # type: ignore[union-attr]


def test_the_language_of_the_account_is_the_language_of_pages(client: FlaskClient, person: User) -> None:
    page = follow(client, submit(client, visit(client, "/account"), locale="en"))

    assert page.select_one("html")["lang"] == "en"  # type: ignore[index]


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/account").headers["Location"].endswith("/login?next=/account")


def test_knowing_who_asks_takes_two_statements_whatever_they_hold(
    client: FlaskClient, session: Session, person: User
) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _x, statement, *_a: statements.append(statement))

    assert client.get("/account/second-factor/changed").status_code == 303  # reads nothing but who asks

    assert len([one for one in statements if one.lstrip().upper().startswith("SELECT")]) == 2


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_in_words(header: str, words: str) -> None:
    assert policies.device_named(header) == words


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (4, 0), (5, 15), (6, 30), (7, 60), (60, 900)])
def test_the_wait_doubles_up_to_a_limit(failures: int, seconds: int) -> None:
    now = clock.now()

    wait = policies.wait_after(failures, now, now, allowed=5, longest=timedelta(minutes=15))

    assert wait == timedelta(seconds=seconds)
