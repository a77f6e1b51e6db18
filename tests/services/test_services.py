"""The services of the tests are real ones, and each test finds them as new."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from flask import Flask, g
from flask.testing import FlaskClient
from playwright.sync_api import Page
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from certify.core.db import Base, db
from certify.settings import Settings
from tests.factories.people import make_user
from tests.services import postgresql
from tests.services.browser import FaultyPage, watched_page
from tests.services.live_server import LiveServer, environment_of
from tests.services.mail_server import MailServer
from tests.services.processes import ROOT, start
from tests.services.s3_server import Bucket
from tests.services.signing_in import SignIn, sign_in_browser


def test_the_database_has_the_tables_of_the_last_migration(session: Session, engine: str) -> None:
    assert session.get_bind().dialect.name == engine
    assert set(inspect(session.connection()).get_table_names()) >= set(Base.metadata.tables)


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(session: Session, turn: int) -> None:
    assert inspect(session.connection()).has_table("left_by_another_test") is False, turn
    session.execute(text("CREATE TABLE left_by_another_test (id INTEGER)"))
    session.commit()


def test_a_request_neither_waits_for_the_test_nor_shares_its_context(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    session.execute(text("SELECT 1"))
    g.actor = "somebody"

    assert client.get("/healthz").status_code == 200
    assert g.actor == "somebody"


@pytest.mark.settings(invitation_days=3)
@pytest.mark.engines("sqlite")
def test_a_mark_changes_the_settings(app: Flask) -> None:
    assert app.config["SETTINGS"].invitation_days == 3


@pytest.mark.engines("sqlite")
def test_another_process_can_be_given_the_same_settings(settings: Settings) -> None:
    environment = environment_of(settings)

    assert environment["CERTIFY_DATABASE_URL"] == settings.database_url
    assert environment["CERTIFY_SECRET_KEY"] == settings.secret_key.get_secret_value()


def test_nothing_outside_this_machine_can_be_reached() -> None:
    with (
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
        socket.socket() as outside,
    ):
        outside.connect(("192.0.2.1", 80))


def test_the_bucket_is_empty_and_real(s3: Bucket) -> None:
    assert s3.keys() == []

    s3.client.put_object(Bucket=s3.name, Key="a", Body=b"1")

    assert s3.keys() == ["a"]


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_empty_and_real(redis_url: str, turn: int) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.keys() == [], turn
        connection.set("left", "by another test")


def test_the_mail_server_keeps_what_it_receives_and_can_refuse(smtp: MailServer) -> None:
    with smtplib.SMTP(smtp.host, smtp.port) as connection:
        connection.sendmail("a@exemple.test", "b@exemple.test", "To: b@exemple.test\r\nSubject: Essai\r\n\r\nBonjour")
        smtp.is_refusing = True
        with pytest.raises(smtplib.SMTPDataError):
            connection.sendmail("a@exemple.test", "b@exemple.test", "To: b@exemple.test\r\n\r\nEncore")

    assert [mail["Subject"] for mail in smtp.sent_to("b@exemple.test")] == ["Essai"]


def test_a_browser_reaches_the_application(live_server: LiveServer, page: Page) -> None:
    answer = page.goto(live_server.address("/healthz"))

    assert answer is not None
    assert answer.json() == {"status": "ok"}


def test_a_person_signs_in_without_the_sign_in_page(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    visitor = sign_in(make_user(session))

    assert visitor.get("/account").status_code == 200
    assert client.get("/account").status_code == 303


def test_a_browser_is_signed_in_as_a_person(live_server: LiveServer, page: Page) -> None:
    with live_server.app.app_context():
        sign_in_browser(page.context, live_server, make_user(db.session))

    answer = page.goto(live_server.address("/account"))

    assert answer is not None
    assert answer.url.endswith("/account")


def test_an_error_in_the_console_of_the_browser_fails_the_test(page: Page) -> None:
    def visit_a_faulty_page() -> None:
        with watched_page(page.context) as faulty:
            faulty.set_content("<h1>Bonjour</h1>")
            faulty.evaluate("console.error('broken')")

    with pytest.raises(FaultyPage, match="broken"):
        visit_a_faulty_page()


def test_a_server_ends_with_the_process_that_owns_it(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    server = start("sleep", ["sleep", "60"], log=tmp_path / "log", owner=owner.pid)

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    server.keeper.wait(10)
    assert not server.is_running


def test_postgresql_can_also_come_from_a_package() -> None:
    program = (
        "from tests.services import once, postgresql\n"
        "import psycopg\n"
        "once.begin_run()\n"
        "try:\n"
        "    with psycopg.connect(postgresql.server_url() + '/postgres') as connection:\n"
        "        print(connection.execute('SHOW server_version').fetchone()[0])\n"
        "finally:\n"
        "    once.end_run()\n"
    )
    environment = os.environ | {postgresql.PACKAGED_ONLY: "1"}
    environment.pop(postgresql.GIVEN, None)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split(".")[0]) >= 15
