"""Pages of a training body's attestations of attendance: a cohort, who may be given one, who has one."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import services
from certify.certificates.document_forms import AttestForm
from certify.certificates.services import attendance
from certify.cohorts import queries as cohorts
from certify.cohorts.models import Cohort, Enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.listing import Wanted
from certify.core.templating import own_address


@requires(Permission.ATTESTATION_ISSUE)
def of_cohort(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the trainees of a cohort with their half-days and the attestation that stands."""
    cohort = cohorts.cohort_for(db.session, g.actor, cohort_id, Permission.ATTESTATION_ISSUE)
    wanted = Wanted.from_args(own_address(), request.args)
    found = listing.paginate(
        db.session, cohorts.attendees_of(cohort, cohorts.folded(wanted.query)), wanted,
        sorts={"name": (Enrolment.sort_name,)}, default="name", tie=Enrolment.id, as_rows=True,
    )  # fmt: skip
    ids = [enrolment.id for enrolment, _person in found.rows]
    totals, given = cohorts.totals_of(db.session, ids), attendance.standing(db.session, ids)
    rows = [(enrolment, person, totals[enrolment.id], given.get(enrolment.id)) for enrolment, person in found.rows]
    return render_template(
        "certificates/attestations.html", cohort=cohort, listing=found, rows=rows,
        due=attendance.due(db.session, cohort, _everybody(cohort)),
    )  # fmt: skip


def _everybody(cohort: Cohort) -> list[Enrolment]:
    return [enrolment for enrolment, _person in db.session.execute(cohorts.attendees_of(cohort))]


@requires(Permission.ATTESTATION_ISSUE)
def attest(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Issue the attestation of the person asked for, or of everybody whose half-days say something new."""
    cohort = cohorts.cohort_for(db.session, g.actor, cohort_id, Permission.ATTESTATION_ISSUE)
    if AttestForm().validate_on_submit():
        asked, people = request.form.get("enrolment", ""), _everybody(cohort)
        due = set() if asked else attendance.due(db.session, cohort, people)
        wanted = [one for one in people if (str(one.id) == asked if asked else one.id in due)]
        for enrolment in wanted:
            services.attest(db.session, g.actor, enrolment)
        words = ngettext("%(num)d attestation est délivrée.", "%(num)d attestations sont délivrées.", len(wanted))
        flash(words if wanted else _("Toutes les attestations sont à jour."), "success")
    return redirect(url_for("certificates.attestations", cohort_id=cohort.id), code=303)
