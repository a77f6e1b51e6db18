"""The read model of fidelity: made again after each change and each day, with an alert when a rule turns."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from certify.core import clock, outbox
from certify.groups.models import GroupFidelity, PeerGroup
from certify.groups.queries import records
from competencies.fidelity import Fidelity, Verdict, assess_fidelity
from competencies.fidelity_view import GroupRecord

TURNED = "groups.fidelity-turned"
"""A rule that held is now at risk, or not met: those who can do something about it are told."""
_GRAVITY = {Verdict.AT_RISK.value: 1, Verdict.NOT_MET.value: 2}


def refresh(session: Session, group_id: uuid.UUID) -> GroupFidelity:
    """Compute the fidelity of one group again, as everything about it stands in this transaction.

    Called after each change of members, facilitators, meetings or attendance.
    """
    session.flush()
    group = session.get_one(PeerGroup, group_id)
    refresh_all(session, [group])
    return session.get_one(GroupFidelity, group_id)


def refresh_all(session: Session, groups: Sequence[PeerGroup]) -> dict[uuid.UUID, Fidelity]:
    """Compute the fidelity of some groups again; a constant number of statements whatever their number."""
    today = clock.today()
    ids = sorted(group.id for group in groups)
    # Two computations of one group wait for one another, or both would send the alert.
    locking = select(PeerGroup.id).where(PeerGroup.id.in_(ids)).order_by(PeerGroup.id)
    session.execute(locking.with_for_update(key_share=True)).all()
    found = records.records_of(session, ids)
    thresholds = records.thresholds_of(session, groups)
    closed = records.closed_days_of(session, groups, today)
    known = _known(session, ids)
    computed: dict[uuid.UUID, Fidelity] = {}
    for group in groups:
        fidelity = assess_fidelity(found[group.id], today, thresholds[group.id], closed[group.id])
        computed[group.id] = fidelity
        row = known.get(group.id)
        if row is None:
            row = GroupFidelity(group_id=group.id, training_body_id=group.training_body_id, alerted={})
            session.add(row)
        _fill(row, fidelity, found[group.id], today)
        _alert(session, group, row)
    session.flush()
    return computed


def outdate(session: Session, training_body_id: uuid.UUID) -> None:
    """Have the fidelity of all the groups of a training body computed again within the hour, by the job."""
    query = update(GroupFidelity).where(GroupFidelity.training_body_id == training_body_id)
    session.execute(query.values(computed_on=clock.today() - timedelta(days=1)))


def _known(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, GroupFidelity]:
    query = select(GroupFidelity).where(GroupFidelity.group_id.in_(ids))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {row.group_id: row for row in rows}


def _fill(row: GroupFidelity, fidelity: Fidelity, record: GroupRecord, today: date) -> None:
    row.worst = fidelity.worst.value
    row.verdicts = {rule.code: rule.verdict.value for rule in fidelity.rules}
    row.members = sum(1 for stay in record.stays if _covers(stay.joined_on, stay.left_on, record, today))
    row.held, row.late = fidelity.clock.held, fidelity.clock.late
    row.eight_months_on = fidelity.clock.minimum_reached_on
    row.computed_on = today


def _covers(joined_on: date, left_on: date | None, record: GroupRecord, today: date) -> bool:
    day = max(record.opened_on, today if record.closed_on is None else min(record.closed_on, today))
    return joined_on <= day and (left_on is None or left_on > day)


def _alert(session: Session, group: PeerGroup, row: GroupFidelity) -> None:
    """Note which rules are worse than what was last told of them, and have it told once."""
    told: Mapping[str, Any] = row.alerted or {}
    now: dict[str, dict[str, str]] = {}
    turned: dict[str, str] = {}
    for rule, verdict in row.verdicts.items():
        if verdict not in _GRAVITY:
            continue
        before = told.get(rule, {})
        is_worse = _GRAVITY[verdict] > _GRAVITY.get(before.get("verdict", ""), 0)
        same = before.get("verdict") == verdict
        now[rule] = dict(before) if same else {"verdict": verdict, "on": row.computed_on.isoformat()}
        if is_worse:
            turned[rule] = verdict
    if now != told:
        row.alerted = now
    if turned and group.closed_on is None:
        outbox.send(session, TURNED, group_id=group.id, rules=turned)
