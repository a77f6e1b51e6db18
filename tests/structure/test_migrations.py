"""Migrations: one line of history, reversible on both engines, saying exactly what the tables say."""

from pathlib import Path

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.db import Base, db
from certify.core.resources import shipped
from certify.juries import services
from certify.juries.models import Candidacy
from tests.factories.juries import NOT_ACQUIRED, add_candidate, closed, grant, make_jury, opened, published


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


def test_blocks_acquired_before_the_migration_stay_acquired_after_it(app: Flask, session: Session) -> None:
    first = published(session, closed(session, make_jury(session, 2), b3=NOT_ACQUIRED, b4=NOT_ACQUIRED))
    people = [session.get_one(Enrolment, one.enrolment_id) for one in first.candidacies]
    second = make_jury(session, 0, cohort=first.cohort)
    add_candidate(session, second, people[0])
    opened(session, second)
    grant(session, second, second.candidacies[0], whole="adjourned")
    services.close(session, second.actor(session, second.president), second.jury)
    published(session, second)
    third = make_jury(session, 1, cohort=first.cohort)
    for person in people:
        add_candidate(session, third, person)
    session.commit()
    known = _acquired(session)
    assert sorted(map(tuple, known.values())) == [(), (), (), ("1", "2"), ("1", "2"), ("1", "2")]
    session.close()
    flask_migrate.downgrade(revision="0004")
    flask_migrate.upgrade()
    assert _acquired(session) == known


def _acquired(session: Session) -> dict[object, list[str]]:
    return {row.id: row.acquired for row in session.scalars(select(Candidacy))}
