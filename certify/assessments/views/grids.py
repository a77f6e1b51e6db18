"""Pages of assessments: the list, the grid, the signature, the assessment as signed."""

import uuid
from collections.abc import Sequence

from flask import Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.assessments import policies, queries, services
from certify.assessments.forms import EXPLAINED, SignForm, StartForm, grid_form
from certify.assessments.models import Assessment, AssessmentKind
from certify.cohorts.queries import enrolment_for, own_enrolment
from certify.core import clock, listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import day, own_address

_FILTERS = ("whose", "cohort")


@requires(Permission.ASSESSMENT_READ)
def index() -> ResponseReturnValue:
    """List assessments: the actor's own, or all those they may read; above it, the trainees to assess."""
    wanted = Wanted.from_args(own_address(), request.args, filters=_FILTERS)
    is_csv = request.args.get("format") == "csv"
    page = queries.list_page(db.session, g.actor, wanted, whole=is_csv)
    if is_csv:
        return _csv(page.listing.rows)
    waiting = [] if request.headers.get("HX-Request") else queries.trainees_to_assess(db.session, g.actor)
    return render_template("assessments/index.html", page=page, listing=page.listing, waiting=waiting)


def _csv(rows: Sequence[queries.Line]) -> Response:
    text = listing.to_csv(rows, {
        _("Stagiaire"): lambda line: line.trainee,
        _("Promotion"): lambda line: line.cohort,
        _("Type"): lambda line: line.assessment.kind.label,
        _("Moment évalué"): lambda line: line.assessment.held_on.isoformat(),
        _("Évaluateur·rice"): lambda line: line.assessor,
        _("État"): lambda line: _("remplacée") if line.is_superseded else _("signée"),
        _("Signée le"): lambda line: day(line.assessment.signed_at),
    })  # fmt: skip
    headers = {"Content-Disposition": "attachment; filename=evaluations.csv"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Permission.ASSESSMENT_WRITE)
def start(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask what is assessed, tell who else is assessing the same trainee, and open the grid."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ASSESSMENT_WRITE)
    blocks = queries.habilitated_blocks(db.session, g.actor.user_id, enrolment, clock.today())
    if not blocks:
        to_ask = queries.people_to_ask(db.session, enrolment.training_body_id, enrolment.framework_version_id)
        page = queries.start_page(db.session, enrolment)
        return render_template("assessments/not_habilitated.html", page=page, to_ask=to_ask), 403
    form = StartForm()
    if form.validate_on_submit():
        kind = AssessmentKind(form.kind.data)
        draft = services.start(db.session, g.actor, enrolment, kind=kind, held_on=form.held_on.data or clock.today())
        return redirect(url_for("assessments.edit", assessment_id=draft.id), code=303)
    page = queries.start_page(db.session, enrolment)
    status = 422 if form.is_submitted() else 200
    return render_template("assessments/start.html", form=form, page=page, explained=EXPLAINED), status


@requires(Permission.SELF_ASSESSMENT_WRITE)
def own() -> ResponseReturnValue:
    """Show a trainee their self-assessments, and what to do next: take the draft up again, or begin."""
    page = queries.own_page(db.session, g.actor, own_enrolment(db.session, g.actor))
    g.menu_line = "assessments.own"
    return render_template("assessments/own.html", page=page)


@requires(Permission.SELF_ASSESSMENT_WRITE)
def start_own() -> ResponseReturnValue:
    """Open the grid in which a trainee looks at their own path."""
    draft = services.start_own(db.session, g.actor, own_enrolment(db.session, g.actor))
    return redirect(url_for("assessments.edit", assessment_id=draft.id), code=303)


def _place(page: queries.GridPage) -> None:
    """Say under which line of the menu a trainee finds what is about them."""
    if page.people.trainee.id == g.actor.user_id:
        g.menu_line = "assessments.own" if page.is_self else "reports.own_progress"


@requires(SIGNED_IN)
def edit(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Show the grid, save it, and go on to the signature when asked."""
    lock = request.method == "POST"
    assessment = queries.assessment_for(db.session, g.actor, assessment_id, lock=lock)
    page = queries.grid_page(db.session, assessment)
    _place(page)
    form = grid_form(page.framework, assessment.kind)()
    if not form.is_submitted():
        if not policies.may_edit(g.actor, assessment) or not page.sections:
            return redirect(url_for("assessments.show", assessment_id=assessment.id), code=303)
        form.show(assessment)
        return render_template("assessments/edit.html", form=form, page=page)
    kept = page.compared(form.ratings(), form.comment.data or "")
    is_beyond = not page.sections or page.goes_beyond(form.ratings())
    if not policies.may_edit(g.actor, assessment) or is_beyond:
        is_own = policies.is_assessor(g.actor, assessment)
        return render_template(
            "assessments/not_taken.html", page=page, kept=kept, form=form, is_beyond=is_beyond and is_own
        ), 409 if is_own else 403
    if not form.validate():
        return render_template("assessments/edit.html", form=form, page=page), 422
    if form.revision.data != assessment.revision:
        return render_template("assessments/conflict.html", page=page, kept=kept, form=form), 409
    services.save(
        db.session,
        g.actor,
        assessment,
        revision=form.revision.data or 0,
        comment=form.comment.data or "",
        ratings=form.ratings(),
    )
    return _after_save(assessment, wants_to_sign=form.sign.data == "1")


def _after_save(assessment: Assessment, *, wants_to_sign: bool) -> ResponseReturnValue:
    if wants_to_sign:
        return redirect(url_for("assessments.sign", assessment_id=assessment.id), code=303)
    if policies.is_self(assessment):
        message = _("Le brouillon est enregistré. Vous seul·e le voyez jusqu’à votre signature.")
    else:
        message = _("Le brouillon est enregistré. Vous seul·e pouvez le modifier ; le ou la stagiaire ne le voit pas.")
    flash(message, "success")
    return redirect(url_for("assessments.edit", assessment_id=assessment.id), code=303)


@requires(SIGNED_IN)
def autosave(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Save the grid for the script of the page."""
    assessment = queries.assessment_for(db.session, g.actor, assessment_id, lock=True)
    form = grid_form(queries.framework_of_assessment(db.session, assessment), assessment.kind)()
    if not form.validate():
        return jsonify(message=" ".join(str(error) for errors in form.errors.values() for error in errors)), 422
    saved = services.save(
        db.session,
        g.actor,
        assessment,
        revision=form.revision.data or 0,
        comment=form.comment.data or "",
        ratings=form.ratings(),
    )
    return jsonify(saved_at=saved.saved_at.isoformat(), revision=saved.revision)


@requires(SIGNED_IN)
def sign(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is about to be signed, with what is missing; then freeze it."""
    lock = request.method == "POST"
    assessment = queries.assessment_for(db.session, g.actor, assessment_id, lock=lock)
    page = queries.grid_page(db.session, assessment)
    if request.method == "GET" and (not policies.may_edit(g.actor, assessment) or not page.sections):
        return redirect(url_for("assessments.show", assessment_id=assessment.id), code=303)
    _place(page)
    form = SignForm(obj=assessment)
    is_refused = policies.may_edit(g.actor, assessment) and bool(page.unrated or page.beyond or not page.sections)
    if not form.validate_on_submit() or is_refused:
        return render_template("assessments/sign.html", form=form, page=page), 422 if form.is_submitted() else 200
    with form.showing_refusals():
        services.sign(db.session, g.actor, assessment, revision=form.revision.data)
    if form.errors:
        return render_template("assessments/sign.html", form=form, page=page), form.status_of_refusal
    if page.is_self:
        message = _(
            "Votre auto-évaluation est signée : elle ne change plus, et votre organisme de formation peut la lire."
        )
    else:
        message = _("L’évaluation est signée : elle ne change plus, et le ou la stagiaire peut la lire.")
    flash(message, "success")
    return redirect(url_for("assessments.show", assessment_id=assessment.id), code=303)


@requires(SIGNED_IN)
def leave_out(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Take out of a draft what it says of blocks its author may no longer assess."""
    assessment = queries.assessment_for(db.session, g.actor, assessment_id, lock=True)
    services.leave_out(db.session, g.actor, assessment)
    flash(_("Ce qui dépassait votre habilitation est retiré. Vous pouvez relire et signer le reste."), "success")
    return redirect(url_for("assessments.edit", assessment_id=assessment.id), code=303)


@requires(SIGNED_IN)
def discard(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a draft given up by its author."""
    assessment = queries.assessment_for(db.session, g.actor, assessment_id, lock=True)
    is_self = policies.is_self(assessment)
    services.discard(db.session, g.actor, assessment)
    flash(_("Le brouillon est supprimé."), "success")
    return redirect(url_for("assessments.own" if is_self else "assessments.index"), code=303)


@requires(SIGNED_IN)
def show(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Show an assessment to the staff, or a signed one to the trainee it is about."""
    assessment = queries.readable_assessment(db.session, g.actor, assessment_id)
    page = queries.record_page(db.session, g.actor, assessment)
    _place(page)
    quality = queries.quality_of(db.session, g.actor, assessment)
    return render_template("assessments/show.html", page=page, assessment=assessment, quality=quality)


@requires(SIGNED_IN)
def correct(assessment_id: uuid.UUID) -> ResponseReturnValue:
    """Open the draft that will take the place of a signed assessment."""
    assessment = queries.assessment_for(db.session, g.actor, assessment_id)
    draft = services.correct(db.session, g.actor, assessment)
    flash(
        _("Voici une copie à corriger. L’évaluation signée reste lisible ; celle-ci la remplacera une fois signée."),
        "success",
    )
    return redirect(url_for("assessments.edit", assessment_id=draft.id), code=303)
