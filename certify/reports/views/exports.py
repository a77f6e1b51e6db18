"""Pages of files made on demand: ask, wait, find again, fetch."""

import io
import uuid

from flask import flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.queries import cohort_for, enrolment_for, own_enrolment
from certify.core import files, listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db, separate_session
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.juries.queries import jury_for
from certify.reports import queries
from certify.reports.models import Export, ExportKind, ExportState
from certify.reports.services import exports as services

_NARROWED_BY = ("situation",)


@requires(SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the files one asked for."""
    wanted = listing.Wanted.from_args(own_address(), request.args)
    found = queries.own_exports(db.session, g.actor, wanted)
    return render_template("reports/exports.html", listing=found, states=ExportState)


@requires(SIGNED_IN)
def show(export_id: uuid.UUID) -> ResponseReturnValue:
    """Show how far a file has got."""
    export = queries.export_for(db.session, g.actor, export_id)
    return render_template("reports/export.html", export=export, states=ExportState, subject_url=_subject_url(export))


def _subject_url(export: Export) -> str:
    match export.kind:
        case ExportKind.HEAT_MAP | ExportKind.PROOFS:
            return url_for("reports.cohort", cohort_id=export.subject_id)
        case ExportKind.CERTIFICATES:
            return url_for("certificates.of_session", jury_id=export.subject_id)
        case ExportKind.REGISTER:
            return url_for("certificates.index")
        case _ if not g.actor.may(Permission.PROGRESS_READ):
            return url_for("reports.own_progress")
    return url_for("reports.trainee", enrolment_id=export.subject_id)


@requires(SIGNED_IN)
def ask_again(export_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more for a file that failed or is gone."""
    export = queries.export_for(db.session, g.actor, export_id)
    subject = queries.subject_for(db.session, g.actor, export.kind, export.subject_id)
    asked = {key: value for key, value in export.parameters.items() if key != "locale"}
    return _follow(services.request(db.session, g.actor, export.kind, subject, asked))


@requires(SIGNED_IN)
def download(export_id: uuid.UUID) -> ResponseReturnValue:
    """Give the bytes to whoever asked for them, while they may still read what is in them."""
    export = queries.export_for(db.session, g.actor, export_id)
    if export.state is not ExportState.READY:
        raise NotFound
    content = io.BytesIO(files.read(export.storage_key))
    _trace(export)
    answer = send_file(content, mimetype=export.media_type, download_name=export.filename, as_attachment=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _trace(export: Export) -> None:
    # What was read is in hand: the request's own transaction must not keep the trace waiting.
    db.session.expunge(export)
    db.session.rollback()
    with separate_session() as session:
        services.fetched(session, g.actor, export)
        session.commit()


@requires(Permission.COHORT_READ)
def ask_heat_map(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the whole matrix of a cohort as a workbook."""
    cohort = cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    filters = {name: request.form[name][:100] for name in _NARROWED_BY if request.form.get(name)}
    asked = {"query": request.form.get("q", "").replace("\0", "")[:100], "filters": filters}
    return _follow(services.request(db.session, g.actor, ExportKind.HEAT_MAP, cohort, asked))


@requires(Permission.STATISTICS_READ)
def ask_proofs(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the Qualiopi proofs of a cohort."""
    cohort = queries.statistics_cohort(db.session, g.actor, cohort_id)
    return _follow(services.request(db.session, g.actor, ExportKind.PROOFS, cohort))


@requires(Permission.PROGRESS_READ)
def ask_trainee_file(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the whole file of a trainee."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.PROGRESS_READ)
    return _follow(services.request(db.session, g.actor, _wanted_kind(), enrolment))


@requires(Permission.OWN_PATH_READ)
def ask_own_file() -> ResponseReturnValue:
    """Ask for one's own whole file."""
    enrolment = own_enrolment(db.session, g.actor)
    return _follow(services.request(db.session, g.actor, _wanted_kind(), enrolment))


@requires(Permission.CERTIFICATE_READ)
def ask_certificates(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for every document of a session, in one archive."""
    jury = jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_READ)
    return _follow(services.request(db.session, g.actor, ExportKind.CERTIFICATES, jury))


@requires(Permission.CERTIFICATE_READ)
def ask_register(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the register of a body as a workbook, with the filters in force."""
    body = queries.registered_body(db.session, g.actor, organisation_id)
    asked = {name: request.form.get(name, "").replace("\0", "")[:100] for name in ("state", "kind")}
    asked["query"] = request.form.get("q", "").replace("\0", "")[:100]
    return _follow(services.request(db.session, g.actor, ExportKind.REGISTER, body, asked))


def _wanted_kind() -> ExportKind:
    return ExportKind.TRAINEE_ZIP if request.form.get("kind") == "zip" else ExportKind.TRAINEE_PDF


def _follow(export: Export) -> ResponseReturnValue:
    flash(_("C’est demandé : la fabrication commence, vous pouvez quitter cette page et revenir."), "success")
    return redirect(url_for("reports.export", export_id=export.id), code=303)
