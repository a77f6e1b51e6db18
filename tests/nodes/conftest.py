"""Fixtures of tests with several processes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr

from certify import create_app
from certify.core import jobs
from certify.core.db import db
from certify.settings import Settings
from tests.nodes.crowd import Server
from tests.services import databases
from tests.services.live_server import environment_of, is_alive, running_node
from tests.services.processes import free_port, wait_for


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """Give the application of the test itself, beside the processes it starts, and close its queue at the end."""
    yield app
    app.extensions[jobs.EXTENSION].storage.close()


@pytest.fixture(scope="session", params=databases.ENGINES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a real server of two processes, on a database that several tests share."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    url, secret = f"http://127.0.0.1:{port}", SecretStr("a secret of the tests, of no worth to anybody")
    command = ("serve", "--no-worker", "--processes", "2", "--threads", "6", "--port", str(port))
    with databases.migrated_database(request.param, folder) as database:
        settings = Settings(
            env="test", data_dir=folder / "var", database_url=database, queue_url="memory:",
            secret_key=secret, password_salt=secret, keys_secret=secret,
        )  # fmt: skip
        with running_node("web", *command, env=environment_of(settings), log=folder / "web.log") as node:
            wait_for(node, lambda: is_alive(url))
            app = create_app(settings)
            yield Server(url, app, settings)
            with app.app_context():
                db.engine.dispose()
