"""Frameworks at a terminal: checked, imported, exported, compared, with what is wrong said where it is."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from certify.cli.frameworks import framework
from certify.frameworks import exchange
from competencies import Text, demo
from competencies.exchange import Origin
from tests.cli.test_commands import certify

ORIGIN = Origin("https://certify.example.org", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")
SMALL = replace(demo(), code="petit", blocks=demo().blocks[:1])
CHANGED = replace(SMALL, version="2027", title=Text("Petit", "Small"), blocks=demo().blocks[:2])
BODY = "Organisme certificateur A"


def checked(*words: str) -> Result:
    """Run a command that needs no database, here and now."""
    return CliRunner().invoke(framework, list(words))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with one certifying body, and files of one framework in every format."""
    folder = tmp_path_factory.mktemp("frameworks")
    assert certify(folder, "init").returncode == 0
    made = certify(folder, "organisation", "create", "--kind", "certifying_body", "--name", BODY)
    assert made.returncode == 0, made.stderr
    for name, one in exchange.FORMATS.items():
        (folder / f"small-{name}{one.suffix}").write_bytes(one.write(SMALL, "fr", ORIGIN))
    (folder / "changed.toml").write_bytes(exchange.FORMATS["toml"].write(CHANGED, "fr", ORIGIN))
    (folder / "broken.csv").write_text("a,b\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", list(exchange.FORMATS))
def test_a_file_of_any_format_is_recognised_and_checked(home: Path, name: str) -> None:
    answer = checked("validate", str(home / f"small-{name}{exchange.FORMATS[name].suffix}"))
    assert answer.exit_code == 0, answer.output
    assert "1 bloc(s), 4 compétence(s), 11 indicateur(s)" in answer.stderr


def test_a_bad_file_is_refused_with_its_places_and_nothing_is_imported(home: Path) -> None:
    broken = str(home / "broken.csv")
    answer = checked("validate", "--format", "moodle-csv", broken)
    assert answer.exit_code == 1
    assert answer.stdout.startswith("ligne 1, colonne 3")
    assert "référentiel refusé, 1 défaut(s)" in answer.stderr
    refused = certify(home, "framework", "import", "--body", BODY, broken)
    assert (refused.returncode, refused.stdout) == (1, answer.stdout)


def test_a_file_nobody_recognises_asks_for_its_format(home: Path) -> None:
    (home / "lettre.txt").write_text("bonjour", encoding="utf-8")
    assert "n’est pas reconnu" in checked("validate", str(home / "lettre.txt")).stderr


def test_a_file_becomes_a_draft_then_its_number_is_taken(home: Path) -> None:
    file = str(home / "small-case.json")
    done = certify(home, "framework", "import", "--body", BODY, file)
    assert done.returncode == 0, done.stderr
    identifier = uuid.UUID(done.stdout.strip())
    assert f"{identifier}  brouillon" in certify(home, "framework", "list").stdout
    again = certify(home, "framework", "import", "--body", BODY, file)
    assert again.returncode == 1
    assert "existe déjà" in again.stderr
    other = certify(home, "framework", "import", "--body", BODY, "--number", "3", "--activate", file)
    assert "mis en vigueur." in other.stderr
    assert f"{other.stdout.strip()}  active" in certify(home, "framework", "list").stdout


def test_a_body_that_does_not_exist_is_answered_with_those_that_do(home: Path) -> None:
    answer = certify(home, "framework", "import", "--body", "Organisme Z", str(home / "small-toml.toml"))
    assert answer.returncode == 1
    assert f"organismes certificateurs : {BODY}" in answer.stderr


def test_a_version_goes_out_and_is_compared_with_its_file(home: Path) -> None:
    version, file = certify(home, "framework", "list").stdout.split()[0], str(home / "out.xlsx")
    done = certify(home, "framework", "export", "--format", "xlsx", "--version", version, "--output", file)
    assert done.returncode == 0, done.stderr
    assert "4 bloc(s), 16 compétence(s), 46 indicateur(s)" in checked("validate", file).stderr
    assert certify(home, "framework", "diff", version, file).returncode == 0
    shown = certify(home, "framework", "export", "--format", "moodle-csv", "--version", version)
    assert shown.stdout.startswith("Parent ID number,")
    assert "ne tient pas dans ce format" in shown.stderr
    unknown = certify(home, "framework", "export", "--format", "toml", "--version", str(uuid.uuid4()))
    assert (unknown.returncode, "aucune version" in unknown.stderr) == (1, True)


def test_two_files_are_compared_line_by_line(home: Path) -> None:
    before, after = str(home / "small-toml.toml"), str(home / "changed.toml")
    same = checked("diff", before, str(home / "small-xlsx.xlsx"))
    assert (same.exit_code, same.stdout) == (0, "")
    assert "rien ne change" in same.stderr
    changed = checked("diff", before, after)
    assert changed.exit_code == 1
    lines = changed.stdout.splitlines()
    assert lines[0] == "~ référentiel petit 2026 → petit 2027"
    assert f"+ bloc 2 : {demo().blocks[1].title.fr}" in lines
    assert "~ référentiel petit, titre" in lines
    assert "    + (fr) Petit" in lines
    back = checked("diff", after, before).stdout.splitlines()
    assert f"- bloc 2 : {demo().blocks[1].title.fr}" in back
    assert "ni un fichier" in checked("diff", "nulle-part", before).stderr
