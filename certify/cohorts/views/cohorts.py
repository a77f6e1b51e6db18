"""Pages of cohorts: the list, opening one, changing one."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts import forms, queries, services
from certify.cohorts.models import Cohort
from certify.cohorts.views.lists import csv_answer, is_csv, page_size
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.frameworks import queries as frameworks
from certify.frameworks.models import FrameworkVersion
from certify.organisations import queries as organisations


@requires(Permission.COHORT_READ)
def index() -> ResponseReturnValue:
    """List the cohorts of the actor's training bodies."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("period",))
    today = clock.today()
    query = queries.cohorts_for(g.actor).where(
        *queries.during((wanted.filters or {}).get("period", ""), today), *listing.matches(wanted.query, Cohort.name)
    )
    columns = query.selected_columns
    sorts = {
        "name": (Cohort.name,),
        "starts": (Cohort.starts_on,),
        "ends": (Cohort.ends_on,),
        "trainees": (columns["trainees"],),
        "body": (columns["training_body"],),
        "certifying": (columns["certifying_body"],),
    }
    if not wanted.sort:
        wanted = listing.Wanted(wanted.path, wanted.query, "starts", "desc", wanted.page, wanted.filters)
    found = listing.paginate(
        db.session, query, wanted, sorts=sorts, default="starts", tie=Cohort.id, as_rows=True, per_page=page_size()
    )
    rows = [queries.CohortRow(*row) for row in found.rows]
    if is_csv():
        return csv_answer("promotions", rows, _cohort_columns())
    return render_template(
        "cohorts/index.html", listing=found, rows=rows, today=today, may_write=g.actor.may(Permission.COHORT_WRITE)
    )


def _cohort_columns() -> Mapping[str, Callable[[queries.CohortRow], Any]]:
    return {
        _("Promotion"): lambda row: row.cohort.name,
        _("Organisme de formation"): lambda row: row.training_body,
        _("Organisme certificateur"): lambda row: row.certifying_body,
        _("Début"): lambda row: row.cohort.starts_on.isoformat(),
        _("Fin"): lambda row: row.cohort.ends_on.isoformat(),
        _("Stagiaires"): lambda row: row.trainees,
    }


@requires(Permission.COHORT_WRITE)
def new() -> ResponseReturnValue:
    """Open a cohort of a training body."""
    bodies = organisations.organisations_with(db.session, g.actor, Permission.COHORT_WRITE)
    chosen = request.args.get("training_body", "")
    training_body = next((one for one in bodies if len(bodies) == 1 or str(one.id) == chosen), None)
    if training_body is None:
        return render_template("cohorts/choose_body.html", bodies=bodies)
    bodies = organisations.certifying_bodies_of(db.session, [training_body.id], clock.today())
    versions = {one.id: one for one in frameworks.active_versions(db.session, [body.id for body in bodies])}
    form = forms.CohortForm()
    form.offer(versions.values(), bodies, current_locale())
    if form.validate_on_submit():
        version = versions[form.version.data]
        certifying_body = next(body for body in bodies if body.id == version.certifying_body_id)
        values = form.values() | {"certifying_body": certifying_body, "version": version}
        with form.showing_refusals():
            cohort = services.create_cohort(db.session, g.actor, training_body, **values)
            flash(
                _("La promotion « %(name)s » est ouverte. Inscrivez maintenant ses stagiaires.", name=cohort.name),
                "success",
            )
            return redirect(url_for("cohorts.enrolments", cohort_id=cohort.id), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("cohorts/new.html", form=form, training_body=training_body, bodies=bodies), status


@requires(Permission.COHORT_WRITE)
def edit(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Change a cohort's name, dates and, as long as nobody is enrolled, framework."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_WRITE)
    is_open = not queries.has_enrolments(db.session, cohort.id)
    form = forms.CohortForm(obj=cohort, version=cohort.framework_version_id)
    current = db.session.get_one(FrameworkVersion, cohort.framework_version_id)
    bodies = organisations.certifying_bodies_of(db.session, [cohort.training_body_id], clock.today())
    offered = frameworks.active_versions(db.session, [body.id for body in bodies])
    versions = {one.id: one for one in (current, *offered)}
    form.offer(versions.values(), bodies, current_locale())
    if not is_open:
        del form.version
    if form.validate_on_submit():
        values = form.values() | {"version": versions[form.version.data] if is_open else None}
        with form.showing_refusals():
            services.amend_cohort(db.session, g.actor, cohort, **values)
            flash(_("La promotion est enregistrée."), "success")
            return redirect(url_for("reports.cohort", cohort_id=cohort.id), code=303)
    status = 422 if form.is_submitted() else 200
    framework = frameworks.framework_of(db.session, cohort.framework_version_id)
    return render_template("cohorts/edit.html", form=form, cohort=cohort, framework=framework), status
