"""Files people deposited while the store did not answer: kept in the database until it does."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from certify.core import clock, jobs, object_store, outbox
from certify.core.db import Base, db, separate_session
from certify.core.types import UTCDateTime

TOPIC = "core:files:waiting"
_AGAIN_AFTER = timedelta(minutes=1)
_AT_ONCE = 50


class WaitingFile(Base):
    """The bytes of one file on their way to the store, under the key they will have there."""

    __tablename__ = "waiting_file"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def hold(session: Session, key: str, content: bytes) -> None:
    """Keep bytes in the transaction that speaks of them; a worker takes them to the store when it answers."""
    is_first = session.scalar(select(WaitingFile.key).limit(1)) is None
    session.add(WaitingFile(key=key, content=content, since=clock.now()))
    if is_first:
        outbox.send(session, TOPIC)


def held(key: str) -> bytes | None:
    """Return the bytes that wait for the store under a key, if any."""
    # Its own session, that only reads: on SQLite the asker may be the one writer that this would wait for.
    with Session(db.engine.execution_options(reads_only=True)) as session:
        return session.scalar(select(WaitingFile.content).where(WaitingFile.key == key))


def waiting_among(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Return those of some keys whose bytes wait for the store, in one statement."""
    return frozenset(session.scalars(select(WaitingFile.key).where(WaitingFile.key.in_(keys)))) if keys else frozenset()


def _take_to_store(session: Session) -> list[str]:
    keys = list(session.scalars(select(WaitingFile.key).order_by(WaitingFile.since, WaitingFile.key).limit(_AT_ONCE)))
    taken: list[str] = []
    for key in keys:
        content = session.scalar(select(WaitingFile.content).where(WaitingFile.key == key))
        try:
            if content is not None:
                object_store.put_once(key, content)
        except object_store.Silent:
            break
        taken.append(key)
    return taken


@outbox.on(TOPIC, prepare=_take_to_store)
def forget_taken(session: Session, prepared: list[str]) -> None:
    """Let go of the bytes that the store has now; come back in a minute for those it has not."""
    session.execute(delete(WaitingFile).where(WaitingFile.key.in_(prepared)))
    if session.scalar(select(WaitingFile.key).limit(1)) is not None:
        outbox.send(session, TOPIC, not_before=clock.now() + _AGAIN_AFTER)


@jobs.each_hour(35)
def come_back() -> None:
    """Take waiting files to the store even when the message that should have done it was given up."""
    with separate_session() as session:
        taken = _take_to_store(session)
        session.rollback()
        session.execute(delete(WaitingFile).where(WaitingFile.key.in_(taken)))
        session.commit()
