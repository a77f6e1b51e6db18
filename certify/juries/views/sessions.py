"""The list of sessions, a new one, the page of one, its minutes."""

import io
import uuid
from collections.abc import Sequence

from flask import Response, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.core import clock, files, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.eligibility.queries import files_of
from certify.frameworks.queries import active_versions, framework_of
from certify.juries import candidates, policies, queries, services
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES, CloseForm, ConfirmForm, SeatForm, SessionForm
from certify.juries.models import JurySession, SessionState
from certify.juries.ties import ties_of
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
    may_create = g.actor.may(Permission.JURY_WRITE)
    return render_template(
        "juries/index.html", listing=found, lines=lines, states=list(SessionState), may_create=may_create
    )


def _csv(lines: Sequence[queries.SessionLine]) -> Response:
    text = listing.to_csv(lines, {
        _("Référence"): lambda line: line.jury.reference,
        _("Date"): lambda line: line.jury.held_on.isoformat(),
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
    if not form.validate_on_submit():
        page = render_template("juries/new.html", form=form, has_versions=bool(versions))
        return page, 422 if form.is_submitted() else 200
    jury = services.create_session(
        db.session, g.actor, form.chosen_body, form.chosen_version,
        reference=form.reference.data or "", held_on=form.held_on.data or clock.today(), place=form.place.data or "",
    )  # fmt: skip
    flash(_("La session est prête à être composée."), "success")
    return redirect(url_for("juries.show", jury_id=jury.id), code=303)


@requires(Permission.JURY_READ)
def show(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show a session: what is to be done, its members, its candidates, then its minutes."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_READ)
    return page_of(jury)


def page_of(
    jury: JurySession, *, seat_form: SeatForm | None = None, close_form: CloseForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render the page of a session, with the forms as they were sent when one is refused."""
    wanted = Wanted.from_args(url_for("juries.show", jury_id=jury.id), request.args)
    query = candidates.candidates(jury.id).where(*listing.matches(wanted.query, Enrolment.sort_name))
    found = listing.paginate(
        db.session,
        query,
        wanted,
        sorts={"name": (Enrolment.sort_name,)},
        default="name",
        tie=Enrolment.id,
        as_rows=True,
    )
    rows = candidates.with_decisions(db.session, found.rows)
    members = queries.members_of(db.session, jury)
    is_prepared = jury.state is SessionState.CREATED
    total, decided = queries.counts_of(db.session, jury.id)
    framework = framework_of(db.session, jury.framework_version_id)
    files = files_of(db.session, [one.enrolment for one in rows]) if is_prepared else {}
    close_form = close_form or CloseForm(formdata=None, present=[str(one.seat.id) for one in members])
    close_form.offer({str(one.seat.id): one.user.name for one in members})
    page = render_template(
        "juries/show.html", jury=jury, body=db.session.get_one(Organisation, jury.certifying_body_id),
        framework=framework, members=members, listing=found, candidates=rows, total=total, decided=decided,
        files=files,
        findings=composition_of(jury, members) if is_prepared else (),
        undeclared=policies.check_declarations(members) if is_prepared else (),
        seat=policies.seat_of(jury, g.actor), may_prepare=policies.may_prepare(jury, g.actor),
        is_registrar=policies.is_registrar(jury, g.actor), is_president=policies.is_president(jury, g.actor),
        may_read=policies.may_read_files(jury, g.actor), minutes=queries.minutes_of(db.session, jury.id),
        seat_form=seat_form or SeatForm(formdata=None), close_form=close_form, confirm_form=ConfirmForm(formdata=None),
        block_outcomes=BLOCK_OUTCOMES, whole_outcomes=WHOLE_OUTCOMES,
        may_certify=jury.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_READ),
    )  # fmt: skip
    return page, status


def composition_of(jury: JurySession, members: Sequence[queries.Member]) -> tuple[policies.Finding, ...]:
    """Return what is wrong with the composition, naming the candidates to whom a member is tied."""
    ties = ties_of(db.session, jury.id)
    names = candidates.names_of(db.session, {tie.enrolment_id for tie in ties})
    return policies.check_seats(members, ties, names)


@requires(Permission.JURY_READ)
def minutes(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show the minutes of a closed session: the accessible twin of the document."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_READ)
    found = queries.minutes_of(db.session, jury.id)
    if found is None:
        raise NotFound()
    return render_template(
        "juries/minutes.html", jury=jury, minutes=found, facts=found.facts, block_outcomes=BLOCK_OUTCOMES,
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip


@requires(Permission.JURY_READ)
def minutes_pdf(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes of the minutes; they are never made again."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_READ)
    found = queries.minutes_of(db.session, jury.id)
    if found is None or not found.storage_key:
        raise NotFound()
    content = io.BytesIO(files.read(found.storage_key))
    name = f"proces-verbal-{jury.reference}.pdf"
    return send_file(content, mimetype="application/pdf", download_name=name, etag=found.sha256)
