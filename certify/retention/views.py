"""Pages about retention."""

from dataclasses import replace

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.retention import queries, services
from certify.retention.classes import CLASSES, KEPT
from certify.retention.forms import PeriodForm


@requires(Permission.RETENTION_READ)
def index() -> ResponseReturnValue:
    """Say how long each class of data is kept, and preview what would go today."""
    return render_template("retention/index.html", lines=queries.lines(db.session), kept=KEPT)


@requires(Permission.RETENTION_PURGE)
def period(code: str) -> ResponseReturnValue:
    """Decide how long a class is kept."""
    kind = queries.known_class(code)
    form = PeriodForm(days=queries.periods(db.session)[code])
    if form.validate_on_submit():
        with form.showing_refusals():
            services.decide(db.session, g.actor, kind, days=form.days.data or 0)
        if not form.errors:
            flash(_("La durée est enregistrée."), "success")
            return redirect(url_for("retention.index"), code=303)
    status = form.status_of_refusal if form.is_submitted() else 200
    return render_template("retention/period.html", kind=kind, form=form), status


@requires(Permission.RETENTION_PURGE)
def purge(code: str) -> ResponseReturnValue:
    """Have what is due of a class removed."""
    services.ask(db.session, g.actor, queries.known_class(code))
    flash(_("La purge est lancée. Le journal dira combien de lignes sont parties."), "success")
    return redirect(url_for("retention.log"), code=303)


@requires(Permission.RETENTION_READ)
def log() -> ResponseReturnValue:
    """List what was removed: how many rows, of which class, older than which day."""
    wanted = Wanted.from_args(own_address(), request.args)
    if "direction" not in request.args:
        wanted = replace(wanted, direction="desc")
    labels = {kind.code: kind.label for kind in CLASSES}
    return render_template("retention/log.html", purges=queries.purges(db.session, wanted), labels=labels)
