"""Where benches run: the application on a scratch database, as a server runs it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from pydantic import SecretStr

from certify import create_app
from certify.core.db import db
from certify.settings import Settings
from tests.services import databases

SUFFIXES = {"sqlite": "", "postgresql": "_postgresql"}
"""How the names of rows say the engine."""


@contextmanager
def opened_app(engine: str = "sqlite", **settings: Any) -> Iterator[Flask]:
    """Open the application on a migrated, empty database, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="certify-bench-") as folder:
        secret = SecretStr("a secret of the benches, of no worth to anybody")
        secrets = {"secret_key": secret, "password_salt": secret, "keys_secret": secret}
        defaults: dict[str, Any] = {
            "env": "test",
            "data_dir": Path(folder) / "var",
            "queue_url": "memory:",
            "log_level": "ERROR",
        }
        with databases.migrated_database(engine, Path(folder)) as url:
            app = create_app(Settings(**defaults | secrets | {"database_url": url} | settings))
            try:
                yield app
            finally:
                with app.app_context():
                    db.session.remove()  # type: ignore[attr-defined]
                    db.engine.dispose()
