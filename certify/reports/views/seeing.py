"""Pages that only show: a cohort at a glance, a trainee's progress."""

import uuid
from typing import Any

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.assessments import queries as assessments
from certify.cohorts.forms import ROUTES
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import cohort_for, enrolment_for, own_enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.templating import own_address
from certify.eligibility import queries as eligibility
from certify.frameworks.queries import framework_of
from certify.reports import cohort as cohorts
from certify.reports.disputed import disputes_of
from certify.reports.next_steps import next_step
from certify.reports.trainee import path_of

_EVERYBODY = 100_000


@requires(Permission.COHORT_READ)
def cohort(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show where every trainee of a cohort stands, competency by competency."""
    row = cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    framework = framework_of(db.session, row.framework_version_id)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("situation",))
    if request.args.get("format") == "csv":
        everybody = cohorts.overview(db.session, row, framework, wanted, per_page=_EVERYBODY)
        headers = {"Content-Disposition": "attachment; filename=promotion.csv"}
        return Response(
            listing.to_csv(everybody.rows, cohorts.columns(framework)), mimetype="text/csv", headers=headers
        )
    return render_template(
        "reports/cohort.html",
        cohort=row,
        framework=framework,
        overview=(overview := cohorts.overview(db.session, row, framework, wanted)),
        late=cohorts.late_lines(db.session, overview.rows) if wanted.filters == {"situation": "late"} else [],
        levels=cohorts.legend(framework),
        trainee_url=lambda enrolment_id: url_for("reports.trainee", enrolment_id=enrolment_id),
        may_edit=row.training_body_id in g.actor.organisations(Permission.COHORT_WRITE),
        may_enrol=row.training_body_id in g.actor.organisations(Permission.ENROLMENT_WRITE),
        may_assess=row.training_body_id in g.actor.organisations(Permission.ASSESSMENT_WRITE),
        may_verify=row.training_body_id in g.actor.organisations(Permission.ASSESSMENT_VERIFY),
        may_see_results=row.training_body_id in g.actor.organisations(Permission.STATISTICS_READ),
    )


@requires(Permission.COHORT_READ)
def disputed(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show what the assessors of a cohort disagree on, with who said what."""
    row = cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    framework = framework_of(db.session, row.framework_version_id)
    wanted = listing.Wanted.from_args(own_address(), request.args)
    found = disputes_of(db.session, row, framework, wanted)
    return render_template("reports/disputed.html", cohort=row, scale=framework.scale, listing=found)


@requires(Permission.PROGRESS_READ)
def trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show a trainee's progress to the staff of their training body."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.PROGRESS_READ)
    may_assess = enrolment.training_body_id in g.actor.organisations(Permission.ASSESSMENT_WRITE)
    drafts = assessments.open_drafts(db.session, enrolment.id) if may_assess else []
    address = url_for("eligibility.file", enrolment_id=enrolment.id)
    return render_template(
        "reports/trainee.html",
        **_facts(enrolment, is_own=False),
        file_url=address,
        may_assess=may_assess,
        drafts=drafts,
    )


@requires(Permission.OWN_PATH_READ)
def own_progress() -> ResponseReturnValue:
    """Show a trainee their own progress."""
    enrolment = own_enrolment(db.session, g.actor)
    address = url_for("eligibility.own_file")
    return render_template("reports/progress.html", **_facts(enrolment, is_own=True), file_url=address)


def _facts(enrolment: Enrolment, *, is_own: bool) -> dict[str, Any]:
    path = path_of(db.session, enrolment, None if is_own else g.actor.user_id)
    file = eligibility.file_of(db.session, enrolment)
    return {
        "path": path,
        "file": file,
        "step": next_step(path, file, is_own=is_own),
        "coverage": eligibility.coverage_of(db.session, enrolment),
        "routes": ROUTES,
    }
