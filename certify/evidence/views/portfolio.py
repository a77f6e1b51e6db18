"""Pages of the portfolio: every piece of a trainee, and what they cover."""

import uuid
from dataclasses import replace

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import enrolment_for, own_enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.templating import own_address
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceState
from certify.evidence.views.words import KINDS, STATES, WAITS
from certify.frameworks.queries import framework_of

_SORTS = {
    "added": (EvidenceItem.created_at,),
    "title": (EvidenceItem.title,),
    "kind": (EvidenceItem.kind, EvidenceItem.title),
    "state": (EvidenceItem.state, EvidenceItem.created_at),
}
_FILTERS = ("kind", "state", "indicator")


@requires(Permission.EVIDENCE_WRITE)
def index() -> ResponseReturnValue:
    """List every piece of the actor, with what waits."""
    enrolment = own_enrolment(db.session, g.actor)
    found = _found(enrolment, for_staff=False)
    return render_template(
        "evidence/index.html", listing=found, enrolment=enrolment, kinds=KINDS, states=STATES, waits=WAITS,
        counts=queries.state_counts(db.session, enrolment.id), use=queries.storage_use(db.session, enrolment.id),
        uploads=queries.uploads_of(db.session, enrolment.id), may_add=policies.may_add(enrolment.state),
        framework=framework_of(db.session, enrolment.framework_version_id), is_own=True,
        not_stored=queries.not_stored(db.session, found.rows),
    )  # fmt: skip


@requires(Permission.EVIDENCE_READ)
def of_trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """List the pieces that a trainee has handed in."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.EVIDENCE_READ)
    found = _found(enrolment, for_staff=True)
    return render_template(
        "evidence/index.html", listing=found, enrolment=enrolment, kinds=KINDS, states=STATES, waits={}, is_own=False,
        framework=framework_of(db.session, enrolment.framework_version_id), may_add=False,
        person=db.session.get_one(User, enrolment.user_id), cohort=db.session.get_one(Cohort, enrolment.cohort_id),
    )  # fmt: skip


def _found(enrolment: Enrolment, *, for_staff: bool) -> listing.Listing[EvidenceItem]:
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=_FILTERS)
    query = queries.portfolio(enrolment.id, **(wanted.filters or {}))
    if for_staff:
        query = query.where(EvidenceItem.state.not_in((EvidenceState.UNLINKED, EvidenceState.LINKED)))
    query = query.where(*listing.matches(wanted.query, EvidenceItem.title, EvidenceItem.filename, EvidenceItem.account))
    if not wanted.sort:
        wanted = replace(wanted, direction="desc")
    return listing.paginate(db.session, query, wanted, sorts=_SORTS, default="added", tie=EvidenceItem.id)


@requires(Permission.EVIDENCE_WRITE)
def coverage() -> ResponseReturnValue:
    """Show, indicator by indicator, what the actor has: accepted, waiting, in hand, nothing."""
    enrolment = own_enrolment(db.session, g.actor)
    return render_template(
        "evidence/coverage.html", enrolment=enrolment, kinds=KINDS,
        framework=framework_of(db.session, enrolment.framework_version_id),
        supports=queries.supports(db.session, enrolment.id), may_add=policies.may_add(enrolment.state),
    )  # fmt: skip
