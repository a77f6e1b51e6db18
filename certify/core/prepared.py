"""Statements run thousands of times an hour, compiled once and handed to the driver as they are.

The same statement through the ORM costs fifty times as much. What is lost is what those layers do: autoflush, loading
of rows as objects, events. So only for a few well-tested places: the audit chain, launches.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, bindparam, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Executable

from certify.core.db import actual_session


class Direct:
    """Transactions held by the driver alone, on a connection that stays: they begin and end at once. See `Lines`."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self.connection = engine.raw_connection()
        self.cursor = self.connection.cursor()
        self._begins_by_itself = engine.dialect.name != "sqlite"
        self._is_open = False
        self.is_usable = True

    def __enter__(self) -> "Direct":
        """Begin; what is not committed in the block is undone."""
        if not self._begins_by_itself:
            self.cursor.execute("BEGIN IMMEDIATE")
        self._is_open = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_fault: object) -> None:
        """Undo what was not committed; a connection that failed is not used again."""
        if kind is not None and issubclass(kind, DBAPIError):
            self.end()
        elif self._is_open:
            self.connection.rollback()

    def commit(self) -> None:
        """Keep what was done."""
        self.connection.commit()
        self._is_open = False

    def end(self) -> None:
        """Close the connection for good."""
        if self.is_usable:
            self.is_usable = False
            self.connection.invalidate()


class Lines:
    """The few connections kept for direct transactions; whoever finds them all taken has one for the moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Direct] = []
        event.listen(engine, "engine_disposed", self._forget)
        # A connection is not to be shared with a child process: it opens its own, and leaves this one alone.
        os.register_at_fork(after_in_child=self._abandon)

    @contextmanager
    def transaction(self) -> Iterator[Direct]:
        """Give a transaction; what is not committed in the block is undone."""
        try:
            line = self._idle.pop()
        except IndexError:
            line = Direct(self._engine)
        try:
            with line:
                yield line
        finally:
            if line.is_usable and len(self._idle) < _KEPT_LINES:
                self._idle.append(line)
            else:
                line.end()

    def _forget(self, _engine: Engine) -> None:
        idle, self._idle = self._idle, []
        for line in idle:
            line.end()

    def _abandon(self) -> None:
        _abandoned.extend(self._idle)
        self._idle = []


_KEPT_LINES = 2
_abandoned: list[Direct] = []
"""Connections of the parent process: collecting them here would close them there."""


Transactional = Session | Direct
"""Whose transaction a statement is part of."""


@dataclass(frozen=True)
class _Compiled:
    """A statement in the words of one engine."""

    sql: str
    arranged: Callable[[dict[str, Any]], Any]
    """Puts named values the way the driver takes them."""
    fixed: Mapping[str, Any]
    writers: tuple[tuple[str, Callable[[Any], Any]], ...]
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
    returns: bool


class Prepared:
    """A statement whose values are named by `bindparam`; types convert them both ways, as everywhere."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, on: Transactional, **values: Any) -> list[list[Any]]:
        """Run it in the transaction of a session or of the driver, and return its rows; nothing is flushed before."""
        connection = _connection_of(on)
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compiled[connection.dialect.name] = _compile(self._statement, connection)
        given = {**compiled.fixed, **values}
        for name, write in compiled.writers:
            given[name] = write(given[name])
        return [_read(compiled, row) for row in _rows(connection, compiled, compiled.arranged(given))]


def inserting(table: type[Any]) -> Prepared:
    """Return the statement that adds a row to a table: its values are all the columns, by their names."""
    columns = sqlalchemy.inspect(table).columns.keys()
    return Prepared(insert(table).values({name: bindparam(name) for name in columns}))


def _connection_of(on: Transactional) -> Connection | Direct:
    """Return a connection in its transaction."""
    return on if isinstance(on, Direct) else actual_session(on).connection()


def _rows(connection: Connection | Direct, compiled: _Compiled, bound: Any) -> list[Any]:
    cursor: Any = connection.cursor if isinstance(connection, Direct) else connection.connection.cursor()
    try:
        cursor.execute(compiled.sql, bound)
        return list(cursor.fetchall()) if compiled.returns else []
    except connection.dialect.loaded_dbapi.Error as error:
        # Handlers of the edge know SQLAlchemy's errors only.
        raise DBAPIError.instance(compiled.sql, None, error, connection.dialect.loaded_dbapi.Error, True) from error
    finally:
        if not isinstance(connection, Direct):
            cursor.close()


def _read(compiled: _Compiled, row: Any) -> list[Any]:
    values = list(row)
    for place, read in compiled.readers:
        values[place] = read(values[place])
    return values


def _arranging(names: Sequence[str]) -> Callable[[dict[str, Any]], Any]:
    # With one name only, it would give the value itself.
    return itemgetter(*names) if len(names) > 1 else lambda given: tuple(given[name] for name in names)


def _compile(statement: Executable, connection: Connection | Direct) -> _Compiled:
    dialect = connection.dialect
    made: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    writers = made._bind_processors
    constants = {name: bind.effective_value for name, bind in made.binds.items() if not bind.required}
    columns = [one.type for one in getattr(statement, "selected_columns", ())] or [
        one.type for one in getattr(statement, "_returning", ())
    ]
    readers = (
        (place, kind.dialect_impl(dialect).result_processor(dialect, None)) for place, kind in enumerate(columns)
    )
    return _Compiled(
        sql=str(made),
        arranged=_arranging(made.positiontup) if made.positional else dict,
        fixed={name: writers[name](value) if name in writers else value for name, value in constants.items()},
        writers=tuple((name, write) for name, write in writers.items() if name not in constants),
        readers=tuple((place, read) for place, read in readers if read is not None),
        returns=bool(columns),
    )
