"""What is built from the checkout and installed elsewhere holds, and does, the same thing."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the pinned tools, as pip does."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return next(target.glob("*.whl"))


def _shipped(folder: str, inside: str) -> set[str]:
    made = ("__pycache__", ".pyc", ".pot")
    paths = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    names = (path.relative_to(ROOT / folder).as_posix() for path in paths)
    return {f"{inside}/{name}" for name in names if not any(part in name for part in made)}


@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        ("certify", "certify"),
        ("competencies", "competencies"),
        ("templates", "certify/_bundled/templates"),
        ("migrations", "certify/_bundled/migrations"),
    ],
)
def test_the_wheel_holds_everything_of_a_folder(wheel: Path, folder: str, inside: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        missing = _shipped(folder, inside) - set(archive.namelist())

    assert missing == set()


def test_the_wheel_holds_nothing_else_than_the_product(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"certify", "competencies"}


def test_the_application_of_the_wheel_migrates_a_database_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    program = (
        "import certify, sys; from certify.core.resources import shipped; from certify.cli import main;"
        " assert 'installed' in certify.__file__ and 'installed' in str(shipped('templates'));"
        " sys.argv = ['certify', 'init']; main()"
    )
    # Packages given this way do not bring the checkout in, as the development installation would.
    places = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": places, "CERTIFY_DATA_DIR": str(tmp_path / "var")}
    python = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    command = [str(python), "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "var" / "certify.sqlite3").stat().st_size > 0
