"""The minutes of a closed session: read, signed by those who sat, printed; then results published, or taken back."""

import io
import uuid

from flask import flash, g, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.forms import ROUTES
from certify.core import files
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import Conflict, NotFound
from certify.core.i18n import gettext as _
from certify.juries import mails, policies, proving, queries, services, signatures
from certify.juries.deliberation_forms import SignForm, StepBackForm, UnsignedForm
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.models import JuryMinutes, JurySession, SessionState
from certify.juries.services.signing import CODE_LASTS
from certify.juries.tasks import minutes_filename


def _jury(jury_id: uuid.UUID, permission: Permission = Permission.JURY_READ) -> JurySession:
    return queries.jury_for(db.session, g.actor, jury_id, permission)


def _minutes(jury: JurySession) -> JuryMinutes:
    found = queries.minutes_of(db.session, jury.id)
    if found is None:
        raise NotFound()
    return found


def _back(jury: JurySession, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("juries.minutes", jury_id=jury.id, _anchor=anchor), code=303)


@requires(Permission.JURY_READ)
def show(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show the minutes of a closed session: the accessible twin of the document, and what is to be done with them."""
    return page_of(_jury(jury_id))


def page_of(
    jury: JurySession, *, sign_form: SignForm | None = None, unsigned_form: UnsignedForm | None = None,
    back_form: StepBackForm | None = None, status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    """Render the minutes, with the forms as they were sent when one is refused."""
    minutes = _minutes(jury)
    lines = signatures.lines_of(db.session, minutes)
    seat = policies.seat_of(jury, g.actor)
    may_change = jury.state is SessionState.CLOSED and minutes.superseded_at is None
    awaited = {one.member["seat"]: one.member["name"] for one in lines if one.is_awaited}
    unsigned = unsigned_form or UnsignedForm(formdata=None)
    unsigned.offer(awaited)
    page = render_template(
        "juries/minutes.html", jury=jury, minutes=minutes, facts=minutes.facts, lines=lines, awaited=awaited,
        block_outcomes=BLOCK_OUTCOMES, whole_outcomes=WHOLE_OUTCOMES,
        routes={route.value: words for route, words in ROUTES.items()},
        must_sign=may_change and seat is not None and str(seat.id) in awaited,
        method=proving.method_of(db.session.get_one(User, g.actor.user_id)),
        sign_form=sign_form or SignForm(formdata=None),
        unsigned_form=unsigned, back_form=back_form or StepBackForm(formdata=None), may_change=may_change,
        is_registrar=policies.is_registrar(jury, g.actor),
    )  # fmt: skip
    return page, status


@requires(Permission.JURY_READ)
def pdf(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes of the minutes; they are never made again."""
    found = _minutes(_jury(jury_id))
    if not found.storage_key:
        raise NotFound()
    content = io.BytesIO(files.read(found.storage_key))
    return send_file(
        content, mimetype="application/pdf", download_name=minutes_filename(found.facts), etag=found.sha256
    )


@requires(Permission.JURY_READ)
def send_code(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Mail the code that signs to a member who has no authenticator."""
    jury = _jury(jury_id)
    code = services.new_code(db.session, g.actor, _minutes(jury))
    user = db.session.get_one(User, g.actor.user_id)
    mails.signing_code(db.session, jury, user, code, int(CODE_LASTS.total_seconds()) // 60)
    flash(_("Un code vous est envoyé par courriel. Tapez-le ci-dessous pour signer."), "success")
    return _back(jury, "signatures")


@requires(Permission.JURY_READ)
def sign(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Sign the minutes with a code."""
    jury = _jury(jury_id)
    minutes, seat = _minutes(jury), policies.seat_of(jury, g.actor)
    if seat is None:
        raise NotFound()
    user, form = db.session.get_one(User, g.actor.user_id), SignForm()
    if not proving.is_proved(form, user, minutes, seat):
        return page_of(_jury(jury_id), sign_form=form, status=422)
    services.sign(db.session, g.actor, minutes, method=proving.method_of(user))
    flash(_("Votre signature est enregistrée."), "success")
    return redirect(url_for("juries.minutes", jury_id=jury_id, _anchor="signatures"), code=303)


@requires(Permission.JURY_WRITE)
def state_missing(jury_id: uuid.UUID) -> ResponseReturnValue:
    """State why a member who sat does not sign."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    minutes, form = _minutes(jury), UnsignedForm()
    form.offer({one.member["seat"]: "" for one in signatures.lines_of(db.session, minutes) if one.is_awaited})
    if form.validate_on_submit():
        with form.showing_refusals(reason="why_unsigned"):
            services.state_missing(
                db.session, g.actor, minutes, seat_id=uuid.UUID(form.seat.data), reason=form.why_unsigned.data or ""
            )
            flash(_("L’absence de cette signature est notée au procès-verbal."), "success")
            return _back(jury, "signatures")
    return page_of(jury, unsigned_form=form, status=422)


@requires(Permission.JURY_WRITE)
def publish(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Publish the results."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.publish(db.session, g.actor, jury)
    flash(_("Les résultats sont publiés : chaque personne candidate reçoit le sien."), "success")
    return redirect(url_for("juries.show", jury_id=jury.id), code=303)


@requires(Permission.JURY_WRITE)
def unpublish(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Take the publication back, with the reason."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    if jury.state is not SessionState.PUBLISHED:
        raise Conflict(_("Les résultats de cette session ne sont pas publiés."))
    form = StepBackForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.unpublish(db.session, g.actor, jury, reason=form.reason.data or "")
            flash(_("La publication est retirée : les personnes candidates en sont prévenues."), "success")
            return _back(jury)
    return page_of(jury, back_form=form, status=422)
