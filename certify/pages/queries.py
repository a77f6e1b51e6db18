"""Reads for the pages of administration and notices."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import SQLColumnExpression, case, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.accounts.queries import users_by_id
from certify.core.access import Actor, Permission
from certify.core.audit import AuditEvent
from certify.core.clock import PARIS
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted, matches, paginate
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.organisations.models import Organisation, OrganisationKind
from certify.organisations.queries import organisations_of, organisations_with

Sorts = dict[str, list[SQLColumnExpression[Any]]]


@dataclass(frozen=True)
class Contact:
    """An organisation and where to write to it."""

    name: str
    city: str
    contact: str


@dataclass(frozen=True)
class Jobs:
    """How many jobs are in each state, and since when the oldest waits."""

    waiting: int
    failed: int
    done: int
    oldest: datetime | None


@dataclass(frozen=True)
class Trace:
    """One event of an audit chain with the names a reader needs."""

    event: AuditEvent
    who: str
    organisation: str


def publishers(session: Session) -> list[Contact]:
    """Return the certifying bodies, who publish the service."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.CERTIFYING_BODY)
    return [_contact(one) for one in session.scalars(query.order_by(Organisation.name).limit(20))]


def contacts_of(session: Session, actor: Actor) -> list[Contact]:
    """Return where the actor may ask for help: their organisations, otherwise the publishers."""
    return [_contact(one) for one in organisations_of(session, actor) if one.contact] or publishers(session)


def _contact(organisation: Organisation) -> Contact:
    return Contact(organisation.name, organisation.city, organisation.contact)


def job_counts(session: Session) -> Jobs:
    """Count the jobs in each state."""
    waiting = OutboxMessage.done_at.is_(None) & OutboxMessage.failed_at.is_(None)
    row = session.execute(
        select(
            func.count(case((waiting, 1))),
            func.count(case((OutboxMessage.failed_at.is_not(None), 1))),
            func.count(case((OutboxMessage.done_at.is_not(None), 1))),
            func.min(case((waiting, OutboxMessage.created_at))),
        )
    ).one()
    return Jobs(row[0], row[1], row[2], row[3])


def jobs(session: Session, wanted: Wanted) -> Listing[OutboxMessage]:
    """Return one page of the jobs, filtered by state."""
    states = {
        "waiting": OutboxMessage.done_at.is_(None) & OutboxMessage.failed_at.is_(None),
        "failed": OutboxMessage.failed_at.is_not(None),
        "done": OutboxMessage.done_at.is_not(None),
    }
    query = select(OutboxMessage).where(*matches(wanted.query, OutboxMessage.topic, OutboxMessage.last_error))
    state = (wanted.filters or {}).get("state", "")
    if state in states:
        query = query.where(states[state])
    sorts: Sorts = {
        "at": [OutboxMessage.created_at],
        "topic": [OutboxMessage.topic],
        "attempts": [OutboxMessage.attempts],
    }
    return paginate(session, query, wanted, sorts=sorts, default="at", tie=OutboxMessage.id)


def failed_job(session: Session, message_id: uuid.UUID) -> OutboxMessage:
    """Return a job given up; NotFound for any other."""
    message = session.get(OutboxMessage, message_id)
    if message is None or message.failed_at is None:
        raise NotFound
    return message


def audited_organisations(session: Session, actor: Actor) -> list[Organisation]:
    """Return the organisations whose audit chain the actor may read."""
    return organisations_with(session, actor, Permission.AUDIT_READ)


def audit_events(
    session: Session,
    organisations: Sequence[Organisation],
    wanted: Wanted,
    *,
    since: date | None,
    until: date | None,
    per_page: int = 50,
) -> Listing[AuditEvent]:
    """Return one page of the events of these organisations' chains."""
    filters = wanted.filters or {}
    ids = [one.id for one in organisations if filters.get("organisation") in (None, "", str(one.id))]
    query = select(AuditEvent).where(AuditEvent.organisation_id.in_(ids), *matches(wanted.query, AuditEvent.tag))
    if since:
        query = query.where(AuditEvent.at >= datetime.combine(since, time(), PARIS))
    if until:
        query = query.where(AuditEvent.at < datetime.combine(until + timedelta(days=1), time(), PARIS))
    sorts: Sorts = {"at": [AuditEvent.at, AuditEvent.position], "tag": [AuditEvent.tag]}
    return paginate(session, query, wanted, sorts=sorts, default="at", tie=AuditEvent.id, per_page=per_page)


def with_names(session: Session, events: Collection[AuditEvent], organisations: Sequence[Organisation]) -> list[Trace]:
    """Put names on events, in one statement."""
    people: dict[uuid.UUID, User] = users_by_id(session, (event.actor_id for event in events))
    names = {one.id: one.name for one in organisations}
    return [
        Trace(
            event, people[event.actor_id].name if event.actor_id in people else "", names.get(event.organisation_id, "")
        )
        for event in events
    ]


def mails(session: Session, wanted: Wanted) -> Listing[MailMessage]:
    """Return one page of the mails written, the newest first."""
    query = select(MailMessage).where(*matches(wanted.query, MailMessage.subject, MailMessage.recipient))
    sorts: Sorts = {
        "at": [MailMessage.created_at],
        "recipient": [MailMessage.recipient],
        "subject": [MailMessage.subject],
    }
    return paginate(session, query, wanted, sorts=sorts, default="at", tie=MailMessage.id)


def mail(session: Session, mail_id: uuid.UUID) -> MailMessage:
    """Return a mail; NotFound when there is none."""
    found = session.get(MailMessage, mail_id)
    if found is None:
        raise NotFound
    return found
