"""Closing a session: its minutes are frozen, to be signed; and opening it again, which asks for other minutes."""

import uuid
from collections.abc import Collection

from sqlalchemy.orm import Session

import competencies
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries import candidates, dossiers, minutes, policies, queries
from certify.juries.candidates import Candidate
from certify.juries.composition import Composition, composition_of
from certify.juries.models import Candidacy, JuryMinutes, JurySession, JuryStep, SessionState
from certify.juries.services import steps
from certify.juries.services.presence import deliberating, note_presence
from certify.juries.services.rows import digest, locked, note
from certify.juries.sitting import Sitting, sitting_of


def close(
    session: Session, actor: Actor, jury: JurySession, *, present: Collection[uuid.UUID] | None = None
) -> JuryMinutes:
    """Close a session: every candidate is decided on; its minutes are frozen, for each member who sat to sign.

    Who sat is who took the decisions. A decision taken by somebody who stands aside since, or that counts blocks taken
    back since, is to be taken again. `present` notes who is there at the end.
    """
    jury = deliberating(session, jury.id)
    if not (policies.is_president(jury, actor) or policies.is_registrar(jury, actor)):
        raise Forbidden(_l("Le jury est clos par sa présidence ou par l’organisme certificateur."))
    presented = candidates.candidates_of(session, jury.id)
    sitting = sitting_of(session, jury) if present is None else note_presence(session, actor, jury, present=present)
    _require_decided(session, sitting, presented)
    composition = composition_of(session, jury)
    _require_quorum(composition, sitting, presented)
    steps.go(session, actor, jury, SessionState.CLOSED, candidates=len(presented))
    facts = minutes.facts_of(session, jury, composition, sitting, presented)
    row = JuryMinutes(
        session_id=jury.id, number=facts["number"], facts=facts | {"digest": digest(facts)},
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


def _require_decided(session: Session, sitting: Sitting, presented: Collection[Candidate]) -> None:
    missing = [one.name for one in presented if one.decision is None]
    if missing:
        raise Conflict(_l("Il manque la décision concernant %(names)s.", names=", ".join(missing[:5])))
    outdated = [
        one.name
        for one in presented
        if one.decision is not None and sitting.is_outdated(one.candidacy_id, one.decision)
    ]
    if outdated:
        raise Conflict(
            _l(
                "La décision concernant %(names)s est à reprendre : un membre qui l’a prise s’est retiré depuis.",
                names=", ".join(outdated[:5]),
            )
        )
    overtaken = [one.name for one in presented if one.decision is not None and _is_overtaken(session, one)]
    if overtaken:
        raise Conflict(
            _l(
                "La décision concernant %(names)s est à reprendre : un bloc qu’elle compte comme acquis a été retiré "
                "depuis par une autre décision.",
                names=", ".join(overtaken[:5]),
            )
        )


def _is_overtaken(session: Session, candidate: Candidate) -> bool:
    """Whether the decision on a candidate counts blocks that an earlier jury granted, and that were taken back."""
    candidacy, decision = session.get_one(Candidacy, candidate.candidacy_id), candidate.decision
    if decision is None or decision.kind.takes_back or not candidacy.acquired:
        return False
    return not decision.carried(candidacy.acquired) <= dossiers.acquired_for(session, candidacy)


def _require_quorum(composition: Composition, sitting: Sitting, presented: Collection[Candidate]) -> None:
    """Refuse to close when those who decided were not enough, or not independent enough, for one of the candidates.

    An adjournment decides nothing, and what was taken back was not by the jury.
    """
    for one in presented:
        decision = one.decision
        if decision is None or decision.kind.takes_back or decision.outcome == competencies.WholeOutcome.ADJOURNED:
            continue
        lacking = composition.check_present(one.enrolment.id, sitting.took(one.candidacy_id, decision))
        if lacking:
            words = lacking[0].message.to(current_locale())
            raise Conflict(_l("Le jury ne peut pas être clos. %(name)s : %(why)s", name=one.name, why=words))
