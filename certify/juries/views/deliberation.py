"""The page of the day: who is there, how far votes and decisions have got, closing; and opening again."""

import uuid
from collections.abc import Sequence

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.juries import candidates, policies, progress, queries, services
from certify.juries.composition import composition_of
from certify.juries.deliberation_forms import AdjournmentForm, PresenceForm, StepBackForm
from certify.juries.forms import WHOLE_OUTCOMES, ConfirmForm
from certify.juries.models import JurySession, SessionState
from certify.juries.sitting import sitting_of
from certify.juries.views.minutes import page_of


def _jury(jury_id: uuid.UUID) -> JurySession:
    return queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_READ)


def _back(jury: JurySession) -> ResponseReturnValue:
    return redirect(url_for("juries.deliberation", jury_id=jury.id), code=303)


@requires(Permission.JURY_READ)
def show(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show who sits, and for each candidate who votes, what is decided and what is missing."""
    return _page(_jury(jury_id))


def _page(
    jury: JurySession, *, presence_form: PresenceForm | None = None, confirm_form: ConfirmForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    if jury.state is not SessionState.DELIBERATING:
        return redirect(url_for("juries.show", jury_id=jury.id), code=303)
    composition = composition_of(db.session, jury)
    sitting = sitting_of(db.session, jury, composition.members)
    lines = progress.lines_of(db.session, candidates.candidates_of(db.session, jury.id), sitting, composition)
    form = presence_form or PresenceForm(formdata=None, present=[str(seat) for seat in sitting.present])
    form.offer(_members(sitting.members))
    page = render_template(
        "juries/deliberation.html", jury=jury, sitting=sitting, composition=composition, lines=lines,
        presence_form=form, confirm_form=confirm_form or ConfirmForm(formdata=None),
        seat=policies.seat_of(jury, g.actor), whole_outcomes=WHOLE_OUTCOMES,
        is_president=policies.is_president(jury, g.actor), is_registrar=policies.is_registrar(jury, g.actor),
    )  # fmt: skip
    return page, status


def _members(members: Sequence[queries.Member]) -> dict[str, str]:
    found = {}
    for one in members:
        words = one.user.name
        if one.seat.is_president:
            words = _("%(name)s, présidence", name=words)
        elif one.seat.is_reserve:
            words = _("%(name)s, suppléance", name=words)
        found[str(one.seat.id)] = words
    return found


@requires(Permission.JURY_READ)
def presence(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Note who is there."""
    jury = _jury(jury_id)
    form = PresenceForm()
    form.offer({str(seat.id): "" for seat in jury.seats})
    if not form.validate_on_submit():
        return _page(jury, presence_form=form, status=422)
    services.note_presence(db.session, g.actor, jury, present=[uuid.UUID(one) for one in form.present.data or []])
    flash(_("La présence est notée."), "success")
    return _back(jury)


@requires(Permission.JURY_READ)
def adjourn(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Put off the decision on a candidate that those who are there may not take, without opening the file."""
    candidacy = queries.candidacy_for(db.session, g.actor, candidacy_id)
    jury = candidacy.jury
    if not (policies.is_president(jury, g.actor) or policies.is_registrar(jury, g.actor)):
        raise NotFound()
    candidate = candidates.candidate_of(db.session, candidacy)
    form = AdjournmentForm(expected=candidate.decision.number if candidate.decision else 0)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.adjourn(
                db.session, g.actor, candidacy, expected=form.expected.data or 0, reason=form.reason.data or ""
            )
            flash(_("La décision concernant %(name)s est enregistrée.", name=candidate.name), "success")
            return _back(jury)
    page = render_template("juries/adjourn.html", jury=jury, name=candidate.name, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_READ)
def close(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Close the session and freeze its minutes, for members to sign."""
    jury = _jury(jury_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page(jury, confirm_form=form, status=422)
    services.close(db.session, g.actor, jury)
    flash(_("Le jury est clos. Le procès-verbal attend la signature de chaque membre qui a siégé."), "success")
    return redirect(url_for("juries.minutes", jury_id=jury.id), code=303)


@requires(Permission.JURY_WRITE)
def reopen(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Open the deliberation of a closed session again, with the reason."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_WRITE)
    form = StepBackForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.reopen(db.session, g.actor, jury, reason=form.reason.data or "")
            flash(_("La délibération est rouverte. Le procès-verbal précédent reste au dossier."), "success")
            return _back(jury)
    return page_of(jury, back_form=form, status=422)
