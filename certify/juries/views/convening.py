"""Convening a session, what was sent to whom; opening the deliberation; going back with a reason."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.juries import queries, services
from certify.juries.composition import composition_of
from certify.juries.forms import ConfirmForm
from certify.juries.history import sent_in
from certify.juries.models import JurySession, SessionState
from certify.juries.preparing_forms import ReasonForm
from certify.juries.views.sessions import page_of


def _jury(jury_id: uuid.UUID) -> JurySession:
    return queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_WRITE)


def _shown(jury: JurySession) -> ResponseReturnValue:
    return redirect(url_for("juries.show", jury_id=jury.id), code=303)


@requires(Permission.JURY_WRITE)
def convocations(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show whom a session convenes and what was sent; convene."""
    jury = _jury(jury_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.convene(db.session, g.actor, jury)
            words = _("Les convocations partent : chaque personne reçoit un message et une ligne pour son agenda.")
            flash(words, "success")
            return _shown(jury)
    page = render_template(
        "juries/convocations.html", jury=jury, form=form, sent=sent_in(db.session, jury.id),
        composition=composition_of(db.session, jury),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def open_deliberation(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Open the deliberation."""
    jury = _jury(jury_id)
    services.open_deliberation(db.session, g.actor, jury)
    flash(_("La délibération est ouverte."), "success")
    return _shown(jury)


@requires(Permission.JURY_WRITE)
def go_back(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Cancel the convocations, or suspend the deliberation, with the reason."""
    jury = _jury(jury_id)
    form = ReasonForm()
    if form.validate_on_submit():
        is_open = jury.state is SessionState.DELIBERATING
        verb = services.suspend_deliberation if is_open else services.unconvene
        with form.showing_refusals():
            verb(db.session, g.actor, jury, reason=form.reason.data or "")
            flash(_("La délibération est suspendue.") if is_open else _("Les convocations sont annulées."), "success")
            return _shown(jury)
    return page_of(jury, reason_form=form, status=422)
