"""What the records show: for the trainee, and for the staff of their training body."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.cohorts.queries import enrolment_for, own_enrolment, people_of
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.frameworks.queries import framework_of
from certify.practice import forms, policies, queries, services


@requires(Permission.OWN_PATH_READ)
def own() -> ResponseReturnValue:
    """Show a trainee what their own records show."""
    enrolment = own_enrolment(db.session, g.actor)
    return render_template("practice/own.html", **_shown(enrolment), action=url_for("practice.propose_own"))


@requires(Permission.EVIDENCE_WRITE)
def propose_own() -> ResponseReturnValue:
    """Propose one count as evidence."""
    _propose(own_enrolment(db.session, g.actor))
    return redirect(url_for("practice.own"), code=303)


@requires(Permission.EVIDENCE_READ)
def of_trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show the staff what the records of a trainee show, but for what rests on coded actions."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.EVIDENCE_READ)
    may_propose = enrolment.training_body_id in g.actor.organisations(Permission.LOGBOOK_REVIEW)
    return render_template(
        "practice/trainee.html", **_shown(enrolment), enrolment=enrolment,
        person=people_of(db.session, [enrolment])[enrolment.id], reserved=policies.RESERVED,
        action=url_for("practice.propose_for", enrolment_id=enrolment.id) if may_propose else "",
    )  # fmt: skip


@requires(Permission.LOGBOOK_REVIEW)
def propose_for(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Propose one count of a trainee's records as evidence; it still waits for an answer in the queue of reviews."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.LOGBOOK_REVIEW)
    _propose(enrolment)
    return redirect(url_for("practice.of_trainee", enrolment_id=enrolment.id), code=303)


def _shown(enrolment: Enrolment) -> dict[str, object]:
    return {
        "findings": queries.findings_of(db.session, enrolment),
        "framework": framework_of(db.session, enrolment.framework_version_id),
    }


def _propose(enrolment: Enrolment) -> None:
    form = forms.ProposeForm()
    if not form.validate_on_submit():
        raise NotFound
    services.propose_finding(db.session, g.actor, enrolment, rule=form.rule.data or "")
    flash(
        _("C’est proposé : la preuve attend la réponse d’un·e formateur·rice, et compte quand elle est acceptée."),
        "success",
    )
