"""Pages of a training body's attestations of attendance: a cohort, who may be given one, who has one."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import services
from certify.certificates.document_forms import AttestForm
from certify.certificates.services.attendance import standing
from certify.cohorts import queries as cohorts
from certify.cohorts.models import Enrolment
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
    totals, given = cohorts.totals_of(db.session, ids), standing(db.session, ids)
    rows = [(enrolment, person, totals[enrolment.id], given.get(enrolment.id)) for enrolment, person in found.rows]
    return render_template(
        "certificates/attestations.html", cohort=cohort, listing=found, rows=rows,
        due=sum(1 for _enrolment, _person, total, one in rows if is_due(total, one)), is_due=is_due,
    )  # fmt: skip


def is_due(total: cohorts.Total, given: object) -> bool:
    """Whether an attestation would say something that the one given does not."""
    if not total.present:
        return False
    said = getattr(given, "facts", {}).get("attendance")
    return said is None or (said["present"], said["expected"]) != (total.present, total.expected)


@requires(Permission.ATTESTATION_ISSUE)
def attest(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Issue the attestation of the person asked for, or of everybody whose half-days say something new."""
    cohort = cohorts.cohort_for(db.session, g.actor, cohort_id, Permission.ATTESTATION_ISSUE)
    if AttestForm().validate_on_submit():
        people = [enrolment for enrolment, _person in db.session.execute(cohorts.attendees_of(cohort))]
        asked = request.form.get("enrolment", "")
        totals = cohorts.totals_of(db.session, [one.id for one in people])
        given = standing(db.session, [one.id for one in people])
        wanted = [
            one for one in people
            if (str(one.id) == asked if asked else is_due(totals[one.id], given.get(one.id)))
        ]  # fmt: skip
        for enrolment in wanted:
            services.attest(db.session, g.actor, enrolment)
        words = ngettext("%(num)d attestation est délivrée.", "%(num)d attestations sont délivrées.", len(wanted))
        flash(words if wanted else _("Toutes les attestations sont à jour."), "success")
    return redirect(url_for("certificates.attestations", cohort_id=cohort.id), code=303)
