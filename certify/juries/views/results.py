"""A candidate's own results: what was decided and why, the extract of the minutes, and the way to contest."""

import io
import uuid

from flask import flash, g, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.queries import cohort_for
from certify.core import files
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.juries import results, services
from certify.juries.deliberation_forms import AppealForm
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES


@requires(Permission.OWN_RESULTS_READ)
def index() -> ResponseReturnValue:
    """Show one's published results."""
    return render_template(
        "juries/results.html", results=results.own_results(db.session, g.actor), block_outcomes=BLOCK_OUTCOMES,
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip


@requires(Permission.COHORT_WRITE)
def of_cohort(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show a coordinator what juries decided on the people of a cohort, and what they say to the training body."""
    cohort = cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_WRITE)
    return render_template(
        "juries/cohort.html", cohort=cohort, results=results.results_of_cohort(db.session, cohort.id),
        names=results.names_of_cohort(db.session, cohort.id), block_outcomes=BLOCK_OUTCOMES,
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip


@requires(Permission.OWN_RESULTS_READ)
def extract(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes of the extract about the decision that stands."""
    result = results.own_result(db.session, g.actor, candidacy_id)
    found = result.extracts.get(result.decision.id)
    if found is None or not found.storage_key:
        raise NotFound()
    content = io.BytesIO(files.read(found.storage_key))
    name = f"extrait-{found.facts['reference']}.pdf"
    return send_file(content, mimetype="application/pdf", download_name=name, etag=found.sha256)


@requires(Permission.OWN_RESULTS_READ)
def appeal(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Contest the decision that stands."""
    result = results.own_result(db.session, g.actor, candidacy_id)
    if result.appeal_until is None:
        raise NotFound()
    form = AppealForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.lodge(db.session, g.actor, result.candidacy, grounds=form.grounds.data or "")
            flash(_("Votre recours est enregistré. Vous recevez un message qui le confirme."), "success")
            return redirect(url_for("juries.results"), code=303)
    page = render_template("juries/appeal.html", result=result, form=form, whole_outcomes=WHOLE_OUTCOMES)
    return page, 422 if form.is_submitted() else 200
