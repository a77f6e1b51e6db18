"""What one candidate is given of the minutes: the facts frozen at publication, and until when they may contest."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from certify.core.clock import PARIS
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate
from certify.juries.minutes import candidate_facts
from certify.juries.models import JuryDecision, JuryMinutes, JurySession
from competencies import JuryRules

_OF_THE_SESSION = ("certifier", "city", "is_demo", "reference", "held_on", "certification", "framework")
_OF_A_MEMBER = ("name", "quality", "is_president", "is_external")


def facts_of(
    session: Session, jury: JurySession, rules: JuryRules, minutes: JuryMinutes, candidate: Candidate
) -> dict[str, Any]:
    """Return what the extract says: the session, who sat for this candidate, the decision; nothing of the others."""
    decision = candidate.decision
    assert decision is not None
    framework = framework_of(session, candidate.enrolment.framework_version_id)
    appeal_until = appeal_ends_on(jury, rules, decision)
    return {
        **{key: minutes.facts[key] for key in _OF_THE_SESSION},
        "minutes": {"number": minutes.number, "digest": minutes.facts["digest"]},
        "members": [{key: one[key] for key in _OF_A_MEMBER} for one in _took_part(minutes, candidate)],
        "candidate": without_votes(candidate_facts(framework, candidate)),
        "decided_on": (decision.decided_on or jury.held_on).isoformat(),
        "appeal_until": appeal_until.isoformat() if appeal_until else None,
    }


def _took_part(minutes: JuryMinutes, candidate: Candidate) -> list[dict[str, Any]]:
    """Return who decided on a candidate, as the minutes write it; older minutes only write who sat."""
    mine = (one for one in minutes.facts["candidates"] if one.get("candidacy") == str(candidate.candidacy_id))
    seats = next((one.get("decided_by") for one in mine), None)
    if seats is None:
        return [one for one in minutes.facts["members"] if one["is_present"]]
    return [one for one in minutes.facts["members"] if one["seat"] in seats]


def without_votes(facts: dict[str, Any]) -> dict[str, Any]:
    """Leave the count of the votes out: the decision is the jury's."""
    blocks = [{key: value for key, value in block.items() if key != "votes"} for block in facts["blocks"]]
    return facts | {"blocks": blocks}


def appeal_ends_on(jury: JurySession, rules: JuryRules, decision: JuryDecision) -> date | None:
    """Return the last day on which a candidate may contest a decision; None when the certification foresees no appeal.

    So many days after they were told of it: when it was recorded, or when the results were last published if later.
    """
    if not rules.appeal_days:
        return None
    told = max(decision.taken_at, jury.published_at or decision.taken_at)
    return told.astimezone(PARIS).date() + timedelta(days=rules.appeal_days)
