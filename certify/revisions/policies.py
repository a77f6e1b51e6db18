"""Who may be moved to a later version, and what stands in the way."""

import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import EnrolmentState

MOVABLE = frozenset({EnrolmentState.INVITED, EnrolmentState.ACTIVE, EnrolmentState.SUSPENDED})
"""Whose path is not over: the others keep the version they finished on."""
AT_ONCE = 100
"""Enrolments moved in one transaction; more are moved by jobs, so many at a time."""

BlockSource = Callable[[Session, Collection[uuid.UUID], competencies.Framework], Mapping[uuid.UUID, Any]]
_SOURCES: list[BlockSource] = []


def blocked_by(source: BlockSource) -> BlockSource:
    """Register what may forbid a move: a function that gives, among some enrolments, a reason for each it forbids.

    It is called with the framework they would go to.
    """
    _SOURCES.append(source)
    return source


def reasons_against(
    session: Session, enrolment_ids: Collection[uuid.UUID], framework: competencies.Framework
) -> dict[uuid.UUID, Any]:
    """Return why some enrolments cannot be moved to a framework today; those that can are absent."""
    found: dict[uuid.UUID, Any] = {}
    for source in _SOURCES:
        for enrolment_id, reason in source(session, enrolment_ids, framework).items():
            found.setdefault(enrolment_id, reason)
    return found
