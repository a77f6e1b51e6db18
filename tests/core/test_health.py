"""What a monitoring system reads: alive, ready or not and why, and figures."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock, jobs, mail
from certify.core.db import db
from certify.core.outbox import OutboxMessage
from certify.settings import Settings
from tests.services.processes import free_port

NOBODY = "nobody's token of the tests"


def figures(client: FlaskClient, **headers: str) -> dict[str, float]:
    """Read the figures, by name and labels."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line for line in answer.get_data(as_text=True).splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_an_application_that_works_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "database": True, "files": True})


@pytest.mark.engines("postgresql")
def test_without_its_database_it_is_alive_but_not_ready(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/certify"
    client = make_app(settings.model_copy(update={"database_url": url})).test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"status": "unavailable", "database": False, "files": True})


@pytest.mark.engines("sqlite")
def test_without_its_store_it_is_alive_but_not_ready(
    settings: Settings, make_app: Callable[[Settings], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    url = f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}"
    client = make_app(settings.model_copy(update={"files_url": url})).test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"status": "unavailable", "database": True, "files": False})


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.engines("sqlite")
def test_no_answer_is_kept_by_anything_on_the_way(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.engines("sqlite")
def test_requests_are_counted_by_page_and_status_and_timed(client: FlaskClient) -> None:
    before = figures(client)
    client.get("/aide")
    client.get("/aide")
    client.get("/nulle-part/stagiaire03@exemple.test")
    after = figures(client)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more('certify_requests_total{endpoint="pages.help",status="200"}') == 2
    assert more('certify_requests_total{endpoint="unknown",status="404"}') == 1
    assert more('certify_request_seconds_count{endpoint="pages.help"}') == 2
    assert not any("stagiaire03" in name for name in after)


def test_jobs_that_wait_and_jobs_given_up_are_counted(app: Flask, client: FlaskClient, session: Session) -> None:
    for subject in ("un", "deux", "trois"):
        mail.queue_plain(session, to="a@exemple.test", subject=subject, text="Bonjour")
    session.flush()
    session.scalars(select(OutboxMessage).limit(1)).one().failed_at = clock.now()
    session.commit()
    found = figures(client)
    assert (found["certify_jobs_waiting"], found["certify_jobs_failed"]) == (2, 1)
    with app.app_context():
        jobs.run_pending()
        db.session.rollback()
    found = figures(client)
    assert (found["certify_jobs_waiting"], found["certify_jobs_failed"]) == (0, 1)


@pytest.mark.engines("sqlite")
@pytest.mark.settings(metrics_token=SecretStr(NOBODY))
@pytest.mark.parametrize(
    "given", ["", NOBODY, "Bearer ", f"Basic {NOBODY}", "Bearer autre", "Bearer été", "Bearer \u00ff"]
)
def test_figures_are_for_who_has_the_token(client: FlaskClient, given: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": given.encode().decode("latin-1")} if given else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.data == b""


@pytest.mark.engines("sqlite")
@pytest.mark.settings(metrics_token=SecretStr(NOBODY))
def test_who_has_the_token_reads_the_figures(client: FlaskClient) -> None:
    assert figures(client, Authorization=f"Bearer {NOBODY}")


@pytest.mark.engines("sqlite")
@pytest.mark.settings(metrics_token=SecretStr(NOBODY))
def test_a_load_balancer_needs_no_token(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.engines("sqlite")
def test_the_figures_are_in_the_form_of_prometheus(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    assert re.search(r"^# TYPE certify_requests_total counter$", answer.get_data(as_text=True), re.MULTILINE)
