"""Who sits and who is presented, until the session opens; its opening and its end."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.eligibility.queries import files_of
from certify.juries import candidates, queries, services
from certify.juries.forms import CandidatesForm, CloseForm, SeatForm
from certify.juries.models import JurySession
from certify.juries.views.sessions import page_of


def _jury(jury_id: uuid.UUID, *permissions: Permission) -> JurySession:
    return queries.jury_for(db.session, g.actor, jury_id, *permissions)


def _back(jury: JurySession, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("juries.show", jury_id=jury.id, _anchor=anchor), code=303)


@requires(Permission.JURY_WRITE)
def add_seat(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Call somebody to sit."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    form = SeatForm()
    if not form.validate_on_submit():
        return page_of(jury, seat_form=form, status=422)
    values = form.values() | {"is_external": form.is_external.data == "1"}
    services.add_seat(db.session, g.actor, jury, **values)
    flash(_("La personne est convoquée : elle reçoit un message."), "success")
    return _back(jury, "members")


@requires(Permission.JURY_WRITE)
def remove_seat(jury_id: uuid.UUID, seat_id: uuid.UUID) -> ResponseReturnValue:
    """Take somebody off the jury."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.remove_seat(db.session, g.actor, jury, seat_id)
    flash(_("Ce siège est retiré de la session."), "success")
    return _back(jury, "members")


@requires(Permission.JURY_WRITE)
def choose_candidates(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Choose whom to present, those assessed first; a page of people at a time."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    wanted = Wanted.from_args(own_address(), request.args)
    words = listing.matches(wanted.query, Enrolment.sort_name, User.given_name, User.family_name, Cohort.name)
    found = listing.paginate(
        db.session, candidates.eligible(jury).where(*words), wanted, sorts=candidates.ELIGIBLE_SORTS, default="ready",
        tie=Enrolment.id, as_rows=True,
    )  # fmt: skip
    form = CandidatesForm()
    form.offer({str(row[0].id): row[1].name for row in found.rows})
    if form.validate_on_submit():
        chosen = [uuid.UUID(one) for one in form.enrolments.data or []]
        added = services.add_candidates(db.session, g.actor, jury, chosen)
        words_ = ngettext("%(num)d candidature est ajoutée.", "%(num)d candidatures sont ajoutées.", len(added))
        flash(words_, "success")
        return _back(jury, "candidates")
    files = files_of(db.session, [row[0] for row in found.rows])
    page = render_template("juries/candidates.html", jury=jury, listing=found, files=files, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def remove_candidate(jury_id: uuid.UUID, candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Take a candidate off the session."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.remove_candidate(db.session, g.actor, jury, candidacy_id)
    flash(_("Cette candidature est retirée de la session."), "success")
    return _back(jury, "candidates")


@requires(Permission.JURY_READ)
def declare(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Sign the declaration of no link."""
    jury = _jury(jury_id, Permission.JURY_READ)
    services.declare(db.session, g.actor, jury)
    flash(_("Votre déclaration est enregistrée."), "success")
    return _back(jury)


@requires(Permission.JURY_WRITE)
def open_deliberation(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Open the deliberation."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.open_deliberation(db.session, g.actor, jury)
    flash(_("La délibération est ouverte."), "success")
    return _back(jury)


@requires(Permission.JURY_READ)
def close(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Close the session and freeze its minutes."""
    jury = _jury(jury_id, Permission.JURY_WRITE, Permission.JURY_DECIDE)
    form = CloseForm()
    form.offer({str(seat.id): "" for seat in jury.seats})
    if not form.validate_on_submit():
        return page_of(jury, close_form=form, status=422)
    services.close(db.session, g.actor, jury, present=[uuid.UUID(one) for one in form.present.data or []])
    flash(_("Le jury est clos. Le procès-verbal est en cours de fabrication."), "success")
    return _back(jury)
