"""Appeals: a candidate contests a published decision; it is answered by another decision, or by a dated refusal."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Enrolment
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day
from certify.juries import candidates, extracts, policies, reading
from certify.juries.models import Appeal, Candidacy, DecisionKind, JuryDecision, JurySession, SessionState
from certify.juries.rules import rules_of
from certify.juries.services.afterwards import WITHDRAWING, decide_again, reinstate
from certify.juries.services.deciding import Ruling
from certify.juries.services.rows import locked, note


def lodge(
    session: Session, actor: Actor, candidacy: Candidacy, *, grounds: str, received_on: date | None = None
) -> Appeal:
    """Contest the decision that stands: the candidate themselves in time, or the registrar for a letter received."""
    jury = locked(session, candidacy.session_id)
    enrolment = session.get_one(Enrolment, candidacy.enrolment_id)
    is_own = enrolment.user_id == actor.user_id
    if not is_own and not policies.is_registrar(jury, actor):
        raise Forbidden(_l("Un recours est déposé par la personne candidate, ou noté par l’organisme certificateur."))
    decision = candidates.last_decisions(session, [candidacy.id]).get(candidacy.id)
    if jury.state is not SessionState.PUBLISHED or decision is None:
        raise Conflict(_l("Les résultats de cette session ne sont pas publiés : il n’y a rien à contester."))
    moment = clock.today() if is_own or received_on is None else received_on
    last_day = extracts.appeal_ends_on(jury, rules_of(session, jury), decision)
    _require_in_time(moment, last_day, jury, is_own=is_own)
    if session.scalars(select(Appeal).where(Appeal.contested_id == decision.id)).first() is not None:
        raise Conflict(_l("Un recours est déjà enregistré contre cette décision."))
    if not grounds.strip():
        raise Invalid(_l("Écrivez pourquoi cette décision est contestée."), "grounds")
    require_anonymous(session, candidacy.enrolment_id, [("grounds", _l("Motifs du recours"), grounds)])
    appeal = Appeal(
        candidacy_id=candidacy.id, contested_id=decision.id, received_on=moment, grounds=grounds.strip(),
        recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(appeal)
    note(session, actor, "jury:appeal:lodged", appeal, jury, candidacy_id=candidacy.id, decision=decision.number)
    outbox.send(session, "jury.appeal.lodged", appeal_id=appeal.id)
    return appeal


def _require_in_time(moment: date, last_day: date | None, jury: JurySession, *, is_own: bool) -> None:
    if not jury.held_on <= moment <= clock.today():
        raise Invalid(_l("Un recours est reçu entre le jour de la session et aujourd’hui."), "received_on")
    if is_own and last_day is None:
        raise Conflict(
            _l(
                "Cette certification ne prévoit pas de recours contre les décisions du jury. "
                "Écrivez à l’organisme certificateur si vous relevez une erreur."
            )
        )
    if is_own and last_day is not None and moment > last_day:
        raise Conflict(
            _l(
                "Le délai pour contester cette décision a pris fin le %(day)s. "
                "Écrivez à l’organisme certificateur si un motif grave vous a empêché·e d’agir à temps.",
                day=day(last_day),
            )
        )


def answer(
    session: Session, actor: Actor, appeal: Appeal, *, is_upheld: bool, words: str, answered_on: date,
    expected: int = 0, ruling: Ruling | None = None,
) -> Appeal:  # fmt: skip
    """Answer an appeal: upheld, with the decision that follows; or refused, with why, on its own day."""
    candidacy = session.get_one(Candidacy, appeal.candidacy_id)
    jury = locked(session, candidacy.session_id)
    # Read before the lock, it may have been answered since.
    session.refresh(appeal, with_for_update=True)
    if not policies.is_registrar(jury, actor):
        raise Forbidden(_l("La réponse à un recours est enregistrée par l’organisme certificateur."))
    reading.require_impartial(session, candidacy, actor)
    if jury.state is not SessionState.PUBLISHED:
        raise Conflict(
            _l("Les résultats de cette session ne sont pas publiés : publiez-les, puis répondez à ce recours.")
        )
    if appeal.answered_on is not None:
        raise Conflict(_l("Ce recours a déjà reçu une réponse."))
    if not words.strip():
        raise Invalid(_l("Écrivez la réponse : la personne candidate la lira."), "answer")
    if not appeal.received_on <= answered_on <= clock.today():
        raise Invalid(_l("La réponse est donnée entre la réception du recours et aujourd’hui."), "answered_on")
    require_anonymous(session, candidacy.enrolment_id, [("answer", _l("Réponse"), words)])
    if is_upheld:
        appeal.decision_id = _upheld(session, actor, appeal, candidacy, words, answered_on, expected, ruling).id
    appeal.answered_on, appeal.answered_by_id = answered_on, actor.user_id
    appeal.is_upheld, appeal.answer = is_upheld, words.strip()
    note(session, actor, "jury:appeal:answered", appeal, jury, is_upheld=is_upheld)
    outbox.send(session, "jury.appeal.answered", appeal_id=appeal.id)
    return appeal


def _upheld(
    session: Session, actor: Actor, appeal: Appeal, candidacy: Candidacy, words: str, decided_on: date, expected: int,
    ruling: Ruling | None,
) -> JuryDecision:  # fmt: skip
    """Record what an upheld appeal leads to: what was taken back is back when that is contested, else a new ruling."""
    contested = session.get_one(JuryDecision, appeal.contested_id)
    if contested.kind in WITHDRAWING and contested.number == expected:
        return reinstate(session, actor, candidacy, expected=expected, decided_on=decided_on, reason=words)
    if ruling is None:
        raise Invalid(_l("Écrivez la décision que le jury prend sur ce recours."))
    return decide_again(
        session, actor, candidacy, kind=DecisionKind.APPEAL, expected=expected, decided_on=decided_on, ruling=ruling
    )
