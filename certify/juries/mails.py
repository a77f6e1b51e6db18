"""Mails of juries: minutes to sign, codes, results, appeals; reasons of decisions are read signed in."""

from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.core import mail
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate
from certify.juries.forms import WHOLE_OUTCOMES
from certify.juries.models import Appeal, JuryDecision, JurySession

_RESULTS = "/results"


def to_sign(session: Session, jury: JurySession, member: User) -> None:
    """Ask a member to sign the minutes."""
    mail.queue(
        session, "jury_minutes_to_sign", to=member.address, locale=member.locale, reference=jury.reference,
        held_on=jury.held_on, path=f"/juries/{jury.id}/minutes#signatures",
    )  # fmt: skip


def signing_code(session: Session, jury: JurySession, member: User, code: str, minutes: int) -> None:
    """Give a member the code that signs, good for so many minutes."""
    mail.queue(
        session, "jury_signing_code", to=member.address, locale=member.locale, reference=jury.reference,
        code=f"{code[:3]} {code[3:]}", minutes=minutes,
    )  # fmt: skip


def result(session: Session, jury: JurySession, candidate: Candidate) -> None:
    """Tell a candidate their result."""
    decision = candidate.decision
    _to_candidate(session, "jury_result", jury, candidate, outcome=_said(decision) if decision else "")


def results_withdrawn(session: Session, jury: JurySession, candidate: Candidate) -> None:
    """Tell a candidate that their result is taken back, to be corrected."""
    _to_candidate(session, "jury_results_withdrawn", jury, candidate)


def decision_changed(session: Session, jury: JurySession, candidate: Candidate, decision: JuryDecision) -> None:
    """Tell a candidate of a new decision, with what made it."""
    _to_candidate(
        session, "jury_decision_changed", jury, candidate, kind=decision.kind.label,
        outcome=_said(decision), decided_on=decision.decided_on,
    )  # fmt: skip


def about_appeal(session: Session, template: str, jury: JurySession, candidate: Candidate, appeal: Appeal) -> None:
    """Tell a candidate that their appeal is recorded, or answered."""
    _to_candidate(session, template, jury, candidate, appeal=appeal)


def _said(decision: JuryDecision) -> Any:
    return WHOLE_OUTCOMES[competencies.WholeOutcome(decision.outcome)]


def _to_candidate(session: Session, template: str, jury: JurySession, candidate: Candidate, **values: Any) -> None:
    person = candidate.user
    framework = framework_of(session, jury.framework_version_id)
    mail.queue(
        session, template, to=person.address, locale=person.locale, reference=jury.reference, held_on=jury.held_on,
        certification=framework.title.to(person.locale), path=_RESULTS, **values,
    )  # fmt: skip
