"""What is made once for a whole test run, whichever of its processes needs it first."""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_FOLDER = "CERTIFY_TEST_RUN_FOLDER"
_OWNER = "CERTIFY_TEST_RUN_OWNER"
_KEPT: list[subprocess.Popen[bytes]] = []


def begin_run() -> None:
    """Make the folder of this run; its other processes find it through the environment."""
    folder = Path(tempfile.mkdtemp(prefix="certify-tests-"))
    # Servers that refuse to run as root must reach their own folder in it.
    folder.chmod(0o755)
    os.environ[_FOLDER] = str(folder)
    os.environ[_OWNER] = str(os.getpid())


def end_run() -> None:
    """Stop what this run started for all its processes, and remove its folder."""
    folder = run_folder()
    for process in _KEPT:
        process.terminate()
        process.wait(20)
    for path in folder.glob("*.pid"):
        _stop(int(path.read_text(encoding="ascii")))
    shutil.rmtree(folder, ignore_errors=True)


def leave_run() -> None:
    """Leave what this process started to the one that leads the run."""
    for process in _KEPT:
        # Python would otherwise complain that a child is left running, which is meant.
        process.returncode = 0


def run_folder() -> Path:
    """Return the folder shared by the processes of this run."""
    return Path(os.environ[_FOLDER])


def run_owner() -> int:
    """Return the process whose end is the end of the run."""
    return int(os.environ[_OWNER])


def keep_until_end_of_run(name: str, process: subprocess.Popen[bytes]) -> None:
    """Have a process stopped, and awaited, at the end of the run, even if another process than this one ends it."""
    _KEPT.append(process)
    (run_folder() / f"{name}.pid").write_text(str(process.pid), encoding="ascii")


def once(name: str, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return what `make` returned to the first process of this run that asked for `name`."""
    done = run_folder() / f"{name}.json"
    with (run_folder() / f"{name}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            done.write_text(json.dumps(make()), encoding="utf-8")
    found: dict[str, str] = json.loads(done.read_text(encoding="utf-8"))
    return found


def _stop(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGTERM)
        select.select([process], [], [], 20)
    os.close(process)
