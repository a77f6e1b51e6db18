"""What one candidate is given of the minutes: the facts frozen at publication, and reads of what was given."""

import uuid
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core.clock import PARIS
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate
from certify.juries.minutes import candidate_facts
from certify.juries.models import JuryDecision, JuryExtract, JuryMinutes, JurySession
from certify.juries.rules import rules_of

_OF_THE_SESSION = ("certifier", "city", "is_demo", "reference", "held_on", "certification", "framework")
_OF_A_MEMBER = ("name", "quality", "is_president", "is_external")


def facts_of(session: Session, jury: JurySession, minutes: JuryMinutes, candidate: Candidate) -> dict[str, Any]:
    """Return what the extract says: the session, who sat for this candidate, the decision; nothing of the others."""
    decision = candidate.decision
    assert decision is not None
    framework = framework_of(session, candidate.enrolment.framework_version_id)
    aside = next(
        (
            {row["name"] for row in one["recused"]}
            for one in minutes.facts["candidates"]
            if one.get("candidacy") == str(candidate.candidacy_id)
        ),
        set(),
    )
    sat = [one for one in minutes.facts["members"] if one["is_present"] and one["name"] not in aside]
    return {
        **{key: minutes.facts[key] for key in _OF_THE_SESSION},
        "minutes": {"number": minutes.number, "digest": minutes.facts["digest"]},
        "members": [{key: one[key] for key in _OF_A_MEMBER} for one in sat],
        "candidate": without_votes(candidate_facts(framework, candidate)),
        "decided_on": (decision.decided_on or jury.held_on).isoformat(),
        "appeal_until": appeal_ends_on(session, jury, decision).isoformat(),
    }


def without_votes(facts: dict[str, Any]) -> dict[str, Any]:
    """Leave the count of the votes out: the decision is the jury's."""
    blocks = [{key: value for key, value in block.items() if key != "votes"} for block in facts["blocks"]]
    return facts | {"blocks": blocks}


def appeal_ends_on(session: Session, jury: JurySession, decision: JuryDecision) -> date:
    """Return the last day on which a candidate may contest a decision: so many days after they were told of it."""
    told = jury.published_at.astimezone(PARIS).date() if jury.published_at else jury.held_on
    told = max(told, decision.decided_on or told)
    return told + timedelta(days=rules_of(session, jury).appeal_days)


def extract_of(session: Session, candidacy_id: uuid.UUID, decision_id: uuid.UUID) -> JuryExtract | None:
    """Return what a candidate was given last about a decision."""
    query = select(JuryExtract).where(JuryExtract.candidacy_id == candidacy_id, JuryExtract.decision_id == decision_id)
    return session.scalars(query.order_by(JuryExtract.created_at.desc(), JuryExtract.id).limit(1)).one_or_none()
