"""Databases in the state of the last migration, on both engines, quickly: migrated once a run, then copied."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import postgresql
from tests.services.once import once, run_folder
from tests.services.processes import ROOT, ServiceMissing

ENGINES = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@contextmanager
def migrated_database(engine: str, folder: Path) -> Iterator[str]:
    """Give the address of a migrated and empty database of one's own, for as long as the block lasts."""
    if engine == "sqlite":
        yield _copied_file(folder)
        return
    template = once("postgresql-template", _make_postgresql_template)["name"]
    name = f"{template}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(_numbers)}"
    try:
        yield postgresql.copy_template(template, name)
    finally:
        postgresql.drop(name)


@contextmanager
def empty_database(engine: str, folder: Path) -> Iterator[str]:
    """Give the address of a database without a table: for tests of the migrations themselves."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / f'empty-{next(_numbers)}.sqlite3'}"
        return
    name = f"certify_empty_{os.getpid()}_{next(_numbers)}"
    try:
        yield postgresql.create(name)
    finally:
        postgresql.drop(name)


def _copied_file(folder: Path) -> str:
    template = once("sqlite-template", _make_sqlite_template)["path"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"certify-{next(_numbers)}.sqlite3"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


def _make_sqlite_template() -> dict[str, str]:
    path = run_folder() / "template.sqlite3"
    _migrate(f"sqlite:///{path}")
    return {"path": str(path)}


def _make_postgresql_template() -> dict[str, str]:
    # A given server may serve several runs at once.
    name = f"certify_tests_{os.environ['CERTIFY_TEST_RUN_OWNER']}"
    postgresql.make_template(name, _migrate)
    return {"name": name}


def _migrate(url: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "certify.wsgi", "db", "upgrade"]
    folder = run_folder() / "migration"
    environment = os.environ | {"CERTIFY_ENV": "test", "CERTIFY_DATABASE_URL": url, "CERTIFY_DATA_DIR": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServiceMissing(f"the migrations do not run on {url.partition(':')[0]}:\n{done.stdout}{done.stderr}")
