"""What is recorded of a session once it has come: who came, and the notes both sides keep."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Presence
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.supervision import policies, queries
from certify.supervision.models import SupervisionPresence, SupervisionSession


class StaleSession(Invalid, Conflict):
    """Somebody else has changed the session since it was opened here."""


def check_revision(session: Session, held: SupervisionSession, revision: int) -> None:
    """Refuse a change of, or a signature under, something that was not read; whoever else writes it waits."""
    session.flush()
    session.refresh(held, with_for_update=True)
    if held.revision != revision:
        raise StaleSession(
            _l("Cette séance vient d’être modifiée par quelqu’un d’autre. La voici à jour : relisez-la avant d’agir.")
        )


def raise_revision(session: Session, actor: Actor, held: SupervisionSession, tag: str, **detail: Any) -> None:
    """Say that the session no longer reads as it did: signatures of what it said before stay, and count no more."""
    held.revision += 1
    audit.record(session, actor, tag, held, organisation_id=held.training_body_id, revision=held.revision, **detail)


def record_presence(
    session: Session,
    actor: Actor,
    held: SupervisionSession,
    *,
    presences: Mapping[uuid.UUID, Presence],
    revision: int,
) -> int:
    """Say who came; only what differs from what is known is written, as new rows. Return how many."""
    check_revision(session, held, revision)
    _check_due(held)
    written = [
        SupervisionPresence(
            id=new_id(), session_id=held.id, enrolment_id=one.enrolment.id, presence=presences[one.enrolment.id],
            recorded_at=clock.now(), recorded_by_id=actor.user_id,
        )
        for one in queries.attendees_of(session, held)
        if one.enrolment.id in presences and presences[one.enrolment.id] is not one.presence
    ]  # fmt: skip
    session.add_all(written)
    if written:
        raise_revision(session, actor, held, "supervision:presence:recorded", rows=len(written))
    return len(written)


def write_notes(session: Session, actor: Actor, held: SupervisionSession, *, notes: str, revision: int) -> bool:
    """Keep the notes of a session, written by either side; return whether they changed.

    They are guarded like every free text, against the first names declared by each trainee of the session.
    """
    check_revision(session, held, revision)
    _check_due(held)
    for enrolment_id in sorted(queries.expected_ids(session, held)):
        require_anonymous(session, enrolment_id, [("notes", _l("Notes"), notes)])
    if notes == held.notes:
        return False
    held.notes, held.notes_at = notes, clock.now()
    raise_revision(session, actor, held, "supervision:notes:written")
    return True


def _check_due(held: SupervisionSession) -> None:
    if held.cancelled_at is not None:
        raise Conflict(_l("Cette séance est annulée : elle ne se remplit plus."))
    if not policies.is_due(held, clock.today()):
        raise Invalid(_l("Cette séance n’a pas encore eu lieu : elle se remplit à partir du jour même."))
