"""The page on which one chooses between two versions, without any script."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.field import queries, services
from certify.field.forms import ChoiceForm
from certify.field.models import Outcome


@requires(Permission.LOGBOOK_WRITE)
def index() -> ResponseReturnValue:
    """Show both versions of everything that waits for a choice."""
    return render_template("field/conflicts.html", conflicts=queries.conflicts_shown(db.session, g.actor))


@requires(Permission.LOGBOOK_WRITE)
def resolve(operation_id: uuid.UUID) -> ResponseReturnValue:
    """Have what was chosen stay."""
    conflict = queries.conflict_for(db.session, g.actor, operation_id, lock=True)
    form = ChoiceForm()
    if not form.validate():
        return render_template("field/conflicts.html", conflicts=queries.conflicts_shown(db.session, g.actor)), 422
    services.resolve(db.session, g.actor, conflict, form.resolution())
    if conflict.outcome is Outcome.CONFLICT:
        flash(_("L’autre version a encore changé depuis : comparez de nouveau, puis choisissez."), "warning")
    else:
        flash(_("Votre choix est enregistré."), "success")
    return redirect(url_for("field.conflicts"), code=303)
