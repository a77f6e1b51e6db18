"""Pages of imported lists: a file comes in, a preview says what was understood, a confirmation enrols."""

import uuid

from flask import Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts import forms, queries, roster, services
from certify.cohorts.models import Cohort
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import ngettext

_SHOWN = 100
"""Rows of a preview shown in full; the others are counted."""


@requires(Permission.ENROLMENT_WRITE)
def model() -> ResponseReturnValue:
    """Answer with the model file."""
    headers = {"Content-Disposition": "attachment; filename=modele-inscriptions.csv"}
    return Response(roster.model(), mimetype="text/csv", headers=headers)


@requires(Permission.ENROLMENT_WRITE)
def new(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for a list."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.ENROLMENT_WRITE)
    return _ask(cohort, forms.ImportForm())


@requires(Permission.ENROLMENT_WRITE)
def preview(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show what was understood of a list; nothing is written."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.ENROLMENT_WRITE)
    form = forms.ImportForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            houses = queries.houses(db.session)
            setting = roster.Setting(
                cohort.starts_on, cohort.ends_on, queries.enrolled_emails(db.session, cohort.id),
                {queries.folded(house.name): house.id for house in houses},
            )  # fmt: skip
            found = roster.read(form.content(), setting)
            confirm = forms.ConfirmForm(formdata=None)
            confirm.seal(cohort, found.people)
            return render_template(
                "cohorts/import_preview.html", cohort=cohort, roster=found, form=confirm, routes=forms.ROUTES,
                houses={house.id: house.name for house in houses}, shown=_SHOWN,
            )  # fmt: skip
    return _ask(cohort, form), 422


@requires(Permission.ENROLMENT_WRITE)
def confirm(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Enrol the people a preview showed."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.ENROLMENT_WRITE)
    form = forms.ConfirmForm()
    people = form.opened(cohort) if form.validate_on_submit() else None
    if people is None:
        return _ask(cohort, forms.ImportForm(formdata=None), form), 422
    outcome = services.enrol_all(db.session, g.actor, cohort, people)
    flash(_said(outcome), "success")
    return redirect(url_for("cohorts.enrolments", cohort_id=cohort.id), code=303)


def _said(outcome: services.Enrolled) -> str:
    enrolled = ngettext(
        "%(num)d personne inscrite : son invitation part par e-mail.",
        "%(num)d personnes inscrites : leurs invitations partent par e-mail.",
        outcome.enrolled,
    )
    if not outcome.already:
        return enrolled
    already = ngettext("%(num)d l’était déjà.", "%(num)d l’étaient déjà.", outcome.already)
    return f"{enrolled} {already}"


def _ask(cohort: Cohort, form: forms.ImportForm, refused: forms.ConfirmForm | None = None) -> str:
    return render_template("cohorts/import.html", cohort=cohort, form=form, refused=refused, columns=roster.COLUMNS)
