"""Platforms from the command line, as a person at a terminal and a script meet them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CERTIFY_")}
MOODLE = "https://moodle.exemple.test"
ADDRESSES = (
    "--authorization-url",
    f"{MOODLE}/mod/lti/auth.php",
    "--token-url",
    f"{MOODLE}/mod/lti/token.php",
    "--jwks-url",
    f"{MOODLE}/mod/lti/certs.php",
)


def certify(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = ENVIRONMENT | {"CERTIFY_DATA_DIR": str(folder / "var"), **settings}
    command = [sys.executable, "-c", "from certify.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def organisation(tmp_path: Path) -> str:
    """Give the identifier of a training body, in a database just made."""
    assert certify(tmp_path, "init").returncode == 0
    made = certify(tmp_path, "organisation", "create", "--kind", "training_body", "--name", "Organisme A", "--json")
    identifier: str = json.loads(made.stdout)["id"]
    return identifier


def register(folder: Path, organisation: str, *more: str, **settings: str) -> subprocess.CompletedProcess[str]:
    words = ("lti", "register", "--issuer", MOODLE, "--client-id", "c1", "--organisation", organisation, *ADDRESSES)
    return certify(folder, *words, *more, **settings)


def test_a_platform_is_invited_registered_and_looked_after_without_a_page(tmp_path: Path, organisation: str) -> None:
    invited = certify(tmp_path, "lti", "invite", "--organisation", organisation, "--label", "Moodle")
    assert invited.stdout.startswith("http://127.0.0.1:8000/lti/register/")
    assert "qu’une fois" in invited.stderr

    made = json.loads(register(tmp_path, organisation, "--deployment-id", "1", "--name", "Moodle A", "--json").stdout)
    assert made["login_url"].endswith(f"/lti/login/{made['id']}")
    again = register(tmp_path, organisation)
    assert again.returncode == 1
    assert "déjà raccordée" in again.stderr

    listed = json.loads(certify(tmp_path, "lti", "list", "--json").stdout)
    assert [(one["name"], one["state"]) for one in listed] == [("Moodle A", "active")]
    assert listed[0]["deployments"] == [{"id": "1", "state": "active"}]
    assert "en service" in certify(tmp_path, "lti", "list").stdout
    assert certify(tmp_path, "lti", "approve", made["id"]).stderr.startswith("0 déploiement")
    assert "aucun déploiement" in certify(tmp_path, "lti", "approve", made["id"], "--deployment-id", "9").stderr
    assert certify(tmp_path, "lti", "disable", made["id"]).returncode == 0
    assert "déjà suspendu" in certify(tmp_path, "lti", "disable", made["id"]).stderr
    assert certify(tmp_path, "lti", "enable", made["id"]).returncode == 0
    assert json.loads(certify(tmp_path, "audit", "verify", "--json").stdout)["intact"] is True


def test_a_platform_in_clear_or_private_is_refused_unless_a_setting_allows_it(
    tmp_path: Path, organisation: str
) -> None:
    local = ("--token-audience", "x", "--jwks-url", "http://localhost:9/keys")
    refused = register(tmp_path, organisation, *local)
    assert refused.returncode == 1
    assert "https://" in refused.stderr
    assert register(tmp_path, organisation, *local, CERTIFY_LTI_ALLOW_INSECURE="1").returncode == 0


def test_keys_are_rotated_with_notice_or_at_once(tmp_path: Path, organisation: str) -> None:
    for _ in range(2):
        assert certify(tmp_path, "lti", "rotate-keys").returncode == 0
    facts = json.loads(certify(tmp_path, "lti", "rotate-keys", "--at-once", "--json").stdout)
    assert [fact["state"] for fact in facts].count("active") == 1
    assert facts[0]["state"] == "active"


def test_the_doctor_names_what_is_wrong_and_answers_one(tmp_path: Path, organisation: str) -> None:
    local = ("--jwks-url", "http://127.0.0.1:1/keys", "--token-url", "http://127.0.0.1:1/token")
    addresses = (*local, "--authorization-url", "http://127.0.0.1:1/auth", "--json")
    trial = {"CERTIFY_LTI_ALLOW_INSECURE": "1", "CERTIFY_PUBLIC_URL": "http://127.0.0.1:1"}
    made = json.loads(register(tmp_path, organisation, *addresses, **trial).stdout)
    answer = certify(tmp_path, "lti", "doctor", made["id"], "--json", **trial)
    steps = {step["code"]: step["outcome"] for step in json.loads(answer.stdout)[0]["steps"]}
    assert answer.returncode == 1
    assert (steps["addresses"], steps["keys"], steps["token:score"]) == ("ok", "failure", "failure")
    told = certify(tmp_path, "lti", "doctor", **trial)
    assert "ÉCHEC" in told.stdout
    assert "Clés de la plateforme" in told.stdout


def test_what_does_not_exist_is_a_refusal(tmp_path: Path, organisation: str) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert "aucune plateforme" in certify(tmp_path, "lti", "doctor", nobody).stderr
    assert "aucun organisme" in certify(tmp_path, "lti", "invite", "--organisation", nobody, "--label", "M").stderr
