"""Reads about published results: one's own as a candidate, and those of a session for whoever keeps it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.frameworks.queries import framework_of
from certify.juries.extracts import appeal_ends_on
from certify.juries.models import Appeal, Candidacy, JuryDecision, JuryExtract, JurySession, SessionState
from certify.juries.queries import reach
from certify.juries.rules import rules_of
from certify.organisations.models import Organisation


@dataclass(frozen=True)
class Result:
    """What a published session decided on one candidate, and what came after."""

    candidacy: Candidacy
    jury: JurySession
    body: str
    framework: competencies.Framework
    decisions: Sequence[JuryDecision]
    """The one that stands first."""
    extracts: dict[uuid.UUID, JuryExtract]
    """By decision, what the candidate was given last."""
    appeals: Sequence[Appeal]
    """The last first."""
    appeal_until: date | None
    """None when the certification foresees no appeal."""

    @property
    def decision(self) -> JuryDecision:
        """The decision that stands."""
        return self.decisions[0]

    @property
    def outcomes(self) -> dict[str, str]:
        """What was decided on each block."""
        return {row.block: row.outcome for row in self.decision.blocks}

    @property
    def remaining(self) -> tuple[str, ...]:
        """The blocks that are still to acquire."""
        said = {code: competencies.BlockOutcome(value) for code, value in self.outcomes.items()}
        return competencies.remaining(self.framework, said)

    @property
    def appeal(self) -> Appeal | None:
        """The appeal against the decision that stands, if any."""
        return next((one for one in self.appeals if one.contested_id == self.decision.id), None)

    @property
    def may_appeal(self) -> bool:
        """Whether the candidate may still contest the decision that stands."""
        return self.appeal is None and self.appeal_until is not None and clock.today() <= self.appeal_until


def own_results(session: Session, actor: Actor) -> list[Result]:
    """Return one's own published results, the last session first, in a constant number of statements."""
    return _results(session, [Enrolment.user_id == actor.user_id, JurySession.state == SessionState.PUBLISHED])


def own_result(session: Session, actor: Actor, candidacy_id: uuid.UUID) -> Result:
    """Return one of one's own published results; NotFound for anybody else's."""
    mine = [Enrolment.user_id == actor.user_id, JurySession.state == SessionState.PUBLISHED]
    return _one(_results(session, [*mine, Candidacy.id == candidacy_id]))


def results_of(session: Session, jury: JurySession) -> list[Result]:
    """Return the results of a session, by name of the candidate, in a constant number of statements."""
    return _results(session, [JurySession.id == jury.id], by_name=True)


def results_of_cohort(session: Session, cohort_id: uuid.UUID) -> list[Result]:
    """Return the published results of the people of a cohort, by name, in a constant number of statements."""
    known = [Enrolment.cohort_id == cohort_id, JurySession.state == SessionState.PUBLISHED]
    return _results(session, known, by_name=True)


def names_of_cohort(session: Session, cohort_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Return the name of each person of a cohort, by enrolment."""
    query = select(Enrolment.id, User).join(User, User.id == Enrolment.user_id).where(Enrolment.cohort_id == cohort_id)
    return {enrolment_id: user.name for enrolment_id, user in session.execute(query)}


def result_for(session: Session, actor: Actor, candidacy_id: uuid.UUID) -> Result:
    """Return one result of a session that the actor keeps, decided on; NotFound otherwise."""
    kept = reach(actor, Permission.JURY_WRITE)
    return _one(_results(session, [Candidacy.id == candidacy_id, kept]))


def appeal_for(session: Session, actor: Actor, appeal_id: uuid.UUID) -> tuple[Appeal, Result]:
    """Return an appeal with the result it contests, for whoever keeps the session; NotFound otherwise."""
    appeal = session.get(Appeal, appeal_id)
    if appeal is None:
        raise NotFound()
    return appeal, result_for(session, actor, appeal.candidacy_id)


def _one(found: Sequence[Result]) -> Result:
    if not found:
        raise NotFound()
    return found[0]


def _results(session: Session, conditions: Sequence[Any], *, by_name: bool = False) -> list[Result]:
    query = (
        select(Candidacy, JurySession, Organisation.name)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .join(Organisation, Organisation.id == JurySession.certifying_body_id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .where(*conditions)
    )
    order = (Enrolment.sort_name, Candidacy.id) if by_name else (JurySession.held_on.desc(), Candidacy.id)
    rows = session.execute(query.order_by(*order)).all()
    ids = [candidacy.id for candidacy, _jury, _body in rows]
    taken, given, contested = _decisions(session, ids), _extracts(session, ids), _appeals(session, ids)
    rules = {jury.id: rules_of(session, jury) for jury in {jury for _candidacy, jury, _body in rows}}
    return [
        Result(
            candidacy, jury, body, framework_of(session, jury.framework_version_id), taken[candidacy.id],
            {row.decision_id: row for row in given.get(candidacy.id, [])}, contested.get(candidacy.id, []),
            appeal_ends_on(jury, rules[jury.id], taken[candidacy.id][0]),
        )
        for candidacy, jury, body in rows
        if candidacy.id in taken
    ]  # fmt: skip


def _decisions(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[JuryDecision]]:
    query = select(JuryDecision).where(JuryDecision.candidacy_id.in_(ids)).order_by(JuryDecision.number.desc())
    return _by_candidacy(session.scalars(query.options(selectinload(JuryDecision.blocks))))


def _extracts(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[JuryExtract]]:
    query = select(JuryExtract).where(JuryExtract.candidacy_id.in_(ids))
    return _by_candidacy(session.scalars(query.order_by(JuryExtract.created_at, JuryExtract.id)))


def _appeals(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Appeal]]:
    query = select(Appeal).where(Appeal.candidacy_id.in_(ids))
    return _by_candidacy(session.scalars(query.order_by(Appeal.recorded_at.desc(), Appeal.id)))


def _by_candidacy(rows: Any) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.candidacy_id, []).append(row)
    return found
