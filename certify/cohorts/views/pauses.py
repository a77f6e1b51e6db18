"""Pages of suspensions: from which day, why, until when."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts import forms, policies, queries, services
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _


@requires(Permission.COHORT_READ)
def show(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show the suspensions of a training, and let those who may suspend or resume it."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.COHORT_READ)
    return _page(enrolment)


@requires(Permission.ENROLMENT_WRITE)
def suspend(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Suspend a training."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    form = forms.PauseForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.suspend(db.session, g.actor, enrolment, **form.values())
            flash(_("La formation est suspendue : la personne n’est plus attendue ni comptée en retard."), "success")
            return redirect(url_for("cohorts.pause", enrolment_id=enrolment.id), code=303)
    return _page(enrolment, form), 422


@requires(Permission.ENROLMENT_WRITE)
def resume(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Have a training go on."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    form = forms.ResumeForm()
    if form.validate_on_submit() and form.ends_on.data:
        with form.showing_refusals():
            services.resume(db.session, g.actor, enrolment, ends_on=form.ends_on.data)
            flash(_("La formation a repris."), "success")
            return redirect(url_for("cohorts.pause", enrolment_id=enrolment.id), code=303)
    return _page(enrolment, form), 422


def _page(enrolment: Enrolment, refused: forms.PauseForm | forms.ResumeForm | None = None) -> str:
    is_suspended = enrolment.state is EnrolmentState.SUSPENDED
    empty = (
        forms.ResumeForm(formdata=None, ends_on=clock.today())
        if is_suspended
        else forms.PauseForm(formdata=None, starts_on=clock.today())
    )
    may_write = enrolment.training_body_id in g.actor.organisations(Permission.ENROLMENT_WRITE)
    return render_template(
        "cohorts/pause.html", enrolment=enrolment, cohort=db.session.get_one(Cohort, enrolment.cohort_id),
        person=db.session.get_one(User, enrolment.user_id), states=forms.STATES, tones=forms.TONES,
        pauses=queries.pauses_of(db.session, [enrolment.id]).get(enrolment.id, []), form=refused or empty,
        is_suspended=is_suspended, today=clock.today(),
        may_write=may_write and (is_suspended or policies.may_be_suspended(enrolment.state)),
    )  # fmt: skip
