"""Alembic's environment: the application's own engine and metadata."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import TypeDecorator

from certify.core.db import Base

_migrate = current_app.extensions["migrate"]


def _render(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own column types as the plain ones they are, so that old migrations never depend on today's code."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__ != "sqlalchemy":
        return {
            "UTCDateTime": "sa.DateTime(timezone=True)",
            "EnumText": "sa.String(length=40)",
            "AsaList": "sa.UnicodeText()",
        }.get(type(item).__name__, False)
    return False


def run() -> None:
    """Run the migrations on the application's database, in one transaction."""
    with _migrate.db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        # Rebuilding an SQLite table drops it for a moment: its references must not be checked meanwhile.
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys=ON")


run()
