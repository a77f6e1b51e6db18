"""The command line, as a person at a terminal and a script meet it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CERTIFY_")}


def certify(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell would."""
    environment = ENVIRONMENT | {"CERTIFY_DATA_DIR": str(folder / "var"), **settings}
    command = [sys.executable, "-c", "from certify.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_help_is_french_and_names_every_command(tmp_path: Path) -> None:
    answer = certify(tmp_path, "--help")
    assert answer.returncode == 0
    assert all(
        noun in answer.stdout for noun in ("init", "serve", "worker", "demo", "audit", "user", "settings", "outbox")
    )
    assert "Show this message" not in answer.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("serv",), "commande inconnue"),
        (("serve", "--port", "abc"), "un nombre entier entre 1 et 65535"),
        (("user", "create", "--email", "a@exemple.test"), "il manque --given-name"),
        (("serve", "--prot"), "option inconnue : --prot"),
    ],
)
def test_wrong_usage_is_explained_and_answers_two(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    answer = certify(tmp_path, *words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert said in answer.stderr


def test_production_without_its_secrets_refuses_to_start_and_names_them(tmp_path: Path) -> None:
    answer = certify(tmp_path, "settings", "check", CERTIFY_ENV="production")
    assert answer.returncode == 1
    assert all(name in answer.stderr for name in ("CERTIFY_SECRET_KEY", "CERTIFY_KEYS_SECRET", "CERTIFY_PUBLIC_URL"))
    assert "Traceback" not in answer.stderr


def test_a_database_that_is_not_ready_or_not_there_is_a_refusal(tmp_path: Path) -> None:
    assert "certify init" in certify(tmp_path, "audit", "verify").stderr
    gone = certify(tmp_path, "init", CERTIFY_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert gone.returncode == 1
    assert "ne répond pas" in gone.stderr


def test_organisations_and_first_accounts_are_made_without_a_page(tmp_path: Path) -> None:
    assert certify(tmp_path, "init").returncode == 0
    made = certify(tmp_path, "organisation", "create", "--kind", "certifying_body", "--name", "Organisme A", "--json")
    body = json.loads(made.stdout)
    person = (
        "--email",
        "Registre@Exemple.test",
        "--given-name",
        "Registre",
        "--family-name",
        "A",
        "--role",
        "registrar",
    )
    answer = certify(tmp_path, "user", "create", *person, "--organisation", body["id"], "--json")
    assert json.loads(answer.stdout)["email"] == "registre@exemple.test"
    again = certify(tmp_path, "user", "create", *person, "--organisation", body["id"])
    assert again.returncode == 1
    assert "a déjà ce rôle" in again.stderr
    listed = json.loads(certify(tmp_path, "outbox", "list", "--json").stdout)
    assert {"mail.send"} == {message["topic"] for message in listed}
    verified = json.loads(certify(tmp_path, "audit", "verify", "--json").stdout)
    assert verified["intact"] is True
    assert sum(chain["events"] for chain in verified["chains"]) >= 4


def test_a_framework_goes_out_and_comes_back_in_the_formats_of_other_tools(tmp_path: Path) -> None:
    assert certify(tmp_path, "init").returncode == 0
    body = certify(tmp_path, "organisation", "create", "--kind", "certifying_body", "--name", "Organisme A")
    assert body.returncode == 0
    version = certify(tmp_path, "framework", "list").stdout.split()[0]
    for name in ("toml", "moodle-csv"):
        file = tmp_path / f"framework.{name}"
        done = certify(tmp_path, "framework", "export", "--format", name, "--version", version, "--output", str(file))
        assert done.returncode == 0, done.stderr
        read = certify(tmp_path, "framework", "validate", "--format", name, str(file))
        assert read.returncode == 0, read.stderr
        assert "4 bloc(s), 16 compétence(s), 46 indicateur(s)" in read.stderr
    (tmp_path / "broken.csv").write_text("a,b\n", encoding="utf-8")
    refused = certify(tmp_path, "framework", "validate", "--format", "moodle-csv", str(tmp_path / "broken.csv"))
    assert refused.returncode == 1
    assert "défaut" in refused.stderr
