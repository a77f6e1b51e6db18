"""Pages of accounts: one's own, and the one an invitation opens."""

import uuid

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_security import login_user, logout_user

from certify.accounts import policies, queries, services, signing_in
from certify.accounts.forms import InvitationForm, ProfileForm
from certify.accounts.policies import InvitationState
from certify.core import clock
from certify.core.access import PUBLIC, SIGNED_IN, requires
from certify.core.db import db
from certify.core.i18n import gettext as _


@requires(PUBLIC)
def invitation(token: str) -> ResponseReturnValue:
    """Let somebody invited choose a name and a password; say what to do when the link no longer works."""
    found = queries.invitation_by_token(db.session, token)
    state = policies.invitation_state(found[0] if found else None, clock.now())
    if found is None or state is not InvitationState.OPEN:
        sender = queries.inviting_organisation(db.session, found[0]) if found else None
        return render_template(
            "accounts/invitation_closed.html", state=state.value, sender=sender
        ), 404 if found is None else 410
    invited, person = found
    form = InvitationForm(person=person)
    if not form.validate_on_submit():
        sender = queries.inviting_organisation(db.session, invited)
        status = 422 if form.is_submitted() else 200
        return render_template(
            "accounts/invitation.html", form=form, invitation=invited, person=person, sender=sender
        ), status
    services.accept_invitation(
        db.session,
        invited,
        person,
        given_name=str(form.given_name.data),
        family_name=str(form.family_name.data),
        password=str(form.password.data),
    )
    if g.actor is not None:
        logout_user()
    login_user(person, authn_via=["invitation"])
    flash(_("Votre compte est ouvert. Bienvenue !"), "success")
    return redirect(url_for("pages.home"), code=303)


@requires(SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show one's account and change one's name and language."""
    person = queries.own_account(db.session, g.actor)
    form = ProfileForm(obj=person)
    if form.validate_on_submit():
        services.change_profile(db.session, g.actor, person, **form.values())
        cookie.pop("locale", None)
        flash(_("Vos informations sont enregistrées."), "success")
        return redirect(url_for("accounts.show"), code=303)
    sessions = queries.open_sessions(db.session, g.actor, signing_in.not_seen_since())
    return render_template(
        "accounts/show.html",
        form=form,
        person=person,
        sessions=sessions,
        here=g.user_session_id,
        passkeys=queries.own_passkeys(db.session, g.actor),
    ), 422 if form.is_submitted() else 200


@requires(SIGNED_IN)
def second_factor() -> ResponseReturnValue:
    """Explain the second factor and how to set one up."""
    required = g.actor.needs_second_factor and current_app.config["SETTINGS"].asks_second_factor(g.is_demo)
    return render_template(
        "accounts/second_factor.html",
        person=queries.own_account(db.session, g.actor),
        required=required,
        has_one=g.has_second_factor,
        can_use_passkeys=not _is_number(request.host),
        passkeys=queries.own_passkeys(db.session, g.actor),
    )


def _is_number(host: str) -> bool:
    """Whether the site was opened by a network number: browsers tie passkeys to names only (WebAuthn section 5.1.2)."""
    return host.startswith("[") or host.partition(":")[0].replace(".", "").isdigit()


@requires(SIGNED_IN)
def second_factor_changed() -> ResponseReturnValue:
    """Show the recovery codes made with the first second factor, or go back to the account."""
    if cookie.pop(signing_in.NEW_CODES, False):
        return redirect(url_for("security.mf_recovery_codes", show_codes=1), code=303)
    return redirect(url_for("accounts.second_factor"), code=303)


@requires(SIGNED_IN)
def end_session(session_id: uuid.UUID) -> ResponseReturnValue:
    """Sign out of one device."""
    services.end_session(db.session, g.actor, queries.own_session(db.session, g.actor, session_id))
    flash(_("Cet appareil est déconnecté."), "success")
    return redirect(url_for("accounts.show", _anchor="sessions"), code=303)


@requires(SIGNED_IN)
def end_all_sessions() -> ResponseReturnValue:
    """Sign out everywhere."""
    services.end_all_sessions(db.session, g.actor, queries.own_account(db.session, g.actor))
    logout_user()
    flash(_("Vous êtes déconnecté·e de tous vos appareils."), "success")
    return redirect(url_for("security.login"), code=303)
