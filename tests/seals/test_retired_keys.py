"""Keys put out of service: none comes back, and what one sealed outside the register proves nothing by itself."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates.services.checking import Finding, check_file
from certify.certificates.services.duplicating import duplicate
from certify.certificates.views import public
from certify.core import clock, files
from certify.core.templating import day
from certify.organisations.models import Organisation
from certify.seals import policies, queries, sealing, services
from certify.seals.policies import KeyState
from certify.settings import Settings
from tests.factories.juries import make_certificate
from tests.factories.people import actor_of, make_certifying_body, make_user
from tests.seals.making import PASSWORD, make_chain, plain_pdf
from tests.services.live_server import environment_of
from tests.services.time_stamping import running_time_stamping
from tests.services.visiting import read, visit

pytestmark = pytest.mark.engines("sqlite")


def test_no_earlier_key_comes_back_when_the_one_in_service_is_retired(session: Session) -> None:
    actor, body = actor_of(session, make_user(session)), make_certifying_body(session)
    elsewhere = services.ensure_key(session, make_certifying_body(session))
    leaked = services.ensure_key(session, body)
    second = services.make_key(session, actor, body)
    brought = services.import_key(session, actor, body, file=make_chain().as_pkcs12(), password=PASSWORD)
    assert None not in {leaked.retired_at, second.retired_at}
    assert brought.retired_at is elsewhere.retired_at is None
    own = queries.newest_key(session, None)
    assert own is not None, "the authority above still signs"
    services.retire(session, actor, body, brought)
    assert queries.newest_key(session, body.id) is None
    seal = policies.seal_of(queries.keys_of(session, body.id), clock.now())
    assert seal.current is None
    assert [one.state for one in seal.others] == [KeyState.RETIRED] * 3
    assert services.ensure_key(session, body) not in {leaked, second, brought}


def test_two_keys_made_at_once_are_retired_together(session: Session) -> None:
    actor, body = actor_of(session, make_user(session)), make_certifying_body(session)
    first = services.make_key(session, actor, body)
    second = services.make_key(session, actor, body)
    table = type(first).__table__
    session.connection().execute(table.update().where(table.c.id == first.id).values(retired_at=None))
    session.expire_all()
    services.retire(session, actor, body, second)
    assert queries.newest_key(session, body.id) is None


def test_a_retired_key_proves_nothing_outside_the_register(
    session: Session, settings: Settings, client: FlaskClient, run_jobs: Callable[[], int], tmp_path: Path
) -> None:
    certificate = make_certificate(session)
    run_jobs()
    session.refresh(certificate)
    body_id, content = certificate.certifying_body_id, files.read(certificate.storage_key)
    stolen = sealing.sealed(session, body_id, plain_pdf(), reason="Certificat", location="Lille")
    assert check_file(session, stolen).key_retired_at is None
    body = session.get_one(Organisation, body_id)
    key = services.ensure_key(session, body)
    services.make_key(session, None, body)
    session.commit()
    verdict = check_file(session, stolen)
    assert (verdict.finding, verdict.key_retired_at) == (Finding.SEALED, key.retired_at)
    kept = check_file(session, content)
    assert (kept.finding, kept.is_good, kept.seal.is_valid) == (Finding.ISSUED, True, True)
    assert kept.key_retired_at is None
    public.files_given.forget()
    assert key.retired_at is not None
    page = _checked(client, stolen)
    assert f"Clé retirée le {day(key.retired_at)}" in page
    assert "ce sceau seul ne prouve rien" in page
    assert "Le sceau tient" not in page
    page = _checked(client, content)
    assert "Fichier authentique et valide" in page
    assert "retirée" not in page
    (path := tmp_path / "stolen.pdf").write_bytes(stolen)
    command = [sys.executable, "-c", "from certify.cli import main; main()", "certificates", "verify", path]
    run = subprocess.run(command, env=environment_of(settings), capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "ce sceau seul ne prouve rien" in run.stderr
    run = subprocess.run(
        [*command, "--json"], env=environment_of(settings), capture_output=True, text=True, check=False
    )
    assert json.loads(run.stdout)["seal"]["key_retired_at"].startswith(key.retired_at.date().isoformat())


def _checked(client: FlaskClient, content: bytes) -> str:
    token = visit(client, "/verify").select_one("#file-check input[name=csrf_token]")
    data = {"csrf_token": token["value"] if token else "", "file": (io.BytesIO(content), "fichier.pdf")}
    return read(client.post("/verify/file", data=data, content_type="multipart/form-data")).get_text(" ")


def test_a_time_stamp_from_before_the_retirement_still_proves(app: Flask, session: Session, tmp_path: Path) -> None:
    body = make_certifying_body(session)
    services.ensure_key(session, body)
    with running_time_stamping() as service:
        values = {"seal_timestamp_url": service.url, "seal_timestamp_roots": service.write_root(tmp_path)}
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=values)
        content = sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    services.make_key(session, None, body)
    found = queries.examined(session, content)
    assert found.is_valid
    assert found.retired_at is not None
    assert found.is_proof_alone
    assert not replace(found, retired_at=found.verdict.signed_at).is_proof_alone


def test_the_sheet_of_a_duplicate_is_judged_when_the_duplicate_was_given(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    certificate = make_certificate(session)
    run_jobs()
    session.refresh(certificate)
    registrar = actor_of(session, session.get_one(User, certificate.issued_by_id))
    with clock.at(clock.now() + timedelta(days=40)):
        services.make_key(session, None, session.get_one(Organisation, certificate.certifying_body_id))
        event = duplicate(session, registrar, certificate, reason="Original perdu par la poste.")
        run_jobs()
        session.refresh(event)
        verdict = check_file(session, files.read(event.storage_key))
    assert (verdict.finding, verdict.duplicate, verdict.seal.verdict.faults) == (Finding.ISSUED, 1, ())
