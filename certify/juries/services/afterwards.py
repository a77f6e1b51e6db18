"""After publication: a correction, a fraud, a cancellation, a reinstatement; each a decision of its own, dated."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.anonymity.services import require_anonymous
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.juries import candidates, dossiers, policies, queries, reading
from certify.juries.models import Candidacy, DecisionKind, JuryDecision, JurySession, SessionState
from certify.juries.services.deciding import (
    Ruling,
    brought_back,
    made_of,
    recorded,
    require_last,
    require_sound,
    require_unused,
)
from certify.juries.services.publishing import give_extracts
from certify.juries.services.rows import locked
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key

WITHDRAWING = tuple(one for one in DecisionKind if one.takes_back)
"""The kinds that take back what was granted."""
_TAGS = {
    DecisionKind.CORRECTION: "jury:decision:corrected",
    DecisionKind.APPEAL: "jury:decision:appealed",
    DecisionKind.FRAUD: "jury:decision:fraud",
    DecisionKind.CANCELLATION: "jury:decision:cancelled",
    DecisionKind.REINSTATEMENT: "jury:decision:reinstated",
}


def decide_again(
    session: Session, actor: Actor, candidacy: Candidacy, *, kind: DecisionKind, expected: int, decided_on: date,
    ruling: Ruling,
) -> JuryDecision:  # fmt: skip
    """Record another decision on a candidate whose results are published: a correction, or what an appeal led to."""
    if kind not in (DecisionKind.CORRECTION, DecisionKind.APPEAL):
        raise Invalid(_l("Cette décision se prend autrement : choisissez retrait, annulation ou rétablissement."))
    jury = _published(session, actor, candidacy, decided_on)
    last = require_last(session, candidacy, expected)
    if last is None or last.kind in WITHDRAWING:
        raise Conflict(_l("La décision est retirée ou annulée : rétablissez-la d’abord."))
    if not ruling.reason.strip():
        raise Invalid(_l("Écrivez pourquoi la décision change : la personne candidate le lira."), "reason")
    file = dossiers.file_of(session, candidacy)
    require_sound(session, candidacy, file, ruling)
    require_unused(session, candidacy, last, kept=ruling.acquired)
    decision = made_of(ruling, file, number=expected + 1, actor=actor, kind=kind, decided_on=decided_on)
    return _changed(session, actor, jury, candidacy, decision)


def withdraw(
    session: Session, actor: Actor, candidacy: Candidacy, *, kind: DecisionKind, expected: int, decided_on: date,
    reason: str,
) -> JuryDecision:  # fmt: skip
    """Take back what a published decision granted, for a fraud or because it is cancelled.

    What earlier sessions granted stays acquired.
    """
    if kind not in WITHDRAWING:
        raise Invalid(_l("Choisissez un retrait pour fraude ou une annulation."))
    jury = _published(session, actor, candidacy, decided_on)
    last = require_last(session, candidacy, expected)
    if last is None or last.kind in WITHDRAWING:
        raise Conflict(_l("Cette décision est déjà retirée ou annulée."))
    require_unused(session, candidacy, last)
    _require_reason(session, candidacy, reason)
    file = dossiers.file_of(session, candidacy)
    lost = {block.code: competencies.BlockOutcome.NOT_ACQUIRED for block in file.to_decide}
    left = competencies.with_acquired(lost, file.already_acquired)
    ruling = Ruling(lost, competencies.propose_whole(left), reason)
    decision = made_of(ruling, file, number=expected + 1, actor=actor, kind=kind, decided_on=decided_on)
    return _changed(session, actor, jury, candidacy, decision)


def reinstate(
    session: Session, actor: Actor, candidacy: Candidacy, *, expected: int, decided_on: date, reason: str
) -> JuryDecision:
    """Bring back the decision that a fraud or a cancellation had taken back, by a new decision that names it."""
    jury = _published(session, actor, candidacy, decided_on)
    last = require_last(session, candidacy, expected)
    if last is None or last.kind not in WITHDRAWING:
        raise Conflict(_l("La décision n’est ni retirée ni annulée : il n’y a rien à rétablir."))
    _require_reason(session, candidacy, reason)
    former = _before(session, candidacy, last)
    file = dossiers.file_of(session, candidacy)
    ruling = brought_back(former, file, former.carried(candidacy.acquired), reason)
    decision = made_of(
        ruling, file, number=expected + 1, actor=actor, kind=DecisionKind.REINSTATEMENT, decided_on=decided_on
    )
    decision.restores_id = former.id
    return _changed(session, actor, jury, candidacy, decision)


def _published(session: Session, actor: Actor, candidacy: Candidacy, decided_on: date) -> JurySession:
    jury = locked(session, candidacy.session_id)
    if not policies.is_registrar(jury, actor):
        raise Forbidden(_l("Une décision prise après la session est enregistrée par l’organisme certificateur."))
    reading.require_impartial(session, candidacy, actor)
    if jury.state is not SessionState.PUBLISHED:
        raise Conflict(
            _l("Les résultats ne sont pas publiés : la décision se change en rouvrant la délibération, avec le jury.")
        )
    if not jury.held_on <= decided_on <= clock.today():
        raise Invalid(_l("Cette décision est prise entre le jour de la session et aujourd’hui."), "decided_on")
    return jury


def _require_reason(session: Session, candidacy: Candidacy, reason: str) -> None:
    if not reason.strip():
        raise Invalid(_l("Écrivez le motif : la personne candidate le lira."), "reason")
    require_anonymous(session, candidacy.enrolment_id, [("reason", _l("Motif"), reason)])


def _before(session: Session, candidacy: Candidacy, last: JuryDecision) -> JuryDecision:
    """Return the decision that stood before it was taken back."""
    query = select(JuryDecision).where(
        JuryDecision.candidacy_id == candidacy.id, JuryDecision.number < last.number,
        JuryDecision.kind.not_in(WITHDRAWING),
    )  # fmt: skip
    query = query.order_by(JuryDecision.number.desc()).limit(1)
    return session.scalars(query.options(selectinload(JuryDecision.blocks))).one()


def _changed(
    session: Session, actor: Actor, jury: JurySession, candidacy: Candidacy, decision: JuryDecision
) -> JuryDecision:
    decision.candidacy_id = candidacy.id
    recorded(session, actor, jury, decision, _TAGS[decision.kind])
    minutes = queries.minutes_of(session, jury.id)
    assert minutes is not None
    ensure_key(session, session.get_one(Organisation, jury.certifying_body_id), actor)
    give_extracts(session, jury, minutes, [candidates.candidate_of(session, candidacy)])
    outbox.send(session, "jury.decision.changed", decision_id=decision.id, candidacy_id=candidacy.id)
    return decision
