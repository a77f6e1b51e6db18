"""A worker killed in the middle of two hundred certificates: the next one finishes, and nothing is done twice."""

import base64
import gzip
import json
import os
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.badges.models import Badge, PublishedStatus
from certify.certificates import services
from certify.certificates.models import Certificate, CertificateState
from certify.certificates.services.checking import check_file
from certify.core import files
from certify.core.access import Actor
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.settings import Settings
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of
from tests.services.live_server import environment_of, running_node
from tests.services.mail_server import MailServer
from tests.services.processes import Process, children_of, wait_for

TWO_HUNDRED = 200
KILLED_AFTER = 60
THREADS = 2
REASON = "Un point du dossier est en cours d’examen."


@pytest.fixture
def settings(settings: Settings, engine: str, tmp_path: Path, smtp: MailServer) -> Settings:
    queue = f"sqlite:///{tmp_path / 'queue.sqlite3'}" if engine == "sqlite" else settings.database_url
    sending = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": False}
    return settings.model_copy(update={"queue_url": queue, "job_claim_seconds": 8} | sending)


def test_a_worker_killed_in_the_middle_of_two_hundred_certificates_leaves_two_hundred_of_each_and_none_twice(
    app: Flask, session: Session, settings: Settings, tmp_path: Path, smtp: MailServer
) -> None:
    closed = make_closed_jury(session, TWO_HUNDRED)
    registrar = actor_of(session, closed.registrar)
    issued = services.issue_all(session, registrar, closed.jury)
    numbers, ids = [one.number for one in issued], [one.id for one in issued]
    _turn_some(session, registrar, ids[:4])
    session.commit()
    environment = environment_of(settings)

    with running_node("first worker", "worker", env=environment, log=tmp_path / "first.log") as first:
        wait_for(first, lambda: _printed(session) >= KILLED_AFTER, seconds=400)
        left = _kill(first)
    assert KILLED_AFTER <= _printed(session) < TWO_HUNDRED
    _turn_some(session, registrar, ids[4:8])
    session.commit()
    with running_node("second worker", "worker", env=environment, log=tmp_path / "second.log") as second:
        wait_for(second, lambda: _is_everything_done(session), seconds=600)

    assert [process for process in left if process.exists()] == []
    assert len(set(numbers)) == TWO_HUNDRED
    _assert_documents_are_sealed_and_kept_once(session, settings)
    _assert_badges_and_lists_are_right(session)
    mails = list(session.scalars(select(MailMessage).where(MailMessage.subject.contains("est prêt"))))
    assert len(mails) == len({mail.recipient for mail in mails}) == TWO_HUNDRED
    everything = list(session.scalars(select(MailMessage)))
    assert all(mail.sent_at for mail in everything)
    received = [str(message["Message-ID"]) for message in smtp.received]
    assert set(received) == {mail.message_id for mail in everything}
    # No mail server can be asked whether a mail left just before the kill: it leaves again under the same Message-ID.
    assert len(received) <= len(everything) + THREADS


def _turn_some(session: Session, registrar: Actor, ids: Sequence[uuid.UUID]) -> None:
    """Revoke two certificates and suspend two, whether they have their badge yet or not."""
    for place, certificate_id in enumerate(ids):
        verb = services.suspend if place % 2 else services.revoke
        verb(session, registrar, session.get_one(Certificate, certificate_id), reason=REASON)


def _assert_documents_are_sealed_and_kept_once(session: Session, settings: Settings) -> None:
    certificates = list(session.scalars(select(Certificate).order_by(Certificate.number)))
    assert len({one.storage_key for one in certificates}) == TWO_HUNDRED
    assert len(list((settings.data_dir / "files" / "certificates").iterdir())) == TWO_HUNDRED
    for one in certificates:
        content = files.read(one.storage_key)
        assert content.startswith(b"%PDF")
        assert b"/ByteRange" in content
        assert one.sealed_at is not None
    for one in certificates[:: TWO_HUNDRED // 4]:
        assert check_file(session, files.read(one.storage_key)).seal.is_valid


def _assert_badges_and_lists_are_right(session: Session) -> None:
    badges = list(session.scalars(select(Badge)))
    assert len({badge.certificate_id for badge in badges}) == len(badges) == TWO_HUNDRED
    assert len({(badge.list_id, badge.status_index) for badge in badges}) == TWO_HUNDRED
    states = {one.id: one.state for one in session.scalars(select(Certificate))}
    said = {"revocation": CertificateState.REVOKED, "suspension": CertificateState.SUSPENDED}
    lists = list(session.scalars(select(PublishedStatus)))
    assert {one.purpose.value for one in lists} == set(said)
    for one in lists:
        bits = _bits(one.content)
        for badge in badges:
            is_set = bool(bits[badge.status_index // 8] >> (7 - badge.status_index % 8) & 1)
            assert is_set is (states[badge.certificate_id] is said[one.purpose.value]), (one.purpose, one.format)


def _bits(content: str) -> bytes:
    """Return the bits of a published list, whether it is a JWT or a document with its proof."""
    if not content.startswith("{"):
        content = base64.urlsafe_b64decode(content.split(".")[1] + "==").decode()
    encoded: str = json.loads(content)["credentialSubject"]["encodedList"]
    return gzip.decompress(base64.urlsafe_b64decode(encoded.removeprefix("u") + "=="))


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
    (killed,) = children_of(worker.keeper.pid)
    left = [Path("/proc", str(pid)) for pid in children_of(killed)]
    os.kill(killed, signal.SIGKILL)
    worker.keeper.wait(20)
    assert left, "documents are made in processes of their own"
    return left
