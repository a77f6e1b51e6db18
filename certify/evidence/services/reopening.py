"""A piece that somebody says is not what it claims: it waits for a trainer again, and counts no more until accepted."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit
from certify.core.access import Actor
from certify.evidence import queries
from certify.evidence.models import EvidenceItem, EvidenceState
from certify.evidence.services.items import recount
from certify.evidence.services.versions import freeze

_READ = (EvidenceState.SUBMITTED, EvidenceState.ACCEPTED)


def reopen(session: Session, item_id: uuid.UUID, *, contested_at: datetime) -> EvidenceItem | None:
    """Have a piece that is contested read anew, under a new version that says so; nothing when there is no such piece.

    What was accepted before stays readable in the former version.
    """
    item = queries.item_of(session, item_id)
    if item is None:
        return None
    item = queries.locked_item(session, item.id)
    item.facts = {**item.facts, "contested_at": contested_at.isoformat()}
    if item.state not in _READ:
        return item
    counted = item.state is EvidenceState.ACCEPTED
    item.state, item.answer, item.decided_at, item.decided_by_id = EvidenceState.SUBMITTED, "", None, None
    enrolment = session.get_one(Enrolment, item.enrolment_id)
    # In the name of whose piece it is: who contests has no account.
    version = freeze(session, Actor(enrolment.user_id, ""), enrolment, item)
    audit.record(
        session, None, "evidence:piece:reopened", item, organisation_id=item.training_body_id, version=version.number
    )
    if counted:
        session.flush()
        recount(session, item.enrolment_id)
    return item
