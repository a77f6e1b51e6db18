"""Reads about blocks acquired for good: what each session granted itself, and which later decision rests on it."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.juries.candidates import last_decisions
from certify.juries.models import Candidacy, JurySession, SessionState
from certify.juries.queries import OVER


def granted_to(session: Session, enrolment_id: uuid.UUID) -> dict[uuid.UUID, frozenset[str]]:
    """Return, by candidacy, the blocks that each published session granted itself to somebody, in two statements."""
    rows = session.execute(_presented(enrolment_id, [SessionState.PUBLISHED])).all()
    standing = last_decisions(session, [row.id for row in rows])
    return {row.id: standing[row.id].granted(row.acquired) for row in rows if row.id in standing}


def relying_on(session: Session, candidacy: Candidacy, blocks: Collection[str]) -> str | None:
    """Return the session of a later decision that counts blocks which this candidacy alone was granted; None if none.

    What decides nothing rests on nothing: an adjournment, or what was taken back. A jury that still deliberates is
    told on its own page.
    """
    rows = session.execute(_presented(candidacy.enrolment_id, OVER).where(Candidacy.id != candidacy.id)).all()
    standing = last_decisions(session, [row.id for row in rows])
    granted = granted_to(session, candidacy.enrolment_id)
    for row in rows:
        decision = standing.get(row.id)
        if decision is None or decision.kind.takes_back or decision.outcome == competencies.WholeOutcome.ADJOURNED:
            continue
        others = (codes for one, codes in granted.items() if one not in (candidacy.id, row.id))
        if decision.carried(row.acquired) & set(blocks) - frozenset[str]().union(*others):
            return str(row.reference)
    return None


def _presented(enrolment_id: uuid.UUID, states: Collection[SessionState]) -> Any:
    return (
        select(Candidacy.id, Candidacy.acquired, JurySession.reference)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .where(Candidacy.enrolment_id == enrolment_id, JurySession.state.in_(states))
        .order_by(JurySession.held_on.desc(), JurySession.id)
    )
