"""The demonstration behind a server, and its people signed in: where every page of every role can be opened."""

import shutil
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
from tests.services.once import once, run_folder
from tests.services.signing_in import sign_in_browser

SECRET = SecretStr("a secret of the demonstration, of no worth to anybody")
_DATABASE = "certify.sqlite3"
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
    "stagiaire": "stagiaire-05",
    "certifiee": "stagiaire-11",
}
"""Who goes through the pages: the name of the role, and the demonstration account."""


@contextmanager
def served_demonstration(folder: Path) -> Iterator[LiveServer]:
    """Serve a copy of the demonstration of one's own, for as long as the block lasts; it is loaded once a run."""
    shutil.copytree(once("demonstration", _load)["path"], folder, dirs_exist_ok=True)
    with _opened(folder) as app, served(app) as server:
        yield server


def sign_in_as(context: BrowserContext, server: LiveServer, key: str) -> None:
    """Sign a browser in as a person of the demonstration."""
    with server.app.app_context():
        email = bodies.email_of(key)
        sign_in_browser(context, server, db.session.scalars(select(User).where(User.email == email)).one())


def _load() -> dict[str, str]:
    folder = run_folder() / "demonstration"
    with databases.migrated_database("sqlite", folder) as url:
        Path(url.removeprefix("sqlite:///")).rename(folder / _DATABASE)
    with _opened(folder) as app, app.app_context():
        loading.load(1, lambda _text: None)
        db.session.commit()
    return {"path": str(folder)}


@contextmanager
def _opened(folder: Path) -> Iterator[Flask]:
    settings = Settings(
        env="test",
        data_dir=folder / "var",
        database_url=f"sqlite:///{folder / _DATABASE}",
        queue_url="memory:",
        secret_key=SECRET,
        password_salt=SECRET,
        keys_secret=SECRET,
        require_second_factor=False,
    )
    app = create_app(settings)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()  # type: ignore[attr-defined]
            for engine in db.engines.values():
                engine.dispose()
