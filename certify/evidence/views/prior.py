"""Pages of prior learning: the trainee declares, a trainer answers."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import enrolment_for, own_enrolment
from certify.core import audit
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.evidence import policies, queries, services
from certify.evidence.forms import AnswerForm, PriorForm
from certify.evidence.models import EvidenceItem, EvidenceState
from certify.frameworks.queries import framework_of

STATES = {
    EvidenceState.LINKED: (_l("brouillon"), "neutral"),
    EvidenceState.SUBMITTED: (_l("soumis"), "warning"),
    EvidenceState.RETURNED: (_l("renvoyé"), "danger"),
    EvidenceState.ACCEPTED: (_l("accepté"), "ok"),
}
"""Where prior learning stands, in words, with its tone."""


@requires(Permission.EVIDENCE_WRITE)
def index() -> ResponseReturnValue:
    """List the actor's own prior learning."""
    enrolment = own_enrolment(db.session, g.actor)
    items = queries.prior_items(db.session, enrolment.id)
    return render_template(
        "evidence/prior.html", items=items, enrolment=enrolment, states=STATES, is_own=True,
        may_add=policies.may_add(enrolment.state),
    )  # fmt: skip


@requires(Permission.EVIDENCE_READ)
def of_trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """List what a trainee acquired before the training and has submitted."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.EVIDENCE_READ)
    return render_template(
        "evidence/prior.html", items=queries.prior_items(db.session, enrolment.id, for_staff=True), states=STATES,
        enrolment=enrolment, is_own=False, person=db.session.get_one(User, enrolment.user_id),
        cohort=db.session.get_one(Cohort, enrolment.cohort_id),
    )  # fmt: skip


@requires(Permission.EVIDENCE_WRITE)
def new() -> ResponseReturnValue:
    """Declare something acquired before the training."""
    enrolment = own_enrolment(db.session, g.actor)
    form = PriorForm().offer(framework_of(db.session, enrolment.framework_version_id))
    if form.validate_on_submit():
        with form.showing_refusals():
            item = services.declare_prior(db.session, g.actor, enrolment, **form.said())
            return _submitted(enrolment, item)
    return _form(enrolment, form)


@requires(Permission.EVIDENCE_WRITE)
def edit(item_id: uuid.UUID) -> ResponseReturnValue:
    """Go on writing a piece of prior learning, then submit it."""
    item = queries.own_prior_item(db.session, g.actor, item_id)
    enrolment = db.session.get_one(Enrolment, item.enrolment_id)
    if request.method == "GET" and not policies.is_changeable(item):
        return redirect(url_for("evidence.prior_piece", item_id=item.id), code=303)
    form = PriorForm(
        title=item.title, obtained_on=item.obtained_on, account=item.account,
        indicators=list(queries.indicators_of(item)),
    ).offer(framework_of(db.session, enrolment.framework_version_id))  # fmt: skip
    if form.validate_on_submit():
        with form.showing_refusals():
            services.amend_prior(db.session, g.actor, enrolment, item, **form.said())
            return _submitted(enrolment, item)
    return _form(enrolment, form, item)


def _submitted(enrolment: Enrolment, item: EvidenceItem) -> ResponseReturnValue:
    """Hand it over when that button was pressed; what was written stays whatever the answer."""
    # Committed by itself: the text and the file stay, whatever stands in the way of submitting them.
    db.session.commit()
    if request.form.get("then") != "submit":
        flash(_("L’acquis est enregistré. Vous seul·e le voyez."), "success")
        return redirect(url_for("evidence.edit_prior", item_id=item.id), code=303)
    item = queries.own_prior_item(db.session, g.actor, item.id)
    form = PriorForm().offer(framework_of(db.session, enrolment.framework_version_id))
    with form.showing_refusals():
        services.submit_prior(db.session, g.actor, enrolment, item, faces_checked=form.faces_checked.data)
    if form.errors:
        return _form(enrolment, form, item)
    flash(_("L’acquis est soumis : un·e formateur·rice va le lire."), "success")
    return redirect(url_for("evidence.prior_piece", item_id=item.id), code=303)


def _form(enrolment: Enrolment, form: PriorForm, item: EvidenceItem | None = None) -> ResponseReturnValue:
    page = render_template(
        "evidence/prior_edit.html", form=form, item=item, enrolment=enrolment, states=STATES,
        framework=framework_of(db.session, enrolment.framework_version_id),
    )  # fmt: skip
    return page, form.status_of_refusal if form.is_submitted() else 200


@requires(Permission.EVIDENCE_WRITE)
def remove(item_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a piece nobody has read."""
    item = queries.own_prior_item(db.session, g.actor, item_id)
    services.remove(db.session, g.actor, item)
    flash(_("L’acquis est retiré."), "success")
    return redirect(url_for("evidence.prior"), code=303)


@requires(SIGNED_IN)
def show(item_id: uuid.UUID) -> ResponseReturnValue:
    """Read one piece; a trainer answers it here."""
    item = queries.prior_item(db.session, g.actor, item_id)
    return _piece(item, AnswerForm(formdata=None))


@requires(Permission.LOGBOOK_REVIEW)
def answer(item_id: uuid.UUID) -> ResponseReturnValue:
    """Accept a piece, or return it."""
    item = queries.prior_item(db.session, g.actor, item_id)
    form = AnswerForm()
    outcome = form.outcome.data
    if form.validate_on_submit() and outcome in ("accepted", "returned"):
        with form.showing_refusals():
            decide = services.accept if outcome == "accepted" else services.return_
            decide(db.session, g.actor, item, answer=form.answer.data or "")
            done = {"accepted": _("L’acquis est accepté."), "returned": _("L’acquis est renvoyé avec votre réponse.")}
            flash(done[outcome], "success")
            return redirect(url_for("evidence.reviews"), code=303)
    if outcome not in ("accepted", "returned"):
        form.refuse(None, _("Choisissez d’accepter l’acquis ou de le renvoyer."))
    return _piece(item, form)


def _piece(item: EvidenceItem, form: AnswerForm) -> ResponseReturnValue:
    enrolment = db.session.get_one(Enrolment, item.enrolment_id)
    is_own = enrolment.user_id == g.actor.user_id
    if not is_own and not form.is_submitted():
        audit.record(db.session, g.actor, "evidence:item:read", item, organisation_id=item.training_body_id)
        db.session.commit()
    page = render_template(
        "evidence/prior_piece.html", item=item, form=form, enrolment=enrolment, states=STATES, is_own=is_own,
        person=db.session.get_one(User, enrolment.user_id), cohort=db.session.get_one(Cohort, enrolment.cohort_id),
        framework=framework_of(db.session, enrolment.framework_version_id),
        may_edit=is_own and policies.is_changeable(item) and policies.may_add(enrolment.state),
        may_answer=item.state is EvidenceState.SUBMITTED
        and policies.may_answer(g.actor, item, enrolment.user_id),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@requires(Permission.LOGBOOK_REVIEW)
def waiting() -> ResponseReturnValue:
    """Send to the one queue of what waits for an answer, where prior learning stands with the rest."""
    return redirect(url_for("evidence.reviews"), code=303)
