"""Runs one command for as long as another process lives, then stops it: a killed test run leaves no server behind.

Used as a program: `keeper.py OWNER_PID STOP_SIGNAL ACCOUNT COMMAND…`, with `-` for one's own account. It needs nothing
but the standard library.
"""

import os
import pwd
import select
import signal
import subprocess
import sys
from types import FrameType

_GRACE_SECONDS = 15


def keep(owner: int, stop_signal: signal.Signals, account: str, command: list[str]) -> int:
    """Run the command until it ends, until its owner ends, or until this process is asked to stop."""
    child = _start(account, command)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        child.send_signal(stop_signal)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _wait_for_either(child.pid, owner)
    if child.poll() is None:
        child.send_signal(stop_signal)
    try:
        return child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        # This process leads its session: the command's own children go with it.
        os.killpg(0, signal.SIGKILL)
        raise


def _start(account: str, command: list[str]) -> subprocess.Popen[bytes]:
    if account == "-":
        return subprocess.Popen(command)
    entry = pwd.getpwnam(account)
    # PostgreSQL refuses to run as root; neither root's groups nor its folders follow it.
    environment = {**os.environ, "HOME": "/", "USER": account, "LOGNAME": account}
    return subprocess.Popen(
        command, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], cwd="/", env=environment, umask=0o077
    )


def _wait_for_either(*pids: int) -> None:
    watched = []
    for pid in pids:
        try:
            watched.append(os.pidfd_open(pid))
        except ProcessLookupError:
            return
    select.select(watched, [], [])


if __name__ == "__main__":
    sys.exit(keep(int(sys.argv[1]), signal.Signals[sys.argv[2]], sys.argv[3], sys.argv[4:]))
