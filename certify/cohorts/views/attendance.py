"""Pages of attendance: the half-days of a cohort, a sheet taken on a phone, totals, and one's own."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts import forms, queries, services
from certify.cohorts.models import Cohort, Enrolment, Presence, TrainingSession
from certify.cohorts.views.lists import csv_answer, is_csv, page_size
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.templating import own_address
from certify.organisations.models import Organisation

_SORTS = {"day": queries.IN_ORDER, "title": (TrainingSession.title, *queries.IN_ORDER)}
_NAMES = {"name": (Enrolment.sort_name,)}


@requires(Permission.COHORT_READ)
def index(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the half-days of a cohort, the latest first."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    return _half_days(cohort, forms.PlanForm(formdata=None))


@requires(Permission.ATTENDANCE_WRITE)
def plan(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Add half-days to a cohort."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.ATTENDANCE_WRITE)
    form = forms.PlanForm()
    if form.validate_on_submit():
        with form.showing_refusals(days="day"):
            planned = services.plan_half_days(
                db.session, g.actor, cohort, days=form.days, halves=form.halves.data or (),
                title=form.title.data or "", minutes=form.minutes.data or 0,
            )  # fmt: skip
            flash(
                ngettext(
                    "%(num)d demi-journée est ajoutée au programme.",
                    "%(num)d demi-journées sont ajoutées au programme.",
                    len(planned),
                ),
                "success",
            )
            return redirect(url_for("cohorts.attendance", cohort_id=cohort.id), code=303)
    return _half_days(cohort, form), 422


def _half_days(cohort: Cohort, form: forms.PlanForm) -> str:
    wanted = listing.Wanted.from_args(own_address(), request.args)
    if not wanted.sort:
        wanted = listing.Wanted(wanted.path, wanted.query, "day", "desc", wanted.page)
    found = listing.paginate(
        db.session, queries.half_days_of(cohort), wanted, sorts=_SORTS, default="day", tie=TrainingSession.id,
        as_rows=True,
    )  # fmt: skip
    return render_template(
        "cohorts/attendance.html", cohort=cohort, listing=found, today=clock.today(), form=form,
        rows=[queries.HalfDayLine(*row) for row in found.rows], may_write=_may_write(cohort),
    )  # fmt: skip


def _may_write(cohort: Cohort) -> bool:
    return cohort.training_body_id in g.actor.organisations(Permission.ATTENDANCE_WRITE)


@requires(Permission.COHORT_READ)
def sheet(cohort_id: uuid.UUID, half_day_id: uuid.UUID) -> ResponseReturnValue:
    """Show who is expected to a half-day and who came, and let those who may fill it in."""
    half_day, cohort = queries.half_day_for(db.session, g.actor, cohort_id, half_day_id, Permission.COHORT_READ)
    return _sheet(half_day, cohort)


@requires(Permission.ATTENDANCE_WRITE)
def record(cohort_id: uuid.UUID, half_day_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what was ticked."""
    half_day, cohort = queries.half_day_for(db.session, g.actor, cohort_id, half_day_id, Permission.ATTENDANCE_WRITE)
    form = forms.SheetForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            rows = queries.sheet_of(db.session, half_day).rows
            presences = form.presences(request.form, [row.enrolment_id for row in rows])
            written = services.record_attendance(
                db.session, g.actor, cohort, half_day, presences=presences, revision=form.revision.data or 0
            )
            flash(_("La feuille est enregistrée.") if written else _("Rien n’a changé sur cette feuille."), "success")
            address = url_for("cohorts.attendance_sheet", cohort_id=cohort.id, half_day_id=half_day.id)
            return redirect(address, code=303)
    return _sheet(half_day, cohort, form), 422


def _sheet(half_day: TrainingSession, cohort: Cohort, refused: forms.SheetForm | None = None) -> str:
    found = queries.sheet_of(db.session, half_day)
    is_open = half_day.cancelled_at is None and half_day.on <= clock.today()
    form = refused or forms.SheetForm(formdata=None)
    # Refused or not, what is shown is the sheet as it stands: the next answer is about that one.
    form.revision.data, form.revision.raw_data = found.revision, None
    return render_template(
        "cohorts/attendance_sheet.html", cohort=cohort, half_day=half_day, sheet=found, presences=list(Presence),
        form=form, refused=refused,
        may_write=_may_write(cohort), is_open=is_open,
    )  # fmt: skip


@requires(Permission.COHORT_READ)
def printable(cohort_id: uuid.UUID, half_day_id: uuid.UUID) -> ResponseReturnValue:
    """Show the sheet to sign on paper (émargement)."""
    half_day, cohort = queries.half_day_for(db.session, g.actor, cohort_id, half_day_id, Permission.COHORT_READ)
    return render_template(
        "cohorts/attendance_print.html", cohort=cohort, half_day=half_day,
        body=db.session.get_one(Organisation, cohort.training_body_id),
        rows=[row for row in queries.sheet_of(db.session, half_day).rows if row.is_expected],
    )  # fmt: skip


@requires(Permission.ATTENDANCE_WRITE)
def cancel(cohort_id: uuid.UUID, half_day_id: uuid.UUID) -> ResponseReturnValue:
    """Take a half-day off the programme."""
    half_day, cohort = queries.half_day_for(db.session, g.actor, cohort_id, half_day_id, Permission.ATTENDANCE_WRITE)
    services.cancel_half_day(db.session, g.actor, cohort, half_day)
    flash(_("La demi-journée est annulée : elle ne compte plus, et ce qui a été noté reste lisible."), "success")
    return redirect(url_for("cohorts.attendance", cohort_id=cohort.id), code=303)


@requires(Permission.COHORT_READ)
def totals(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the attendance of each trainee of a cohort; as CSV, one column a half-day."""
    cohort = queries.cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    wanted = listing.Wanted.from_args(own_address(), request.args)
    found = listing.paginate(
        db.session, queries.attendees_of(cohort, queries.folded(wanted.query)), wanted, sorts=_NAMES, default="name",
        tie=Enrolment.id, as_rows=True, per_page=page_size(),
    )  # fmt: skip
    counted = queries.totals_of(db.session, [enrolment.id for enrolment, _person in found.rows])
    if is_csv():
        return _csv(cohort, found, counted)
    return render_template(
        "cohorts/attendance_totals.html", cohort=cohort, listing=found, states=forms.STATES, tones=forms.TONES,
        rows=[(enrolment, person, counted[enrolment.id]) for enrolment, person in found.rows],
    )  # fmt: skip


def _csv(cohort: Cohort, found: listing.Listing[Any], counted: Mapping[uuid.UUID, queries.Total]) -> Response:
    half_days = queries.held_half_days(db.session, cohort, clock.today())
    said = queries.presences_of(db.session, cohort, list(counted))
    columns: dict[str, Callable[[tuple[Enrolment, User]], Any]] = {
        _("Stagiaire"): lambda row: row[1].name,
        _("Présences"): lambda row: counted[row[0].id].present,
        _("Absences excusées"): lambda row: counted[row[0].id].excused,
        _("Absences"): lambda row: counted[row[0].id].absent,
        _("Demi-journées comptées"): lambda row: counted[row[0].id].expected,
        _("Assiduité en pour cent"): lambda row: counted[row[0].id].percentage,
    }
    for one in half_days:
        columns[f"{one.on.isoformat()} {one.half.label}"] = _said(said, one.id)
    return csv_answer("presences", found.rows, columns)


def _said(
    said: Mapping[tuple[uuid.UUID, uuid.UUID], Presence], half_day_id: uuid.UUID
) -> Callable[[tuple[Enrolment, User]], str]:
    def read(row: tuple[Enrolment, User]) -> str:
        presence = said.get((half_day_id, row[0].id))
        return str(presence.label) if presence else ""

    return read


@requires(Permission.OWN_PATH_READ)
def own() -> ResponseReturnValue:
    """Show somebody their own attendance."""
    enrolment = queries.own_enrolment(db.session, g.actor)
    wanted = listing.Wanted.from_args(own_address(), request.args)
    if not wanted.sort:
        wanted = listing.Wanted(wanted.path, "", "day", "desc", wanted.page)
    found = listing.paginate(
        db.session, queries.attended(enrolment), wanted, sorts=_SORTS, default="day", tie=TrainingSession.id,
        as_rows=True,
    )  # fmt: skip
    total = queries.totals_of(db.session, [enrolment.id])[enrolment.id]
    return render_template("cohorts/attendance_own.html", listing=found, total=total, today=clock.today())
