"""Messages leave with their transaction, have one effect, and are never lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock, jobs, mail, outbox
from certify.core.db import separate_session
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage

_failures: list[int] = []


@outbox.on("test.write_mail")
def write_mail(session: Session, subject: str) -> None:
    mail.queue_plain(session, to="a@exemple.test", subject=subject, text="Bonjour")
    if _failures:
        raise RuntimeError(f"échec {_failures.pop()}")


@pytest.fixture(autouse=True)
def no_failure() -> Iterator[None]:
    _failures.clear()
    yield
    _failures.clear()


def subjects(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(MailMessage.subject).order_by(MailMessage.subject)))
    session.rollback()
    return found


def only_message(session: Session) -> OutboxMessage:
    session.rollback()
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "test.write_mail")).one()
    session.expunge(message)
    session.rollback()
    return message


def test_a_message_of_a_rolled_back_change_never_leaves(app: Flask, session: Session) -> None:
    outbox.send(session, "test.write_mail", subject="non")
    session.rollback()
    jobs.run_pending()
    assert subjects(session) == []


def test_a_message_has_its_effect_once_however_often_it_is_delivered(app: Flask, session: Session) -> None:
    outbox.send(session, "test.write_mail", subject="une fois")
    session.commit()
    message = only_message(session)
    for _ in range(3):
        jobs.deliver_one(message.id)
    assert subjects(session) == ["une fois"]
    assert only_message(session).done_at is not None


def test_ten_workers_at_once_have_one_effect(app: Flask, session: Session) -> None:
    outbox.send(session, "test.write_mail", subject="dix")
    session.commit()
    identifier = only_message(session).id
    session.rollback()

    def deliver() -> None:
        with app.app_context():
            jobs.deliver_one(identifier)

    threads = [threading.Thread(target=deliver) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert subjects(session) == ["dix"]


def test_a_failed_handler_leaves_nothing_behind_and_is_tried_again(app: Flask, session: Session) -> None:
    outbox.send(session, "test.write_mail", subject="reprise")
    session.commit()
    identifier = only_message(session).id
    _failures.append(1)
    jobs.deliver_one(identifier)
    assert subjects(session) == []
    failed = only_message(session)
    assert failed.attempts == 1
    assert "échec 1" in failed.last_error
    assert failed.due_at > clock.now()
    session.rollback()
    jobs.deliver_one(identifier)
    assert subjects(session) == ["reprise"]


def test_a_message_given_up_is_shown_and_may_be_retried(app: Flask, session: Session) -> None:
    outbox.send(session, "test.write_mail", subject="abandon")
    session.commit()
    identifier = only_message(session).id
    most = app.config["SETTINGS"].job_max_attempts
    _failures.extend([1] * most)
    for _ in range(most):
        jobs.deliver_one(identifier)
    message = only_message(session)
    assert message.failed_at is not None
    with separate_session() as own:
        assert identifier not in outbox.pending(own)
    outbox.retry(session, session.get_one(OutboxMessage, identifier))
    session.commit()
    jobs.run_pending()
    assert subjects(session) == ["abandon"]


def test_the_sweeper_hands_over_only_what_is_overdue(app: Flask, session: Session) -> None:
    outbox.send(session, "test.write_mail", subject="balai")
    session.commit()
    with separate_session() as own:
        assert outbox.overdue(own) == []
    with clock.at(clock.now() + timedelta(minutes=5)), separate_session() as own:
        assert len(outbox.overdue(own)) == 1
        assert outbox.overdue(own) == []


def test_a_topic_without_subscriber_is_refused_when_written(session: Session) -> None:
    with pytest.raises(LookupError, match=r"nobody\.listens"):
        outbox.send(session, "nobody.listens")


def test_a_claim_keeps_a_second_worker_away_until_it_lapses(app: Flask, session: Session) -> None:
    mail.queue_plain(session, to="a@exemple.test", subject="tenu", text="Bonjour")
    session.commit()
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "mail.send")).one()
    message.claimed_until = clock.now() + timedelta(seconds=60)
    session.commit()
    identifier = message.id
    session.rollback()
    jobs.deliver_one(identifier)
    assert session.scalars(select(MailMessage.sent_at)).one() is None
    session.rollback()  # an open transaction would keep the worker waiting on SQLite
    with clock.at(clock.now() + timedelta(seconds=61)):
        jobs.deliver_one(identifier)
    session.rollback()
    assert session.scalars(select(MailMessage.sent_at)).one() is not None
