"""Starting the programs of others, with the Python that has them installed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.services.processes import ROOT, Process, ServiceMissing, listens, start, wait_for

PYTHON = ROOT / ".venv-interop" / "bin" / "python"


@contextmanager
def running_program(name: str, *, port: int, folder: Path, env: Mapping[str, str]) -> Iterator[Process]:
    """Run `tests/interop/<name>.py` for as long as the block lasts, once it listens on its port."""
    if not PYTHON.exists():
        raise ServiceMissing("the programs of others are not installed: `make test` or `.ci/setup interop` does it")
    environment = {"PORT": str(port), "PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONUTF8": "1", **env}
    program = Path(__file__).with_name(f"{name}.py")
    process = start(name, [PYTHON, program], log=folder / f"{name}.log", env=environment)
    try:
        wait_for(process, lambda: listens(port))
        yield process
    finally:
        process.stop()
