"""Mails: written in the transaction of their cause, sent by a job, or shown on the mailbox page in development."""

import smtplib
import ssl
import uuid
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template
from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from certify.core import clock, outbox
from certify.core.db import Base, Identified
from certify.core.i18n import force_locale
from certify.core.types import UTCDateTime
from certify.settings import Settings

_TIMEOUT = 20.0


class MailMessage(Identified, Base):
    """One mail; kept until it is purged, so that a support person can tell whether it left."""

    __tablename__ = "mail_message"

    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    """Header `Message-ID`: the same at every try, so that a receiving server can drop a doublet."""
    unsubscribe: Mapped[str] = mapped_column(String(300), default="")
    """Of a mail sent again and again: the address that stops it, for the mail program to offer (RFC 2369, RFC 8058)."""
    calendar: Mapped[str] = mapped_column(Text, default="")
    """Of a mail that convenes somebody: its iCalendar object, for the mail program to offer (RFC 6047)."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def queue(
    session: Session, template: str, *, to: str, locale: str, unsubscribe: str = "", calendar: str = "", **context: Any
) -> MailMessage:
    """Write a mail from `emails/<template>.{subject is the first line of the text}` in the recipient's language.

    The text template's first line is the subject; the HTML template stands beside it. `unsubscribe` is the path of
    the page that stops mails of this kind; `calendar` is an iCalendar object that goes with it.
    """
    with force_locale(locale):
        settings: Settings = current_app.config["SETTINGS"]
        public_url = settings.public_url.rstrip("/")
        address = public_url + unsubscribe if unsubscribe else ""
        context |= {"public_url": public_url, "unsubscribe": address}
        subject, _, text = render_template(f"emails/{template}.txt", **context).strip().partition("\n")
        html = render_template(f"emails/{template}.html", subject=subject, **context)
    return queue_plain(
        session, to=to, subject=subject, text=text.strip() + "\n", html=html, unsubscribe=address, calendar=calendar,
    )  # fmt: skip


def queue_plain(
    session: Session, *, to: str, subject: str, text: str, html: str = "", unsubscribe: str = "", calendar: str = ""
) -> MailMessage:
    """Write a mail whose text is already made."""
    settings: Settings = current_app.config["SETTINGS"]
    mail = MailMessage(
        recipient=to,
        subject=_on_one_line(subject)[:300],
        text=text,
        html=html,
        unsubscribe=unsubscribe,
        calendar=calendar,
        message_id=make_msgid(domain=urlsplit(settings.public_url).hostname),
        created_at=clock.now(),
    )
    session.add(mail)
    session.flush()
    outbox.send(session, "mail.send", mail_id=mail.id)
    return mail


def _on_one_line(subject: str) -> str:
    # A line break would begin another header, and PostgreSQL keeps no NUL; narrow spaces and joined emoji stay.
    kept = (sign if sign.isprintable() or sign in "\u00a0\u202f\u200c\u200d" else " " for sign in subject)
    return " ".join(word for word in "".join(kept).split(" ") if word)


def _transmit(session: Session, mail_id: str) -> None:
    """Hand the mail to the mail server; a mail already sent, or shown on the mailbox page, is left alone."""
    settings: Settings = current_app.config["SETTINGS"]
    mail = session.get_one(MailMessage, uuid.UUID(mail_id))
    # Somebody known through a learning platform that keeps addresses to itself reads it at their next visit.
    if mail.sent_at is not None or settings.shows_mailbox or not mail.recipient:
        return
    message = EmailMessage()
    message["Subject"], message["From"], message["To"], message["Message-ID"] = (
        mail.subject,
        settings.mail_sender,
        mail.recipient,
        mail.message_id,
    )
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        if mail.unsubscribe.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        _attach_calendar(message, mail.calendar)
    session.rollback()
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)


def _attach_calendar(message: EmailMessage, calendar: str) -> None:
    # Some programs read the calendar among the ways to show the mail, others as a file: both hold the same.
    method = "CANCEL" if "METHOD:CANCEL" in calendar else "REQUEST"
    message.add_alternative(calendar, subtype="calendar", params={"method": method})
    message.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="convocation.ics")


@outbox.on("mail.send", prepare=_transmit)
def mark_sent(session: Session, mail_id: str, prepared: None) -> None:
    """Note that a mail left."""
    session.get_one(MailMessage, uuid.UUID(mail_id)).sent_at = clock.now()


def latest(session: Session, limit: int = 100) -> list[MailMessage]:
    """Return the newest mails, for the mailbox page."""
    return list(
        session.scalars(select(MailMessage).order_by(MailMessage.created_at.desc(), MailMessage.id.desc()).limit(limit))
    )
