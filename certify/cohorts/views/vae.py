"""Pages of validations of prior experience: one person's steps and clocks, and the files by urgency."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts import forms, policies, queries, services
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.views.lists import csv_answer, is_csv
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.frameworks.queries import framework_of
from competencies.vae import RULES


@requires(Permission.COHORT_READ)
def show(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show the steps and the clocks of somebody's VAE."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.COHORT_READ)
    return _page(enrolment, forms.StepForm(formdata=None, on=clock.today()))


@requires(Permission.ENROLMENT_WRITE)
def record(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Record a step."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    form = forms.StepForm().offer(_blocks(enrolment))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.record_step(db.session, g.actor, enrolment, **form.values())
            flash(_("L’étape est enregistrée, et les délais sont recalculés."), "success")
            return redirect(url_for("cohorts.vae", enrolment_id=enrolment.id), code=303)
    return _page(enrolment, form), 422


@requires(Permission.ENROLMENT_WRITE)
def strike(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Strike out a step recorded by mistake."""
    enrolment = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    form = forms.StrikeForm()
    if form.validate_on_submit():
        step = queries.step_in_force(db.session, enrolment, form.step or uuid.UUID(int=0))
        services.strike_step(db.session, g.actor, enrolment, step, reason=form.reason.data or "")
        flash(_("L’étape est barrée : elle reste lisible et ne compte plus."), "success")
        return redirect(url_for("cohorts.vae", enrolment_id=enrolment.id), code=303)
    return _page(enrolment, forms.StepForm(formdata=None, on=clock.today()), form), 422


def _blocks(enrolment: Enrolment) -> list[tuple[str, str]]:
    framework = framework_of(db.session, enrolment.framework_version_id)
    return [(block.code, block.title.to(current_locale())) for block in framework.blocks]


def _page(enrolment: Enrolment, form: forms.StepForm, struck: forms.StrikeForm | None = None) -> str:
    may_write = enrolment.training_body_id in g.actor.organisations(Permission.ENROLMENT_WRITE)
    file = queries.vae_of(db.session, enrolment)
    return render_template(
        "cohorts/vae.html", enrolment=enrolment, cohort=db.session.get_one(Cohort, enrolment.cohort_id),
        person=db.session.get_one(User, enrolment.user_id), file=file, rows=queries.step_rows(db.session, enrolment),
        form=form.offer(_blocks(enrolment)), struck=struck, may_write=may_write and policies.is_vae(enrolment),
        states=forms.CLOCK_STATES, rules=RULES, today=clock.today(), routes=forms.ROUTES,
        rights_date=queries.rights_date(enrolment, file.steps if file else ()),
    )  # fmt: skip


@requires(Permission.OWN_PATH_READ)
def own() -> ResponseReturnValue:
    """Show somebody the steps and the clocks of their own VAE."""
    enrolment = queries.own_enrolment(db.session, g.actor)
    return render_template(
        "cohorts/vae_own.html", file=queries.vae_of(db.session, enrolment), states=forms.CLOCK_STATES, rules=RULES,
        today=clock.today(),
    )  # fmt: skip


@requires(Permission.COHORT_READ)
def files() -> ResponseReturnValue:
    """List the VAE files of the actor's training bodies, the most urgent first."""
    return _files(None)


@requires(Permission.COHORT_READ)
def cohort_files(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the VAE files of one cohort, the most urgent first."""
    return _files(queries.cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ))


def _files(cohort: Cohort | None) -> ResponseReturnValue:
    wanted = listing.Wanted.from_args(own_address(), request.args)
    lines = queries.vae_lines(db.session, g.actor, words=wanted.query, cohort_id=cohort.id if cohort else None)
    if is_csv():
        return csv_answer("vae", lines, _columns())
    page = min(wanted.page, max(1, -(-len(lines) // listing.PER_PAGE)))
    shown = lines[(page - 1) * listing.PER_PAGE : page * listing.PER_PAGE]
    found = listing.Listing(shown, len(lines), wanted, "", "asc", page)
    return render_template(
        "cohorts/vae_files.html", cohort=cohort, listing=found, states=forms.CLOCK_STATES, today=clock.today()
    )


def _columns() -> Mapping[str, Callable[[queries.VaeLine], Any]]:
    def of_next(row: queries.VaeLine, read: Callable[[Any], Any]) -> Any:
        return read(row.file.next_clock) if row.file.next_clock else ""

    return {
        _("Stagiaire"): lambda row: row.name,
        _("Promotion"): lambda row: row.cohort,
        _("Recevable depuis le"): lambda row: row.file.admitted_on,
        _("Prochaine échéance"): lambda row: of_next(row, lambda one: one.due_on.isoformat()),
        _("Délai"): lambda row: of_next(row, lambda one: one.label.to(current_locale())),
        _("État du délai"): lambda row: of_next(row, lambda one: forms.CLOCK_STATES[one.state][0]),
        _("Recevabilité caduque"): lambda row: _("oui") if row.file.is_lapsed else _("non"),
    }
