"""Signing a session: each from their own session, or the trainee on the supervisor's device, with their password."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import verify_password

from certify.accounts import attempts, passwords
from certify.accounts.models import User
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.supervision import forms, policies, queries, services
from certify.supervision.views.sessions import render_page


@requires(Permission.SUPERVISION_READ)
def sign(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Sign, as who led the session or as a trainee who came."""
    held = queries.held_for(db.session, g.actor, supervision_id)
    form = forms.RevisionForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            if held.supervisor_id == g.actor.user_id:
                services.sign_as_supervisor(db.session, g.actor, held, revision=form.revision.data or 0)
            else:
                mine = next(
                    (one for one in queries.attendees_of(db.session, held) if one.person.id == g.actor.user_id), None
                )
                if mine is None:
                    raise NotFound
                services.sign_as_trainee(db.session, g.actor, held, mine.enrolment, revision=form.revision.data or 0)
            flash(_("C’est signé : la séance telle que vous l’avez lue."), "success")
            return redirect(url_for("supervision.show", supervision_id=held.id), code=303)
    return render_page(held, refused=form), 422


@requires(Permission.SUPERVISION_WRITE)
def sign_here(supervision_id: uuid.UUID, enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Let a trainee who is beside the supervisor read the session and sign it with their own password."""
    held = queries.held_for(db.session, g.actor, supervision_id)
    one = next((one for one in queries.attendees_of(db.session, held) if one.enrolment.id == enrolment_id), None)
    may_sign = one is not None and one.came and one.by_trainee is None and policies.is_due(held, clock.today())
    if one is None or held.supervisor_id != g.actor.user_id or not may_sign or not one.person.password:
        raise NotFound
    form = forms.SignHereForm(revision=held.revision)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        if _confirmed(form, one.person):
            with form.showing_refusals():
                # Looking at the password ended the transaction: everything is read again, and locked.
                held = queries.held_for(db.session, g.actor, supervision_id)
                services.sign_as_trainee(
                    db.session, g.actor, held, one.enrolment, revision=form.revision.data or 0, signer=one.person
                )
                flash(_("%(name)s a signé.", name=one.person.name), "success")
                return redirect(url_for("supervision.show", supervision_id=held.id), code=303)
        else:
            # A wrong password and too many of them have their own status, given by what counts them.
            status = 200
    return render_template("supervision/sign_here.html", form=form, held=held, one=one), status


def _confirmed(form: forms.SignHereForm, person: User) -> bool:
    """Check the trainee's password, counted like a sign-in: this page must not be a place to guess it."""

    def check() -> bool:
        is_right = verify_password(passwords.normalized(form.password.data or ""), person.password or "")
        if not is_right:
            form.refuse("password", _("Ce n’est pas le mot de passe de %(name)s.", name=person.name))
        return bool(is_right)

    return attempts.guarded(form, attempts.PASSWORD, person.email, check)
