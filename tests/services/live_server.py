"""The application behind a real HTTP server: in this process for pages, in processes of its own for everything else."""

import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from flask import Flask
from werkzeug.serving import make_server

from certify.settings import Settings
from tests.services.processes import Process, free_port, start, wait_for

CERTIFY = Path(sys.executable).with_name("certify")
"""The command line, as installed."""


@dataclass(frozen=True)
class LiveServer:
    """An application that a browser can reach."""

    url: str
    app: Flask

    def address(self, path: str) -> str:
        """Return the whole address of a page."""
        return self.url + path


@contextmanager
def served(app: Flask, *, port: int = 0, certificate: tuple[Path, Path] | None = None) -> Iterator[LiveServer]:
    """Serve an application of this process, on threads, for as long as the block lasts; by default on any port.

    With a certificate and its key, over HTTPS.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    context = (str(certificate[0]), str(certificate[1])) if certificate else None
    server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, name="live-server", daemon=True)
    thread.start()
    try:
        yield LiveServer(f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}", app)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def environment_of(settings: Settings, **more: str) -> dict[str, str]:
    """Return the variables that give another process the same settings."""
    values = {name: value for name, value in settings.model_dump().items() if name in settings.model_fields_set}
    shown = {name: getattr(value, "get_secret_value", lambda value=value: value)() for name, value in values.items()}
    own = {f"CERTIFY_{name.upper()}": str(value) for name, value in shown.items() if value is not None}
    return {name: value for name, value in os.environ.items() if not name.startswith("CERTIFY_")} | own | more


def start_node(name: str, *command: str, env: Mapping[str, str], log: Path) -> Process:
    """Start `certify COMMAND…` in a process of its own, such as `worker` or `serve --port 8123`."""
    return start(name, [CERTIFY, *command], log=log, env=env)


@contextmanager
def running_node(name: str, *command: str, env: Mapping[str, str], log: Path) -> Iterator[Process]:
    """Run `certify COMMAND…` in a process of its own for as long as the block lasts."""
    node = start_node(name, *command, env=env, log=log)
    try:
        yield node
    finally:
        node.stop()


@contextmanager
def running_web(name: str, *, env: Mapping[str, str], folder: Path) -> Iterator[tuple[Process, str]]:
    """Run the real web server, with neither worker nor anything else, on a port of its own; give its address."""
    port = free_port()
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4", "certify.wsgi:app"]
    node = start(name, command, log=log, env=env)
    try:
        wait_for(node, lambda: is_alive(f"http://127.0.0.1:{port}"))
        yield node, f"http://127.0.0.1:{port}"
    finally:
        node.stop()


def is_alive(url: str) -> bool:
    """Whether an application answers there."""
    with suppress(OSError), urlopen(f"{url}/healthz", timeout=2) as answer:
        return bool(answer.status == 200)
    return False
