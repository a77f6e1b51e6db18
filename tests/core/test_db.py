"""Transactions: nobody's change is lost, readers wait for nobody, and what breaks at the last moment is refused."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock, receipts
from certify.core.access import PUBLIC, requires
from certify.core.db import db, separate_session, wrap_views
from certify.core.mail import MailMessage
from tests.factories.people import make_user
from tests.services.signing_in import sign_in
from tests.services.visiting import Page, read, submit, visit

SOMEBODY = "stagiaire03@exemple.test"
LANGUAGE = "form[action='/language']"


def make_counter(session: Session) -> None:
    session.execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
    session.execute(text("INSERT INTO counter VALUES (0)"))
    session.commit()


@pytest.mark.engines("sqlite")
def test_six_threads_adding_a_hundred_times_each_make_six_hundred(app: Flask, session: Session) -> None:
    make_counter(session)
    faults: list[Exception] = []

    def add() -> None:
        try:
            with app.app_context():
                for _ in range(100):
                    read_value = db.session.scalar(text("SELECT value FROM counter"))
                    db.session.execute(text("UPDATE counter SET value = :value"), {"value": read_value + 1})
                    db.session.commit()
        except Exception as error:  # noqa: BLE001 - shown by the test
            faults.append(error)

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert session.scalar(text("SELECT value FROM counter")) == 600


@contextmanager
def somebody_writing() -> Iterator[None]:
    """Hold the lock of who writes, for as long as the block lasts."""
    with separate_session() as writing:
        make_user(writing)
        yield
        writing.rollback()


@pytest.mark.parametrize("path", ["/aide", "/account", "/readyz", "/metrics", "/no-such-page"])
def test_a_page_that_is_read_does_not_wait_for_who_is_writing(
    app: Flask, session: Session, client: FlaskClient, path: str
) -> None:
    sign_in(client, make_user(session))
    session.commit()
    started_at = time.monotonic()
    with somebody_writing():
        assert client.get(path).status_code in (200, 404)
        assert client.head(path).status_code in (200, 404)
    assert time.monotonic() - started_at < 10


@pytest.mark.engines("sqlite")
def test_a_form_waits_for_who_is_writing_and_is_accepted_then(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    page, answers = visit(client, "/aide"), []
    session.rollback()
    with somebody_writing():
        sending = threading.Thread(target=lambda: answers.append(send(client, page)))
        sending.start()
        time.sleep(0.3)
    sending.join(30)
    assert answers == [303]


def send(client: FlaskClient, page: Page) -> int:
    return submit(client, page, LANGUAGE, press="EN").status_code


@pytest.mark.engines("sqlite")
def test_a_page_that_is_read_takes_no_lock_and_keeps_none(app: Flask, session: Session, client: FlaskClient) -> None:
    begun: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: begun.append(statement))
    client.get("/aide")
    client.get("/account")
    assert "BEGIN IMMEDIATE" not in begun
    with separate_session() as writing:
        make_user(writing)
        writing.commit()


def test_what_a_form_changed_is_kept_only_when_it_is_accepted(app: Flask, session: Session) -> None:
    statuses = {"accepted": 303, "refused": 422, "failed": 500}

    def answer_with(status: int) -> Callable[[], Any]:
        @requires(PUBLIC)
        def view() -> Any:
            db.session.add(User(email=f"{status}@exemple.test", created_at=clock.now()))
            db.session.flush()
            return "", status, {"Location": "/"}

        return view

    for name, status in statuses.items():
        app.add_url_rule(f"/probe/{name}", f"probe.{name}", answer_with(status))
    wrap_views(app, receipts.note_answer)
    client = app.test_client()
    for name in statuses:
        client.get(f"/probe/{name}")
    found = session.scalars(select(User.email).where(User.email.like("%@exemple.test")))
    assert list(found) == ["303@exemple.test"]


@contextmanager
def doublet_at_commit() -> Iterator[None]:
    """Have each request add somebody already known, as late as can be."""

    def add(session: Session) -> None:
        if has_request_context():
            session.add(User(email=SOMEBODY, created_at=clock.now()))

    event.listen(Session, "before_commit", add)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", add)


def test_a_constraint_broken_at_commit_is_a_conflict_a_person_can_read(session: Session, client: FlaskClient) -> None:
    sign_in(client, make_user(session, email=SOMEBODY))
    page = visit(client, "/aide")
    with doublet_at_commit():
        refused = read(submit(client, page, LANGUAGE, press="EN"), status=409)
    assert refused.select_one("[data-not-accepted]")
    assert SOMEBODY not in refused.get_text()
    assert submit(client, page, LANGUAGE, press="EN").status_code == 303
    assert session.scalar(select(func.count()).where(User.email == SOMEBODY)) == 1


def test_a_trace_outlives_the_request_that_was_refused(app: Flask, session: Session) -> None:
    with separate_session() as own:
        own.add(
            MailMessage(
                recipient=SOMEBODY, subject="trace", text="", html="", message_id="<1@test>", created_at=clock.now()
            )
        )
        own.commit()
    session.rollback()
    assert session.scalars(select(MailMessage.subject)).all() == ["trace"]


@pytest.mark.engines("sqlite")
def test_sqlite_refuses_what_refers_to_nothing(session: Session) -> None:
    assert session.scalar(text("PRAGMA foreign_keys")) == 1
    assert session.scalar(text("PRAGMA journal_mode")) == "wal"


@pytest.mark.engines("postgresql")
def test_a_database_that_restarted_is_found_again_without_an_error(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), separate_session() as killer:
        killer.execute(text("SELECT 1"))
        assert client.get("/readyz").status_code == 200
        ended = killer.scalars(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
        killer.rollback()
    assert list(ended) == [True]
    assert [client.get("/readyz").status_code for _ in range(4)] == [200] * 4
