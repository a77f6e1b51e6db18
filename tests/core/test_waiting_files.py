"""Files deposited while the store does not answer: kept, read, and taken to the store when it does."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock, files, object_store, waiting_files
from certify.core.errors import Unavailable
from certify.core.outbox import OutboxMessage
from certify.core.waiting_files import WaitingFile
from tests.factories.logbook import pdf

RunJobs = Callable[[], int]
NOWHERE = "s3://bucket?endpoint=http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")


@contextmanager
def store_down(app: Flask) -> Iterator[None]:
    """Have the store answer nothing within the block."""
    store, url = app.extensions.pop(object_store.EXTENSION, None), app.config["FILES_URL"]
    app.config["FILES_URL"] = NOWHERE
    try:
        yield
    finally:
        app.extensions.pop(object_store.EXTENSION, None)
        if store is not None:
            app.extensions[object_store.EXTENSION] = store
        app.config["FILES_URL"] = url
        app.extensions.pop("certify.files.silent_until", None)


def test_a_file_deposited_while_the_store_is_down_is_kept_then_taken_to_it(
    app: Flask, session: Session, run_jobs: RunJobs
) -> None:
    with store_down(app):
        stored = files.deposit(io.BytesIO(pdf()), "affiche.pdf", session=session)
        session.commit()
        assert stored.is_waiting
        assert files.read(stored.key) == pdf()
        assert b"".join(files.stream(stored.key, 2, 6)) == pdf()[2:6]
        assert waiting_files.waiting_among(session, {stored.key}) == {stored.key}
        session.rollback()
        run_jobs()
        assert waiting_files.waiting_among(session, {stored.key}) == {stored.key}
        session.rollback()
    (again,) = session.scalars(select(OutboxMessage).where(OutboxMessage.done_at.is_(None)))
    assert again.not_before is not None
    assert again.not_before - clock.now() <= timedelta(minutes=1)
    again.not_before = None
    run_jobs()
    session.expire_all()
    assert session.scalars(select(WaitingFile)).all() == []
    assert object_store.get(stored.key) == pdf()


@pytest.mark.engines("sqlite")
def test_a_store_just_found_silent_is_not_waited_for_again(app: Flask, session: Session) -> None:
    with store_down(app):
        files.deposit(io.BytesIO(pdf("un")), "un.pdf", session=session)
        assert object_store.is_silent()
        app.config["FILES_URL"] = "s3://bucket?endpoint=http://10.255.255.1:9"
        app.extensions.pop(object_store.EXTENSION)
        assert files.deposit(io.BytesIO(pdf("deux")), "deux.pdf", session=session).is_waiting
    assert not object_store.is_silent()


@pytest.mark.engines("sqlite")
def test_what_is_rolled_back_is_not_kept(app: Flask, session: Session) -> None:
    with store_down(app):
        stored = files.deposit(io.BytesIO(pdf()), "affiche.pdf", session=session)
        session.rollback()
        with pytest.raises(Unavailable):
            files.read(stored.key)


@pytest.mark.engines("sqlite")
def test_the_hourly_round_takes_what_the_message_forgot(app: Flask, session: Session) -> None:
    with store_down(app):
        stored = files.deposit(io.BytesIO(pdf()), "affiche.pdf", session=session)
        session.commit()
        waiting_files.come_back()
        session.rollback()
        assert session.get(WaitingFile, stored.key) is not None
        session.rollback()
    waiting_files.come_back()
    session.rollback()
    assert session.get(WaitingFile, stored.key) is None
    assert files.read(stored.key) == pdf()


@pytest.mark.engines("sqlite")
def test_what_a_job_makes_waits_for_the_store_as_before(app: Flask, session: Session) -> None:
    with store_down(app), pytest.raises(Unavailable, match="Rien n’est perdu"):
        files.keep(b"minutes", "pv.pdf", "application/pdf", folder="minutes")
    assert session.scalars(select(WaitingFile)).all() == []
