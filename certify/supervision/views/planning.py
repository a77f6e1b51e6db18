"""Pages on which a session is planned, changed and cancelled."""

import uuid
from collections.abc import Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.groups.models import PeerGroup
from certify.groups.queries import groups
from certify.supervision import forms, queries, services


@requires(Permission.SUPERVISION_WRITE)
def new() -> ResponseReturnValue:
    """Plan a session."""
    people = queries.choosable(db.session, g.actor)
    offered = list(db.session.scalars(groups.visible(g.actor).order_by(PeerGroup.code)))
    form = forms.PlanForm(
        revision=0, on=clock.today(), minutes=180, trainees=[], group_id=groups.as_id(request.args.get("group", ""))
    )
    form.offer_groups(offered).offer(people)
    if form.validate_on_submit():
        with form.showing_refusals():
            group = next((one for one in offered if one.id == form.group_id.data), None)
            held = services.plan(
                db.session, g.actor, kind=form.kind.data, group=group, **form.planned(),
                enrolments=_chosen(form, people) or _facilitating(group, people),
            )  # fmt: skip
            flash(
                _("La séance est prévue. Les personnes attendues la voient sur leur page « Ma supervision »."),
                "success",
            )
            return redirect(url_for("supervision.show", supervision_id=held.id), code=303)
    page = render_template("supervision/new.html", form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.SUPERVISION_WRITE)
def edit(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Change what was planned, or expect more people."""
    held = queries.held_for(db.session, g.actor, supervision_id, Permission.SUPERVISION_WRITE)
    here = queries.expected_ids(db.session, held)
    people = [
        (one, person)
        for one, person in queries.choosable(db.session, g.actor)
        if one.id not in here and one.training_body_id == held.training_body_id
    ]
    form = forms.SessionForm.of(held)
    form.offer(people)
    if form.validate_on_submit():
        with form.showing_refusals():
            changed = services.amend(
                db.session, g.actor, held, revision=form.revision.data or 0, **form.planned(),
                enrolments=_chosen(form, people),
            )  # fmt: skip
            flash(_("La séance est modifiée.") if changed else _("Rien n’a changé."), "success")
            return redirect(url_for("supervision.show", supervision_id=held.id), code=303)
    is_signed = any(one.by_trainee or one.by_supervisor for one in queries.attendees_of(db.session, held))
    page = render_template("supervision/edit.html", form=form, held=held, is_signed=is_signed)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.SUPERVISION_WRITE)
def cancel(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Cancel a session."""
    held = queries.held_for(db.session, g.actor, supervision_id, Permission.SUPERVISION_WRITE, lock=True)
    services.cancel(db.session, g.actor, held)
    flash(_("La séance est annulée : elle ne compte plus, et ce qui en a été noté reste lisible."), "success")
    return redirect(url_for("supervision.show", supervision_id=held.id), code=303)


def _chosen(form: forms.SessionForm, people: Sequence[tuple[Enrolment, User]]) -> list[Enrolment]:
    wanted = set(form.trainees.data or ())
    return [one for one, _person in people if one.id in wanted]


def _facilitating(group: PeerGroup | None, people: Sequence[tuple[Enrolment, User]]) -> list[Enrolment]:
    if group is None:
        return []
    found = groups.facilitators_of(db.session, [group.id])[group.id]
    theirs = {row.facilitator.enrolment_id for row in found if row.facilitator.ends_on is None}
    return [one for one, _person in people if one.id in theirs]
