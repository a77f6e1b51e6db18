"""What can be done about retention."""

import uuid
from datetime import datetime

from sqlalchemy import delete, tuple_, update
from sqlalchemy.orm import Session

from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.core.sealing import KEEPS_SEALS
from certify.core.types import new_id
from certify.retention import queries
from certify.retention.classes import DataClass, due_rows
from certify.retention.models import Purge, RetentionPeriod

WANTED = "retention.purge_wanted"
_AT_ONCE = 1000
_MOST_DAYS = 36_500


def decide(session: Session, actor: Actor, kind: DataClass, *, days: int) -> RetentionPeriod:
    """Decide how long a class is kept from now on; what was decided before stays to be read."""
    if not kind.least <= days <= _MOST_DAYS:
        raise Invalid(_l("Choisissez de %(least)s à %(most)s jours.", least=kind.least, most=_MOST_DAYS), "days")
    period = RetentionPeriod(
        id=new_id(), code=kind.code, days=days, decided_at=clock.now(), decided_by_id=actor.user_id
    )
    session.add(period)
    audit.record(session, actor, "retention:period:decided", period, code=kind.code, days=days)
    return period


def ask(session: Session, actor: Actor, kind: DataClass) -> None:
    """Have what is due of a class removed by a job, a batch at a time."""
    audit.record(session, actor, "retention:purge:asked", code=kind.code)
    before = queries.limit(queries.periods(session)[kind.code])
    outbox.send(session, WANTED, code=kind.code, before=before.isoformat(), user_id=actor.user_id)


def purge_some(session: Session, kind: DataClass, before: datetime, user_id: uuid.UUID | None = None) -> int:
    """Remove or empty a batch of what is due, note how many, and return it; 0 when nothing is left."""
    keys = [tuple(row) for row in session.execute(due_rows(kind, before).limit(_AT_ONCE))]
    if not keys:
        return 0
    chosen = tuple_(*kind.table.__mapper__.primary_key).in_(keys)
    values = dict(kind.emptied) | ({kind.stamped: clock.now()} if kind.stamped else {})
    change = update(kind.table).where(chosen).values(**values) if values else delete(kind.table).where(chosen)
    # Age empties even what nobody may change.
    session.execute(change, execution_options={"synchronize_session": False, KEEPS_SEALS: True})
    session.add(
        Purge(
            id=new_id(),
            code=kind.code,
            before=before.astimezone(clock.PARIS).date(),
            count=len(keys),
            purged_at=clock.now(),
            purged_by_id=user_id,
        )
    )
    return len(keys)
