"""The same pages on the trainee's device, both being there: the referent answers and signs, then the trainee."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.observations import queries, services
from certify.observations.forms import CountersignForm
from certify.observations.models import Way
from certify.observations.policies import RequestState
from certify.observations.queries import Asked
from certify.observations.views import answering
from certify.observations.views.answering import Door


@requires(Permission.OBSERVATION_REQUEST)
def answer(request_id: uuid.UUID) -> ResponseReturnValue:
    """Hand the device over: the referent answers criterion by criterion."""
    found = _own(request_id)
    if found.state is not RequestState.WAITING:
        return _back(found)
    services.open_link(db.session, found)
    return answering.write(found, _door(request_id))


@requires(Permission.OBSERVATION_REQUEST)
def autosave(request_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what is ticked and typed."""
    return answering.autosave(_own(request_id))


@requires(Permission.OBSERVATION_REQUEST)
def review(request_id: uuid.UUID) -> ResponseReturnValue:
    """The referent reads again and signs."""
    found = _own(request_id)
    return answering.read_again(found, _door(request_id)) if found.state is RequestState.WAITING else _back(found)


@requires(Permission.OBSERVATION_REQUEST)
def countersign(request_id: uuid.UUID) -> ResponseReturnValue:
    """The trainee signs in their turn."""
    found = _own(request_id)
    if found.state is not RequestState.TO_SIGN:
        return _back(found)
    form = CountersignForm()
    if form.validate_on_submit():
        services.countersign(db.session, g.actor, found)
        flash(_("Vous avez signé tous les deux. La réponse attend la lecture d’un·e formateur·rice."), "success")
        return _back(found)
    page = render_template("observations/countersign.html", found=found, form=form, lines=queries.lines_of(found))
    return page, 422 if form.is_submitted() else 200


def _own(request_id: uuid.UUID) -> Asked:
    found = queries.own_request(db.session, g.actor, request_id)
    if found.request.way is not Way.TOGETHER:
        abort(404)
    return found


def _back(found: Asked) -> ResponseReturnValue:
    return redirect(url_for("observations.show", request_id=found.request.id), code=303)


def _door(request_id: uuid.UUID) -> Door:
    answering_at, saving_at, reading_at, signing_at = (
        url_for(f"observations.{page}", request_id=request_id)
        for page in ("together", "together_autosave", "together_review", "countersign")
    )
    return Door(answering_at, saving_at, reading_at, signing_at)
