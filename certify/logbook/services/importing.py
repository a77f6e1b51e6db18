"""The verbs of a logbook kept elsewhere: hand the file in, say what its columns are, take its rows in, submit."""

import hashlib
from contextlib import suppress

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.files import safe_name
from certify.core.i18n import lazy as _l
from certify.core.tabular import Table, read_table
from certify.core.types import new_id
from certify.evidence import services as evidence
from certify.logbook import policies
from certify.logbook.importing.columns import Columns, digest_of
from certify.logbook.importing.rows import ReadRow
from certify.logbook.models import EntryContent, EntrySource, EntryState, ImportState, LogbookEntry, LogbookImport
from certify.logbook.queries import importing as queries
from certify.logbook.queries.forms import current_form
from certify.logbook.services.entries import submit

MAX_BYTES = 2_000_000
MAX_ROWS = 1_000
_AT_ONCE = 50
"""Entries submitted by one click: each is checked as it would be alone."""


def deposit(session: Session, actor: Actor, enrolment: Enrolment, *, content: bytes, filename: str) -> LogbookImport:
    """Read a file and keep its rows until they are taken in; raise Invalid, in words, when it is no table."""
    _require_open(enrolment)
    table: Table = read_table(content, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
    made = LogbookImport(
        id=new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id,
        filename=safe_name(filename or "cahier.csv"), content_digest=hashlib.sha256(content).hexdigest(),
        headings=_named(table), headings_digest=digest_of(table.headings), mapping={}, state=ImportState.DEPOSITED,
        rows=[[line.number, list(line.cells)] for line in table.lines], created_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, actor, "logbook:import:deposited", made, organisation_id=made.training_body_id, rows=len(made.rows)
    )
    return made


def choose(session: Session, actor: Actor, made: LogbookImport, columns: Columns) -> LogbookImport:
    """Say which column is which part of an entry."""
    _require_deposited(made)
    if columns.column_of("happened_on") is None:
        raise Invalid(_l("Choisissez la colonne de la date : une fiche en a toujours une."))
    if columns.column_of("activity") is None and columns.activity is None:
        raise Invalid(_l("Choisissez l’activité de toutes les lignes, ou la colonne qui la donne."), "activity")
    made.mapping = columns.to_document()
    return made


def confirm(session: Session, actor: Actor, made: LogbookImport) -> int:
    """Make a draft of every row that can be read and is not in the logbook yet; the rows are then forgotten."""
    _require_deposited(made)
    if not made.mapping:
        raise Conflict(_l("Dites d’abord à quoi correspondent les colonnes du fichier."))
    enrolment = session.get_one(Enrolment, made.enrolment_id)
    _require_open(enrolment)
    rows = queries.rows_of(session, made)
    known = queries.known_of(session, rows)
    taken = [row for row in rows if row.content is not None and row.identity not in known]
    _take(session, actor, enrolment, made, taken)
    made.made, made.rows, made.state, made.done_at = len(taken), [], ImportState.DONE, clock.now()
    audit.record(
        session, actor, "logbook:import:done", made, organisation_id=made.training_body_id, made=made.made,
        left=len(rows) - made.made,
    )  # fmt: skip
    return made.made


def abandon(session: Session, actor: Actor, made: LogbookImport) -> LogbookImport:
    """Give an import up: its rows are forgotten."""
    _require_deposited(made)
    made.rows, made.state = [], ImportState.ABANDONED
    audit.record(session, actor, "logbook:import:abandoned", made, organisation_id=made.training_body_id)
    return made


def submit_whole(session: Session, actor: Actor, made: LogbookImport) -> int:
    """Submit the drafts of an import that lack nothing, some fifty at a time, each checked as it would be alone.

    Return how many were submitted; those the guard stops stay drafts.
    """
    done = 0
    for one in queries.drafts_of(session, made, limit=10 * _AT_ONCE):
        if one.missing or done >= _AT_ONCE:
            continue
        # A refusal of one entry, such as a name the guard found, changes nothing of it and stops no other.
        with suppress(Invalid):
            submit(session, actor, one.entry, revision=one.entry.revision)
            done += 1
    return done


def _take(session: Session, actor: Actor, enrolment: Enrolment, made: LogbookImport, rows: list[ReadRow]) -> None:
    forms = {
        activity: current_form(session, enrolment.training_body_id, activity)
        for activity in {row.content.activity for row in rows if row.content is not None}
    }
    contents: list[tuple[LogbookEntry, EntryContent]] = []
    for row in rows:
        assert row.content is not None  # the caller took rows that can be read
        form_id, number, form = forms[row.content.activity]
        entry = LogbookEntry(
            id=row.identity, enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id,
            form_id=form_id, form_number=number, source=EntrySource.IMPORTED, import_id=made.id,
            state=EntryState.DRAFT, revision=1, created_at=clock.now(), saved_at=clock.now(), private_note="",
            activity=row.content.activity, title="", place="", account="", reflection="", ai_account="", values={},
        )  # fmt: skip
        for column, value in policies.written(entry, form, row.content).items():
            setattr(entry, column, value)
        entry.search_text = policies.searchable(entry, form)
        contents.append((entry, row.content))
    session.add_all(entry for entry, _content in contents)
    session.flush()
    for entry, content in contents:
        if content.indicators:
            evidence.link_entry(session, actor, enrolment, entry.id, title=entry.title, indicators=content.indicators)


def _named(table: Table) -> list[str]:
    return [heading or str(_l("Colonne %(number)s", number=n)) for n, heading in enumerate(table.headings, start=1)]


def _require_deposited(made: LogbookImport) -> None:
    if made.state is not ImportState.DEPOSITED:
        raise Conflict(_l("Cet import est terminé : pour reprendre, choisissez de nouveau le fichier."))


def _require_open(enrolment: Enrolment) -> None:
    if enrolment.state not in (EnrolmentState.INVITED, EnrolmentState.ACTIVE):
        raise Conflict(
            _l("Votre inscription n’est plus active : le cahier se lit encore, mais on n’y ajoute plus de fiche.")
        )
