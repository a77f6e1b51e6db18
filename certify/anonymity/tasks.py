"""What happens after a passage was flagged: its author is told, and the flag is settled once they have rewritten."""

import uuid

from sqlalchemy.orm import Session

from certify.anonymity import mails, queries, services
from certify.anonymity.models import TextFlag
from certify.core import clock, jobs, outbox
from certify.core.db import separate_session

_AT_ONCE = 200


@outbox.on(services.FLAGGED)
def ask_author(session: Session, flag_id: str) -> None:
    """Ask the author for another version."""
    mails.flagged(session, session.get_one(TextFlag, uuid.UUID(flag_id)))


@jobs.each_hour(minute=41)
def settle_rewritten() -> int:
    """Settle the flags whose author has handed in another version; return how many."""
    settled, after = 0, None
    while True:
        with separate_session() as session:
            lines = queries.unsettled(session, after, _AT_ONCE)
            settled += services.settle(session, lines, clock.now())
            after = lines[-1].flag.id if lines else None
            session.commit()
        if after is None:
            return settled
