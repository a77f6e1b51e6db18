"""Pages that only show: a cohort at a glance, a trainee's progress."""

import uuid

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.assessments import queries as assessments
from certify.cohorts.forms import ROUTES
from certify.cohorts.queries import cohort_for, enrolment_for, own_enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.templating import own_address
from certify.frameworks.queries import framework_of
from certify.reports import cohort as cohorts
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
        overview=cohorts.overview(db.session, row, framework, wanted),
        trainee_url=lambda enrolment_id: url_for("reports.trainee", enrolment_id=enrolment_id),
        may_edit=row.training_body_id in g.actor.organisations(Permission.COHORT_WRITE),
        may_enrol=row.training_body_id in g.actor.organisations(Permission.ENROLMENT_WRITE),
        may_assess=row.training_body_id in g.actor.organisations(Permission.ASSESSMENT_WRITE),
    )


@requires(Permission.PROGRESS_READ)
def trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show a trainee's progress to the staff of their training body."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.PROGRESS_READ)
    path = path_of(db.session, enrolment)
    may_assess = enrolment.training_body_id in g.actor.organisations(Permission.ASSESSMENT_WRITE)
    drafts = assessments.open_drafts(db.session, enrolment.id) if may_assess else []
    return render_template("reports/trainee.html", path=path, routes=ROUTES, may_assess=may_assess, drafts=drafts)


@requires(Permission.OWN_PATH_READ)
def own_progress() -> ResponseReturnValue:
    """Show a trainee their own progress."""
    path = path_of(db.session, own_enrolment(db.session, g.actor))
    return render_template("reports/progress.html", path=path, routes=ROUTES)
