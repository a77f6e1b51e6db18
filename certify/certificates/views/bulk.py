"""The certificates of a jury's session: what may be issued, what keeps one from it, how far the making has got."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import queries, services
from certify.certificates.services.previewing import preview
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import Conflict
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.core.i18n import ngettext
from certify.juries import queries as juries
from certify.juries.forms import WHOLE_OUTCOMES
from certify.juries.queries import Award, JurySession


@requires(Permission.CERTIFICATE_READ)
def of_session(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a published session leads to: certificates to issue, issued, made."""
    jury = juries.jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_READ)
    progress = queries.progress_of(db.session, jury)
    return render_template(
        "certificates/session.html", jury=jury, progress=progress, preview=preview(db.session, g.actor, jury, progress),
        may_issue=jury.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_ISSUE),
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip


@requires(Permission.CERTIFICATE_ISSUE)
def issue_session(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Issue every certificate a session leads to, or the one asked for."""
    jury = juries.jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_ISSUE)
    wanted = request.form.get("decision", "")
    if wanted:
        issued = [services.issue(db.session, g.actor, _asked(jury, wanted))]
    else:
        issued = services.issue_all(db.session, g.actor, jury)
    words = ngettext("%(num)d certificat est délivré.", "%(num)d certificats sont délivrés.", len(issued))
    flash(words if issued else _("Tout était déjà délivré."), "success")
    return redirect(url_for("certificates.of_session", jury_id=jury.id), code=303)


def _asked(jury: JurySession, decision_id: str) -> Award:
    award = next((one for one in juries.awards_of(db.session, jury) if str(one.id) == decision_id), None)
    if award is None:
        raise Conflict(
            _l(
                "Rien n’a été délivré : depuis que vous avez ouvert la page, le jury a de nouveau décidé sur cette "
                "personne ou ses résultats ne sont plus publiés. Rouvrez la page pour lire ce qui est à délivrer."
            )
        )
    return award
