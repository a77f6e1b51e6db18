"""Pages on which a trainee takes in a logbook kept in a spreadsheet."""

import uuid

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.queries import own_enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.logbook.forms.importing import (
    MOST_VALUES,
    PARTS,
    ColumnsForm,
    DepositForm,
    SubmitAllForm,
    columns_form,
    value_name,
)
from certify.logbook.importing.columns import Columns, guess
from certify.logbook.importing.rows import ReadRow
from certify.logbook.models import EntryState, ImportState, LogbookImport
from certify.logbook.queries import importing as queries
from certify.logbook.services import importing as services

_SAMPLE = 3
"""Values shown under each heading."""


@requires(Permission.LOGBOOK_WRITE)
def deposit() -> ResponseReturnValue:
    """Hand a file in."""
    enrolment = own_enrolment(db.session, g.actor)
    form = DepositForm()
    if form.validate_on_submit():
        content = form.content
        if content:
            with form.showing_refusals():
                made = services.deposit(db.session, g.actor, enrolment, content=content, filename=form.filename)
                return redirect(url_for("logbook.import_columns", import_id=made.id), code=303)
        else:
            form.refuse("file", _("Choisissez un fichier qui contient quelque chose."))
    imports = queries.own_imports(db.session, enrolment.id)
    page = render_template("logbook/imports/new.html", form=form, imports=imports)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.LOGBOOK_WRITE)
def columns(import_id: uuid.UUID) -> ResponseReturnValue:
    """Say which column is which part of an entry; what served last for the same headings is proposed."""
    made = _own(import_id)
    if made.state is not ImportState.DEPOSITED:
        return _show(made)
    added = queries.added_fields(db.session, made.training_body_id)
    served = queries.columns_that_served(db.session, made.training_body_id, made.headings_digest)
    rows = [cells for _line, cells in made.rows]
    chosen = Columns.from_document(made.mapping) if made.mapping else None
    proposed = chosen or served or guess(made.headings, rows, added.values())
    form = columns_form(made, added, proposed, _column_of_activities(made, proposed))
    if form.validate_on_submit() and _is_whole(form):
        with form.showing_refusals():
            services.choose(db.session, g.actor, made, form.columns())
            return redirect(url_for("logbook.import_preview", import_id=made.id), code=303)
    samples = [_sample(rows, n) for n in range(len(made.headings))]
    page = render_template(
        "logbook/imports/columns.html", made=made, form=form, samples=samples, value_name=value_name,
        has_served=served is not None and chosen is None, earlier=queries.earlier(db.session, made),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@requires(Permission.LOGBOOK_WRITE)
def preview(import_id: uuid.UUID) -> ResponseReturnValue:
    """Show what each row would become, with what is wrong; nothing is written yet."""
    made = _own(import_id)
    if made.state is not ImportState.DEPOSITED:
        return _show(made)
    if not made.mapping:
        return redirect(url_for("logbook.import_columns", import_id=made.id), code=303)
    asked = request.args.get("page", "1")
    pages = max(1, -(-len(made.rows) // queries.PER_PAGE))
    number = min(max(1, int(asked)), pages) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    return render_template(
        "logbook/imports/preview.html", made=made, preview=queries.preview(db.session, made, number), page=number,
        pages=pages, earlier=queries.earlier(db.session, made),
    )  # fmt: skip


@requires(Permission.LOGBOOK_WRITE)
def faults(import_id: uuid.UUID) -> ResponseReturnValue:
    """Give the rows that cannot be read, as they came, with what to correct beside."""
    made = _own(import_id)
    wrong = [row for row in queries.rows_of(db.session, made) if row.content is None] if made.mapping else []
    readers = {f"{heading}": _cell(n) for n, heading in enumerate(_unique(made.headings))}
    content = listing.to_csv(wrong, {**readers, _("à corriger"): _advice})
    headers = {"Content-Disposition": "attachment; filename=lignes-a-corriger.csv"}
    return Response(content, mimetype="text/csv", headers=headers)


@requires(Permission.LOGBOOK_WRITE)
def confirm(import_id: uuid.UUID) -> ResponseReturnValue:
    """Make the drafts."""
    made = _own(import_id)
    count = services.confirm(db.session, g.actor, made)
    flash(
        ngettext("%(num)d brouillon est dans votre cahier.", "%(num)d brouillons sont dans votre cahier.", count),
        "success",
    )
    return _show(made)


@requires(Permission.LOGBOOK_WRITE)
def abandon(import_id: uuid.UUID) -> ResponseReturnValue:
    """Give an import up."""
    services.abandon(db.session, g.actor, _own(import_id))
    flash(_("L’import est abandonné : rien n’a été ajouté à votre cahier."), "success")
    return redirect(url_for("logbook.import_new"), code=303)


@requires(Permission.LOGBOOK_WRITE)
def show(import_id: uuid.UUID) -> ResponseReturnValue:
    """Show what an import made, and submit what lacks nothing."""
    made = _own(import_id)
    if made.state is ImportState.DEPOSITED:
        return redirect(url_for("logbook.import_columns", import_id=made.id), code=303)
    form = SubmitAllForm()
    if form.validate_on_submit():
        count = services.submit_whole(db.session, g.actor, made)
        flash(ngettext("%(num)d fiche est soumise.", "%(num)d fiches sont soumises.", count), "success")
        return _show(made)
    drafts = queries.drafts_of(db.session, made)
    page = render_template(
        "logbook/imports/show.html", made=made, form=form, drafts=drafts, states=queries.states_of(db.session, made),
        whole=sum(1 for one in drafts if not one.missing), draft=EntryState.DRAFT,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _own(import_id: uuid.UUID) -> LogbookImport:
    return queries.own_import(db.session, g.actor, import_id, lock=request.method == "POST")


def _show(made: LogbookImport) -> ResponseReturnValue:
    return redirect(url_for("logbook.import_show", import_id=made.id), code=303)


def _column_of_activities(made: LogbookImport, proposed: Columns) -> int | None:
    """Return the column said to hold activities: by the form sent, else by what is proposed."""
    if request.method != "POST":
        return proposed.column_of("activity")
    names = (f"column-{n}" for n in range(len(made.headings)))
    return next((n for n, name in enumerate(names) if request.form.get(name) == "activity"), None)


def _is_whole(form: ColumnsForm) -> bool:
    """Whether nothing is left to say; what is, is said on the form."""
    twice = form.twice()
    if twice:
        form.refuse(None, _("Deux colonnes donnent « %(part)s » : gardez-en une.", part=PARTS.get(twice, twice)))
    column = next((n for n in range(form.width) if form[f"column-{n}"].data == "activity"), None)
    if column is not None and not form.meanings:
        form.refuse(
            f"column-{column}",
            _(
                "Cette colonne est vide ou a plus de %(max)s valeurs différentes : ce n’est pas une activité.",
                max=MOST_VALUES,
            ),
        )
    elif form.unknown_values:
        form.refuse(None, _("Dites à quelle activité correspond chaque valeur de la colonne."))
    return not form.errors


def _sample(rows: list[list[str]], column: int) -> list[str]:
    found = dict.fromkeys(row[column][:60] for row in rows if column < len(row) and row[column].strip())
    return list(found)[:_SAMPLE]


def _unique(headings: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for heading in headings:
        seen[heading] = seen.get(heading, 0) + 1
    counts = dict.fromkeys(seen, 0)
    named = []
    for heading in headings:
        counts[heading] += 1
        named.append(heading if seen[heading] == 1 else f"{heading} ({counts[heading]})")
    return named


def _cell(column: int):  # type: ignore[no-untyped-def]
    return lambda row: row.cells[column] if column < len(row.cells) else ""


def _advice(row: ReadRow) -> str:
    return " ; ".join(_("%(column)s : %(fault)s", column=fault.column, fault=fault.message) for fault in row.faults)
