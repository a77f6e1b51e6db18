"""Keeping what platforms said, apart from the transaction of whoever asked: it holds whatever becomes of that one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Executable, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from certify.core.db import Base, db, keeps_writers_waiting, separate_session

_PATIENCE = text("SET LOCAL lock_timeout = '3s'")
_log = structlog.get_logger(__name__)


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """Give a session to read with, which keeps no transaction open while a platform is then called.

    It is the caller's when that one holds the only write lock there is: what it wrote must be seen.
    """
    if keeps_writers_waiting(session):
        yield session
        return
    with Session(db.engine.execution_options(reads_only=True)) as own:
        yield own


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """Give a session whose work is committed at the end of the block.

    A caller who holds the only write lock there is would wait for itself: its own session is lent, and its own commit
    decides.
    """
    if keeps_writers_waiting(session):
        with session.begin_nested():
            yield session
        return
    with separate_session() as own:
        if own.get_bind().dialect.name == "postgresql":
            # A caller may hold a row that this one refers to; what is kept here can be asked again.
            own.execute(_PATIENCE)
        yield own
        own.commit()


def keep(session: Session, statement: Executable) -> int | None:
    """Run one statement whose loss can be borne and return how many rows it touched; nothing when it could not run."""
    try:
        with writing(session) as own:
            done: Any = own.execute(statement)
            return int(done.rowcount)
    except SQLAlchemyError as fault:
        # A registration that is not committed yet, or was just deleted.
        _log.warning("not kept", kind=type(fault).__name__)
        return None


def insert(session: Session, table: type[Base]) -> Any:
    """Return an insertion of this database's kind, which may say what to do about a row that is already there."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
