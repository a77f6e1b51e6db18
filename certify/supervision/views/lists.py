"""Lists of sessions, for the staff and for a trainee, and the hours of practice analysis of each trainee."""

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.durations import show_minutes
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.supervision import queries
from certify.supervision.models import SupervisionKind, SupervisionSession

_SORTS = {
    "day": queries.IN_ORDER,
    "theme": (SupervisionSession.theme, *queries.IN_ORDER),
}
_EVERYTHING = 100_000


@requires(Permission.SUPERVISION_READ)
def index() -> ResponseReturnValue:
    """List the sessions of the actor's training bodies, houses and own leading, the latest first."""
    if not g.actor.organisations(Permission.SUPERVISION_READ):
        # A trainee has a page of their own.
        raise NotFound
    wanted = _latest_first(listing.Wanted.from_args(own_address(), request.args, filters=("kind",)))
    query = queries.with_supervisors(g.actor).where(
        *listing.matches(wanted.query, SupervisionSession.theme, SupervisionSession.place, User.family_name)
    )
    kind = (wanted.filters or {}).get("kind", "")
    if kind in set(SupervisionKind):
        query = query.where(SupervisionSession.kind == SupervisionKind(kind))
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="day", tie=SupervisionSession.id, as_rows=True
    )
    return render_template(
        "supervision/index.html", listing=found, rows=queries.lines_of(db.session, found.rows), today=clock.today(),
        kinds=[(one.value, one.label) for one in SupervisionKind],
        may_plan=g.actor.may(Permission.SUPERVISION_WRITE),
    )  # fmt: skip


@requires(Permission.OWN_PATH_READ)
def own() -> ResponseReturnValue:
    """List a trainee's own sessions, and their hours of practice analysis."""
    enrolment = own_enrolment(db.session, g.actor)
    wanted = _latest_first(listing.Wanted.from_args(own_address(), request.args))
    found = listing.paginate(
        db.session, queries.own_sessions(enrolment), wanted, sorts=_SORTS, default="day", tie=SupervisionSession.id,
        as_rows=True,
    )  # fmt: skip
    return render_template(
        "supervision/own.html", listing=found, rows=queries.own_lines(db.session, enrolment, found.rows),
        hours=queries.hours_of(db.session, [enrolment.id])[enrolment.id], today=clock.today(),
    )  # fmt: skip


@requires(Permission.SUPERVISION_READ)
def totals() -> ResponseReturnValue:
    """List the hours of practice analysis of each trainee, by name."""
    if not g.actor.organisations(Permission.SUPERVISION_READ):
        raise NotFound
    wanted = listing.Wanted.from_args(own_address(), request.args)
    is_csv = request.args.get("format") == "csv"
    found = listing.paginate(
        db.session, queries.trainees_with_hours(g.actor, wanted.query), wanted, sorts={"name": (Enrolment.sort_name,)},
        default="name", tie=Enrolment.id, as_rows=True, per_page=_EVERYTHING if is_csv else listing.PER_PAGE,
    )  # fmt: skip
    hours = queries.hours_of(db.session, [enrolment.id for enrolment, _person in found.rows])
    rows = [(enrolment, person, hours[enrolment.id]) for enrolment, person in found.rows]
    if not is_csv:
        return render_template("supervision/totals.html", listing=found, rows=rows)
    columns = {
        _("Stagiaire"): lambda row: row[1].name,
        _("Demi-journées d’analyse de pratiques suivies"): lambda row: row[2].half_days,
        _("Durée suivie"): lambda row: show_minutes(row[2].minutes),
        _("Demi-journées signées des deux côtés"): lambda row: row[2].signed_half_days,
        _("Durée signée des deux côtés"): lambda row: show_minutes(row[2].signed_minutes),
    }
    headers = {"Content-Disposition": "attachment; filename=analyse-de-pratiques.csv"}
    return Response(listing.to_csv(rows, columns), mimetype="text/csv", headers=headers)


def _latest_first(wanted: listing.Wanted) -> listing.Wanted:
    if wanted.sort:
        return wanted
    return listing.Wanted(wanted.path, wanted.query, "day", "desc", wanted.page, wanted.filters)
