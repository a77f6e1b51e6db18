"""The demonstration behind a server, and its people signed in: where every page of every role can be opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import BrowserContext
from pydantic import SecretStr
from sqlalchemy import select

from certify import create_app
from certify.accounts.models import User
from certify.core.db import db
from certify.demo import bodies, loading
from certify.settings import Settings
from tests.services import databases
from tests.services.live_server import LiveServer, served
from tests.services.signing_in import sign_in_browser

SECRET = SecretStr("a secret of the demonstration, of no worth to anybody")
ROLES = {
    "coordination": "coordinator",
    "formation": "trainer",
    "referent": "referent",
    "certification": "registrar",
    "administration": "administrator",
    "audit": "auditor",
    "presidence": "president",
    "jury": "juror",
    "debutante": "stagiaire-02",
    "stagiaire": "stagiaire-04",
    "candidate": "stagiaire-08",
    "certifiee": "stagiaire-10",
}
"""Who goes through the pages: the name of the role, and the demonstration account."""


@contextmanager
def served_demonstration(folder: Path) -> Iterator[LiveServer]:
    """Serve the demonstration, freshly loaded, for as long as the block lasts."""
    with databases.migrated_database("sqlite", folder) as url:
        settings = Settings(
            env="test",
            data_dir=folder / "var",
            database_url=url,
            queue_url="memory:",
            secret_key=SECRET,
            password_salt=SECRET,
            keys_secret=SECRET,
            require_second_factor=False,
        )
        app = create_app(settings)
        with app.app_context():
            loading.load(1, lambda _text: None)
        try:
            with served(app) as server:
                yield server
        finally:
            _close(app)


def sign_in_as(context: BrowserContext, server: LiveServer, key: str) -> None:
    """Sign a browser in as a person of the demonstration."""
    with server.app.app_context():
        email = bodies.email_of(key)
        sign_in_browser(context, server, db.session.scalars(select(User).where(User.email == email)).one())


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()  # type: ignore[attr-defined]
        for engine in db.engines.values():
            engine.dispose()
