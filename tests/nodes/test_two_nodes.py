"""Past one machine: two web nodes and two workers on one PostgreSQL, one Redis and one S3, as in production."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.certificates.models import Certificate
from certify.core import audit
from certify.core.access import Role
from certify.core.outbox import OutboxMessage
from certify.settings import Settings
from tests.factories.assessments import let_assess
from tests.factories.cohorts import make_version
from tests.factories.people import make_certifying_body, make_habilitation, make_member, make_organisation
from tests.nodes import path
from tests.nodes.balancer import PUBLIC_URL, Balancer, Browser
from tests.services.live_server import environment_of, is_alive, start_node
from tests.services.mail_server import MailServer
from tests.services.processes import Process, free_port, wait_for
from tests.services.s3_server import Bucket

pytestmark = pytest.mark.engines("postgresql")


@dataclass(frozen=True)
class Nodes:
    """What runs, and where each node would keep things if it kept any."""

    balancer: Balancer
    processes: list[Process]
    folders: list[Path]


@pytest.fixture
def settings(settings: Settings, redis_url: str, s3: Bucket, smtp: MailServer) -> Settings:
    """Give the settings of a production of several nodes, in which no part of the embedded default is left."""
    production = {
        "env": "production", "public_url": PUBLIC_URL, "trusted_proxies": 1, "metrics_token": SecretStr("of no worth"),
        "queue_url": redis_url, "files_url": s3.url, "require_second_factor": False, "job_claim_seconds": 30,
        "smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": False,
    }  # fmt: skip
    return settings.model_copy(update=production)


@pytest.fixture
def nodes(settings: Settings, s3: Bucket, tmp_path: Path) -> Iterator[Nodes]:
    """Give two web nodes and two workers, each in a folder of its own."""
    urls, processes, folders = [], [], []
    with ExitStack() as stack:
        for number in (1, 2):
            folder = tmp_path / f"node-{number}"
            folder.mkdir()
            folders.append(folder / "var")
            environment = environment_of(settings, CERTIFY_DATA_DIR=str(folder / "var"), **s3.environment)
            port = free_port()
            commands = {"web": ("serve", "--no-worker", "--processes", "1", "--port", str(port)), "worker": ("worker",)}
            for name, command in commands.items():
                node = start_node(f"{name} {number}", *command, env=environment, log=folder / f"{name}.log")
                stack.callback(node.stop)
                processes.append(node)
            urls.append(f"http://127.0.0.1:{port}")
        for node, url in zip(processes[::2], urls, strict=True):
            wait_for(node, _answering(url))
        yield Nodes(Balancer(urls), processes, folders)


def _answering(url: str) -> Callable[[], bool]:
    return lambda: is_alive(url)


@pytest.fixture
def staff(app: Flask, session: Session) -> path.Staff:
    """Give the people who are there before the first page."""
    training, certifying = make_organisation(session), make_certifying_body(session, city="Lyon")
    make_habilitation(session, certifying, training)
    version = make_version(session, certifying)
    parts = ((Role.COORDINATOR, training), (Role.TRAINER, training), (Role.REGISTRAR, certifying))
    people = [make_member(session, organisation, role) for role, organisation in parts]
    let_assess(session, people[1], training, version)
    for person in people:
        accounts.set_password(session, person, path.PASSWORD)
    session.commit()
    return path.Staff(*(person.email for person in people))


def test_the_whole_path_goes_through_with_every_request_on_another_node(
    session: Session, nodes: Nodes, staff: path.Staff, smtp: MailServer, s3: Bucket
) -> None:
    def last_mail(address: str, words: str) -> str:
        _wait_until(lambda: any(words in text for text in _texts(smtp, address)))
        return next(text for text in reversed(_texts(smtp, address)) if words in text)

    walked = path.Path(lambda: Browser(nodes.balancer), last_mail, _wait_until, staff)
    walked.walk()

    session.rollback()
    first, second = nodes.balancer.served.values()
    assert abs(first - second) <= 1
    assert session.scalars(select(OutboxMessage.last_error).where(OutboxMessage.last_error != "")).all() == []
    assert list(audit.verify(session)) == []
    certificate = session.scalars(select(Certificate)).one()
    assert s3.keys().count(certificate.storage_key) == 1
    assert len(smtp.sent_to(path.TRAINEE)) == len({str(mail["Message-ID"]) for mail in smtp.sent_to(path.TRAINEE)})
    assert [node.name for node in nodes.processes if not node.is_running] == []
    assert [str(file) for folder in nodes.folders for file in folder.rglob("*") if file.is_file()] == []
    crashed = re.compile("crashed|Traceback")
    assert [node.tail() for node in nodes.processes if crashed.search(node.tail(10_000))] == []


def _texts(smtp: MailServer, address: str) -> list[str]:
    bodies = [message.get_body(("plain",)) for message in smtp.sent_to(address)]
    return [str(body.get_content()) for body in bodies if body is not None]


def _wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.1)
