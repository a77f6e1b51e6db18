"""Pages of enrolments: who is in a cohort, enrolling one person, one enrolment."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts import forms, policies, queries, services
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.views.lists import csv_answer, is_csv, page_size
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import own_address

_SORTS = {
    "name": (Enrolment.sort_name,),
    "email": (User.email,),
    "state": (Enrolment.state, Enrolment.sort_name),
    "route": (Enrolment.access_route, Enrolment.sort_name),
    "entered": (Enrolment.entered_on, Enrolment.sort_name),
}


@requires(Permission.COHORT_READ)
def index(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List who is enrolled in a cohort."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("state",))
    query = queries.enrolments_of(cohort, words=wanted.query, state=request.args.get("state", ""))
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="name", tie=Enrolment.id, as_rows=True, per_page=page_size()
    )
    rows = [queries.EnrolmentRow(*row) for row in found.rows]
    if is_csv():
        return csv_answer("inscriptions", rows, _columns())
    return render_template(
        "cohorts/enrolments.html", cohort=cohort, listing=found, rows=rows, states=forms.STATES, tones=forms.TONES,
        routes=forms.ROUTES, may_write=_may_write(cohort.training_body_id),
    )  # fmt: skip


def _columns() -> Mapping[str, Callable[[queries.EnrolmentRow], Any]]:
    """Return the columns of the export: those of the import first, so that what goes out can come back in."""
    return {
        "prénom": lambda row: row.person.given_name,
        "nom": lambda row: row.person.family_name,
        "e-mail": lambda row: row.person.address,
        "voie d’accès": lambda row: row.enrolment.access_route.value,
        "date d’entrée": lambda row: row.enrolment.entered_on.strftime("%d/%m/%Y"),
        "maison": lambda row: row.house,
        _("état"): lambda row: forms.STATES[row.enrolment.state],
    }


def _may_write(training_body_id: uuid.UUID) -> bool:
    return training_body_id in g.actor.organisations(Permission.ENROLMENT_WRITE)


@requires(Permission.ENROLMENT_WRITE)
def new(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Enrol one person."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.ENROLMENT_WRITE)
    form = forms.EnrolForm(data={"entered_on": cohort.starts_on})
    form.offer(queries.houses(db.session))
    if form.validate_on_submit():
        with form.showing_refusals():
            enrolment = services.enrol(db.session, g.actor, cohort, **form.values())
            person = db.session.get_one(User, enrolment.user_id)
            message = _("%(name)s est inscrit·e. L’invitation part à %(email)s.", name=person.name, email=person.email)
            flash(message, "success")
            return redirect(url_for("cohorts.enrolments", cohort_id=cohort.id), code=303)
    return render_template("cohorts/enrol.html", form=form, cohort=cohort), 422 if form.is_submitted() else 200


@requires(Permission.COHORT_READ)
def show(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show one enrolment, and let those who may change it."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.COHORT_READ)
    form = forms.EnrolmentForm(obj=enrolment)
    return _record(enrolment, _cohort_of(enrolment), form)


@requires(Permission.ENROLMENT_WRITE)
def amend(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Change the facts of an enrolment."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    cohort = _cohort_of(enrolment)
    form = forms.EnrolmentForm()
    form.offer(queries.houses(db.session))
    form.offer_states(enrolment.state)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.amend_enrolment(db.session, g.actor, enrolment, cohort, **form.values())
            flash(_("L’inscription est enregistrée."), "success")
            return redirect(url_for("cohorts.enrolment", enrolment_id=enrolment.id), code=303)
    return _record(enrolment, cohort, form), 422


def _cohort_of(enrolment: Enrolment) -> Cohort:
    return db.session.get_one(Cohort, enrolment.cohort_id)


def _record(enrolment: Enrolment, cohort: Cohort, form: forms.EnrolmentForm) -> str:
    houses = queries.houses(db.session)
    form.offer(houses)
    form.offer_states(enrolment.state)
    return render_template(
        "cohorts/enrolment.html", enrolment=enrolment, cohort=cohort, form=form, routes=forms.ROUTES,
        person=db.session.get_one(User, enrolment.user_id), states=forms.STATES, tones=forms.TONES,
        house=next((one.name for one in houses if one.id == enrolment.house_id), ""),
        may_write=_may_write(enrolment.training_body_id), may_be_invited=policies.may_be_invited(enrolment.state),
        is_vae=policies.is_vae(enrolment),
    )  # fmt: skip


@requires(Permission.ENROLMENT_WRITE)
def invite_again(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Send the invitation once more."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    services.invite_again(db.session, g.actor, enrolment)
    flash(_("L’invitation part de nouveau par e-mail."), "success")
    return redirect(url_for("cohorts.enrolment", enrolment_id=enrolment.id), code=303)
