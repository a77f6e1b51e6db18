"""A worker killed in the middle of fifty certificates: the next one finishes, and nothing is done twice."""

import os
import signal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.certificates import services
from certify.certificates.models import Certificate
from certify.core import files
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.settings import Settings
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of
from tests.services.live_server import environment_of, running_node
from tests.services.mail_server import MailServer
from tests.services.processes import Process, wait_for

FIFTY = 50
KILLED_AFTER = 20
THREADS = 2


@pytest.fixture
def settings(settings: Settings, engine: str, tmp_path: Path, smtp: MailServer) -> Settings:
    queue = f"sqlite:///{tmp_path / 'queue.sqlite3'}" if engine == "sqlite" else settings.database_url
    sending = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": False}
    return settings.model_copy(update={"queue_url": queue, "job_claim_seconds": 8} | sending)


def test_a_worker_killed_in_the_middle_of_fifty_certificates_leaves_fifty_of_each_and_none_twice(
    app: Flask, session: Session, settings: Settings, tmp_path: Path, smtp: MailServer
) -> None:
    closed = make_closed_jury(session, FIFTY)
    registrar = actor_of(session, closed.registrar)
    numbers = [services.issue(session, registrar, decision).number for decision in closed.decisions]
    session.commit()
    environment = environment_of(settings)

    with running_node("first worker", "worker", env=environment, log=tmp_path / "first.log") as first:
        wait_for(first, lambda: _printed(session) >= KILLED_AFTER, seconds=120)
        left = _kill(first)
    assert KILLED_AFTER <= _printed(session) < FIFTY
    with running_node("second worker", "worker", env=environment, log=tmp_path / "second.log") as second:
        wait_for(second, lambda: _is_everything_done(session), seconds=120)

    assert [process for process in left if process.exists()] == []
    assert len(set(numbers)) == FIFTY
    keys = list(session.scalars(select(Certificate.storage_key)))
    assert len(set(keys)) == FIFTY
    assert all(files.read(key).startswith(b"%PDF") for key in keys)
    assert len(list((settings.data_dir / "files" / "certificates").iterdir())) == FIFTY
    mails = list(session.scalars(select(MailMessage)))
    assert len(mails) == len({mail.recipient for mail in mails}) == FIFTY
    assert all(mail.sent_at for mail in mails)
    received = [str(message["Message-ID"]) for message in smtp.received]
    assert set(received) == {mail.message_id for mail in mails}
    # No mail server can be asked whether a mail left just before the kill: it leaves again under the same Message-ID.
    assert len(received) <= FIFTY + THREADS


def _printed(session: Session) -> int:
    session.rollback()
    count = session.scalar(select(func.count()).where(Certificate.storage_key != ""))
    session.rollback()
    return count or 0


def _is_everything_done(session: Session) -> bool:
    session.rollback()
    waiting = session.scalar(select(func.count()).where(OutboxMessage.done_at.is_(None)))
    session.rollback()
    return waiting == 0


def _kill(worker: Process) -> list[Path]:
    """Kill the worker itself, not its keeper; return the processes it leaves, which must end by themselves."""
    (killed,) = _children(worker.keeper.pid)
    left = [Path("/proc", str(pid)) for pid in _children(killed)]
    os.kill(killed, signal.SIGKILL)
    worker.keeper.wait(20)
    assert left, "documents are made in processes of their own"
    return left


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text(encoding="ascii").split()]
