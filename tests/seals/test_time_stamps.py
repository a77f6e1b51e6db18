from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.errors import Unavailable
from certify.seals import checking, queries, sealing, services
from certify.seals.checking import Fault
from certify.settings import Settings
from tests.factories.people import make_certifying_body
from tests.seals.making import plain_pdf
from tests.services.time_stamping import TimeStamping, running_time_stamping

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def service(app: Flask, tmp_path: Path) -> Iterator[TimeStamping]:
    with running_time_stamping() as service:
        values = {"seal_timestamp_url": service.url, "seal_timestamp_roots": service.write_root(tmp_path)}
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=values)
        yield service


def test_a_time_stamp_dates_the_seal_and_keeps_it_beyond_its_certificate(
    session: Session, service: TimeStamping
) -> None:
    body = make_certifying_body(session)
    services.ensure_key(session, body)
    content = sealing.sealed(session, body.id, plain_pdf(), reason="Délivrance", location="Lille")
    assert service.given == 1
    found = queries.examined(session, content)
    assert found.is_valid
    assert found.verdict.is_timestamped
    assert found.verdict.signed_at is not None
    assert abs(found.verdict.signed_at - clock.now()) < timedelta(minutes=1)
    roots, stamps = queries.trusted_roots(session), checking.known_timestamp_roots()
    unknown = checking.check(content, trusted=roots)
    assert unknown.faults == (Fault.TIMESTAMP,)
    with clock.at(clock.now() + timedelta(days=366 * 12)):
        assert checking.check(content, trusted=roots, timestamp_roots=stamps).is_valid


def test_a_time_stamp_nobody_could_check_is_refused_at_start(tmp_path: Path) -> None:
    (empty := tmp_path / "empty.pem").write_text("rien")
    refused = {
        "CERTIFY_SEAL_TIMESTAMP_ROOTS": {"seal_timestamp_url": "http://tsa.example/"},
        "ne se lit pas": {"seal_timestamp_roots": tmp_path / "missing.pem"},
        "aucun certificat": {"seal_timestamp_url": "http://tsa.example/", "seal_timestamp_roots": empty},
    }
    for words, values in refused.items():
        with pytest.raises(ValidationError, match=words):
            Settings(**values)  # type: ignore[arg-type]
    with running_time_stamping() as service:
        roots = service.write_root(tmp_path)
    assert Settings(seal_timestamp_url=service.url, seal_timestamp_roots=roots).seal_timestamp_roots == roots


def test_a_service_that_does_not_answer_leaves_nothing_half_sealed(session: Session, service: TimeStamping) -> None:
    body = make_certifying_body(session)
    services.ensure_key(session, body)
    service.is_broken = True
    with pytest.raises(Unavailable):
        sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    service.is_broken = False
    assert sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
