"""Pages of internal verification and of double marking."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.assessments import policies, queries, services
from certify.assessments.models import Verdict
from certify.assessments.quality_forms import DrawForm, VerdictForm
from certify.cohorts.queries import cohort_for
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.forms import BaseForm
from certify.core.i18n import gettext as _


@requires(Permission.ASSESSMENT_VERIFY)
def verification(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the samples of a cohort, and draw another."""
    cohort = cohort_for(db.session, g.actor, cohort_id, Permission.ASSESSMENT_VERIFY)
    form = DrawForm()
    g.menu_line = "cohorts.index"
    if form.validate_on_submit():
        with form.showing_refusals():
            drawn = services.draw_sample(
                db.session, g.actor, cohort, percentage=form.percentage.data or 0, seed=form.seed.data or ""
            )
            flash(_("L’échantillon est tiré. Lisez chaque évaluation, puis donnez votre avis."), "success")
            return redirect(url_for("assessments.verification_draw", draw_id=drawn.id), code=303)
    page = queries.verification_page(db.session, cohort)
    if not form.is_submitted():
        form.percentage.data = page.percentage or None
    return render_template("assessments/verification.html", page=page, form=form), 422 if form.is_submitted() else 200


@requires(Permission.ASSESSMENT_VERIFY)
def verification_draw(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Show one sample: what is left to verify, what was said, how it was drawn."""
    page = queries.draw_page(db.session, queries.draw_for(db.session, g.actor, draw_id))
    g.menu_line = "cohorts.index"
    return render_template("assessments/verification_draw.html", page=page)


@requires(Permission.ASSESSMENT_VERIFY)
def verify(verification_id: uuid.UUID) -> ResponseReturnValue:
    """Show an assessment of a sample, and say what one thinks of it."""
    lock = request.method == "POST"
    item, drawn = queries.item_for(db.session, g.actor, verification_id, lock=lock)
    assessment = queries.readable_assessment(db.session, g.actor, item.assessment_id)
    form = VerdictForm()
    g.menu_line = "cohorts.index"
    if form.validate_on_submit():
        with form.showing_refusals():
            services.give_verdict(
                db.session,
                g.actor,
                item,
                assessment,
                verdict=Verdict(form.verdict.data),
                comment=form.comment.data or "",
            )
            flash(_("Votre avis est enregistré : il ne change plus."), "success")
            return redirect(url_for("assessments.verification_draw", draw_id=drawn.id), code=303)
    page = queries.record_page(db.session, g.actor, assessment)
    return render_template(
        "assessments/verify.html",
        page=page,
        item=item,
        drawn=drawn,
        form=form,
        said_by=queries.verdicts_on(db.session, assessment.id),
        may_verify=policies.may_verify(g.actor, assessment),
    ), 422 if form.is_submitted() else 200


@requires(Permission.ASSESSMENT_WRITE)
def double(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Say what assessing in one's turn means, without showing a level; then open the draft."""
    assessment = queries.double_start(db.session, g.actor, assessment_id)
    if not policies.may_double(g.actor, assessment):
        return redirect(url_for("assessments.show", assessment_id=assessment.id), code=303)
    form = BaseForm()
    if form.validate_on_submit():
        draft = services.double(db.session, g.actor, assessment)
        return redirect(url_for("assessments.edit", assessment_id=draft.id), code=303)
    known = queries.own_double(db.session, g.actor, assessment)
    if known is not None:
        place = "assessments.edit" if known.signed_at is None else "assessments.pair"
        return redirect(url_for(place, assessment_id=known.id), code=303)
    page = queries.double_page(db.session, g.actor, assessment)
    return render_template("assessments/double.html", page=page), 403 if page.to_ask else 200


@requires(Permission.ASSESSMENT_READ)
def pair(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Show an assessment made in double marking beside the one it doubles."""
    double = queries.readable_assessment(db.session, g.actor, assessment_id)
    queries.require_figures(g.actor, double.training_body_id)
    page = queries.pair_for(db.session, double)
    return render_template("assessments/pair.html", page=page)
