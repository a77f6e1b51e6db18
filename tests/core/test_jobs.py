"""Each kind of queue carries messages to a worker, and one that does not answer loses nothing."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from huey import Huey
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.core import clock, jobs, outbox
from certify.core.db import db
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.settings import Settings
from tests.factories.people import make_user
from tests.services import databases
from tests.services.processes import free_port
from tests.services.signing_in import PASSWORD
from tests.services.visiting import read, submit, visit

_done: list[str] = []


@outbox.on("test.jobs")
def keep(session: Session, word: str) -> None:
    _done.append(f"{word} by {threading.current_thread().name}")


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    _done.clear()


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty queue of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'queues' / 'queue.sqlite3'}"
    elif request.param == "redis":
        yield request.getfixturevalue("redis_url")
    else:
        with databases.empty_database("postgresql", tmp_path) as url:
            yield url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def queued(settings: Settings, queue_url: str, make_app: Callable[[Settings], Flask]) -> Iterator[Flask]:
    """Give an application on that queue."""
    app = make_app(settings.model_copy(update={"queue_url": queue_url}))
    yield app
    app.extensions[jobs.EXTENSION].storage.close()


def send(word: str) -> None:
    outbox.send(db.session, "test.jobs", word=word)
    db.session.commit()
    db.session.remove()  # type: ignore[attr-defined]


def work_until_empty(queue: Huey) -> None:
    """Do what a worker does, on a thread of its own."""

    def work() -> None:
        while (task := queue.dequeue()) is not None:
            queue.execute(task)
        queue.storage.close()

    worker = threading.Thread(target=work, name="the worker")
    worker.start()
    worker.join(30)
    assert not worker.is_alive()


@pytest.mark.engines("sqlite")
def test_a_committed_message_reaches_a_worker_through_each_kind_of_queue(queued: Flask) -> None:
    with queued.app_context():
        send("bonjour")
    assert _done == []
    work_until_empty(queued.extensions[jobs.EXTENSION])
    assert _done == ["bonjour by the worker"]
    with queued.app_context():
        assert db.session.scalars(select(OutboxMessage.done_at)).one() is not None


@pytest.mark.engines("sqlite")
def test_messages_are_done_in_the_order_they_were_sent(queued: Flask) -> None:
    with queued.app_context():
        for word in "abc":
            send(word)
    work_until_empty(queued.extensions[jobs.EXTENSION])
    assert [done[0] for done in _done] == ["a", "b", "c"]


@pytest.mark.engines("sqlite")
def test_a_message_handed_over_twice_is_done_once(queued: Flask) -> None:
    with queued.app_context():
        send("une fois")
        assert jobs.sweep_everything() == 1
    work_until_empty(queued.extensions[jobs.EXTENSION])
    assert len(_done) == 1


@pytest.mark.engines("sqlite")
def test_a_rolled_back_change_hands_nothing_over(queued: Flask) -> None:
    with queued.app_context():
        outbox.send(db.session, "test.jobs", word="non")
        db.session.rollback()
    work_until_empty(queued.extensions[jobs.EXTENSION])
    assert _done == []


@pytest.mark.engines("sqlite")
def test_a_fault_of_one_message_does_not_stop_the_worker(queued: Flask) -> None:
    with queued.app_context():
        outbox.send(db.session, "mail.send", mail_id="not an identifier")
        send("après")
    work_until_empty(queued.extensions[jobs.EXTENSION])
    assert _done == ["après by the worker"]


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def dead_queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a queue that does not answer."""
    if request.param == "sqlite":
        (tmp_path / "unreadable.sqlite3").mkdir()
        return f"sqlite:///{tmp_path / 'unreadable.sqlite3'}"
    return {"postgresql": "postgresql://nobody@127.0.0.1:{}/queue", "redis": "redis://127.0.0.1:{}/0"}[
        request.param
    ].format(free_port())


@pytest.mark.engines("sqlite")
def test_a_queue_that_does_not_answer_fails_no_request_and_costs_no_message(
    settings: Settings, dead_queue_url: str, redis_url: str, make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(settings.model_copy(update={"queue_url": dead_queue_url}))
    with app.app_context():
        person = make_user(db.session)
        accounts.set_password(db.session, person, PASSWORD)
        email = person.email
        db.session.commit()
        db.session.remove()  # type: ignore[attr-defined]

        client = app.test_client()
        read(submit(client, visit(client, "/reset"), email=email))

        message = db.session.scalars(select(OutboxMessage)).one()
        assert message.done_at is None
        assert db.session.scalars(select(MailMessage.recipient)).one() == email
        db.session.remove()  # type: ignore[attr-defined]
    answering = make_app(settings.model_copy(update={"queue_url": redis_url}))
    with answering.app_context():
        assert jobs.sweep() == 0
        with clock.at(clock.now() + timedelta(minutes=1)):
            assert jobs.sweep() == 1
    work_until_empty(answering.extensions[jobs.EXTENSION])
    with answering.app_context():
        assert db.session.scalars(select(OutboxMessage.done_at)).one() is not None
    answering.extensions[jobs.EXTENSION].storage.close()


@pytest.mark.parametrize("url", ["amqp://localhost", "http://exemple.test", "file"])
def test_an_unknown_queue_is_refused_with_the_setting_and_the_queues_there_are(url: str) -> None:
    with pytest.raises(
        ValueError, match=r"CERTIFY_QUEUE_URL : .*n’est pas une file connue \(sqlite, postgresql, redis"
    ):
        jobs.make_queue(Settings(env="test", queue_url=url))


@pytest.mark.engines("sqlite")
@pytest.mark.settings(queue_url="")
def test_by_default_the_queue_is_a_file_beside_the_others(app: Flask, settings: Settings) -> None:
    with app.app_context():
        send("bonjour")
    app.extensions[jobs.EXTENSION].storage.close()
    assert (settings.data_dir / "queue.sqlite3").is_file()


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_the_address_of_the_database_serves_for_the_queue_too(
    settings: Settings, scheme: str, make_app: Callable[[Settings], Flask]
) -> None:
    address = settings.database_url.partition("://")[2]
    app = make_app(settings.model_copy(update={"queue_url": f"{scheme}://{address}"}))
    with app.app_context():
        send("bonjour")
        assert db.session.scalar(text("SELECT count(*) FROM huey_task")) == 1
    work_until_empty(app.extensions[jobs.EXTENSION])
    app.extensions[jobs.EXTENSION].storage.close()
    assert len(_done) == 1


@pytest.mark.engines("sqlite")
def test_a_queue_that_comes_back_is_used_again_without_a_restart(
    settings: Settings, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> None:
    place = tmp_path / "queue.sqlite3"
    place.mkdir()
    app = make_app(settings.model_copy(update={"queue_url": f"sqlite:///{place}"}))
    with app.app_context():
        send("pendant la panne")
    place.rmdir()
    with app.app_context():
        send("après")
    work_until_empty(app.extensions[jobs.EXTENSION])
    app.extensions[jobs.EXTENSION].storage.close()
    assert _done == ["après by the worker"]


def test_all_that_waits_is_done_here_and_now_with_what_it_causes(app: Flask, session: Session) -> None:
    send("un")
    send("deux")
    assert jobs.run_pending() == 2
    assert jobs.run_pending() == 0
    assert len(_done) == 2
