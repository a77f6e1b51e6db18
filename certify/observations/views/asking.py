"""Pages on which a trainee asks and follows what they asked, and on which staff read what was answered."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.queries import enrolment_for, own_enrolment, people_of
from certify.core import listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.frameworks.queries import framework_of
from certify.observations import policies, queries, services
from certify.observations.forms import AskForm
from certify.observations.models import Way


@requires(Permission.OBSERVATION_REQUEST)
def index() -> ResponseReturnValue:
    """List one's own requests, newest first, with where each stands."""
    wanted = listing.Wanted.from_args(own_address(), request.args)
    return render_template("observations/index.html", listing=queries.own_requests(db.session, g.actor, wanted))


@requires(Permission.OBSERVATION_REQUEST)
def new() -> ResponseReturnValue:
    """Ask somebody what they observed."""
    enrolment = own_enrolment(db.session, g.actor)
    framework = framework_of(db.session, enrolment.framework_version_id)
    form = AskForm(indicators=request.args.getlist("indicator"))
    form.offer(framework, queries.own_meetings(db.session, enrolment.id))
    if form.validate_on_submit():
        with form.showing_refusals():
            made = services.ask(db.session, g.actor, enrolment, form.wish())
            if made.way is Way.TOGETHER:
                return redirect(url_for("observations.together", request_id=made.id), code=303)
            flash(_("La demande est partie à %(address)s.", address=made.referent_email), "success")
            return redirect(url_for("observations.show", request_id=made.id), code=303)
    page = render_template("observations/new.html", form=form, framework=framework, most=policies.MOST_INDICATORS)
    return page, 422 if form.is_submitted() else 200


@requires(SIGNED_IN)
def show(request_id: uuid.UUID) -> ResponseReturnValue:
    """Show one request with its answer: to who asked, or to the staff who read their logbook."""
    found = queries.readable(db.session, g.actor, request_id)
    return render_template(
        "observations/show.html",
        found=found,
        state=found.state,
        is_own=found.enrolment.user_id == g.actor.user_id,
        lines=queries.lines_of(found) if found.answer else (),
        may_resend=policies.may_be_sent_again(found.state, found.request),
        may_revoke=policies.may_be_revoked(found.state),
    )


@requires(Permission.OBSERVATION_REQUEST)
def resend(request_id: uuid.UUID) -> ResponseReturnValue:
    """Send the link again, another one: the former opens nothing any more."""
    found = queries.own_request(db.session, g.actor, request_id)
    services.resend(db.session, g.actor, found)
    flash(_("Un nouveau lien est parti. L’ancien ne s’ouvre plus."), "success")
    return redirect(url_for("observations.show", request_id=request_id), code=303)


@requires(Permission.OBSERVATION_REQUEST)
def revoke(request_id: uuid.UUID) -> ResponseReturnValue:
    """Take a request back."""
    services.revoke(db.session, g.actor, queries.own_request(db.session, g.actor, request_id))
    flash(_("La demande est annulée : son lien ne s’ouvre plus."), "success")
    return redirect(url_for("observations.show", request_id=request_id), code=303)


@requires(Permission.LOGBOOK_READ)
def trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """List what was answered to a trainee, for the staff of their training body."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.LOGBOOK_READ)
    person = people_of(db.session, [enrolment])[enrolment.id]
    wanted = listing.Wanted.from_args(own_address(), request.args)
    found = queries.answered_requests(db.session, enrolment, wanted)
    return render_template("observations/trainee.html", listing=found, person=person, enrolment=enrolment)
