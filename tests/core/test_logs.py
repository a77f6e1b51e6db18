"""Logs: one line of JSON each in production, and nothing about a person."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from certify.accounts.models import User
from certify.core import clock, jobs, logs, mail
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.settings import Settings
from tests.factories.people import make_user
from tests.services.live_server import environment_of
from tests.services.mail_server import MailServer
from tests.services.signing_in import sign_in_by_form
from tests.services.visiting import submit, visit

SOMEBODY = "stagiaire03@exemple.test"
PRODUCTION = {"env": "production"}


@pytest.fixture
def configure() -> Iterator[Callable[..., None]]:
    """Give the function that sets logging up as these settings would."""
    yield lambda **values: logs.configure(Settings(env="test").model_copy(update=values))
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_in_production_each_event_is_one_line_of_json(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(**PRODUCTION)
    structlog.get_logger("a").info("file.stored", size=3, words="été\nici")
    (line,) = lines(capsys)
    assert line.pop("timestamp", "").endswith("Z")  # type: ignore[union-attr]
    assert line == {"event": "file.stored", "level": "info", "size": 3, "words": "été\nici"}


def test_elsewhere_lines_are_for_a_person_to_read(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(env="development")
    structlog.get_logger("a").info("file.stored", size=3)
    written = capsys.readouterr().err
    assert "file.stored" in written
    assert "size=3" in written
    assert "\x1b" not in written


def test_what_is_less_serious_than_the_level_is_not_written(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(**PRODUCTION, log_level="WARNING")
    structlog.get_logger("a").info("quiet")
    structlog.get_logger("a").warning("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


@pytest.mark.parametrize(
    "key", ["email", "name", "password", "token", "code", "text", "comment", "secret", "authorization", "cookie"]
)
def test_private_values_are_dropped(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str], key: str
) -> None:
    configure(**PRODUCTION)
    structlog.get_logger("a").info("something", **{key: "a private value"})
    assert lines(capsys)[0][key] == "…"


@pytest.mark.parametrize(
    "words",
    [SOMEBODY, f"refused for <{SOMEBODY}>: no", f"{{'{SOMEBODY}': (550, b'no')}}", "prenom.nom+x@mail.exemple.test"],
)
def test_an_address_is_masked_wherever_it_stands(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str], words: str
) -> None:
    configure(**PRODUCTION)
    structlog.get_logger("a").info("something", error=words)
    written = capsys.readouterr().err
    assert "exemple.test" not in written
    assert "…" in written


def test_an_address_is_masked_in_the_account_of_a_crash_too(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(**PRODUCTION)
    try:
        raise ValueError(f"what became of {SOMEBODY}?")
    except ValueError:
        structlog.get_logger("a").exception("crashed")
    (line,) = lines(capsys)
    assert "what became of …?" in str(line["exception"])
    assert "Traceback" in str(line["exception"])


@pytest.fixture
def listen(settings: Settings, make_app: Callable[[Settings], Flask]) -> Callable[[], Flask]:
    """Give the maker of an application whose logs the test reads: it must be made once they are captured."""
    return lambda: make_app(settings.model_copy(update={"log_level": "DEBUG"}))


def test_signing_in_well_or_badly_logs_no_address(
    listen: Callable[[], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    listened = listen()
    with listened.app_context():
        make_user(db.session, email=SOMEBODY)
        for path in ("/login", "/reset"):
            client = listened.test_client()
            submit(client, visit(client, path), email=SOMEBODY)
        for _ in range(7):
            sign_in_by_form(listened.test_client(), SOMEBODY, "pas le bon mot de passe")
        jobs.run_pending()
    assert "exemple.test" not in "".join(capsys.readouterr())


def test_a_broken_constraint_is_logged_without_the_values(
    listen: Callable[[], Flask], capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    listened = listen()
    with listened.app_context():
        make_user(db.session, email=SOMEBODY)
        db.session.commit()
    listened.view_functions["pages.switch_language"] = add_the_same
    client = listened.test_client()
    page = visit(client, "/aide")
    assert submit(client, page, "form[action='/language']", press="EN").status_code == 409
    written = "".join(capsys.readouterr())
    assert "constraint.broken" in written
    assert "email" in written
    assert "exemple.test" not in written


@requires(PUBLIC)
def add_the_same() -> str:
    db.session.add(User(email=SOMEBODY, created_at=clock.now()))
    db.session.flush()
    return ""


def test_a_crash_in_a_statement_is_logged_without_its_values(
    listen: Callable[[], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    listened = listen()
    listened.testing = False

    @requires(PUBLIC)
    def crash() -> str:
        values = {"word": " ".join(["mot", "confié"])}
        db.session.execute(text("INSERT INTO no_such_table (word) VALUES (:word)"), values)
        return ""

    listened.view_functions["pages.help"] = crash
    answer = listened.test_client().get("/aide")
    written = "".join(capsys.readouterr())
    assert answer.status_code in (500, 503)
    assert "no_such_table" in written or "OperationalError" in written
    assert "mot confié" not in written
    assert "mot confié" not in answer.get_data(as_text=True)


def test_a_mail_the_server_refuses_is_logged_without_its_recipient(
    settings: Settings, smtp: MailServer, make_app: Callable[[Settings], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse(_server: object, _session: object, _envelope: object, address: str, _options: object) -> str:
        return f"550 No mailbox {address} here"

    smtp.handle_RCPT = refuse  # type: ignore[attr-defined]
    server = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": False, "mail_mailbox": False}
    with make_app(settings.model_copy(update=server)).app_context():
        mail.queue_plain(db.session, to=SOMEBODY, subject="Essai", text="Bonjour")
        db.session.commit()
        jobs.run_pending()
    written = capsys.readouterr().err
    assert "job.failed" in written
    assert "550" in written
    assert "exemple.test" not in written


@pytest.mark.engines("sqlite")
def test_a_production_process_logs_json_from_its_first_line_to_its_last(settings: Settings) -> None:
    program = (
        "from certify import create_app\n"
        "app = create_app()\n"
        "from certify.core.access import PUBLIC, requires\n"
        "app.view_functions['pages.help'] = requires(PUBLIC)(lambda: 1 / 0)\n"
        "assert app.test_client().get('/aide').status_code == 500\n"
    )
    values = {"env": "production", "public_url": "https://certify.exemple.test", "mail_mailbox": True}
    environment = environment_of(settings, CERTIFY_METRICS_TOKEN="figures of the tests")
    environment |= {f"CERTIFY_{name.upper()}": str(value) for name, value in values.items()}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (line["event"], line["level"], line["endpoint"]) == ("request.crashed", "error", "pages.help")
    assert len(line["request_id"]) == 16
    assert "ZeroDivisionError" in line["exception"]
