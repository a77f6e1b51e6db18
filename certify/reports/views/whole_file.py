"""The page of a trainee's whole file: the twin of its document."""

import uuid

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.assessments.queries import require_no_open_double
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import enrolment_for, own_enrolment
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.reports.exporting.trainee_document import shown
from certify.reports.whole_file import whole_file


@requires(Permission.PROGRESS_READ)
def trainee_file(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show the whole file of a trainee to the staff of their training body."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.PROGRESS_READ)
    require_no_open_double(db.session, g.actor, enrolment.id)
    back = url_for("reports.trainee", enrolment_id=enrolment.id)
    return _page(enrolment, url_for("reports.ask_trainee_file", enrolment_id=enrolment.id), back)


@requires(Permission.OWN_PATH_READ)
def own_file() -> ResponseReturnValue:
    """Show a trainee their own whole file."""
    return _page(own_enrolment(db.session, g.actor), url_for("reports.ask_own_file"), url_for("reports.own_progress"))


def _page(enrolment: Enrolment, ask_url: str, back: str) -> ResponseReturnValue:
    file = whole_file(db.session, enrolment, made_at=clock.now())
    return render_template("reports/whole_file.html", **shown(file), ask_url=ask_url, crumbs=[(_("Progression"), back)])
