"""The mail that convenes somebody to a session, tells of a change or cancels, with its line for their calendar."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import current_app
from icalendar import Calendar, Event, vCalAddress
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import mail
from certify.core.clock import PARIS
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.frameworks.queries import framework_of
from certify.juries.models import Convocation, JurySession
from certify.organisations.models import Organisation
from certify.settings import Settings

_YEAR = timedelta(days=366)


def mail_out(session: Session, convocation_id: uuid.UUID) -> None:
    """Write the mail of a convocation in the language of whoever gets it."""
    row = session.get_one(Convocation, convocation_id)
    jury = session.get_one(JurySession, row.session_id)
    person = session.get_one(User, row.user_id)
    body = session.get_one(Organisation, jury.certifying_body_id)
    title = framework_of(session, jury.framework_version_id).title
    settings: Settings = current_app.config["SETTINGS"]
    with force_locale(person.locale):
        calendar = calendar_of(row, jury, person, settings.mail_sender)
    mail.queue(
        session, "jury_convocation", to=person.address, locale=person.locale, calendar=calendar, row=row,
        facts=row.facts, day=date.fromisoformat(row.facts["held_on"]), starts_at=hour(row.facts["starts_at"]),
        ends_at=hour(row.facts["ends_at"]), person=person.name, body=body.name, certification=title.to(person.locale),
        is_change=_was_convened(session, row), path=f"/juries/{jury.id}",
    )  # fmt: skip


def _was_convened(session: Session, row: Convocation) -> bool:
    """Whether the last thing this person knew was another convocation, not a cancellation."""
    before = exists().where(
        Convocation.session_id == row.session_id,
        Convocation.user_id == row.user_id,
        Convocation.sequence == row.sequence - 1,
        Convocation.is_cancelled.is_(False),
    )
    return bool(session.scalar(select(before)))


def hour(text: str) -> time | None:
    """Read an hour of the facts of a convocation; none when it is not known."""
    return time.fromisoformat(text) if text else None


def calendar_of(row: Convocation, jury: JurySession, person: User, sender: str) -> str:
    """Write the line for a calendar (RFC 5545, RFC 6047): the same event at each change, one number further."""
    facts, calendar, event = row.facts, Calendar(), Event()
    calendar.add("prodid", "-//certify//jurys//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if row.is_cancelled else "REQUEST")
    event.add("uid", f"{jury.id}.{person.id}@certify")
    event.add("sequence", row.sequence)
    event.add("dtstamp", row.sent_at)
    for name, value in _bounds(facts).items():
        event.add(name, value)
    event.add("summary", _("Jury %(reference)s", reference=facts["reference"]))
    if where := facts["place"] or facts["video_url"]:
        event.add("location", where)
    if facts["video_url"]:
        event.add("url", facts["video_url"])
    event.add("status", "CANCELLED" if row.is_cancelled else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{_bare(sender)}"))
    if person.address:
        event.add("attendee", vCalAddress(f"mailto:{person.address}"), parameters={"CUTYPE": "INDIVIDUAL"})
    calendar.add_component(event)
    day = date.fromisoformat(facts["held_on"])
    calendar.add_missing_timezones(first_date=day - _YEAR, last_date=day + _YEAR)
    text: str = calendar.to_ical().decode()
    return text


def _bounds(facts: dict[str, Any]) -> dict[str, Any]:
    day, starts_at, ends_at = date.fromisoformat(facts["held_on"]), hour(facts["starts_at"]), hour(facts["ends_at"])
    if starts_at is None:
        return {"dtstart": day}
    bounds: dict[str, Any] = {"dtstart": datetime.combine(day, starts_at, PARIS)}
    if ends_at is not None:
        bounds["dtend"] = datetime.combine(day, ends_at, PARIS)
    return bounds


def _bare(sender: str) -> str:
    return sender.rpartition("<")[2].rstrip("> ")
