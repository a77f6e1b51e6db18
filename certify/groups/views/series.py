"""Pages of what comes back: a series with its dates shown before they are kept, and the closures it skips."""

import uuid
from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.groups.forms import meetings as forms
from certify.groups.models import Closure, PeerGroup
from certify.groups.queries import closures, groups
from certify.groups.services import series as services
from certify.groups.views.wording import weekday
from certify.organisations.models import Organisation

_USUAL_LENGTH = timedelta(days=8 * 31)
"""A series lasts eight months unless told otherwise: what a group needs at least."""


@requires(Permission.MEETING_WRITE)
def plan(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show the dates of a series, then plan those kept."""
    group = groups.group_for(db.session, g.actor, group_id, Permission.MEETING_WRITE, lock=request.method == "POST")
    start = max(group.opened_on, clock.today())
    form = forms.SeriesForm(place=group.place, first_on=start, until=start + _USUAL_LENGTH)
    preview = None
    if form.validate_on_submit():
        with form.showing_refusals():
            pattern = form.pattern()
            if request.form.get("then") == "keep":
                planned = services.plan(db.session, g.actor, group, pattern, days=form.kept)
                flash(
                    ngettext("%(num)d rencontre est prévue.", "%(num)d rencontres sont prévues.", len(planned)),
                    "success",
                )
                return redirect(url_for("groups.meetings", group_id=group.id), code=303)
            services.require_pattern(db.session, group, pattern)
        preview = _preview(group, form)
    page = render_template("meetings/series.html", group=group, form=form, preview=preview, weekday=weekday)
    return page, 422 if form.errors or form.form_errors else 200


def _preview(group: PeerGroup, form: forms.SeriesForm) -> closures.Preview | None:
    pattern = form.pattern()
    if {"until", "first_on", "minutes", "place"} & set(form.errors):
        return None
    found = closures.preview(db.session, group, rhythm=pattern.rhythm, first_on=pattern.first_on, until=pattern.until)
    form.offer(found, weekday)
    return found


@requires(Permission.MEETING_WRITE)
def closures_of_group(group_id: uuid.UUID) -> ResponseReturnValue:
    """List the days on which a group does not meet, and add some."""
    group = groups.group_for(db.session, g.actor, group_id, Permission.MEETING_WRITE)
    form = forms.ClosureForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            added = services.close_days(
                db.session, g.actor, training_body_id=group.training_body_id, group=group,
                period=form.period, reason=form.reason.data or "",
            )  # fmt: skip
            _tell(added)
            return redirect(url_for("groups.group_closures", group_id=group.id), code=303)
    return _closures(group, form)


@requires(Permission.MEETING_WRITE)
def closures_of_bodies() -> ResponseReturnValue:
    """List the days on which no group of one's training bodies meets, and add some."""
    bodies = _bodies()
    form = forms.ClosureForm()
    if form.validate_on_submit():
        chosen = next((body for body in bodies if str(body.id) == form.training_body_id.data), None)
        if chosen is None:
            raise NotFound
        with form.showing_refusals():
            added = services.close_days(
                db.session, g.actor, training_body_id=chosen.id, period=form.period,
                reason=form.reason.data or "",
            )  # fmt: skip
            _tell(added)
            return redirect(url_for("groups.closures"), code=303)
    return _closures(None, form, bodies)


def _closures(
    group: PeerGroup | None, form: forms.ClosureForm, bodies: list[Organisation] | None = None
) -> ResponseReturnValue:
    today = clock.today()
    holidays = closures.holidays_between(today, today + timedelta(days=365)).values()
    page = render_template(
        "meetings/closures.html", group=group, form=form, bodies=bodies or [], today=today, holidays=holidays,
        rows=closures.closures_of(db.session, g.actor, group, today), weekday=weekday,
        may_remove_all=g.actor.organisations(Permission.MEETING_WRITE),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _bodies() -> list[Organisation]:
    bodies = closures.bodies_of(db.session, g.actor)
    if not bodies:
        raise NotFound
    return bodies


def _tell(closure: Closure) -> None:
    flash(_("La fermeture est ajoutée : les prochaines séries l’éviteront."), "success")
    planned = len(closures.planned_during(db.session, closure))
    if planned:
        flash(
            ngettext(
                "%(num)d rencontre était déjà prévue pendant cette fermeture : reportez-la ou annulez-la.",
                "%(num)d rencontres étaient déjà prévues pendant cette fermeture : reportez-les ou annulez-les.",
                planned,
            ),
            "warning",
        )


@requires(Permission.MEETING_WRITE)
def remove_closure(closure_id: uuid.UUID) -> ResponseReturnValue:
    """Take a closure away."""
    closure = closures.closure_for(db.session, g.actor, closure_id)
    services.reopen_days(db.session, g.actor, closure)
    flash(_("La fermeture est retirée."), "success")
    if closure.group_id is not None:
        return redirect(url_for("groups.group_closures", group_id=closure.group_id), code=303)
    return redirect(url_for("groups.closures"), code=303)
