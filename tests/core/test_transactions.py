"""Who waits for whom: readers for nobody, and nobody for a job that prepares something slow."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from certify.core import clock, jobs, mail, outbox
from certify.core.db import separate_session
from certify.core.outbox import OutboxMessage
from tests.factories.people import make_user
from tests.services.signing_in import sign_in


def _write_beside(session: Session, **_payload: object) -> str:
    """Read, then have somebody else write, as happens while a document is being made."""
    session.execute(text("SELECT count(*) FROM user_account"))
    with separate_session() as beside:
        mail.queue_plain(beside, to="a@exemple.test", subject="pendant ce temps", text="Bonjour")
        beside.commit()
    return "préparé"


@outbox.on("test.slow", prepare=_write_beside)
def _note_prepared(session: Session, prepared: str) -> None:
    mail.queue_plain(session, to="a@exemple.test", subject=prepared, text="Bonjour")


def test_a_page_is_read_while_somebody_is_writing(app: Flask, session: Session, client: FlaskClient) -> None:
    sign_in(client, make_user(session))
    with separate_session() as writing:
        make_user(writing)

        assert client.get("/account").status_code == 200


def test_others_write_while_a_job_prepares_something_slow(app: Flask, session: Session) -> None:
    outbox.send(session, "test.slow")
    session.commit()

    jobs.run_pending()

    assert {message.subject for message in mail.latest(session)} == {"pendant ce temps", "préparé"}


@pytest.mark.engines("sqlite")
def test_a_worker_that_starts_comes_back_to_what_the_dead_one_was_preparing(app: Flask, session: Session) -> None:
    queue = app.extensions[jobs.EXTENSION]
    mail.queue_plain(session, to="a@exemple.test", subject="tenu", text="Bonjour")
    session.commit()
    message = session.scalars(select(OutboxMessage)).one()
    message.claimed_until = clock.now() + timedelta(seconds=60)
    session.commit()
    queue.flush()

    jobs.sweep_everything()

    at_once, later = sorted(queue.pending(), key=lambda task: task.eta is not None)
    assert at_once.args == later.args == (str(message.id),)
    assert at_once.eta is None
    assert later.eta is not None
