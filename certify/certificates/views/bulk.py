"""The certificates of a jury's session: what may be issued, what keeps one from it, how far the making has got."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import queries, services
from certify.certificates.services.previewing import preview
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.juries import queries as juries
from certify.juries.forms import WHOLE_OUTCOMES


@requires(Permission.CERTIFICATE_READ)
def of_session(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a published session leads to: certificates to issue, issued, made."""
    jury = juries.jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_READ)
    progress = queries.progress_of(db.session, jury)
    return render_template(
        "certificates/session.html", jury=jury, progress=progress, preview=preview(db.session, jury, progress),
        may_issue=jury.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_ISSUE),
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip


@requires(Permission.CERTIFICATE_ISSUE)
def issue_session(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Issue every certificate a session leads to, or the one asked for."""
    jury = juries.jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_ISSUE)
    wanted = request.form.get("decision", "")
    award = next((one for one in juries.awards_of(db.session, jury) if str(one.id) == wanted), None)
    issued = [services.issue(db.session, g.actor, award)] if award else services.issue_all(db.session, g.actor, jury)
    words = ngettext("%(num)d certificat est délivré.", "%(num)d certificats sont délivrés.", len(issued))
    flash(words if issued else _("Tout était déjà délivré."), "success")
    return redirect(url_for("certificates.of_session", jury_id=jury.id), code=303)
