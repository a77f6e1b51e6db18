"""Starting, awaiting and stopping the servers of the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_KEEPER = Path(__file__).with_name("keeper.py")


class ServiceMissing(AssertionError):
    """Something the tests need is not there: tests fail, they are never skipped."""


@dataclass(frozen=True)
class Process:
    """A server started for the tests; it also stops by itself when its owner dies."""

    name: str
    keeper: subprocess.Popen[bytes]
    log: Path

    @property
    def is_running(self) -> bool:
        """Whether the server still runs."""
        return self.keeper.poll() is None

    @property
    def family(self) -> list[int]:
        """The server's process and all those it started, without its keeper."""
        found, todo = [], children_of(self.keeper.pid)
        while todo:
            found.append(todo.pop())
            todo += children_of(found[-1])
        return found

    def tail(self, lines: int = 30) -> str:
        """Return the end of what the server printed."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> None:
        """Ask the server to stop and wait for it."""
        self.keeper.terminate()
        self.keeper.wait(30)


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    account: str = "-",
    owner: int | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Process:
    """Start a server that lives no longer than its owner (by default this process), writing to `log`."""
    arguments = [sys.executable, "-I", _KEEPER, owner or os.getpid(), stop_signal.name, account, *command]
    with log.open("ab") as output:
        keeper = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=ROOT,
            env=dict(os.environ if env is None else env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(name, keeper, log)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text(encoding="ascii").split()]


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something listens on this port of the loopback interface."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(process: Process, is_ready: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until the server is ready; fail with its last words when it stops or takes too long."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if not process.is_running or time.monotonic() > deadline:
            state = "is too slow to start" if process.is_running else f"stopped with {process.keeper.returncode}"
            process.stop()
            raise ServiceMissing(f"{process.name} {state}:\n{process.tail()}")
        time.sleep(0.02)
