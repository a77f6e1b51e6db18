"""The list of sessions, a new one, the page of one."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.eligibility.queries import files_of
from certify.frameworks.queries import active_versions, framework_of
from certify.juries import candidates, policies, queries, services
from certify.juries.composition import composition_of
from certify.juries.forms import WHOLE_OUTCOMES, ConfirmForm, MeetingForm, SeatForm, SessionForm
from certify.juries.history import history_of
from certify.juries.models import JurySession, SessionState
from certify.juries.preparing_forms import ReasonForm
from certify.organisations.models import Organisation
from certify.organisations.queries import organisations_with

_SORTS = {
    "held_on": (JurySession.held_on, JurySession.reference),
    "reference": (JurySession.reference,),
    "place": (JurySession.place, JurySession.held_on),
    "state": (JurySession.state, JurySession.held_on),
}


@requires(Permission.JURY_READ)
def index() -> ResponseReturnValue:
    """List the sessions of one's certifying bodies, and those where one sits."""
    wanted = Wanted.from_args(own_address(), request.args, filters=("state",))
    if "direction" not in request.args and not wanted.sort:
        wanted = Wanted(wanted.path, wanted.query, "held_on", "desc", wanted.page, wanted.filters)
    is_csv = request.args.get("format") == "csv"
    query = queries.sessions(g.actor, (wanted.filters or {}).get("state", ""))
    query = query.where(*listing.matches(wanted.query, JurySession.reference, JurySession.place, Organisation.name))
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="held_on", tie=JurySession.id, as_rows=True,
        per_page=10_000 if is_csv else listing.PER_PAGE,
    )  # fmt: skip
    lines = [queries.SessionLine(*row) for row in found.rows]
    if is_csv:
        return _csv(lines)
    return render_template(
        "juries/index.html", listing=found, lines=lines, may_create=g.actor.may(Permission.JURY_WRITE),
        state_choices=[(one.value, one.label) for one in SessionState],
    )  # fmt: skip


def _csv(lines: Sequence[queries.SessionLine]) -> Response:
    text = listing.to_csv(lines, {
        _("Référence"): lambda line: line.jury.reference,
        _("Date"): lambda line: line.jury.held_on.isoformat(),
        _("Heure"): lambda line: line.jury.starts_at.isoformat("minutes") if line.jury.starts_at else "",
        _("Modalité"): lambda line: line.jury.mode.label,
        _("Lieu"): lambda line: line.jury.place,
        _("Organisme certificateur"): lambda line: line.body,
        _("État"): lambda line: line.jury.state.label,
        _("Candidatures"): lambda line: line.candidates,
        _("Décisions"): lambda line: line.decided,
    })  # fmt: skip
    headers = {"Content-Disposition": "attachment; filename=jurys.csv"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Permission.JURY_WRITE)
def new() -> ResponseReturnValue:
    """Prepare a session: for which certifying body and framework, when, where."""
    bodies = organisations_with(db.session, g.actor, Permission.JURY_WRITE)
    versions = active_versions(db.session, [body.id for body in bodies])
    reference = queries.next_reference(db.session, bodies[0].id, clock.today().year) if bodies else ""
    form = SessionForm(reference=reference)
    form.offer(bodies, versions)
    if form.validate_on_submit():
        with form.showing_refusals():
            jury = services.create_session(
                db.session, g.actor, form.chosen_body, form.chosen_version, reference=form.reference.data or "",
                **form.meeting,
            )  # fmt: skip
            flash(_("La session est prête à être composée."), "success")
            return redirect(url_for("juries.show", jury_id=jury.id), code=303)
    page = render_template("juries/new.html", form=form, has_versions=bool(versions))
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def edit(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Change when or where a session meets."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_WRITE)
    form = MeetingForm(obj=jury)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.change_session(db.session, g.actor, jury, **form.meeting)
            flash(_("La date et le lieu sont enregistrés."), "success")
            return redirect(url_for("juries.show", jury_id=jury.id), code=303)
    page = render_template("juries/edit.html", jury=jury, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_READ)
def show(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show a session: what is to be done, its members, its candidates, then its minutes."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_READ)
    return page_of(jury)


def page_of(
    jury: JurySession,
    *,
    seat_form: SeatForm | None = None,
    reason_form: ReasonForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render the page of a session, with the forms as they were sent when one is refused."""
    wanted = Wanted.from_args(url_for("juries.show", jury_id=jury.id), request.args)
    query = candidates.candidates(jury.id).where(*listing.matches(wanted.query, Enrolment.sort_name))
    found = listing.paginate(
        db.session, query, wanted, sorts={"name": (Enrolment.sort_name,)}, default="name", tie=Enrolment.id,
        as_rows=True,
    )  # fmt: skip
    rows = candidates.with_decisions(db.session, found.rows)
    composition = composition_of(db.session, jury)
    total, decided = queries.counts_of(db.session, jury.id)
    page = render_template(
        "juries/show.html", jury=jury, body=db.session.get_one(Organisation, jury.certifying_body_id),
        framework=framework_of(db.session, jury.framework_version_id), composition=composition,
        members=composition.members, listing=found, candidates=rows, total=total, decided=decided,
        files=files_of(db.session, [one.enrolment for one in rows]) if jury.state.is_prepared else {},
        presented={one.candidacy_id: one.candidacy for one in composition.candidates}, blocked=composition.blocked,
        violation_words=policies.violation_words, history=history_of(db.session, jury), states=list(SessionState),
        seat_form=seat_form or SeatForm(formdata=None),
        reason_form=reason_form or ReasonForm(formdata=None), confirm_form=ConfirmForm(formdata=None),
        minutes=queries.minutes_of(db.session, jury.id), whole_outcomes=WHOLE_OUTCOMES,
        **_allowed(jury),
    )  # fmt: skip
    return page, status


def _allowed(jury: JurySession) -> dict[str, Any]:
    return {
        "seat": policies.seat_of(jury, g.actor),
        "may_prepare": policies.may_prepare(jury, g.actor),
        "is_registrar": policies.is_registrar(jury, g.actor),
        "is_president": policies.is_president(jury, g.actor),
        "may_read": policies.may_read_files(jury, g.actor),
        "may_certify": jury.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_READ),
    }
