"""Pages of the weekly mail: one's choice, and the link that stops it."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import web
from certify.core.access import PUBLIC, SIGNED_IN, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.reminders import queries, services
from certify.reminders.forms import SettingsForm


@requires(SIGNED_IN)
def settings() -> ResponseReturnValue:
    """Let somebody choose whether they want the weekly mail."""
    form = SettingsForm(is_wanted=queries.wants_mail(db.session, g.actor))
    if form.validate_on_submit():
        services.choose(db.session, g.actor, is_wanted=bool(form.is_wanted.data))
        flash(_("Votre choix est enregistré."), "success")
        return redirect(url_for("reminders.settings"), code=303)
    return render_template("reminders/settings.html", form=form), 422 if form.is_submitted() else 200


@requires(PUBLIC)
def decline(token: str) -> ResponseReturnValue:
    """Stop the weekly mail without signing in; opening the link changes nothing, the button does.

    A mail program that offers to unsubscribe sends the POST itself (RFC 8058), without cookies, and follows no
    redirection.
    """
    found = queries.of_token(db.session, token)
    if found is None:
        raise NotFound
    if request.method == "POST":
        services.decline(db.session, found)
    return render_template("reminders/decline.html", token=token, is_wanted=found.is_wanted)


web.csrf.exempt(decline)
