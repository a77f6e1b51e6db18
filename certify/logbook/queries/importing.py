"""Reads about logbooks kept elsewhere on their way in."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.anonymity import queries as anonymity
from certify.anonymity.policies import Identifying
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import NotFound
from certify.evidence.queries.entries import indicators_of_entries
from certify.frameworks.queries import framework_of
from certify.logbook import policies
from certify.logbook.importing.columns import Columns
from certify.logbook.importing.rows import ReadRow, Setting, read_rows
from certify.logbook.models import (
    Activity,
    EntryContent,
    EntryState,
    ImportState,
    LogbookEntry,
    LogbookForm,
    LogbookImport,
)
from certify.logbook.policies import Missing
from certify.logbook.queries.forms import current_forms

PER_PAGE = 50


@dataclass(frozen=True)
class Preview:
    """What would become of a file, and one page of it in detail."""

    rows: tuple[ReadRow, ...]
    known: frozenset[uuid.UUID]
    """Rows that are in the logbook already."""
    shown: tuple[ReadRow, ...]
    identifying: dict[int, tuple[Identifying, ...]]
    """Of the rows shown, by line: what would let somebody be recognised."""

    @property
    def wrong(self) -> tuple[ReadRow, ...]:
        """The rows that cannot be read."""
        return tuple(row for row in self.rows if row.content is None)

    @property
    def ready(self) -> tuple[ReadRow, ...]:
        """The rows that become drafts."""
        return tuple(row for row in self.rows if row.content is not None and row.identity not in self.known)


@dataclass(frozen=True)
class Imported:
    """A draft that came from a file, with what it still lacks."""

    entry: LogbookEntry
    missing: tuple[Missing, ...]


def own_import(session: Session, actor: Actor, import_id: uuid.UUID, *, lock: bool = False) -> LogbookImport:
    """Return an import of the actor's own; NotFound otherwise."""
    query = select(LogbookImport).join(Enrolment, Enrolment.id == LogbookImport.enrolment_id)
    query = query.where(LogbookImport.id == import_id, Enrolment.user_id == actor.user_id)
    if lock:
        query = query.with_for_update(of=LogbookImport).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def own_imports(session: Session, enrolment_id: uuid.UUID) -> list[LogbookImport]:
    """Return the latest imports of a trainee that were not given up, newest first."""
    query = select(LogbookImport).where(
        LogbookImport.enrolment_id == enrolment_id, LogbookImport.state != ImportState.ABANDONED
    )
    return list(session.scalars(query.order_by(LogbookImport.created_at.desc(), LogbookImport.id).limit(20)))


def earlier(session: Session, made: LogbookImport) -> LogbookImport | None:
    """Return the latest import of the same file by the same trainee, already done."""
    query = select(LogbookImport).where(
        LogbookImport.enrolment_id == made.enrolment_id,
        LogbookImport.content_digest == made.content_digest,
        LogbookImport.state == ImportState.DONE,
        LogbookImport.id != made.id,
    )
    return session.scalars(query.order_by(LogbookImport.done_at.desc()).limit(1)).first()


def columns_that_served(session: Session, training_body_id: uuid.UUID, headings_digest: str) -> Columns | None:
    """Return how the same headings were read last in a training body."""
    query = select(LogbookImport.mapping).where(
        LogbookImport.training_body_id == training_body_id,
        LogbookImport.headings_digest == headings_digest,
        LogbookImport.state == ImportState.DONE,
    )
    found = session.scalars(query.order_by(LogbookImport.done_at.desc()).limit(1)).first()
    return Columns.from_document(found) if found else None


def added_fields(session: Session, training_body_id: uuid.UUID) -> dict[str, competencies.FormField]:
    """Return every field that a form of a training body adds, by code."""
    forms = current_forms(session, training_body_id)
    return {field.code: field for one in reversed(forms) for field in one.form.added}


def setting_of(session: Session, enrolment: Enrolment) -> Setting:
    """Return what the file of a trainee is read against."""
    forms: dict[Activity, competencies.EntryForm] = {
        one.activity: one.form for one in current_forms(session, enrolment.training_body_id)
    }
    framework = framework_of(session, enrolment.framework_version_id)
    codes = frozenset(one.code for one in framework.indicators)
    return Setting(enrolment.id, forms, codes, clock.today())


def rows_of(session: Session, made: LogbookImport) -> tuple[ReadRow, ...]:
    """Read every row of an import the way its columns were chosen."""
    enrolment = session.get_one(Enrolment, made.enrolment_id)
    columns = Columns.from_document(made.mapping)
    return tuple(read_rows(made.headings, made.rows, columns, setting_of(session, enrolment)))


def known_of(session: Session, rows: Collection[ReadRow]) -> frozenset[uuid.UUID]:
    """Return which rows are entries already."""
    wanted = [row.identity for row in rows]
    return frozenset(session.scalars(select(LogbookEntry.id).where(LogbookEntry.id.in_(wanted))))


def preview(session: Session, made: LogbookImport, page: int) -> Preview:
    """Return what would become of a file; the guard reads the rows of one page."""
    rows = rows_of(session, made)
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    setting = setting_of(session, session.get_one(Enrolment, made.enrolment_id))
    texts = [
        (f"{row.line}", label, text)
        for row in shown
        if row.content is not None
        for _field, label, text in policies.texts_of(_formed(row.content, setting.forms[row.content.activity]))
    ]
    found: dict[int, tuple[Identifying, ...]] = {}
    for one in anonymity.findings(session, made.enrolment_id, texts):
        found[int(one.field)] = (*found.get(int(one.field), ()), one)
    return Preview(rows, known_of(session, rows), tuple(shown), found)


def drafts_of(session: Session, made: LogbookImport, limit: int = PER_PAGE) -> list[Imported]:
    """Return the drafts of an import, oldest day first, each with what it lacks, in a constant number of statements."""
    query = (
        select(LogbookEntry)
        .where(LogbookEntry.import_id == made.id, LogbookEntry.state == EntryState.DRAFT)
        .order_by(LogbookEntry.happened_on, LogbookEntry.id)
        .limit(limit)
    )
    entries = list(session.scalars(query))
    forms = _forms_of(session, entries)
    indicators = indicators_of_entries(session, [entry.id for entry in entries])
    today = clock.today()
    return [
        Imported(entry, policies.what_is_missing(_content(entry, forms, indicators.get(entry.id, ())), today))
        for entry in entries
    ]


def states_of(session: Session, made: LogbookImport) -> dict[EntryState, int]:
    """Return how many entries of an import stand where."""
    query = select(LogbookEntry.state, func.count()).where(LogbookEntry.import_id == made.id)
    return dict(session.execute(query.group_by(LogbookEntry.state)).all())


def _forms_of(session: Session, entries: Sequence[LogbookEntry]) -> dict[Any, competencies.EntryForm]:
    ids = {entry.form_id for entry in entries if entry.form_id is not None}
    rows = session.scalars(select(LogbookForm).where(LogbookForm.id.in_(ids))) if ids else ()
    forms: dict[Any, competencies.EntryForm] = {
        row.id: competencies.EntryForm.from_document(row.content) for row in rows
    }
    for entry in entries:
        if entry.form_id is None:
            key = (entry.activity, entry.form_number)
            forms[key] = competencies.shipped_form(entry.activity.value, entry.form_number)
    return forms


def _content(
    entry: LogbookEntry, forms: dict[Any, competencies.EntryForm], indicators: tuple[str, ...]
) -> EntryContent:
    form = forms[entry.form_id or (entry.activity, entry.form_number)]
    texts: dict[str, Any] = {code: getattr(entry, code) if code in form else "" for code in policies.FREE_TEXTS}
    return EntryContent(
        activity=entry.activity, happened_on=entry.happened_on, minutes=entry.minutes, indicators=indicators,
        values=form.typed(entry.values), ai_use=entry.ai_use, ai_account=entry.ai_account, form=form.to_document(),
        **texts,
    )  # fmt: skip


def _formed(content: EntryContent, form: competencies.EntryForm) -> EntryContent:
    return EntryContent(**{**vars(content), "form": form.to_document()})
