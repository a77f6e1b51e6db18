"""Reads about retention."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted, paginate
from certify.retention.classes import CLASSES, DataClass, class_of, due_rows
from certify.retention.models import Purge, RetentionPeriod


@dataclass(frozen=True)
class Line:
    """A class of data as it stands today."""

    kind: DataClass
    days: int
    before: date
    """Whatever is older goes."""
    due: int
    last: datetime | None


def known_class(code: str) -> DataClass:
    """Return a class; NotFound when its code is unknown."""
    found = class_of(code)
    if found is None:
        raise NotFound
    return found


def periods(session: Session) -> Mapping[str, int]:
    """Return how many days each class is kept: what was decided last, else the software's default."""
    decided: dict[str, int] = {}
    for code, days in session.execute(
        select(RetentionPeriod.code, RetentionPeriod.days).order_by(RetentionPeriod.decided_at, RetentionPeriod.id)
    ):
        decided[code] = days
    return {one.code: max(decided.get(one.code, one.days), one.least) for one in CLASSES}


def limit(days: int) -> datetime:
    """Return the moment before which something kept so many days is too old."""
    return clock.now() - timedelta(days=days)


def count_due(session: Session, kind: DataClass, days: int) -> int:
    """Count the rows of a class that are due."""
    return session.scalar(select(func.count()).select_from(due_rows(kind, limit(days)).subquery())) or 0


def lines(session: Session) -> list[Line]:
    """Return every class with what would go today: one statement a class, and two more."""
    kept = periods(session)
    query = select(Purge.code, func.max(Purge.purged_at)).group_by(Purge.code)
    last: dict[str, datetime] = dict(session.execute(query).all())
    return [
        Line(
            kind,
            kept[kind.code],
            limit(kept[kind.code]).astimezone(clock.PARIS).date(),
            count_due(session, kind, kept[kind.code]),
            last.get(kind.code),
        )
        for kind in CLASSES
    ]


def purges(session: Session, wanted: Wanted) -> Listing[Any]:
    """Return a page of the purge log, with who asked: (purge, person)."""
    query = select(Purge, User).outerjoin(User, User.id == Purge.purged_by_id)
    sorts = {"at": (Purge.purged_at,), "code": (Purge.code, Purge.purged_at)}
    return paginate(session, query, wanted, sorts=sorts, default="at", tie=Purge.id, as_rows=True)
