"""Fixtures for every test: an application on a migrated database of its own, its visitors, real services around it.

A test that asks for `app` runs on SQLite and on PostgreSQL; `@pytest.mark.engines("sqlite")` chooses. Services start
when the first test asks for them, and end with the run.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, Page
from pydantic import SecretStr
from sqlalchemy.orm import Session

from certify import create_app
from certify.core import jobs
from certify.core.db import db
from certify.settings import Settings
from tests.services import databases, once, quick_routes, redis_server, s3_server
from tests.services.accessibility import assert_accessible
from tests.services.browser import DESKTOP, PHONE, running_browser, watched_page
from tests.services.live_server import LiveServer, served
from tests.services.mail_server import MailServer, running_mail_server
from tests.services.separate_client import SeparateClient, apart
from tests.services.signing_in import SignIn, signed_in_client

hypothesis.settings.register_profile(
    "certify",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    # The application and its database are made once for all the examples of a test, which is what such a test wants.
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("certify")

SECRET = "a secret of the tests, of no worth to anybody"


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run, in the process that leads it."""
    quick_routes.install()
    if hasattr(config, "workerinput"):
        return
    for name in [name for name in os.environ if name.startswith("CERTIFY_") and not name.startswith("CERTIFY_TEST_")]:
        del os.environ[name]
    once.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, in the process that leads it."""
    if hasattr(config, "workerinput"):
        once.leave_run()
    else:
        once.end_run()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs a database on each engine."""
    if "engine" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("engines")
        metafunc.parametrize("engine", mark.args if mark else databases.ENGINES)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes after its parameter: an archive holds the time it was made, so its bytes are no name."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def database_url(engine: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a migrated, empty database that only this test uses."""
    with databases.migrated_database(engine, tmp_path) as url:
        yield url


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Settings:
    """Give the settings of the application under test; `@pytest.mark.settings(name=value)` changes some."""
    return _test_settings(request, database_url, tmp_path)


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Give a maker of applications, which closes what they opened when the test ends."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(_open_app(settings))


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """Give an application on an empty database, on each engine."""
    return make_app(settings)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Give the test its own database session, in the application's context; a client's request commits it first."""
    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a visitor nobody knows yet."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, session: Session) -> SignIn:
    """Give the function that returns a visitor signed in as a person: `sign_in(user)`."""
    return partial(signed_in_client, app)


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Give the function that does, here and now, everything the application has to do later; it says how many."""
    return lambda: _run_jobs(app)


@pytest.fixture
def live_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """Give an application that a browser can reach, on an SQLite database of its own; `.app` opens it from the test."""
    with (
        databases.migrated_database("sqlite", tmp_path / "live") as url,
        _open_app(_test_settings(request, url, tmp_path / "live")) as app,
        served(app) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give a real Chromium."""
    with running_browser(tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a browser window of a computer; the test fails when its console shows an error."""
    yield from _window(browser, viewport=DESKTOP)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Give a browser window of a phone, 360 px wide; the test fails when its console shows an error."""
    yield from _window(browser, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """Give a browser window that runs no script."""
    yield from _window(browser, viewport=DESKTOP, java_script_enabled=False)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Give the function that asserts that a page of the browser has no accessibility fault."""
    return assert_accessible


@pytest.fixture
def s3() -> s3_server.Bucket:
    """Give an empty bucket on a real S3 server."""
    return s3_server.new_bucket()


@pytest.fixture(scope="session")
def _redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = redis_server.start_redis(tmp_path_factory.mktemp("redis"))
    yield url
    process.stop()


@pytest.fixture
def redis_url(_redis: str) -> str:
    """Give the address of a real and empty Redis."""
    redis_server.empty(_redis)
    return _redis


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """Give a mail server that keeps what it receives."""
    with running_mail_server() as server:
        yield server


def _test_settings(request: pytest.FixtureRequest, database_url: str, folder: Path) -> Settings:
    mark = request.node.get_closest_marker("settings")
    values: dict[str, Any] = {
        "env": "test",
        "data_dir": folder / "var",
        "database_url": database_url,
        "queue_url": "memory:",
        "secret_key": SecretStr(SECRET),
        "password_salt": SecretStr(SECRET),
        "keys_secret": SecretStr(SECRET),
    }
    return Settings(**values | (mark.kwargs if mark else {}))


@contextmanager
def _open_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.test_client_class = SeparateClient
    # Templates are compiled once for the run, not once for each test.
    compiled = once.run_folder() / "templates"
    compiled.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()  # type: ignore[attr-defined]
            for engine in db.engines.values():
                engine.dispose()


def _run_jobs(app: Flask) -> int:
    return apart(_run_pending, app)


def _run_pending(app: Flask) -> int:
    with app.app_context():
        return jobs.run_pending()


def _window(browser: Browser, **options: Any) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce", **options)
    context.set_default_timeout(10_000)
    try:
        with watched_page(context) as page:
            yield page
    finally:
        context.close()
