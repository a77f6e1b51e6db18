"""The verbs of attendance: who came to a meeting, as rows that are only ever added."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.groups.models import Attendance, Meeting, MeetingState, Participant, Presence
from certify.groups.queries.meetings import Mark, attendance_of, day_of
from certify.groups.services import fidelity


class StaleAttendance(Invalid, Conflict):
    """Somebody else has noted something else since the sheet was opened here."""


_STALE = _l(
    "Quelqu’un a noté des présences sur cette rencontre depuis que vous l’avez ouverte. Comparez, puis enregistrez."
)


def take(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    *,
    rows: Mapping[uuid.UUID, tuple[Presence, bool]],
    facilitator_present: bool | None,
    revision: int | None = None,
) -> int:
    """Say who came, and whether both parents did; only what differs from what is known is added. Return how many rows.

    `rows` gives, by participant, the presence and whether the second parent came. A meeting planned becomes held.
    Raises StaleAttendance when somebody else has noted something different since `revision`; without a revision,
    what is given replaces what is in force, and what was in force stays to be read.
    """
    session.flush()
    session.refresh(meeting, with_for_update=True)
    _require_open(meeting)
    _require_of_the_group(session, meeting, rows)
    known = attendance_of(session, [meeting.id])[meeting.id]
    wanted = {one: (presence, second and presence is Presence.PRESENT) for one, (presence, second) in rows.items()}
    changed = {one: said for one, said in wanted.items() if one not in known or _said(known[one]) != said}
    is_other = facilitator_present is not None and meeting.facilitator_present not in (None, facilitator_present)
    if revision not in (None, meeting.revision) and (is_other or any(one in known for one in changed)):
        raise StaleAttendance(_STALE)
    _add(session, actor, meeting, changed, after=[mark.recorded_at for mark in known.values()])
    if _settle(meeting, facilitator_present) or changed:
        meeting.revision += 1
        meeting.saved_at = clock.now()
        session.flush()
        audit.record(
            session, actor, "groups:attendance:taken", meeting, organisation_id=meeting.training_body_id,
            rows=len(changed), is_correction=bool(known),
        )  # fmt: skip
        fidelity.refresh(session, meeting.group_id)
    return len(changed)


def _said(mark: Mark) -> tuple[Presence, bool]:
    return mark.presence, mark.second_parent


def _require_open(meeting: Meeting) -> None:
    if meeting.state in (MeetingState.CANCELLED, MeetingState.MOVED):
        raise Conflict(_l("Cette rencontre n’a pas eu lieu : ses présences ne se notent pas."))
    if day_of(meeting) > clock.today():
        raise Invalid(_l("Cette rencontre est à venir : les présences se notent le jour même."))


def _require_of_the_group(session: Session, meeting: Meeting, rows: Mapping[uuid.UUID, tuple[Presence, bool]]) -> None:
    query = select(Participant.id).where(Participant.group_id == meeting.group_id, Participant.id.in_(list(rows)))
    if set(rows) - set(session.scalars(query)):
        raise Invalid(_l("L’une de ces personnes n’est pas de ce groupe. Rouvrez la feuille de présence."))


def _add(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    changed: Mapping[uuid.UUID, tuple[Presence, bool]],
    *,
    after: list[datetime],
) -> None:
    # The latest row is in force: two corrections of the same instant must still follow one another.
    recorded_at = max([clock.now(), *(one + timedelta(microseconds=1) for one in after)])
    session.add_all(
        Attendance(
            id=new_id(), meeting_id=meeting.id, participant_id=participant_id, presence=presence,
            second_parent=second_parent, recorded_at=recorded_at, recorded_by_id=actor.user_id,
        )
        for participant_id, (presence, second_parent) in changed.items()
    )  # fmt: skip


def _settle(meeting: Meeting, facilitator_present: bool | None) -> bool:
    """Have the meeting be held, and say whether the facilitator was there; return whether anything changed."""
    before = (meeting.state, meeting.facilitator_present)
    if meeting.state is MeetingState.PLANNED:
        meeting.state, meeting.held_at = MeetingState.HELD, clock.now()
    if facilitator_present is not None:
        meeting.facilitator_present = facilitator_present
    return before != (meeting.state, meeting.facilitator_present)
