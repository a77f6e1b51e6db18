"""What must happen after a transaction: messages written inside it, delivered at least once, effective once."""

import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, Text, event, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from certify.core import clock
from certify.core.db import Base, Identified
from certify.core.types import UTCDateTime, new_id

Handler = Callable[..., None]
Preparation = Callable[..., Any]


@dataclass(frozen=True)
class Subscriber:
    """Who does something when a message of a topic arrives."""

    name: str
    handler: Handler
    prepare: Preparation | None


_SUBSCRIBERS: dict[str, list[Subscriber]] = {}
_COMMITTED = "outbox.committed"
_RETRY_AFTER = timedelta(seconds=20)


class OutboxMessage(Identified, Base):
    """One thing to do later, for one subscriber."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index(None, "done_at", "failed_at", "due_at"), Index(None, "created_at"))

    topic: Mapped[str] = mapped_column(String(80))
    subscriber: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When the sweeper hands it over (again) unless it is done by then."""
    not_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Nobody does it earlier, whoever hands it over."""
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """A worker is preparing it until then; lapses by itself if the worker dies."""
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Set when every try failed: shown to the administrator, who may retry."""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")


def on(topic: str, *, prepare: Preparation | None = None) -> Callable[[Handler], Handler]:
    """Subscribe a function to a topic; it gets `(session, **payload)`, in the transaction that marks the message done.

    `prepare(session, **payload)` does the slow part (a document, a mail server) before that transaction, without
    holding any lock; its value is given to the function as `prepared`. It may run again after a crash.
    """

    def subscribe(handler: Handler) -> Handler:
        _SUBSCRIBERS.setdefault(topic, []).append(
            Subscriber(f"{handler.__module__}.{handler.__name__}", handler, prepare)
        )
        return handler

    return subscribe


def topics() -> dict[str, list[str]]:
    """Return each topic with the names of its subscribers."""
    return {topic: [one.name for one in subscribers] for topic, subscribers in _SUBSCRIBERS.items()}


def send(session: Session, topic: str, *, not_before: datetime | None = None, **payload: Any) -> None:
    """Write one message per subscriber of the topic, in the transaction of the change that causes it.

    With `not_before` it waits for that moment, to the minute. Raises LookupError for a topic nobody subscribed to.
    """
    subscribers = _SUBSCRIBERS.get(topic)
    if not subscribers:
        raise LookupError(f"nobody subscribed to {topic}")
    values = {key: str(value) if isinstance(value, uuid.UUID) else value for key, value in payload.items()}
    moment = clock.now()
    for subscriber in subscribers:
        message = OutboxMessage(
            id=new_id(),
            topic=topic,
            subscriber=subscriber.name,
            payload=values,
            created_at=moment,
            due_at=not_before or moment + _RETRY_AFTER,
            not_before=not_before,
        )
        session.add(message)
        if not_before is None:
            session.info.setdefault(_COMMITTED, []).append(message.id)


def deliver(session: Session, message_id: uuid.UUID, *, max_attempts: int, claim_seconds: int) -> bool:
    """Do one message, once: its effect and its `done_at` are one transaction. Return whether it is done.

    The row is locked while its effect is written, and claimed while it is prepared, so that two deliveries of the same
    message never both have an effect; a claim lapses by itself when its worker dies.
    """
    try:
        return _deliver(session, message_id, claim_seconds)
    except Exception as error:
        session.rollback()
        _note_failure(session, message_id, error, max_attempts)
        raise


def _deliver(session: Session, message_id: uuid.UUID, claim_seconds: int) -> bool:
    message = _locked(session, message_id)
    if message is None or message.done_at is not None or _must_wait(message):
        session.rollback()
        return message is not None and message.done_at is not None
    subscriber = next((one for one in _SUBSCRIBERS.get(message.topic, []) if one.name == message.subscriber), None)
    if subscriber is None:
        raise LookupError(f"no subscriber {message.subscriber}")
    extra: dict[str, Any] = {}
    if subscriber.prepare is not None:
        payload = dict(message.payload)
        message.claimed_until = clock.now() + timedelta(seconds=claim_seconds)
        session.commit()
        # On SQLite a transaction that may write keeps every other writer waiting, here for as long as a document takes.
        session.connection(execution_options={"reads_only": True})
        extra["prepared"] = subscriber.prepare(session, **payload)
        session.rollback()
        message = _locked(session, message_id)
        if message is None or message.done_at is not None:
            session.rollback()
            return message is not None
    subscriber.handler(session, **message.payload, **extra)
    message.done_at, message.claimed_until = clock.now(), None
    message.attempts += 1
    session.commit()
    return True


def _must_wait(message: OutboxMessage) -> bool:
    return max(message.claimed_until or clock.now(), message.not_before or clock.now()) > clock.now()


def _locked(session: Session, message_id: uuid.UUID) -> OutboxMessage | None:
    query = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _note_failure(session: Session, message_id: uuid.UUID, error: Exception, max_attempts: int) -> None:
    message = session.get_one(OutboxMessage, message_id, with_for_update=True)
    message.attempts += 1
    message.claimed_until = None
    place = traceback.extract_tb(error.__traceback__)[-1]
    message.last_error = f"{type(error).__name__}: {error} ({place.name}:{place.lineno})"[:2000]
    if message.attempts >= max_attempts:
        message.failed_at = clock.now()
    else:
        message.due_at = clock.now() + _RETRY_AFTER * 2**message.attempts
    session.commit()


def overdue(session: Session, limit: int = 500) -> list[uuid.UUID]:
    """Return the messages to hand over again, and push their next turn away."""
    moment = clock.now()
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None), OutboxMessage.due_at <= moment)
        .order_by(OutboxMessage.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(session.scalars(query))
    for row in rows:
        row.due_at = moment + _RETRY_AFTER * 2 ** min(row.attempts + 1, 10)
    session.commit()
    return [row.id for row in rows]


def retry(session: Session, message: OutboxMessage) -> None:
    """Give a failed message its tries back; it leaves with the transaction."""
    message.failed_at, message.attempts, message.due_at = None, 0, clock.now() + _RETRY_AFTER
    session.info.setdefault(_COMMITTED, []).append(message.id)


def pending(session: Session) -> list[uuid.UUID]:
    """Return every message neither done nor given up, whose moment has come, oldest first."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.done_at.is_(None),
        OutboxMessage.failed_at.is_(None),
        or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= clock.now()),
    )
    return list(session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def claimed(session: Session) -> dict[uuid.UUID, datetime]:
    """Return the messages a worker is preparing, or was when it died, with the moment its claim lapses."""
    query = select(OutboxMessage.id, OutboxMessage.claimed_until).where(
        OutboxMessage.done_at.is_(None), OutboxMessage.claimed_until > clock.now()
    )
    return {message_id: moment for message_id, moment in session.execute(query) if moment is not None}


def hand_over_with(enqueue: Callable[[uuid.UUID], None]) -> None:
    """Have `enqueue` called with each message id once its transaction is committed; called once, by `core.jobs`."""
    global _enqueue
    _enqueue = enqueue


_enqueue: Callable[[uuid.UUID], None] | None = None


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for message_id in session.info.pop(_COMMITTED, []):
        if _enqueue is not None:
            _enqueue(message_id)


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_COMMITTED, None)
