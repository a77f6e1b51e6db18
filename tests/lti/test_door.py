"""The door: what it answers by itself, and what it leaves, whole, to the view."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.core import audit
from certify.core.db import db
from certify.lti.models import Context, Registration, RegistrationState
from tests.services.launches import answer, begin, landing, launch
from tests.services.lms import Platform

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


@contextmanager
def requests_of_flask(app: Flask) -> Iterator[list[Any]]:
    """Give the list of requests that reached Flask."""
    seen: list[Any] = []

    def note(sender: Flask, **_values: Any) -> None:
        seen.append(sender)

    with request_started.connected_to(note, app):
        yield seen


@pytest.fixture
def known(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Context:
    """Give a course in which the first trainee came before."""
    launch(client, platform, "teacher")
    context = session.scalars(select(Context)).one()
    context.cohort_id = cohort.id
    session.commit()
    launch(client, platform)
    return context


def test_a_launch_like_the_one_before_never_reaches_flask(
    app: Flask, client: FlaskClient, session: Session, platform: Platform, known: Context
) -> None:
    with requests_of_flask(app) as seen:
        response = launch(client, platform)
    assert seen == []
    assert landing(response) == "/logbook"
    assert client.get(response.headers["Location"]).status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert f"frame-ancestors 'self' {platform.url}" in response.headers["Content-Security-Policy"]
    assert list(audit.verify(session)) == []


def test_a_login_posted_by_the_platform_is_answered_as_one_in_an_address(
    app: Flask, client: FlaskClient, platform: Platform, known: Context
) -> None:
    with requests_of_flask(app) as seen:
        begun = client.post("/lti/login", data=platform.login_request())
    assert seen == []
    token, state = platform.authorize(begun.headers["Location"])
    assert landing(answer(client, token, state)) == "/logbook"


@pytest.mark.parametrize("changes", [{"given_name": "Renommée"}, {"roles": []}, {"context": {"id": "77"}}])
def test_what_is_new_is_for_the_view(
    app: Flask, client: FlaskClient, platform: Platform, known: Context, changes: dict[str, Any]
) -> None:
    with requests_of_flask(app) as seen:
        response = launch(client, platform, claims=changes)
    assert len(seen) == 1
    assert response.status_code == 303


def test_a_refused_launch_is_told_by_the_view_which_reads_the_form_again(
    app: Flask, client: FlaskClient, platform: Platform, known: Context
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"], nonce="x" * 43)
    with requests_of_flask(app) as seen:
        refused = answer(client, token, state)
    assert len(seen) == 1
    assert "nonce-wrong" in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    "how",
    [
        {"query_string": {"iss": "x"}},
        {"query_string": "iss=x&iss=y&login_hint=4"},
        {"query_string": "iss=%ff&login_hint=4"},
        {"method": "POST", "data": b"\xff\xfe", "content_type": "application/x-www-form-urlencoded"},
        {"method": "POST", "data": {"iss": "x"}, "content_type": "multipart/form-data"},
        {"method": "PUT"},
        {"query_string": {"iss": "x", "login_hint": "4", "target_link_uri": "https://ailleurs.example/"}},
    ],
)
def test_what_the_door_does_not_understand_to_the_letter_is_for_the_view(
    app: Flask, client: FlaskClient, how: dict[str, Any]
) -> None:
    with requests_of_flask(app) as seen:
        response = client.open("/lti/login", **{"method": "GET", **how})
    assert len(seen) == 1
    assert 400 <= response.status_code < 500


def test_a_registration_switched_off_is_refused_at_once(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, known: Context
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    session.get_one(Registration, registration.id).state = RegistrationState.DISABLED
    session.commit()
    assert answer(client, token, state).status_code == 403
    assert begin(client, platform.login_request()).status_code == 403


def test_a_connection_lost_meanwhile_is_replaced(
    app: Flask, client: FlaskClient, platform: Platform, known: Context
) -> None:
    assert landing(launch(client, platform)) == "/logbook"
    with app.app_context():
        db.engine.dispose()
    with requests_of_flask(app) as seen:
        assert landing(launch(client, platform)) == "/logbook"
    assert seen == []
