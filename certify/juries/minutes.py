"""The facts of the minutes of a session, frozen when it closes: what the page shows and the document prints."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.eligibility import queries as eligibility
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate
from certify.juries.models import JurySession
from certify.juries.queries import Member
from certify.organisations.models import Organisation


def facts_of(
    session: Session,
    jury: JurySession,
    members: Sequence[Member],
    sat: Sequence[Member],
    presented: Sequence[Candidate],
) -> dict[str, Any]:
    """Return everything the minutes say, as plain values that no later change can reach."""
    body = session.get_one(Organisation, jury.certifying_body_id)
    version = session.get_one(FrameworkVersion, jury.framework_version_id)
    framework = framework_of(session, version.id)
    here = {member.seat.id for member in sat}
    exemptions = _exemptions(session, presented)
    return {
        "certifier": body.name,
        "city": body.city,
        "is_demo": body.is_demo,
        "reference": jury.reference,
        "held_on": jury.held_on.isoformat(),
        "place": jury.place,
        "opened_at": jury.opened_at.isoformat() if jury.opened_at else "",
        "closed_at": jury.closed_at.isoformat() if jury.closed_at else "",
        "certification": framework.title.fr,
        "framework": {"code": version.code, "version": version.version, "digest": version.digest},
        "composition": {
            "members": len(sat), "external": sum(1 for member in sat if member.is_external),
            "rule": "au moins deux membres, une présidence, la moitié de membres externes, aucun lien relevé",
        },
        "members": [_member(member, member.seat.id in here) for member in members],
        "candidates": [
            _candidate(framework, one) | {"derogations": exemptions.get(one.enrolment.id, [])} for one in presented
        ],
    }  # fmt: skip


def _exemptions(session: Session, presented: Sequence[Candidate]) -> dict[uuid.UUID, list[dict[str, str]]]:
    """Return what each candidate was exempted from on the day the session closes, and why."""
    files = eligibility.files_of(session, [one.enrolment for one in presented])
    granted = eligibility.standing_derogations(session, list(files))
    return {
        one: [
            {
                "requirement": files[one].label(row.requirement).fr, "reason": row.reason,
                "granted_at": row.granted_at.isoformat(),
            }
            for row in rows
        ]
        for one, rows in granted.items()
    }  # fmt: skip


def _member(member: Member, is_present: bool) -> dict[str, Any]:
    seat = member.seat
    return {
        "name": member.user.name,
        "quality": seat.quality,
        "is_president": seat.is_president,
        "is_external": member.is_external,
        "is_present": is_present,
        "declared_at": seat.declared_at.isoformat() if seat.declared_at else "",
    }


def _candidate(framework: competencies.Framework, candidate: Candidate) -> dict[str, Any]:
    decision = candidate.decision
    assert decision is not None
    taken = {row.block: row for row in decision.blocks}
    return {
        "name": candidate.name,
        "cohort": candidate.cohort,
        "training_body": candidate.training_body,
        "access_route": candidate.enrolment.access_route.value,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "decision": decision.number,
        "blocks": [
            {
                "code": block.code, "number": block.number, "title": block.title.fr,
                "outcome": taken[block.code].outcome, "reason": taken[block.code].reason,
            }
            for block in framework.blocks
        ],
    }  # fmt: skip
