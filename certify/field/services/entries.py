"""Entries written on a device."""

import uuid

from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.errors import Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.field import queries
from certify.field.models import FieldOperation, Outcome
from certify.field.policies import Resolution, content_from
from certify.field.policies.payloads import Choice
from certify.groups.queries.groups import as_id
from certify.logbook import policies as rules
from certify.logbook import queries as logbook
from certify.logbook import services as writing
from certify.logbook.models import Activity, EntrySource, LogbookEntry
from certify.logbook.queries.forms import form_of


def write(session: Session, actor: Actor, enrolment: Enrolment, operation: FieldOperation) -> None:
    """Begin an entry, or go on with one; when it was saved elsewhere meanwhile, keep both texts."""
    assert operation.subject_id is not None  # every operation names its subject
    entry = queries.own_entry_or_none(session, actor, operation.subject_id)
    revision = operation.payload.get("revision")
    if entry is None:
        if revision not in (0, None):
            raise NotFound
        entry = _start(session, actor, enrolment, operation, operation.subject_id)
        revision = entry.revision
    content = content_from(logbook.content_of(session, entry), form_of(session, entry), operation.payload)
    is_stale = entry.revision != revision and rules.is_editable(entry) and logbook.differs(session, entry, content)
    if is_stale:
        operation.outcome, operation.answer = Outcome.CONFLICT, queries.entry_document(session, entry)
        return
    _save(session, actor, entry, operation)


def choose(session: Session, actor: Actor, operation: FieldOperation, wanted: Resolution) -> bool:
    """Have one text stay, or both; return False when the entry has changed again since it was looked at."""
    assert operation.subject_id is not None  # every operation names its subject
    entry = logbook.own_entry(session, actor, operation.subject_id, lock=True)
    if wanted.choice is Choice.THEIRS:
        operation.answer = {"revision": entry.revision}
        return True
    if wanted.choice is Choice.BOTH:
        enrolment = session.get_one(Enrolment, entry.enrolment_id)
        entry = _start(session, actor, enrolment, operation, copy_of(operation))
    elif entry.revision != wanted.seen:
        operation.answer = queries.entry_document(session, entry)
        return False
    _save(session, actor, entry, operation)
    return True


def copy_of(operation: FieldOperation) -> uuid.UUID:
    """Return the identifier of the entry that the device's text becomes when both texts stay; always the same."""
    return uuid.uuid5(operation.id, "both")


def _start(
    session: Session, actor: Actor, enrolment: Enrolment, operation: FieldOperation, identity: uuid.UUID
) -> LogbookEntry:
    activity = operation.payload.get("activity")
    if activity not in set(Activity):
        raise Invalid(_l("Choisissez une activité."), "activity")
    entry = writing.start(
        session, actor, enrolment, activity=Activity(str(activity)), identity=identity, source=EntrySource.FIELD
    )
    _keep_form(session, entry, operation.payload.get("form"))
    return entry


def _keep_form(session: Session, entry: LogbookEntry, key: object) -> None:
    """Have the entry keep the form the device had, though another may be in use by now."""
    _activity, which, number = (f"{key or ''}:::").split(":")[:3]
    if which == "shipped" and number.isdigit() and 0 < int(number) <= len(competencies.shipped_forms()[entry.activity]):
        entry.form_id, entry.form_number = None, int(number)
    elif (form_id := as_id(which)) is not None:
        row = queries.form_row(session, entry.training_body_id, entry.activity, form_id)
        if row is not None:
            entry.form_id, entry.form_number = row.id, row.number


def _save(session: Session, actor: Actor, entry: LogbookEntry, operation: FieldOperation) -> None:
    content = content_from(logbook.content_of(session, entry), form_of(session, entry), operation.payload)
    writing.save(session, actor, entry, revision=entry.revision, content=content)
    operation.answer = {"revision": entry.revision, "entry": str(entry.id)}
