"""Inside a course, the database shows that course's cohort only: row by row, whatever a page asks for."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, event, or_, select
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, with_loader_criteria

from certify.cohorts.models import Cohort, Enrolment
from certify.core.db import Base
from certify.groups.models import Closure, Facilitator, PeerGroup
from certify.supervision.models import SupervisionPresence, SupervisionSession

_CRITERIA = "lti.criteria"
_OWN_TABLES = "certify.lti."
"""Courses say which cohort they are linked to: that is read before anything is narrowed, and by nobody else."""


def narrow(session: Session, cohort_ids: Collection[uuid.UUID]) -> None:
    """Show some cohorts and what belongs to their enrolments, for as long as the session lives; none shows nothing."""
    session.info[_CRITERIA] = _criteria(sorted(cohort_ids))


@contextmanager
def lifted(session: Session) -> Iterator[None]:
    """Look wider for a moment: for verbs that check by themselves what the actor may see."""
    kept = session.info.pop(_CRITERIA, None)
    try:
        yield
    finally:
        if kept is not None:
            session.info[_CRITERIA] = kept


def _criteria(cohort_ids: list[uuid.UUID]) -> tuple[Any, ...]:
    enrolled = select(Enrolment.id).where(Enrolment.cohort_id.in_(cohort_ids))
    belonging = (
        with_loader_criteria(mapper.class_, mapper.columns["enrolment_id"].in_(enrolled), include_aliases=True)
        for mapper in _mappers()
        if "enrolment_id" in mapper.columns
    )
    of_cohorts = (
        with_loader_criteria(mapper.class_, mapper.columns["cohort_id"].in_(cohort_ids), include_aliases=True)
        for mapper in _mappers()
        if "cohort_id" in mapper.columns and not mapper.class_.__module__.startswith(_OWN_TABLES)
    )
    return (
        with_loader_criteria(Cohort, Cohort.id.in_(cohort_ids), include_aliases=True),
        *of_cohorts,
        *belonging,
        *_practice(enrolled),
    )


def _practice(enrolled: Select[uuid.UUID]) -> Iterator[Any]:
    """Yield what narrows groups to those facilitated by trainees of the course, and supervision to theirs."""
    groups = select(Facilitator.group_id).where(Facilitator.enrolment_id.in_(enrolled))
    sessions = select(SupervisionPresence.session_id).where(SupervisionPresence.enrolment_id.in_(enrolled))
    yield with_loader_criteria(PeerGroup, PeerGroup.id.in_(groups), include_aliases=True)
    yield with_loader_criteria(SupervisionSession, SupervisionSession.id.in_(sessions), include_aliases=True)
    for mapper in _mappers():
        columns = mapper.columns
        if "group_id" not in columns or "enrolment_id" in columns or mapper.class_ is SupervisionSession:
            continue
        mine = columns["group_id"].in_(groups)
        # A closure of the whole training body concerns every group of the course.
        shown = or_(mine, columns["group_id"].is_(None)) if mapper.class_ is Closure else mine
        yield with_loader_criteria(mapper.class_, shown, include_aliases=True)


def _mappers() -> list[Mapper[Any]]:
    return sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__)


@event.listens_for(Session, "do_orm_execute")
def _keep_to_the_course(execution: ORMExecuteState) -> None:
    criteria = execution.session.info.get(_CRITERIA)
    if criteria is None or execution.is_column_load or execution.is_relationship_load or execution.is_insert:
        return
    execution.statement = execution.statement.options(*criteria)
