"""What happens by itself: fidelity follows the calendar, and those who can act are told when a rule turns."""

import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from certify.core import clock, jobs, outbox
from certify.core.db import separate_session
from certify.groups import mails
from certify.groups.models import PeerGroup
from certify.groups.queries import records
from certify.groups.services import fidelity

AT_ONCE = 100
"""Groups computed in one transaction."""


@jobs.each_hour(minute=25)
def follow_calendar() -> int:
    """Compute again the groups nobody touched today: time alone makes meetings late. Return how many."""
    computed = 0
    while True:
        with separate_session() as session:
            query = records.outdated(clock.today()).limit(AT_ONCE)
            found = list(session.scalars(query.with_for_update(of=PeerGroup, key_share=True, skip_locked=True)))
            fidelity.refresh_all(session, found)
            session.commit()
        if not found:
            return computed
        computed += len(found)


@outbox.on(fidelity.TURNED)
def tell_of_turns(session: Session, group_id: str, rules: Mapping[str, str]) -> None:
    """Tell those who facilitate a group, and the one who follows it, which rules are at risk or not met."""
    mails.rules_turned(session, session.get_one(PeerGroup, uuid.UUID(group_id)), rules)
