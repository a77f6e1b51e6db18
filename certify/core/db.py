"""The database: base class, engine settings, and one transaction per request decided at the edge."""

import sqlite3
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, has_request_context, make_response, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Uuid, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import ScopedRegistry

from certify.core.resources import shipped
from certify.core.types import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every table: fixed constraint names, so that migrations can speak of them."""

    metadata = MetaData(naming_convention=NAMING)


class Identified:
    """Mixin: a time-ordered identifier made by the application."""

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)


class Database(SQLAlchemy):
    """The extension; its scoped session stands for the session of the request, and verbs ask for a plain one."""

    session: Session  # type: ignore[assignment]


_ENGINE = {
    # What a failed statement was given is what people typed: it goes neither to logs nor to the page of jobs.
    "hide_parameters": True,
}
db = Database(model_class=Base, engine_options=_ENGINE)
migrate = Migrate()


def init_app(app: Flask) -> None:
    """Connect the database and the migrations to the application."""
    # A connection that a restarted server forgot is replaced, not answered with an error; a file has no server.
    is_file = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_pre_ping": not is_file})
    db.init_app(app)
    migrate.init_app(app, db, directory=str(shipped("migrations")), render_as_batch=True, compare_type=True)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Give an SQLite engine the settings without which concurrent writers lose updates; leave others alone."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_immediate)


def _set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver must not begin by itself: "begin" below decides how.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=20000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that later writes fails at once under contention; one that only reads waits for nobody.
    reads_only = connection.get_execution_options().get("reads_only")
    if reads_only is None:
        reads_only = _is_reading()
    connection.info["reads_only"] = bool(reads_only)
    beginning = "BEGIN" if reads_only else "BEGIN IMMEDIATE"
    try:
        # Straight to the driver, like its commit: as a statement among others it would cost three times as much.
        connection.connection.cursor().execute(beginning)
    except sqlite3.Error as error:
        raise DBAPIError.instance(beginning, None, error, sqlite3.Error, hide_parameters=True) from error


_writing = ["security."]


def lets_opening_write(endpoint: str) -> None:
    """Let the GET view of an endpoint write, since its protocol wants it so."""
    _writing.append(endpoint)


def actual_session(session: Session) -> Session:
    """Return the session itself: `db.session` only stands for that of the request, and finds it anew at each use."""
    actual: Session = session if isinstance(session, Session) else session.registry()
    return actual


def keeps_writers_waiting(session: Session) -> bool:
    """Whether this session holds the one write lock of an SQLite file: another session would wait for it in vain."""
    actual = actual_session(session)
    if actual.get_bind().dialect.name != "sqlite" or not actual.in_transaction():
        return False
    return not actual.connection().info.get("reads_only", False)


def _is_reading() -> bool:
    """Whether a page is being opened: a GET view writes nothing, but for the few whose protocol wants it."""
    is_safe = has_request_context() and request.method in ("GET", "HEAD")
    return is_safe and not (request.endpoint or "").startswith(tuple(_writing))


def wrap_views(app: Flask, before_commit: Callable[[Response], None]) -> None:
    """Make every view one transaction: committed when it answers below 400, rolled back otherwise.

    Done around the view, not in `after_request`, so that a constraint broken at commit still reaches its handler.
    """
    for endpoint, view in app.view_functions.items():
        if endpoint != "static":
            app.view_functions[endpoint] = _in_one_transaction(view, before_commit)


def _is_session_used() -> bool:
    """Whether the request used its session at all: asking what it holds would make one."""
    registry: ScopedRegistry[Session] = getattr(db.session, "registry")  # noqa: B009 - typed as the session it stands for
    return registry.has()


def _in_one_transaction(view: Callable[..., Any], before_commit: Callable[[Response], None]) -> Callable[..., Response]:
    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        try:
            response = make_response(view(*args, **kwargs))
            if response.status_code < 400:
                before_commit(response)
                if _is_session_used():
                    db.session.commit()
            else:
                db.session.rollback()
        except BaseException:
            db.session.rollback()
            raise
        return response

    return run


def separate_session() -> Session:
    """Return a session of its own, for what must survive a refused request: a failed sign-in, a trace of access."""
    return Session(db.engine.execution_options(reads_only=False), expire_on_commit=False)
