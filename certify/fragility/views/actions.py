"""A facilitator's own page: what they did, what came of it, all by codes."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.fragility import forms, queries, services
from certify.fragility.models import FollowUpKind, FragilityAction
from certify.groups.queries.groups import own_groups


@requires(Permission.FRAGILITY_WRITE)
def own() -> ResponseReturnValue:
    """List one's own actions, the latest first, with the form that adds one."""
    return _page(own_enrolment(db.session, g.actor))


@requires(Permission.FRAGILITY_WRITE)
def record() -> ResponseReturnValue:
    """Add an action."""
    enrolment = own_enrolment(db.session, g.actor)
    form = forms.ActionForm().offer(own_groups(db.session, enrolment.id))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.record(db.session, g.actor, enrolment, **form.values())
            flash(_("L’action est enregistrée : un code et une date, rien d’autre."), "success")
            return redirect(url_for("fragility.own"), code=303)
    return _page(enrolment, action=form), 422


@requires(Permission.FRAGILITY_WRITE)
def follow_up(action_id: uuid.UUID) -> ResponseReturnValue:
    """Say what came of an action."""
    action, enrolment = queries.action_for(db.session, g.actor, action_id)
    form = forms.FollowUpForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.follow_up(db.session, g.actor, action, **form.values())
            flash(_("La suite est enregistrée."), "success")
            return redirect(url_for("fragility.own"), code=303)
    return _page(enrolment, followed=(action, form)), 422


@requires(Permission.FRAGILITY_WRITE)
def strike(action_id: uuid.UUID) -> ResponseReturnValue:
    """Strike out an action recorded by mistake."""
    action, _enrolment = queries.action_for(db.session, g.actor, action_id)
    services.strike(db.session, g.actor, action)
    flash(_("L’action est barrée : elle reste lisible et ne compte plus."), "success")
    return redirect(url_for("fragility.own"), code=303)


@requires(Permission.FRAGILITY_WRITE)
def note_procedure() -> ResponseReturnValue:
    """Note that a protection procedure was started: the day and the channel, and nothing else."""
    enrolment = own_enrolment(db.session, g.actor)
    form = forms.ProcedureForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.note_procedure(db.session, g.actor, enrolment, **form.values())
            flash(_("C’est noté : procédure déclenchée, la date et la voie. Rien d’autre n’est gardé."), "success")
            return redirect(url_for("fragility.own"), code=303)
    return _page(enrolment, procedure=form), 422


@requires(Permission.FRAGILITY_WRITE)
def strike_procedure(procedure_id: uuid.UUID) -> ResponseReturnValue:
    """Strike out a procedure noted by mistake."""
    started = queries.procedure_for(db.session, g.actor, procedure_id)
    services.strike_procedure(db.session, g.actor, started)
    flash(_("La ligne est barrée : elle reste lisible et ne compte plus."), "success")
    return redirect(url_for("fragility.own"), code=303)


def _page(
    enrolment: Enrolment,
    *,
    action: forms.ActionForm | None = None,
    followed: tuple[FragilityAction, forms.FollowUpForm] | None = None,
    procedure: forms.ProcedureForm | None = None,
) -> str:
    wanted = listing.Wanted.from_args(own_address(), request.args)
    found = queries.own_actions(db.session, enrolment, wanted)
    groups = own_groups(db.session, enrolment.id)
    return render_template(
        "fragility/own.html", listing=found, procedures=queries.procedures_of(db.session, enrolment),
        form=action or forms.ActionForm(formdata=None, on=clock.today()).offer(groups),
        procedure=procedure or forms.ProcedureForm(formdata=None, started_on=clock.today()),
        refused=action or procedure or (followed[1] if followed else None),
        followed_id=followed[0].id if followed else None, is_noting=procedure is not None,
        outcomes=list(FollowUpKind), today=clock.today(),
    )  # fmt: skip
