"""What happens by itself: each day what is due goes, and what an administrator asked for."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from certify.core import jobs, outbox
from certify.core.db import separate_session
from certify.retention import queries, services
from certify.retention.classes import CLASSES


@jobs.each_hour(minute=41)
def purge_what_is_due() -> int:
    """Remove what is due of the classes that need nobody's word; return how many rows."""
    removed = 0
    for kind in CLASSES:
        while kind.is_automatic:
            with separate_session() as session:
                batch = services.purge_some(session, kind, queries.limit(queries.periods(session)[kind.code]))
                session.commit()
            if not batch:
                break
            removed += batch
    return removed


@outbox.on(services.WANTED)
def purge(session: Session, code: str, before: str, user_id: str) -> None:
    """Remove a batch of what was asked, and ask for the next one."""
    if services.purge_some(session, queries.known_class(code), datetime.fromisoformat(before), uuid.UUID(user_id)):
        outbox.send(session, services.WANTED, code=code, before=before, user_id=user_id)
