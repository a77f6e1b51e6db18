"""The facts of the minutes of a session, frozen when it closes: what the page shows and the document prints."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.eligibility import queries as eligibility
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate
from certify.juries.composition import Composition, GrantedDerogation
from certify.juries.models import JuryMinutes, JurySession, JuryStep, Recusal, SessionState
from certify.juries.queries import Member
from certify.juries.sitting import Sitting
from certify.organisations.models import Organisation


def facts_of(
    session: Session, jury: JurySession, composition: Composition, sitting: Sitting, presented: Sequence[Candidate]
) -> dict[str, Any]:
    """Return everything the minutes say, as plain values that no later change can reach."""
    body = session.get_one(Organisation, jury.certifying_body_id)
    version = session.get_one(FrameworkVersion, jury.framework_version_id)
    framework = framework_of(session, version.id)
    sat = _who_sat(sitting, _who_decided(sitting, presented))
    there = [one for one in sitting.members if one.seat.id in sat]
    return {
        "certifier": body.name,
        "city": body.city,
        "is_demo": body.is_demo,
        "reference": jury.reference,
        "number": _number(session, jury),
        "held_on": jury.held_on.isoformat(),
        "starts_at": jury.starts_at.isoformat("minutes") if jury.starts_at else "",
        "ends_at": jury.ends_at.isoformat("minutes") if jury.ends_at else "",
        "mode": jury.mode.value,
        "place": jury.place,
        "opened_at": jury.opened_at.isoformat() if jury.opened_at else "",
        "closed_at": jury.closed_at.isoformat() if jury.closed_at else "",
        "reopened": _reopenings(session, jury),
        "certification": framework.title.fr,
        "framework": {"code": version.code, "version": version.version, "digest": version.digest},
        "composition": {
            "members": len(there), "external": sum(1 for member in there if composition.is_external(member)),
            "rules": composition.rules.to_document(),
            "derogations": [_derogation(one) for one in composition.derogations if one.enrolment_id is None],
        },
        "members": [
            _member(one, sat, composition)
            for one in sitting.members
            if not one.seat.is_reserve or one.seat.id in sat
        ],
        "candidates": _candidates(session, framework, composition, sitting, presented),
    }  # fmt: skip


def _who_decided(sitting: Sitting, presented: Sequence[Candidate]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return, by candidacy, the seats of those who took the decision that stands."""
    return {
        one.candidacy_id: sitting.took(one.candidacy_id, one.decision) for one in presented if one.decision is not None
    }


def _who_sat(sitting: Sitting, decided: Mapping[uuid.UUID, frozenset[uuid.UUID]]) -> frozenset[uuid.UUID]:
    """Return the seats of those who took a decision, or came and stood aside; of those there when nobody decided."""
    aside = frozenset[uuid.UUID]().union(*sitting.recused.values()) & sitting.present
    return aside.union(*decided.values()) or sitting.present


def _number(session: Session, jury: JurySession) -> int:
    before = select(func.max(JuryMinutes.number)).where(JuryMinutes.session_id == jury.id)
    return (session.scalar(before) or 0) + 1


def _reopenings(session: Session, jury: JurySession) -> list[dict[str, str]]:
    """Return when and why the session went back after its minutes had been made."""
    query = select(JuryStep).where(JuryStep.session_id == jury.id, JuryStep.from_state == SessionState.CLOSED)
    back = session.scalars(query.where(JuryStep.to_state == SessionState.DELIBERATING).order_by(JuryStep.number))
    return [{"at": step.at.isoformat(), "reason": step.reason} for step in back]


def _member(member: Member, sat: Collection[uuid.UUID], composition: Composition) -> dict[str, Any]:
    seat = member.seat
    return {
        "seat": str(seat.id),
        "name": member.user.name,
        "quality": seat.quality,
        "is_president": seat.is_president,
        "is_external": composition.is_external(member),
        "is_reserve": seat.is_reserve,
        "is_present": seat.id in sat,
        "declared_at": seat.declared_at.isoformat() if seat.declared_at else "",
    }


def _derogation(one: GrantedDerogation) -> dict[str, str]:
    return {
        "violation": one.row.violation, "member": one.member, "reason": one.row.reason, "granted_by": one.granted_by,
        "granted_at": one.row.granted_at.isoformat(),
        "withdrawn_at": one.row.withdrawn_at.isoformat() if one.row.withdrawn_at else "",
    }  # fmt: skip


def _candidates(
    session: Session, framework: competencies.Framework, composition: Composition, sitting: Sitting,
    presented: Sequence[Candidate],
) -> list[dict[str, Any]]:  # fmt: skip
    exemptions = _exemptions(session, presented)
    reasons = _recusals(session, [one.candidacy_id for one in presented])
    names = {one.seat.id: one.user.name for one in sitting.members}
    decided = _who_decided(sitting, presented)
    waived = {
        one.enrolment.id: [_derogation(row) for row in composition.derogations if row.enrolment_id == one.enrolment.id]
        for one in presented
    }
    return [
        candidate_facts(framework, one)
        | {
            "derogations": exemptions.get(one.enrolment.id, []),
            "composition": waived[one.enrolment.id],
            "decided_by": sorted(str(seat) for seat in decided[one.candidacy_id]),
            "recused": [
                {"seat": str(seat), "name": names[seat], "reason": reason}
                for seat, reason in reasons.get(one.candidacy_id, [])
            ],
        }
        for one in presented
    ]  # fmt: skip


def _recusals(session: Session, candidacy_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[tuple[uuid.UUID, str]]]:
    query = select(Recusal).where(Recusal.candidacy_id.in_(candidacy_ids)).order_by(Recusal.at, Recusal.id)
    found: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    for row in session.scalars(query):
        found.setdefault(row.candidacy_id, []).append((row.seat_id, row.reason))
    return found


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


def candidate_facts(framework: competencies.Framework, candidate: Candidate) -> dict[str, Any]:
    """Return what was decided on one candidate, as plain values; the comments to others are left out."""
    decision = candidate.decision
    assert decision is not None
    taken = {row.block: row for row in decision.blocks}
    outcomes = {code: competencies.BlockOutcome(row.outcome) for code, row in taken.items()}
    return {
        "candidacy": str(candidate.candidacy_id),
        "name": candidate.name,
        "cohort": candidate.cohort,
        "training_body": candidate.training_body,
        "access_route": candidate.enrolment.access_route.value,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "decision": decision.number,
        "kind": decision.kind.value,
        "remaining": list(competencies.remaining(framework, outcomes)),
        "retake_from": decision.retake_from.isoformat() if decision.retake_from else "",
        "blocks": [
            {
                "code": block.code, "number": block.number, "title": block.title.fr,
                "outcome": taken[block.code].outcome, "reason": taken[block.code].reason,
                "votes": taken[block.code].votes,
            }
            for block in framework.blocks
            if block.code in taken
        ],
    }  # fmt: skip
