"""What the staff may count: how many actions of each kind, with no figure small enough to point at a family."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.fragility import policies, queries
from certify.fragility.models import ActionKind, FollowUpKind


@requires(Permission.FRAGILITY_READ)
def index() -> ResponseReturnValue:
    """Show the counts of the actor's training bodies, or of one of their cohorts."""
    if not g.actor.organisations(Permission.FRAGILITY_READ):
        # A facilitator reads their own actions on their own page.
        raise NotFound
    cohorts = queries.cohorts_counted(db.session, g.actor)
    chosen = next((one for one in cohorts if str(one.id) == request.args.get("cohort")), None)
    key = chosen.id if chosen else None
    return render_template(
        "fragility/counts.html", cohorts=cohorts, chosen=chosen, smallest=policies.SMALLEST,
        actions=policies.protected(queries.actions_by_cohort(db.session, g.actor), key, list(ActionKind)),
        outcomes=policies.protected(queries.outcomes_by_cohort(db.session, g.actor), key, list(FollowUpKind)),
        procedures=policies.protected(queries.procedures_by_cohort(db.session, g.actor), key, [None])[0],
    )  # fmt: skip
