"""Pages of administration: the state of the application, jobs, audit."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import queries as certificates
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.forms import parse_day
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import moment
from certify.pages import audit_words, queries, services
from certify.settings import Settings

_WHOLE_LIST = 100_000


@requires(Permission.ADMINISTRATION_READ)
def show() -> ResponseReturnValue:
    """Say in which state the application is, and what is switched off."""
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "pages/administration.html",
        settings=settings,
        jobs=queries.job_counts(db.session),
        damaged=certificates.damaged(db.session),
        version=_version(),
        files=urlsplit(settings.effective_files_url).scheme,
        queue=urlsplit(settings.effective_queue_url).scheme,
        database=db.engine.dialect.name,
    )


@requires(Permission.ADMINISTRATION_READ)
def jobs() -> ResponseReturnValue:
    """List what must still happen, what failed, what is done."""
    found = queries.jobs(db.session, _newest_first(url_for("pages.administration_jobs"), "state"))
    states = {"waiting": _("En attente"), "failed": _("En échec"), "done": _("Faites")}
    return render_template("pages/jobs.html", jobs=found, states=states, counts=queries.job_counts(db.session))


@requires(Permission.ADMINISTRATION_JOBS_RETRY)
def retry(message_id: uuid.UUID) -> ResponseReturnValue:
    """Try a job again."""
    services.retry_job(db.session, g.actor, queries.failed_job(db.session, message_id))
    flash(_("La tâche est relancée."), "success")
    return redirect(url_for("pages.administration_jobs"), code=303)


@requires(Permission.AUDIT_READ)
def audit() -> ResponseReturnValue:
    """List what happened in one's organisations, by whom."""
    organisations = queries.audited_organisations(db.session, g.actor)
    wanted = _newest_first(url_for("pages.administration_audit"), "organisation", "since", "until")
    days, faults = _days(wanted)
    as_csv = request.args.get("format") == "csv"
    events = queries.audit_events(
        db.session, organisations, wanted, **days, per_page=_WHOLE_LIST if as_csv else listing.PER_PAGE
    )
    traces = queries.with_names(db.session, events.rows, organisations)
    if as_csv:
        return _as_csv(traces)
    words = {"told": audit_words.told, "details": audit_words.details}
    page = render_template(
        "pages/audit.html", events=events, traces=traces, organisations=organisations, faults=faults, **words
    )
    return page, 422 if faults else 200


def _newest_first(path: str, *filters: str) -> Wanted:
    wanted = Wanted.from_args(path, request.args, filters=filters)
    return wanted if "direction" in request.args else replace(wanted, direction="desc")


def _days(wanted: Wanted) -> tuple[dict[str, Any], list[str]]:
    days: dict[str, Any] = {"since": None, "until": None}
    faults = []
    for name in days:
        typed = (wanted.filters or {}).get(name)
        try:
            days[name] = parse_day(typed) if typed else None
        except ValueError as error:
            faults.append(str(error))
    return days, faults


def _as_csv(traces: list[queries.Trace]) -> Response:
    columns: dict[str, Callable[[queries.Trace], Any]] = {
        _("Date"): lambda trace: moment(trace.event.at),
        _("Organisme"): lambda trace: trace.organisation,
        _("Numéro"): lambda trace: trace.event.position,
        _("Qui"): lambda trace: trace.who,
        _("Quoi"): lambda trace: audit_words.told(trace.event.tag),
        _("Code"): lambda trace: trace.event.tag,
        _("Détail"): lambda trace: ", ".join(
            f"{name} : {value}" for name, value in audit_words.details(trace.event.detail, in_full=True)
        ),
        _("Empreinte"): lambda trace: trace.event.hash,
    }
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(listing.to_csv(traces, columns), content_type="text/csv; charset=utf-8", headers=headers)


def _version() -> str:
    try:
        return version("certify")
    except PackageNotFoundError:
        return _("non installée")
