"""What groups ask of people now: meetings whose attendance is not noted, the next one, conditions no longer kept."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Permission
from certify.groups.models import Facilitator, GroupFidelity, Meeting, MeetingState, PeerGroup
from certify.groups.queries import groups


@dataclass(frozen=True)
class OwnGroup:
    """One group that a trainee facilitates, as their home page shows it."""

    group: PeerGroup
    fidelity: GroupFidelity | None
    to_note: Sequence[Meeting]
    """Meetings over whose attendance nobody has noted, the oldest first."""
    next_meeting: Meeting | None


def own_groups(session: Session, enrolment_id: uuid.UUID) -> list[OwnGroup]:
    """Return the open groups that a trainee facilitates today, by code; two statements."""
    query = (
        select(PeerGroup, GroupFidelity)
        .join(Facilitator, Facilitator.group_id == PeerGroup.id)
        .outerjoin(GroupFidelity, GroupFidelity.group_id == PeerGroup.id)
        .where(
            Facilitator.enrolment_id == enrolment_id,
            groups.facilitates_on(clock.today()),
            PeerGroup.closed_on.is_(None),
        )
        .order_by(PeerGroup.code, PeerGroup.id)
    )
    found = {group.id: (group, fidelity) for group, fidelity in session.execute(query)}
    planned: defaultdict[uuid.UUID, list[Meeting]] = defaultdict(list)
    meetings = select(Meeting).where(Meeting.group_id.in_(found), Meeting.state == MeetingState.PLANNED)
    for meeting in session.scalars(meetings.order_by(Meeting.starts_at, Meeting.id)):
        planned[meeting.group_id].append(meeting)
    return [_shown(group, fidelity, planned[group.id]) for group, fidelity in found.values()]


def _shown(group: PeerGroup, fidelity: GroupFidelity | None, planned: list[Meeting]) -> OwnGroup:
    now = clock.now()
    return OwnGroup(
        group,
        fidelity,
        [one for one in planned if one.starts_at <= now],
        next((one for one in planned if one.starts_at > now), None),
    )


def groups_to_watch(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many open groups that somebody steers have each least favourable verdict."""
    bodies = actor.organisations(Permission.GROUP_WRITE)
    if not bodies:
        return {}
    steered = groups.visible(actor, Permission.GROUP_WRITE).where(PeerGroup.closed_on.is_(None))
    return groups.verdict_counts(session, steered)
