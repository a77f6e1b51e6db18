"""Reads about suspensions of training, and the days on which somebody is expected."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment, EnrolmentState, Pause


def pauses_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Pause]]:
    """Return the suspensions of each enrolment, oldest first, in one statement; who has none is left out."""
    found: dict[uuid.UUID, list[Pause]] = defaultdict(list)
    query = select(Pause).where(Pause.enrolment_id.in_(enrolment_ids)).order_by(Pause.starts_on, Pause.recorded_at)
    for pause in session.scalars(query):
        found[pause.enrolment_id].append(pause)
    return dict(found)


def open_pause(session: Session, enrolment_id: uuid.UUID) -> Pause | None:
    """Return the suspension under way, if any."""
    query = select(Pause).where(Pause.enrolment_id == enrolment_id, Pause.ends_on.is_(None))
    return session.scalars(query.order_by(Pause.starts_on.desc()).limit(1)).one_or_none()


def paused_days(
    session: Session, enrolment_ids: Collection[uuid.UUID], since: date, until: date
) -> dict[uuid.UUID, int]:
    """Return how many days of a period each enrolment spent suspended, in one statement; `until` is not counted."""
    return {
        enrolment_id: sum(
            max(0, (min(pause.ends_on or until, until) - max(pause.starts_on, since)).days) for pause in pauses
        )
        for enrolment_id, pauses in pauses_of(session, enrolment_ids).items()
    }


def was_paused_since(since: date) -> ColumnElement[bool]:
    """Return the condition that an enrolment was suspended on some day since another, even if it has resumed."""
    return exists().where(Pause.enrolment_id == Enrolment.id, or_(Pause.ends_on.is_(None), Pause.ends_on > since))


def is_expected(on: SQLColumnExpression[date] | date) -> ColumnElement[bool]:
    """Return the condition that somebody enrolled is expected on a day: entered, not gone, not suspended."""
    is_paused = exists().where(
        Pause.enrolment_id == Enrolment.id, Pause.starts_on <= on, or_(Pause.ends_on.is_(None), Pause.ends_on > on)
    )
    is_there = or_(
        Enrolment.ended_on > on, and_(Enrolment.ended_on.is_(None), Enrolment.state != EnrolmentState.WITHDRAWN)
    )
    return and_(Enrolment.entered_on <= on, is_there, ~is_paused)
