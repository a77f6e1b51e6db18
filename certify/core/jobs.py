"""The job queue: Huey carries message ids from the outbox to a worker; the storage is chosen by a setting."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.storage import BaseSqlStorage

from certify.core import clock, outbox
from certify.core.db import db, separate_session
from certify.settings import Settings

log = structlog.get_logger(__name__)
EXTENSION = "certify.jobs"
_CONNECT_SECONDS = 5
Round = Callable[[], object]
_ROUNDS: dict[str, tuple[str, Round]] = {}
_AFTER_A_CLAIM = 0.5


def make_queue(settings: Settings) -> Huey:
    """Return the queue named by the settings, not yet connected; `memory:` runs nothing by itself and is for tests."""
    url = settings.effective_queue_url
    scheme, _, driver = urlsplit(url).scheme.partition("+")
    if scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("certify", filename=str(path), results=False, timeout=20, create_tables=False)
    if scheme == "postgresql":
        # The address of the database serves as it is: it may name the driver, which the queue knows.
        dsn = url.replace(f"+{driver}", "", 1) if driver else url
        return PostgresHuey("certify", dsn=dsn, results=False, create_tables=False, connect_timeout=_CONNECT_SECONDS)
    if scheme in ("redis", "rediss"):
        return RedisHuey("certify", url=url, results=False)
    if scheme == "memory":
        return MemoryHuey("certify", results=False)
    raise ValueError(f"CERTIFY_QUEUE_URL : « {scheme} » n’est pas une file connue (sqlite, postgresql, redis)")


def each_hour(minute: int) -> Callable[[Round], Round]:
    """Have a function of a room run every hour, in the application's context.

    Every worker runs it, and one that was killed runs it again: it must bear that.
    """

    def register(function: Round) -> Round:
        return _register(str(minute), function)

    return register


def each_minute(function: Round) -> Round:
    """Have a function of a room run every minute, which must bear what `each_hour` says."""
    return _register("*", function)


def _register(minutes: str, function: Round) -> Round:
    _ROUNDS[f"{function.__module__}.{function.__name__}"] = (minutes, function)
    return function


def init_app(app: Flask, settings: Settings) -> None:
    """Make the queue and its tasks for this application."""
    queue = make_queue(settings)
    app.extensions[EXTENSION] = queue

    @queue.task(name="deliver")  # type: ignore[untyped-decorator]
    def deliver(message_id: str) -> None:
        with app.app_context():
            deliver_one(uuid.UUID(message_id))

    @queue.periodic_task(crontab(minute="*"), name="sweep")  # type: ignore[untyped-decorator]
    def sweep_each_minute() -> None:
        with app.app_context():
            sweep()

    for name, (minutes, function) in _ROUNDS.items():
        queue.periodic_task(crontab(minute=minutes), name=name)(_in_context(app, function))
    app.extensions[EXTENSION + ".deliver"] = deliver
    app.extensions[EXTENSION + ".is_prepared"] = False
    outbox.hand_over_with(enqueue)
    with app.app_context(), _doing_without_it():
        _prepare()


def _in_context(app: Flask, function: Round) -> Callable[[], None]:
    def run() -> None:
        with app.app_context():
            function()

    return run


def _prepare() -> None:
    """Make the tables of a queue kept in a database, once for this process; raises what its storage raises."""
    extensions = current_app.extensions
    storage = extensions[EXTENSION].storage
    if not extensions[EXTENSION + ".is_prepared"] and isinstance(storage, BaseSqlStorage):
        storage.initialize_schema()
    extensions[EXTENSION + ".is_prepared"] = True


@contextmanager
def _doing_without_it() -> Iterator[None]:
    """Go on when the queue does not answer: messages are safe in the database, and the sweeper comes back to them."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each storage raises errors of its own
        log.warning("queue.unreachable", error=type(error).__name__)


def enqueue(message_id: uuid.UUID) -> None:
    """Hand one committed message to the queue; a queue that does not answer is not a fault."""
    with _doing_without_it():
        _prepare()
        current_app.extensions[EXTENSION + ".deliver"](str(message_id))


def deliver_one(message_id: uuid.UUID) -> None:
    """Do one message now, in a transaction of its own; a failure is noted on the message and logged."""
    settings: Settings = current_app.config["SETTINGS"]
    with separate_session() as session:
        try:
            outbox.deliver(
                session, message_id, max_attempts=settings.job_max_attempts, claim_seconds=settings.job_claim_seconds
            )
        except Exception as error:  # noqa: BLE001 - the worker goes on; the failure is on the message
            log.warning("job.failed", message_id=str(message_id), error=f"{type(error).__name__}: {error}")


def sweep() -> int:
    """Hand over again what is overdue; return how many messages."""
    with separate_session() as session:
        ids = outbox.overdue(session)
    for message_id in ids:
        enqueue(message_id)
    return len(ids)


def run_pending(limit: int = 10_000) -> int:
    """Do every pending message here and now, including those they cause; return how many were tried."""
    tried: set[uuid.UUID] = set()
    while len(tried) < limit:
        with separate_session() as session:
            todo = [one for one in outbox.pending(session) if one not in tried]
        if not todo:
            break
        for message_id in todo:
            tried.add(message_id)
            deliver_one(message_id)
    return len(tried)


def run_worker(app: Flask, workers: int = 2) -> None:
    """Consume jobs until a signal stops it; whatever a killed worker left is taken up at once."""
    queue: Huey = app.extensions[EXTENSION]
    with app.app_context():
        db.engine.dispose()
        _prepare()
        sweep_everything()
    options: dict[str, Any] = {
        "workers": workers,
        "worker_type": "thread",
        "initial_delay": 0.05,
        "max_delay": 1.0,
        "check_worker_health": True,
    }
    consumer = Consumer(queue, **options)
    if threading.current_thread() is not threading.main_thread():
        consumer._set_signal_handlers = lambda: None
    consumer.run()


def sweep_everything() -> int:
    """At start, hand over every message not done, whatever its turn: the one before may have been killed.

    What the dead worker was preparing comes a second time, when its claim has lapsed.
    """
    with separate_session() as session:
        ids, claims = outbox.pending(session), outbox.claimed(session)
    for message_id in ids:
        enqueue(message_id)
    for message_id, lapses_at in claims.items():
        delay = (lapses_at - clock.now()).total_seconds() + _AFTER_A_CLAIM
        current_app.extensions[EXTENSION + ".deliver"].schedule((str(message_id),), delay=max(delay, 0))
    return len(ids)
