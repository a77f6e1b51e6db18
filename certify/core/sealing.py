"""Rows that never change once sealed: the session itself refuses to write them, whoever asks.

A table declares `__sealed_when__`, a rule on its row as the database holds it; `__written_later__` names the columns
that may still be filled in once, such as where the bytes of a document are kept, `__always_open__` those that no seal
covers, such as whether a version is still in force.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l

KEEPS_SEALS = "keeps_seals"
"""Execution option of a bulk statement whose author made sure that it touches no sealed row."""


class Sealed(Conflict):
    """Somebody tried to change what is signed, decided or recorded for good."""


class Before:
    """A row as the database holds it, before the changes about to be written."""

    def __init__(self, session: Session, row: Any) -> None:
        self._session, self._row = session, row

    def __getitem__(self, column: str) -> Any:
        """Return the value held by the database."""
        history = inspect(self._row).attrs[column].history
        for values in (history.deleted, history.unchanged):
            if values:
                return values[0]
        return self._stored(column)

    def _stored(self, column: str) -> Any:
        # Set on an expired row: the session never knew the former value.
        state = inspect(self._row)
        table = state.mapper.local_table
        key = [held == value for held, value in zip(table.primary_key.columns, state.identity or (), strict=False)]
        with self._session.no_autoflush:
            return self._session.execute(select(state.mapper.columns[column]).where(*key)).scalar_one_or_none()

    def of(self, kind: type[Any], identity: Any) -> "Before":
        """Return another row, the one this one belongs to."""
        with self._session.no_autoflush:
            return Before(self._session, self._session.get_one(kind, identity))


Rule = Callable[[Before], bool]


def always(_before: Before) -> bool:
    """The rule of what is never updated nor deleted: versions, decisions, events."""
    return True


@event.listens_for(Session, "before_flush")
def _refuse_changes(session: Session, _context: Any, _instances: Any) -> None:
    for row in session.deleted:
        rule: Rule | None = getattr(type(row), "__sealed_when__", None)
        if rule is not None and rule(Before(session, row)):
            raise _refusal()
    for row in session.dirty:
        rule = getattr(type(row), "__sealed_when__", None)
        if rule is not None and (columns := _changed(row, before := Before(session, row))) and rule(before):
            later: frozenset[str] = getattr(type(row), "__written_later__", frozenset())
            free: frozenset[str] = getattr(type(row), "__always_open__", frozenset())
            if any(column not in free and (column not in later or before[column]) for column in columns):
                raise _refusal()


def _changed(row: Any, before: Before) -> list[str]:
    state = inspect(row)
    touched = (one.key for one in state.mapper.column_attrs if state.attrs[one.key].history.has_changes())
    return [column for column in touched if before[column] != getattr(row, column)]


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_changes(execution: ORMExecuteState) -> None:
    if not (execution.is_update or execution.is_delete) or execution.execution_options.get(KEEPS_SEALS):
        return
    mapper = execution.bind_mapper
    if mapper is not None and hasattr(mapper.class_, "__sealed_when__"):
        raise _refusal()


def _refusal() -> Sealed:
    return Sealed(
        _l(
            "Ce qui est signé ou enregistré définitivement ne se modifie plus. "
            "Pour corriger, ajoutez un nouvel enregistrement."
        )
    )
