"""Declarations from the command line: the same verbs, the same rules, the same refusals."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cli import terminal
from certify.cli.cpf import cpf
from certify.core.audit import AuditEvent
from certify.core.types import new_id
from certify.declarations.models import Deposit, DepositItem, DepositState
from tests.declarations.test_files import PASSAGE, SCHEMA, element, nil, written
from tests.factories.declarations import Declared, make_declared, make_depositor, report
from tests.factories.people import make_user


def _run(*words: object) -> Result:
    return CliRunner().invoke(cpf, [str(word) for word in words])


@pytest.fixture(autouse=True)
def _here(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "application", lambda: app)


@pytest.fixture
def declared(session: Session) -> Declared:
    """Give a body that has two people to declare."""
    found = make_declared(session, 2)
    make_depositor(session, found)
    session.commit()
    return found


def test_a_deposit_is_prepared_checked_and_answered_without_a_page(
    session: Session, declared: Declared, tmp_path: Path
) -> None:
    output, email = tmp_path / "depot.xml", declared.registrar.email
    asked = ("--body", declared.body.id, "--output", output)
    stranger = make_user(session).email
    session.commit()
    assert "ne déclare pas" in _run("export", *asked, "--as", stranger).output
    assert "personne n’a cette adresse" in _run("export", *asked, "--as", "rien@exemple.test").output
    assert not output.exists()
    output.write_text("autre chose")
    assert "existe déjà" in _run("export", *asked, "--as", email).output
    assert output.read_text() == "autre chose"
    output.unlink()
    made = _run("export", *asked, "--as", email, "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["lines"] == 2
    assert output.stat().st_mode & 0o077 == 0
    again = (*asked[:2], "--output", tmp_path / "autre.xml", "--as", email)
    assert "Personne n’est à déclarer" in _run("export", *again).output
    assert not (tmp_path / "autre.xml").exists()
    assert "declarations:deposit:taken" in set(session.scalars(select(AuditEvent.tag)))
    session.rollback()
    checked = _run("check", output)
    assert (checked.exit_code, "2 ligne(s) conformes aux règles" in checked.output) == (0, True)
    assert "CERTIFY_CPF_XSD_112" in checked.output
    deposit = session.scalars(select(Deposit)).one()
    names = list(session.scalars(select(DepositItem.technical_id)))
    receipt = tmp_path / "retour.xml"
    receipt.write_bytes(report(deposit, names))
    identity = deposit.id
    session.rollback()
    answer = _run("import-receipt", receipt, "--deposit", identity, "--as", email)
    assert "accepté : 2 enregistrée(s), 0 rejetée(s)." in answer.output
    assert "déjà été pris en compte" in _run("import-receipt", receipt, "--deposit", identity, "--as", email).output
    assert "aucun dépôt" in _run("import-receipt", receipt, "--deposit", new_id(), "--as", email).output
    session.rollback()
    assert session.scalars(select(Deposit.state)).one() is DepositState.ACCEPTED


@pytest.mark.engines("sqlite")
def test_a_file_with_faults_is_refused_with_each_of_them(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "depot.xml"
    wrong = written(PASSAGE, PASSAGE).replace(element("sexe", "F"), nil("sexe"), 1)
    file.write_text(wrong, encoding="utf-8")
    if SCHEMA.is_file():
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"cpf_xsd_112": SCHEMA})
    answer = _run("check", file)
    assert answer.exit_code == 1
    assert "ligne-1 : sex, " in answer.output
    assert "ligne-1 : identifiant technique en double" in answer.output
    assert "Essai" not in answer.output
    if SCHEMA.is_file():
        assert "ligne 3 : sexe, refusé par le schéma" in answer.output
    file.write_text("<autre/>")
    assert "n’est pas un fichier de dépôt lisible" in _run("check", file).output
