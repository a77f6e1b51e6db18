"""Reads about coded actions: a facilitator's own, one by one; for the staff, counts alone."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from certify.cohorts.models import Cohort, Enrolment
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.fragility.models import FollowUp, FollowUpKind, FragilityAction, ProtectionProcedure
from certify.groups.models import PeerGroup


@dataclass(frozen=True)
class ActionLine:
    """One action of a list: its group, what came of it, and when it was struck out if it was."""

    action: FragilityAction
    group: str
    struck_at: datetime | None
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(frozen=True)
class ProcedureLine:
    """One procedure started, and when its line was struck out if it was."""

    procedure: ProtectionProcedure
    struck_at: datetime | None


def own_actions(session: Session, enrolment: Enrolment, wanted: listing.Wanted) -> listing.Listing[ActionLine]:
    """Return one page of somebody's actions, the latest first, with what came of each: three statements."""
    striking = aliased(FragilityAction)
    query = (
        select(FragilityAction, PeerGroup.code, striking.recorded_at)
        .outerjoin(PeerGroup, PeerGroup.id == FragilityAction.group_id)
        .outerjoin(striking, striking.strikes_id == FragilityAction.id)
        .where(FragilityAction.enrolment_id == enrolment.id, FragilityAction.strikes_id.is_(None))
    )
    if not wanted.sort:
        wanted = listing.Wanted(wanted.path, "", "on", "desc", wanted.page)
    found = listing.paginate(
        session, query, wanted, sorts={"on": (FragilityAction.on, FragilityAction.recorded_at)}, default="on",
        tie=FragilityAction.id, as_rows=True,
    )  # fmt: skip
    follow_ups = _follow_ups(session, [action.id for action, _code, _struck in found.rows])
    rows = [ActionLine(action, code or "", struck, tuple(follow_ups[action.id])) for action, code, struck in found.rows]
    return listing.Listing(rows, found.total, wanted, found.sort, found.direction, found.page)


def _follow_ups(session: Session, action_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[FollowUp]]:
    found: dict[uuid.UUID, list[FollowUp]] = defaultdict(list)
    query = select(FollowUp).where(FollowUp.action_id.in_(action_ids)).order_by(FollowUp.recorded_at, FollowUp.id)
    for row in session.scalars(query):
        found[row.action_id].append(row)
    return found


def procedures_of(session: Session, enrolment: Enrolment) -> list[ProcedureLine]:
    """Return the procedures somebody noted, the latest first."""
    striking = aliased(ProtectionProcedure)
    query = (
        select(ProtectionProcedure, striking.recorded_at)
        .outerjoin(striking, striking.strikes_id == ProtectionProcedure.id)
        .where(ProtectionProcedure.enrolment_id == enrolment.id, ProtectionProcedure.strikes_id.is_(None))
        .order_by(ProtectionProcedure.on.desc(), ProtectionProcedure.id.desc())
    )
    return [ProcedureLine(row, struck) for row, struck in session.execute(query)]


def action_for(session: Session, actor: Actor, action_id: uuid.UUID) -> tuple[FragilityAction, Enrolment]:
    """Return one action of the actor that is in force, with their enrolment; raise NotFound otherwise."""
    query = (
        select(FragilityAction, Enrolment)
        .join(Enrolment, Enrolment.id == FragilityAction.enrolment_id)
        .where(FragilityAction.id == action_id, Enrolment.user_id == actor.user_id, _in_force(FragilityAction))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def procedure_for(session: Session, actor: Actor, procedure_id: uuid.UUID) -> ProtectionProcedure:
    """Return one procedure the actor noted that is in force; raise NotFound otherwise."""
    query = (
        select(ProtectionProcedure)
        .join(Enrolment, Enrolment.id == ProtectionProcedure.enrolment_id)
        .where(
            ProtectionProcedure.id == procedure_id, Enrolment.user_id == actor.user_id, _in_force(ProtectionProcedure)
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def is_struck(session: Session, row: FragilityAction | ProtectionProcedure) -> bool:
    """Whether a row was struck out."""
    kind = type(row)
    return session.scalar(select(kind.id).where(kind.strikes_id == row.id)) is not None


def actions_of(session: Session, enrolment_id: uuid.UUID) -> list[FragilityAction]:
    """Return the actions of an enrolment that are in force, oldest first."""
    query = select(FragilityAction).where(FragilityAction.enrolment_id == enrolment_id, _in_force(FragilityAction))
    return list(session.scalars(query.order_by(FragilityAction.on, FragilityAction.id)))


def cohorts_counted(session: Session, actor: Actor) -> list[Cohort]:
    """Return the cohorts whose actions the actor may count, the latest first."""
    query = select(Cohort).where(Cohort.training_body_id.in_(actor.organisations(Permission.FRAGILITY_READ)))
    return list(session.scalars(query.order_by(Cohort.starts_on.desc(), Cohort.name)))


def actions_by_cohort(session: Session, actor: Actor) -> dict[tuple[Any, uuid.UUID], int]:
    """Count the actions in force by kind and cohort, in one statement."""
    return _counted(session, actor, FragilityAction, FragilityAction.kind)


def procedures_by_cohort(session: Session, actor: Actor) -> dict[tuple[Any, uuid.UUID], int]:
    """Count the procedures started by cohort, whatever their channel."""
    counted = _counted(session, actor, ProtectionProcedure, ProtectionProcedure.training_body_id)
    totals: dict[tuple[Any, uuid.UUID], int] = defaultdict(int)
    for (_body, cohort_id), count in counted.items():
        totals[(None, cohort_id)] += count
    return dict(totals)


def outcomes_by_cohort(session: Session, actor: Actor) -> dict[tuple[Any, uuid.UUID], int]:
    """Count how the actions in force stand by their latest follow-up and cohort, in one statement."""
    rank = func.row_number().over(
        partition_by=FollowUp.action_id, order_by=(FollowUp.recorded_at.desc(), FollowUp.id.desc())
    )
    latest = select(FollowUp.action_id, FollowUp.kind, rank.label("rank")).subquery()
    query = (
        select(latest.c.kind, Enrolment.cohort_id, func.count())
        .join(FragilityAction, FragilityAction.id == latest.c.action_id)
        .join(Enrolment, Enrolment.id == FragilityAction.enrolment_id)
        .where(latest.c.rank == 1, _counts_for(actor, FragilityAction), _in_force(FragilityAction))
        .group_by(latest.c.kind, Enrolment.cohort_id)
    )
    return {(FollowUpKind(kind), cohort_id): count for kind, cohort_id, count in session.execute(query)}


_Struck = type[FragilityAction] | type[ProtectionProcedure]


def _counted(
    session: Session, actor: Actor, kind: _Struck, by: InstrumentedAttribute[Any]
) -> dict[tuple[Any, uuid.UUID], int]:
    query: Select[Any] = (
        select(by, Enrolment.cohort_id, func.count())
        .select_from(kind)
        .join(Enrolment, Enrolment.id == kind.enrolment_id)
        .where(_counts_for(actor, kind), _in_force(kind))
        .group_by(by, Enrolment.cohort_id)
    )
    return {(of, cohort_id): count for of, cohort_id, count in session.execute(query)}


def _counts_for(actor: Actor, kind: _Struck) -> ColumnElement[bool]:
    return kind.training_body_id.in_(actor.organisations(Permission.FRAGILITY_READ))


def _in_force(kind: _Struck) -> ColumnElement[bool]:
    striking = aliased(kind)
    return kind.strikes_id.is_(None) & ~exists().where(striking.strikes_id == kind.id)
