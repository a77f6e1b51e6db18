"""Reads about the candidates of a session: their path, how ready they are, their file."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.eligibility import queries as eligibility
from certify.eligibility.models import Derogation
from certify.frameworks.queries import active_versions, framework_of, programmes_of
from certify.juries.models import Candidacy, JuryDecision, JurySession, SessionState
from certify.organisations.models import Organisation


@dataclass(frozen=True)
class Candidate:
    """A person presented to a session, with the path that led there."""

    candidacy_id: uuid.UUID
    enrolment: Enrolment
    user: User
    cohort: str
    training_body: str
    decision: JuryDecision | None = None
    """The one that stands, with its blocks."""

    @property
    def name(self) -> str:
        """How the candidate is named in the session."""
        return self.user.name


def candidates(jury_id: uuid.UUID) -> Any:
    """Select what makes the `Candidate`s of a session."""
    return (
        select(Candidacy.id, Enrolment, User, Cohort.name, Organisation.name)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Organisation, Organisation.id == Enrolment.training_body_id)
        .where(Candidacy.session_id == jury_id)
    )


def with_decisions(session: Session, rows: Sequence[Any]) -> list[Candidate]:
    """Make candidates of rows of `candidates`, each with the decision that stands, in one statement for all of them."""
    standing = last_decisions(session, [row[0] for row in rows])
    return [Candidate(row[0], row[1], row[2], row[3], row[4], standing.get(row[0])) for row in rows]


def candidates_of(session: Session, jury_id: uuid.UUID) -> list[Candidate]:
    """Return every candidate of a session by name, with the decision that stands."""
    order = candidates(jury_id).order_by(Enrolment.sort_name, Candidacy.id)
    return with_decisions(session, session.execute(order).all())


def candidate_of(session: Session, candidacy: Candidacy) -> Candidate:
    """Return one candidate, with the decision that stands."""
    row = session.execute(candidates(candidacy.session_id).where(Candidacy.id == candidacy.id)).one()
    return with_decisions(session, [row])[0]


def last_decisions(session: Session, candidacy_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, JuryDecision]:
    """Return the decision that stands on each candidacy, with its blocks."""
    query = select(JuryDecision).where(JuryDecision.candidacy_id.in_(candidacy_ids)).order_by(JuryDecision.number)
    found = session.scalars(query.options(selectinload(JuryDecision.blocks)))
    return {decision.candidacy_id: decision for decision in found}


def taken(renewable: date | None = None) -> Any:
    """Select the enrolments presented to a session that is not over, or whose certification a jury has granted.

    What was granted until `renewable` may be renewed, so that it takes nobody.
    """
    other, later = aliased(JurySession), aliased(JuryDecision)
    same = later.candidacy_id == JuryDecision.candidacy_id
    replaced = exists().where(same, later.number > JuryDecision.number).correlate(JuryDecision)
    obtained = JuryDecision.outcome == competencies.WholeOutcome.OBTAINED.value
    is_obtained = exists().where(JuryDecision.candidacy_id == Candidacy.id, obtained, ~replaced).correlate(Candidacy)
    standing = is_obtained if renewable is None else and_(is_obtained, other.held_on > renewable)
    return (
        select(Candidacy.enrolment_id)
        .join(other, other.id == Candidacy.session_id)
        .where(or_(other.state != SessionState.PUBLISHED, standing))
    )


def renewable_until(rules: competencies.JuryRules) -> date | None:
    """Return the last day of decision of what may be renewed today; none when nothing ever expires."""
    if not rules.validity_months:
        return None
    return competencies.add_months(clock.today(), rules.renewal_months_before - rules.validity_months)


def eligible(jury: JurySession, rules: competencies.JuryRules = competencies.USUAL_JURY_RULES) -> Any:
    """Select (enrolment, person, cohort, training body, standing) of who may be presented to a session.

    On its framework version and for its certifying body, not withdrawn, not presented to another session under way,
    with something left to acquire, or a certification that may be renewed; not before the day their last jury named.
    """
    return _presentable(jury, rules).where(Enrolment.id.not_in(_retaking_after(jury.held_on)))


def held_back(
    session: Session, jury: JurySession, rules: competencies.JuryRules = competencies.USUAL_JURY_RULES
) -> list[tuple[uuid.UUID, str, date]]:
    """Return (enrolment, name, day) of who may not be presented to a session because it is held before that day."""
    until = _retaking_after(jury.held_on, JuryDecision.retake_from).subquery()
    query = _presentable(jury, rules).join(until, until.c.enrolment_id == Enrolment.id)
    query = query.order_by(Enrolment.sort_name, Enrolment.id, until.c.retake_from)
    rows = session.execute(query.with_only_columns(Enrolment.id, User, until.c.retake_from))
    found = {one: (one, user.name, day) for one, user, day in rows}
    return list(found.values())


def _retaking_after(day: date, *columns: Any) -> Any:
    """Select the enrolments that a published decision that stands lets come back only after a day."""
    later = aliased(JuryDecision)
    replaced = exists().where(later.candidacy_id == JuryDecision.candidacy_id, later.number > JuryDecision.number)
    return (
        select(Candidacy.enrolment_id, *columns)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .join(JuryDecision, JuryDecision.candidacy_id == Candidacy.id)
        .where(JurySession.state == SessionState.PUBLISHED, JuryDecision.retake_from > day, ~replaced)
    )


def _presentable(jury: JurySession, rules: competencies.JuryRules) -> Any:
    return (
        select(Enrolment, User, Cohort.name, Organisation.name, Standing)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Organisation, Organisation.id == Enrolment.training_body_id)
        .outerjoin(Standing, Standing.enrolment_id == Enrolment.id)
        .where(
            Cohort.certifying_body_id == jury.certifying_body_id,
            Enrolment.framework_version_id == jury.framework_version_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            Enrolment.id.not_in(taken(renewable_until(rules))),
        )
    )


ELIGIBLE_SORTS = {
    "ready": (-Enrolment.covered, Standing.enrolment_id.is_(None), Enrolment.sort_name),
    "name": (Enrolment.sort_name,),
    "cohort": (Cohort.name, Enrolment.sort_name),
}
"""How a list of eligible people sorts: those who proved most, then those assessed, come first."""


def names_by_candidacy(session: Session, jury_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Return the name of each candidate of a session, by candidacy."""
    query = select(Candidacy.id, User).join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
    query = query.join(User, User.id == Enrolment.user_id).where(Candidacy.session_id == jury_id)
    return {candidacy_id: user.name for candidacy_id, user in session.execute(query)}


def names_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the name of each enrolled person, in the order of lists."""
    query = select(Enrolment.id, User).join(User, User.id == Enrolment.user_id).where(Enrolment.id.in_(enrolment_ids))
    return {one: user.name for one, user in session.execute(query.order_by(Enrolment.sort_name, Enrolment.id))}


def ready(session: Session, actor: Actor) -> list[tuple[Enrolment, str, str]]:
    """Return who may be presented with a file where nothing is missing, by name, with the name of their cohort.

    Everything asked is there or waived, as the page of the file says; presented to no open session, not certified yet.
    """
    versions = active_versions(session, actor.organisations(Permission.JURY_WRITE))
    if not versions:
        return []
    waived = exists().where(Derogation.enrolment_id == Enrolment.id, Derogation.withdrawn_at.is_(None))
    rules = programmes_of(session, [(one.certifying_body_id, one.code) for one in versions])
    # What accepted evidence covers is counted on each enrolment: most of those who are far from ready stop here.
    may_be_whole = or_(
        *(
            and_(
                Enrolment.framework_version_id == one.id,
                Enrolment.covered >= len(framework_of(session, one.id).indicators)
                if rules[one.certifying_body_id, one.code].evidence_per_indicator
                else true(),
            )
            for one in versions
        )
    )
    rows = session.execute(
        select(Enrolment, User, Cohort.name)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.framework_version_id.in_([one.id for one in versions]), or_(may_be_whole, waived))
        .where(Enrolment.state != EnrolmentState.WITHDRAWN, Enrolment.id.not_in(taken()))
        .order_by(Enrolment.sort_name, Enrolment.id)
    ).all()
    files = eligibility.files_of(session, [enrolment for enrolment, _user, _cohort in rows])
    return [(one, user.name, cohort) for one, user, cohort in rows if files[one.id].is_ready]


def acquired_before(
    session: Session,
    enrolment_ids: Collection[uuid.UUID],
    rules: competencies.JuryRules = competencies.USUAL_JURY_RULES,
) -> dict[uuid.UUID, frozenset[str]]:
    """Return the blocks that published sessions awarded to enrolments, in two statements.

    What a session only repeats of an earlier one proves nothing: the earlier may have been taken back since. A block
    acquired is for good; only a certification that expires, once it may be renewed, is decided on again whole.
    """
    rows = session.execute(
        select(Candidacy.id, Candidacy.enrolment_id, Candidacy.acquired, JurySession.held_on)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .where(Candidacy.enrolment_id.in_(enrolment_ids), JurySession.state == SessionState.PUBLISHED)
    ).all()
    standing = last_decisions(session, [candidacy_id for candidacy_id, _enrolment, _acquired, _day in rows])
    renewable, whole = renewable_until(rules), competencies.WholeOutcome
    found: dict[uuid.UUID, set[str]] = {}
    for candidacy_id, enrolment_id, presented_with, held_on in rows:
        decision = standing.get(candidacy_id)
        if decision is None or decision.outcome == whole.ADJOURNED or (renewable and held_on <= renewable):
            continue
        found.setdefault(enrolment_id, set()).update(decision.granted(presented_with))
    return {enrolment_id: frozenset(codes) for enrolment_id, codes in found.items()}
