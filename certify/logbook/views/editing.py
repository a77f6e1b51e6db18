"""Pages on which a training body composes the forms of its entries."""

import uuid
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import competencies
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.forms import BaseForm
from certify.core.i18n import gettext as _
from certify.logbook import services
from certify.logbook.forms import EntryForm
from certify.logbook.forms.editing import Row, addable, changed, document_of, posted_rows, read_rows, rows_of
from certify.logbook.models import Activity
from certify.logbook.queries import forms as queries
from certify.organisations.models import Organisation
from certify.organisations.queries import organisation_for, organisations_with


@requires(Permission.ENTRY_FORM_WRITE)
def index() -> ResponseReturnValue:
    """List the form of every activity in each training body the actor coordinates."""
    bodies = organisations_with(db.session, g.actor, Permission.ENTRY_FORM_WRITE)
    forms = {body.id: queries.current_forms(db.session, body.id) for body in bodies}
    return render_template("logbook/forms.html", bodies=bodies, forms=forms)


@requires(Permission.ENTRY_FORM_WRITE)
def edit(organisation_id: uuid.UUID, activity: str) -> ResponseReturnValue:
    """Compose a form: each button shows it again changed, saving makes a new version."""
    body, kind = _body(organisation_id), _activity(activity)
    last = queries.last_version(db.session, body.id, kind)
    if request.method == "GET":
        form = queries.current_form(db.session, body.id, kind)[2]
        return _page(body, kind, rows_of(form), services.forms.number_of(last))
    form, rows, action = BaseForm(), posted_rows(request.form), request.form.get("do", "")
    known = request.form.get("known", "")
    number = int(known) if known.isascii() and known.isdigit() and len(known) < 9 else 0
    if action != "save":
        return _page(body, kind, changed(rows, action, request.form), number, pressed=action)
    if form.validate():
        with form.showing_refusals():
            made = services.publish_form(db.session, g.actor, body, kind, document=document_of(rows), known=number)
            flash(_done(kind, made.number), "success")
            return redirect(url_for("logbook.forms"), code=303)
    return _page(body, kind, rows, number, form=form), 422


def _done(activity: Activity, number: int) -> str:
    return _(
        "Le formulaire « %(activity)s » est enregistré : c’est sa version %(number)s. "
        "Les fiches commencées gardent le leur.",
        activity=activity.label,
        number=number,
    )


@requires(Permission.ENTRY_FORM_WRITE)
def restore(organisation_id: uuid.UUID, activity: str) -> ResponseReturnValue:
    """Go back to the form that ships."""
    body, kind = _body(organisation_id), _activity(activity)
    known = services.forms.number_of(queries.last_version(db.session, body.id, kind))
    services.restore_shipped_form(db.session, g.actor, body, kind, known=known)
    flash(_("Le formulaire livré sert de nouveau. Les fiches commencées gardent le leur."), "success")
    return redirect(url_for("logbook.forms"), code=303)


@requires(Permission.ENTRY_FORM_WRITE)
def version(form_id: uuid.UUID) -> ResponseReturnValue:
    """Show one version of a form as it asks, today or for ever after."""
    row = queries.version_of(db.session, g.actor.organisations(Permission.ENTRY_FORM_WRITE), form_id)
    if row is None:
        raise NotFound
    is_shipped = bool(row.content.get("shipped"))
    shipped = competencies.shipped_form(row.activity.value)
    form = shipped if is_shipped else competencies.EntryForm.from_document(row.content)
    return render_template(
        "logbook/form_version.html", row=row, is_shipped=is_shipped, preview=EntryForm.on(form, formdata=None)
    )


def _body(organisation_id: uuid.UUID) -> Organisation:
    return organisation_for(db.session, g.actor, organisation_id, Permission.ENTRY_FORM_WRITE)


def _activity(name: str) -> Activity:
    if name not in set(Activity):
        raise NotFound
    return Activity(name)


def _page(
    body: Organisation,
    activity: Activity,
    rows: list[Row],
    known: int,
    *,
    form: BaseForm | None = None,
    pressed: str = "",
) -> str:
    composed, faults = read_rows(rows)
    # A field just added has no wording yet: what is wrong is said once saving is asked.
    is_refused = form is not None
    context: dict[str, Any] = {
        "body": body,
        "activity": activity,
        "rows": rows,
        "known": known,
        "form": form,
        "faults": faults if is_refused else (),
        "preview": EntryForm.on(composed, formdata=None) if composed is not None else None,
        "addable": addable(rows),
        "history": queries.history(db.session, body.id, activity),
        "added_at": len(rows) - 1 if pressed.startswith("add") else None,
    }
    return render_template("logbook/form_edit.html", **context)
