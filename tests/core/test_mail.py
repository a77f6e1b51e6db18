"""Mails leave with their transaction, through a real mail server, and none is lost when it does not answer."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock, jobs, mail
from certify.core.access import Role
from certify.core.db import db
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.settings import Settings
from tests.factories.people import make_member, make_organisation
from tests.services.mail_server import MailServer
from tests.services.processes import free_port
from tests.services.signing_in import signed_in_client
from tests.services.visiting import visit

SOMEBODY = "stagiaire03@exemple.test"
ENTRY = {"trainee": "Stagiaire 03", "title": "Accueil", "reviewer": "Formatrice A", "comment": "Bravo", "path": "/x"}


@pytest.fixture
def mailing(settings: Settings, smtp: MailServer, make_app: Callable[[Settings], Flask]) -> Flask:
    """Give an application that sends its mails to the mail server of the test."""
    server = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": False, "mail_mailbox": False}
    return make_app(settings.model_copy(update={**server, "job_max_attempts": 3}))


def write(subject: str = "Essai", html: str = "<p>Bonjour</p>", to: str = SOMEBODY) -> None:
    mail.queue_plain(db.session, to=to, subject=subject, text="Bonjour à vous\n", html=html)
    db.session.commit()


def only_mail() -> tuple[MailMessage, OutboxMessage]:
    db.session.rollback()
    found = db.session.scalars(select(MailMessage)).one(), db.session.scalars(select(OutboxMessage)).one()
    db.session.expunge_all()
    db.session.rollback()
    return found


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_mail_arrives_with_its_words_twice_as_text_and_as_a_page(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write("Votre fiche « été » est acceptée")
        assert jobs.run_pending() == 1
        sent = only_mail()[0].sent_at
    (received,) = smtp.sent_to(SOMEBODY)
    assert received["Subject"] == "Votre fiche « été » est acceptée"
    assert received["From"] == "certify <ne-pas-repondre@certify.invalid>"
    assert part(received, "plain").strip() == "Bonjour à vous"
    assert part(received, "html").strip() == "<p>Bonjour</p>"
    assert sent is not None


def test_a_mail_that_convenes_somebody_holds_its_line_for_a_calendar_twice(mailing: Flask, smtp: MailServer) -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
    with mailing.app_context():
        mail.queue_plain(
            db.session, to=SOMEBODY, subject="Jury", text="Annulé\n", html="<p>Annulé</p>", calendar=calendar
        )
        db.session.commit()
        jobs.run_pending()
    (received,) = smtp.sent_to(SOMEBODY)
    parts = {one.get_content_type(): one for one in received.walk()}
    assert parts["text/calendar"].get_param("method") == "CANCEL"
    assert parts["application/ics"].get_filename() == "convocation.ics"
    assert parts["application/ics"].get_payload(decode=True) == calendar.encode()
    assert part(received, "plain").strip() == "Annulé"


def test_a_mail_of_plain_text_has_no_page(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write(html="")
        jobs.run_pending()
    assert not smtp.received[0].is_multipart()


@pytest.mark.parametrize(("scheme", "one_click"), [("https", "List-Unsubscribe=One-Click"), ("http", None)])
def test_a_mail_that_can_be_stopped_tells_mail_programs_how(
    mailing: Flask, smtp: MailServer, scheme: str, one_click: str | None
) -> None:
    address = f"{scheme}://certify.exemple/reminders/secret"
    with mailing.app_context():
        mail.queue_plain(db.session, to=SOMEBODY, subject="Essai", text="Bonjour\n", unsubscribe=address)
        db.session.commit()
        jobs.run_pending()
    (received,) = smtp.sent_to(SOMEBODY)
    assert received["List-Unsubscribe"] == f"<{address}>"
    assert received["List-Unsubscribe-Post"] == one_click


def test_a_mail_that_answers_somebody_holds_no_way_to_stop_it(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write()
        jobs.run_pending()
    assert smtp.received[0]["List-Unsubscribe"] is None


def test_a_mail_already_sent_is_not_sent_again(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write()
        for _ in range(3):
            jobs.deliver_one(only_mail()[1].id)
    assert len(smtp.received) == 1


def test_a_mail_taken_by_a_server_that_then_fails_is_sent_again_under_the_same_identity(
    mailing: Flask, smtp: MailServer
) -> None:
    take = smtp.handle_DATA

    async def take_then_fail(server: object, session: object, envelope: object) -> str:
        await take(server, session, envelope)
        return "451 Taken, and forgotten"

    smtp.handle_DATA = take_then_fail  # type: ignore[method-assign]
    with mailing.app_context():
        write()
        jobs.run_pending()
        smtp.handle_DATA = take  # type: ignore[method-assign]
        jobs.run_pending()
        assert only_mail()[0].sent_at is not None
    first, second = smtp.sent_to(SOMEBODY)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@127.0.0.1>")


def test_two_mails_have_two_identities(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write("Un")
        write("Deux")
        jobs.run_pending()
    assert len({message["Message-ID"] for message in smtp.received}) == 2


def test_a_mail_that_cannot_leave_is_kept_tried_again_then_shown_as_failed(mailing: Flask, smtp: MailServer) -> None:
    smtp.is_refusing = True
    with mailing.app_context():
        write()
        jobs.run_pending()
        kept, message = only_mail()
        assert kept.sent_at is None
        assert message.attempts == 1
        assert message.failed_at is None
        assert message.due_at > clock.now()
        jobs.run_pending()
        jobs.run_pending()
        assert only_mail()[1].failed_at is not None
        administrator = make_member(db.session, make_organisation(db.session), Role.ADMINISTRATOR)
        page = visit(signed_in_client(mailing, administrator), "/administration/jobs")
        assert "451" in page.get_text()
    assert smtp.received == []


def test_a_mail_server_that_is_down_costs_no_mail(
    settings: Settings, smtp: MailServer, make_app: Callable[[Settings], Flask]
) -> None:
    absent = {"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_starttls": False, "mail_mailbox": False}
    with make_app(settings.model_copy(update=absent)).app_context():
        write()
        jobs.run_pending()
        kept, message = only_mail()
        assert kept.sent_at is None
        assert "ConnectionRefused" in message.last_error
    there = absent | {"smtp_port": smtp.port}
    with make_app(settings.model_copy(update=there)).app_context():
        jobs.run_pending()
        assert only_mail()[0].sent_at is not None
    assert len(smtp.received) == 1


def test_a_server_without_encryption_gets_nothing_when_encryption_is_asked(
    settings: Settings, smtp: MailServer, make_app: Callable[[Settings], Flask]
) -> None:
    asked = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": True, "mail_mailbox": False}
    with make_app(settings.model_copy(update=asked)).app_context():
        write()
        jobs.run_pending()
        assert "STARTTLS" in only_mail()[1].last_error
    assert smtp.received == []


def test_on_the_mailbox_page_mails_are_shown_and_none_leaves(
    settings: Settings, smtp: MailServer, make_app: Callable[[Settings], Flask]
) -> None:
    shown = {"smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_starttls": False, "mail_mailbox": True}
    with make_app(settings.model_copy(update=shown)).app_context():
        write("Montré")
        jobs.run_pending()
        assert [one.subject for one in mail.latest(db.session)] == ["Montré"]
    assert smtp.received == []


def test_the_newest_mails_come_first(app: Flask, session: Session) -> None:
    for number in range(5):
        write(str(number))
    assert [one.subject for one in mail.latest(session, limit=3)] == ["4", "3", "2"]


@pytest.mark.parametrize(
    ("language", "subject", "greeting"),
    [("fr", "Votre fiche «\u202fAccueil\u202f» est acceptée", "Bonjour,"), ("en", "Accueil", "Hello,")],
)
def test_a_mail_is_in_the_language_of_who_receives_it_whoever_causes_it(
    app: Flask, session: Session, language: str, subject: str, greeting: str
) -> None:
    other = {"fr": "en", "en": "fr"}[language]
    with app.test_request_context(headers={"Accept-Language": other}):
        written = mail.queue(session, "logbook_accepted", to=SOMEBODY, locale=language, **ENTRY)
    assert subject in written.subject
    assert written.text.startswith(greeting)
    assert f'<html lang="{language}">' in written.html
    assert "http://127.0.0.1:8000/x" in written.text


@given(st.text(max_size=400))
def test_a_subject_is_one_line_whatever_is_typed(mailing_once: Flask, typed: str) -> None:
    with mailing_once.app_context():
        written = mail.queue_plain(db.session, to=SOMEBODY, subject=typed, text="Bonjour")
        subject = written.subject
        db.session.rollback()
    message = EmailMessage()
    message["Subject"] = subject
    assert len(subject) <= 300
    assert len(subject.splitlines()) <= 1


def test_no_header_is_added_through_a_title(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write("Bonjour\r\nBcc: autre@exemple.test\r\n\r\nTexte glissé")
        jobs.run_pending()
    (received,) = smtp.received
    assert received["Bcc"] is None
    assert received["Subject"] == "Bonjour Bcc: autre@exemple.test Texte glissé"


def test_no_recipient_is_added_through_an_address(mailing: Flask, smtp: MailServer) -> None:
    with mailing.app_context():
        write(to=f"{SOMEBODY}\r\nBcc: autre@exemple.test")
        jobs.run_pending()
        assert only_mail()[1].attempts == 1
    assert smtp.received == []


def test_what_people_typed_is_escaped_in_the_page_of_a_mail_and_untouched_in_its_text(
    app: Flask, session: Session
) -> None:
    typed = ENTRY | {"comment": "<script>1</script> & « ainsi ? »", "title": "a < b"}
    written = mail.queue(session, "logbook_accepted", to=SOMEBODY, locale="fr", **typed)
    assert "<script>" not in written.html
    assert "<script>1</script> & « ainsi ? »" in written.text
    assert "a < b" in written.subject


@pytest.fixture
def mailing_once(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """Give an application whose mails are only written."""
    return make_app(settings)
