"""Migrations: one line of history, reversible on both engines, saying exactly what the tables say."""

from pathlib import Path

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from certify.core.db import Base, db
from certify.core.resources import shipped


def test_history_is_one_line_of_numbered_sentences() -> None:
    script = ScriptDirectory.from_config(_config())
    assert len(script.get_heads()) == 1
    revisions = sorted(revision.revision for revision in script.walk_revisions())
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]
    assert all(len(path.stem.split("_", 1)[1]) > 5 for path in Path(script.versions).glob("0*.py"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    return config


def test_migrations_go_down_and_up_again_and_match_the_tables(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": False}
            )
            assert compare_metadata(context, Base.metadata) == []
