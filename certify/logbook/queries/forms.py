"""Which form an activity is told with in a training body, which one an entry was begun with, and those before."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.logbook.models import Activity, LogbookEntry, LogbookForm

SHIPPED = {"shipped": True}
"""The content of a version that goes back to the form that comes with the software."""


@dataclass(frozen=True)
class FormVersion:
    """One version of the form of an activity, and who made it."""

    row: LogbookForm
    author: str
    is_current: bool

    @property
    def is_shipped(self) -> bool:
        """Whether it goes back to the form that comes with the software."""
        return bool(self.row.content.get("shipped"))


@dataclass(frozen=True)
class ActivityForm:
    """The form of an activity as a training body has it now."""

    activity: Activity
    form: competencies.EntryForm
    row: LogbookForm | None
    """The version the training body made last, if it made any."""

    @property
    def is_own(self) -> bool:
        """Whether the training body composed it, rather than use the one that ships."""
        return self.row is not None and not self.row.content.get("shipped")


def current_form(
    session: Session, training_body_id: uuid.UUID, activity: Activity
) -> tuple[uuid.UUID | None, int, competencies.EntryForm]:
    """Return the form that new entries of an activity are written with: its id if it is the body's own, its number."""
    last = last_version(session, training_body_id, activity)
    if last is None or last.content.get("shipped"):
        forms = competencies.shipped_forms()[activity.value]
        return None, len(forms), forms[-1]
    return last.id, last.number, competencies.EntryForm.from_document(last.content)


def current_forms(session: Session, training_body_id: uuid.UUID) -> list[ActivityForm]:
    """Return the form of every activity of a training body, in one statement."""
    newest = (
        select(LogbookForm.activity, func.max(LogbookForm.number).label("number"))
        .where(LogbookForm.training_body_id == training_body_id)
        .group_by(LogbookForm.activity)
        .subquery()
    )
    query = select(LogbookForm).join(
        newest, (LogbookForm.activity == newest.c.activity) & (LogbookForm.number == newest.c.number)
    )
    rows = {row.activity: row for row in session.scalars(query.where(LogbookForm.training_body_id == training_body_id))}
    return [ActivityForm(activity, _read(rows.get(activity), activity), rows.get(activity)) for activity in Activity]


def last_version(session: Session, training_body_id: uuid.UUID, activity: Activity) -> LogbookForm | None:
    """Return the newest version a training body made of the form of an activity."""
    query = _versions(training_body_id, activity).order_by(LogbookForm.number.desc()).limit(1)
    return session.scalars(query).first()


def history(session: Session, training_body_id: uuid.UUID, activity: Activity) -> list[FormVersion]:
    """Return every version a training body made of a form, newest first, in one statement."""
    query = (
        _versions(training_body_id, activity)
        .add_columns(User)
        .outerjoin(User, User.id == LogbookForm.created_by_id)
        .order_by(LogbookForm.number.desc())
    )
    return [
        FormVersion(row, author.name if author else "", position == 0)
        for position, (row, author) in enumerate(session.execute(query))
    ]


def version_of(session: Session, training_body_ids: Iterable[uuid.UUID], form_id: uuid.UUID) -> LogbookForm | None:
    """Return one version of a form of one of these training bodies."""
    query = select(LogbookForm).where(
        LogbookForm.id == form_id, LogbookForm.training_body_id.in_(list(training_body_ids))
    )
    return session.scalars(query).one_or_none()


def form_of(session: Session, entry: LogbookEntry) -> competencies.EntryForm:
    """Return the form an entry is written with, whatever has become of the form of its activity since."""
    if entry.form_id is None:
        return competencies.shipped_form(entry.activity.value, entry.form_number)
    return competencies.EntryForm.from_document(session.get_one(LogbookForm, entry.form_id).content)


def forms_of(session: Session, entries: Iterable[LogbookEntry]) -> dict[uuid.UUID, competencies.EntryForm]:
    """Return the form of each of several entries, in one statement at most."""
    rows = list(entries)
    wanted = {entry.form_id for entry in rows if entry.form_id is not None}
    query = select(LogbookForm).where(LogbookForm.id.in_(wanted))
    own = {
        row.id: competencies.EntryForm.from_document(row.content) for row in (session.scalars(query) if wanted else ())
    }
    return {
        entry.id: own[entry.form_id]
        if entry.form_id is not None
        else competencies.shipped_form(entry.activity.value, entry.form_number)
        for entry in rows
    }


def has_newer_form(session: Session, entry: LogbookEntry) -> bool:
    """Whether the form of its activity has changed since an entry was begun."""
    form_id, number, _ = current_form(session, entry.training_body_id, entry.activity)
    return (form_id, number) != (entry.form_id, entry.form_number)


def left_aside(
    session: Session, entry: LogbookEntry, form: competencies.EntryForm
) -> list[tuple[competencies.FormField, Any]]:
    """Return the answers of an entry that its form no longer asks for, each with the field it answered."""
    wanted: Mapping[str, Any] = {
        **{code: getattr(entry, code) for code in ("place", "account", "reflection") if code not in form},
        **{code: value for code, value in entry.values.items() if code not in form},
    }
    if not any(wanted.values()):
        return []
    known = _fields_ever(session, entry.training_body_id)
    unknown = competencies.FieldKind.LONG_TEXT
    return [
        (known.get(code) or competencies.FormField(code, unknown, competencies.Text(code, code)), value)
        for code, value in wanted.items()
        if value not in (None, "", [])
    ]


def elsewhere(
    session: Session, entry: LogbookEntry, form: competencies.EntryForm, typed: Mapping[str, str]
) -> list[tuple[competencies.FormField, str]]:
    """Return what was typed, by name, in fields that the form of an entry does not have: it came from another form."""
    known = _fields_ever(session, entry.training_body_id)
    names = {name.removeprefix("value_"): text.strip() for name, text in typed.items()}
    return [(field, names[code]) for code, field in known.items() if code not in form and names.get(code)]


def _fields_ever(session: Session, training_body_id: uuid.UUID) -> dict[str, competencies.FormField]:
    forms = [form for shipped in competencies.shipped_forms().values() for form in shipped]
    rows = session.scalars(select(LogbookForm.content).where(LogbookForm.training_body_id == training_body_id))
    forms += [competencies.EntryForm.from_document(content) for content in rows if not content.get("shipped")]
    return {field.code: field for form in forms for field in form.fields}


def _versions(training_body_id: uuid.UUID, activity: Activity) -> Any:
    return select(LogbookForm).where(LogbookForm.training_body_id == training_body_id, LogbookForm.activity == activity)


def _read(row: LogbookForm | None, activity: Activity) -> competencies.EntryForm:
    if row is None or row.content.get("shipped"):
        return competencies.shipped_form(activity.value)
    return competencies.EntryForm.from_document(row.content)
