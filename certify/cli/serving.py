"""Web and worker side by side under one supervisor, until Ctrl-C."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from certify.cli.terminal import refuse, say

_STOP_WITHIN = 10.0


def run(host: str, port: int, *, processes: int, threads: int, with_worker: bool) -> None:
    """Start the web server and the worker; stop both on a signal, or when the web server ends by itself."""
    if not _is_free(host, port):
        refuse(f"le port {port} est déjà utilisé sur {host} : choisissez-en un autre avec --port")
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "certify.wsgi:app",
        "--bind",
        f"{host}:{port}",
        "--workers",
        str(processes),
        "--threads",
        str(threads),
        "--worker-class",
        "gthread",
        "--timeout",
        "120",
        "--graceful-timeout",
        "5",
        "--log-level",
        "warning",
    ]
    commands = {"web": web} | ({"worker": [sys.executable, "-m", "certify.worker"]} if with_worker else {})
    say(f"certify : http://{host}:{port} (Ctrl-C pour arrêter)")
    raise SystemExit(_supervise(commands))


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _supervise(commands: dict[str, list[str]]) -> int:
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    children = {name: _start(command) for name, command in commands.items()}
    while not stopping:
        time.sleep(0.2)
        if children["web"].poll() is not None:
            break
        dead_worker = children.get("worker")
        if dead_worker is not None and dead_worker.poll() is not None:
            say("certify : les tâches de fond se sont arrêtées, elles repartent.")
            time.sleep(1)
            children["worker"] = _start(commands["worker"])
    _stop_all(list(children.values()))
    return 0 if stopping else 1


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of their own: Ctrl-C reaches the supervisor only, which stops them in order.
    return subprocess.Popen(command, start_new_session=True)


def _stop_all(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _STOP_WITHIN
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
