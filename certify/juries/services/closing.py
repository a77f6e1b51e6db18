"""Closing a session: its minutes are frozen, to be signed; and opening it again, which asks for other minutes."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries import candidates, minutes, policies, queries
from certify.juries.candidates import Candidate
from certify.juries.composition import Composition, composition_of
from certify.juries.models import JuryMinutes, JurySession, JuryStep, SessionState
from certify.juries.services import steps
from certify.juries.services.presence import deliberating, note_presence
from certify.juries.services.rows import locked, note
from certify.juries.sitting import Sitting, sitting_of


def close(
    session: Session, actor: Actor, jury: JurySession, *, present: Collection[uuid.UUID] | None = None
) -> JuryMinutes:
    """Close a session: every candidate is decided on; its minutes are frozen, for each member who sat to sign.

    `present` holds the seats of those who sat; by default those noted present.
    """
    jury = deliberating(session, jury.id)
    if not (policies.is_president(jury, actor) or policies.is_registrar(jury, actor)):
        raise Forbidden(_l("Le jury est clos par sa présidence ou par l’organisme certificateur."))
    presented = candidates.candidates_of(session, jury.id)
    undecided = [one.name for one in presented if one.decision is None]
    if undecided:
        raise Conflict(_l("Il manque la décision concernant %(names)s.", names=", ".join(undecided[:5])))
    sitting = sitting_of(session, jury) if present is None else note_presence(session, actor, jury, present=present)
    composition = composition_of(session, jury)
    _require_quorum(composition, sitting, presented)
    steps.go(session, actor, jury, SessionState.CLOSED, candidates=len(presented))
    facts = minutes.facts_of(session, jury, composition, sitting, presented)
    row = JuryMinutes(
        session_id=jury.id, number=_next_number(session, jury), facts=facts | {"digest": digest(facts)},
        created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    note(session, actor, "jury:minutes:frozen", row, jury, digest=row.facts["digest"], number=row.number)
    outbox.send(session, "jury.closed", jury_id=jury.id)
    return row


def reopen(session: Session, actor: Actor, jury: JurySession, *, reason: str) -> JuryStep:
    """Open the deliberation of a closed session again, with a reason; its minutes stay, replaced by the next ones."""
    jury = locked(session, jury.id)
    if not policies.is_registrar(jury, actor):
        raise Forbidden(_l("La délibération est rouverte par l’organisme certificateur."))
    if jury.state is not SessionState.CLOSED:
        raise Conflict(_l("Cette session n’est pas close : sa délibération ne peut pas être rouverte."))
    step = steps.go(session, actor, jury, SessionState.DELIBERATING, reason=reason)
    standing = queries.minutes_of(session, jury.id)
    if standing is not None:
        standing.superseded_at = clock.now()
    return step


def _require_quorum(composition: Composition, sitting: Sitting, presented: Collection[Candidate]) -> None:
    """Refuse to close when those who sat were not enough, or not independent enough, for one of the candidates."""
    for one in presented:
        seats = {member.seat.id for member in sitting.voters(one.candidacy_id)}
        lacking = composition.check_present(one.enrolment.id, seats)
        if lacking:
            words = lacking[0].message.to(current_locale())
            raise Conflict(_l("Le jury ne peut pas être clos. %(name)s : %(why)s", name=one.name, why=words))


def _next_number(session: Session, jury: JurySession) -> int:
    last = session.scalar(select(func.max(JuryMinutes.number)).where(JuryMinutes.session_id == jury.id))
    return (last or 0) + 1


def digest(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of frozen facts, written in one canonical way."""
    plain = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
