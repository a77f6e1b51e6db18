"""Deciding on candidates, and closing the session."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries import candidates, minutes, policies, queries
from certify.juries.models import (
    BlockDecision,
    Candidacy,
    JuryDecision,
    JuryMinutes,
    JurySession,
    SessionState,
)
from certify.juries.services.preparing import first_words
from certify.juries.services.rows import locked, note
from certify.juries.ties import ties_of


def decide(
    session: Session, actor: Actor, candidacy: Candidacy, *, expected: int,
    blocks: Mapping[str, competencies.BlockOutcome], reasons: Mapping[str, str],
    outcome: competencies.WholeOutcome, reason: str,
) -> JuryDecision:  # fmt: skip
    """Record the jury's decision on a candidate, by block and for the whole; another may replace it later.

    `expected` is the number of the decision that stood when the form was made: another since is a Conflict.
    """
    jury = locked(session, candidacy.session_id)
    if jury.state is not SessionState.DELIBERATING:
        raise Conflict(_l("Ce jury ne délibère pas : aucune décision ne peut y être enregistrée."))
    last = candidates.last_decisions(session, [candidacy.id]).get(candidacy.id)
    if (last.number if last else 0) != expected:
        raise Conflict(
            _l("Une autre décision vient d’être enregistrée pour cette personne. Rouvrez son dossier pour la lire.")
        )
    file = candidates.file_of(session, candidacy)
    proposed = file.proposals
    violations = competencies.check_decision(
        file.framework, blocks=blocks, whole=outcome, proposed=proposed, reasons=reasons, whole_reason=reason
    )
    if violations:
        raise Invalid(violations[0].message.to(current_locale()))
    decision = JuryDecision(
        candidacy_id=candidacy.id, number=expected + 1, outcome=outcome.value, reason=reason, taken_at=clock.now(),
        taken_by_id=actor.user_id,
        blocks=[
            BlockDecision(block=code, outcome=chosen.value, proposed=proposed[code].value, reason=reasons.get(code, ""))
            for code, chosen in blocks.items()
        ],
    )  # fmt: skip
    session.add(decision)
    session.flush()
    note(session, actor, "jury:decision:taken", decision, jury, number=decision.number, outcome=decision.outcome)
    return decision


def close(
    session: Session, actor: Actor, jury: JurySession, *, present: Collection[uuid.UUID] | None = None
) -> JuryMinutes:
    """Close a session: every candidate is decided on; its minutes are frozen, then printed by a job.

    `present` holds the seats of the members who sat; by default all of them.
    """
    jury = locked(session, jury.id)
    if not (policies.is_president(jury, actor) or policies.is_registrar(jury, actor)):
        raise Forbidden(_l("Le jury est clos par sa présidence ou par l’organisme certificateur."))
    if jury.state is not SessionState.DELIBERATING:
        raise Conflict(_l("Ce jury ne délibère pas : il ne peut pas être clos."))
    presented = candidates.candidates_of(session, jury.id)
    undecided = [one.name for one in presented if one.decision is None]
    if undecided:
        raise Conflict(_l("Il manque la décision concernant %(names)s.", names=", ".join(undecided[:5])))
    members = queries.members_of(session, jury)
    sat = [one for one in members if present is None or one.seat.id in present]
    ties = ties_of(session, jury.id)
    here = {member.user.id for member in sat}
    found = policies.check_seats(
        sat, [tie for tie in ties if tie.user_id in here], {one.enrolment.id: one.name for one in presented}
    )
    if found:
        raise Conflict(first_words(found))
    jury.state, jury.closed_at = SessionState.CLOSED, clock.now()
    facts = minutes.facts_of(session, jury, members, sat, presented)
    row = JuryMinutes(session_id=jury.id, facts=facts | {"digest": digest(facts)}, created_at=clock.now())
    session.add(row)
    note(session, actor, "jury:session:closed", jury, jury, digest=row.facts["digest"])
    outbox.send(session, "jury.closed", jury_id=jury.id)
    return row


def digest(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of frozen facts, written in one canonical way."""
    plain = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
