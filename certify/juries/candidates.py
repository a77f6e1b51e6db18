"""Reads about the candidates of a session: their path, how ready they are, their file."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.eligibility import queries as eligibility
from certify.eligibility.models import Derogation
from certify.evidence import queries as evidence
from certify.frameworks.queries import active_versions, framework_of, programmes_of
from certify.juries.models import Candidacy, JuryDecision, JurySession, SessionState
from certify.logbook.models import EntryContent
from certify.logbook.queries import latest_contents
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


def last_decisions(session: Session, candidacy_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, JuryDecision]:
    """Return the decision that stands on each candidacy, with its blocks."""
    query = select(JuryDecision).where(JuryDecision.candidacy_id.in_(candidacy_ids)).order_by(JuryDecision.number)
    found = session.scalars(query.options(selectinload(JuryDecision.blocks)))
    return {decision.candidacy_id: decision for decision in found}


def taken() -> Any:
    """Select the enrolments presented to a session that is not closed, or whose certification a jury has granted."""
    other, later = aliased(JurySession), aliased(JuryDecision)
    same = later.candidacy_id == JuryDecision.candidacy_id
    replaced = exists().where(same, later.number > JuryDecision.number).correlate(JuryDecision)
    obtained = JuryDecision.outcome == competencies.WholeOutcome.OBTAINED.value
    is_obtained = exists().where(JuryDecision.candidacy_id == Candidacy.id, obtained, ~replaced).correlate(Candidacy)
    return (
        select(Candidacy.enrolment_id)
        .join(other, other.id == Candidacy.session_id)
        .where(or_(other.state != SessionState.CLOSED, is_obtained))
    )


def eligible(jury: JurySession) -> Any:
    """Select (enrolment, person, cohort, training body, standing) of who may be presented to a session.

    On its framework version and for its certifying body, not withdrawn, not presented to another open session, not
    certified yet.
    """
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
            Enrolment.id.not_in(taken()),
        )
    )


ELIGIBLE_SORTS = {
    "ready": (-Enrolment.covered, Standing.enrolment_id.is_(None), Enrolment.sort_name),
    "name": (Enrolment.sort_name,),
    "cohort": (Cohort.name, Enrolment.sort_name),
}
"""How a list of eligible people sorts: those who proved most, then those assessed, come first."""


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


@dataclass(frozen=True)
class CandidateFile:
    """What a jury needs to decide on one candidate, and nothing else."""

    candidate: Candidate
    framework: competencies.Framework
    standing: competencies.Standing
    coverage: competencies.Coverage
    ratings: dict[str, list[assessments.LatestRating]]
    """What each assessor last said of each indicator."""
    signed: list[tuple[Assessment, str]]
    """Signed assessments, with the name of their author; a self-assessment enters no decision."""
    items: list[evidence.EvidenceItem]
    already_acquired: frozenset[str]
    """Blocks an earlier jury awarded: acquired is definitive."""
    retained: dict[str, assessments.RetainedLine]
    """Levels the training body retained in place of the proposed ones, by competency."""
    conditions: eligibility.File
    """What had to be there before the jury."""
    derogations: list[eligibility.Waiver]
    """What the candidate was exempted from, and what was withdrawn since."""

    @property
    def proposals(self) -> dict[str, competencies.BlockOutcome]:
        """What the assessments, or an earlier jury, lead to propose for each block."""
        levels = {code: proposal.level for code, proposal in self.standing.competencies.items()}
        return {
            block.code: competencies.BlockOutcome.ACQUIRED
            if block.code in self.already_acquired
            else competencies.propose_block(self.framework, block.code, levels)
            for block in self.framework.blocks
        }

    def evidence_of(self, indicator: str) -> list[evidence.EvidenceItem]:
        """Return the accepted evidence for one indicator."""
        return [item for item in self.items if indicator in evidence.indicators_of(item)]


def file_of(session: Session, candidacy: Candidacy) -> CandidateFile:
    """Return the file of a candidate, in a number of statements that does not depend on its length."""
    row = session.execute(candidates(candidacy.session_id).where(Candidacy.id == candidacy.id)).one()
    candidate = with_decisions(session, [row])[0]
    enrolment_id = candidacy.enrolment_id
    framework = framework_of(session, candidate.enrolment.framework_version_id)
    pieces = evidence.accepted_pieces(session, [enrolment_id]).get(enrolment_id, [])
    return CandidateFile(
        candidate=candidate,
        framework=framework,
        standing=assessments.standing_of(session, candidate.enrolment),
        coverage=competencies.cover(framework, pieces),
        ratings=assessments.latest_ratings(session, enrolment_id),
        signed=_signed(session, enrolment_id),
        items=evidence.accepted_items(session, enrolment_id),
        already_acquired=acquired_before(session, candidacy),
        retained=assessments.levels_in_force(session, candidate.enrolment),
        conditions=eligibility.file_of(session, candidate.enrolment),
        derogations=eligibility.derogations_of(session, enrolment_id),
    )


def _signed(session: Session, enrolment_id: uuid.UUID) -> list[tuple[Assessment, str]]:
    rows = session.execute(
        select(Assessment, User)
        .join(User, User.id == Assessment.assessor_id)
        .where(
            Assessment.enrolment_id == enrolment_id,
            Assessment.state == AssessmentState.SIGNED,
            Assessment.kind != AssessmentKind.SELF,
        )
        .order_by(Assessment.held_on.desc(), Assessment.id)
    )
    return [(assessment, user.name) for assessment, user in rows]


def acquired_before(session: Session, candidacy: Candidacy) -> frozenset[str]:
    """Return the blocks that earlier closed sessions awarded to the same enrolment."""
    earlier = (
        select(Candidacy.id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .where(Candidacy.enrolment_id == candidacy.enrolment_id, Candidacy.id != candidacy.id)
        .where(JurySession.state == SessionState.CLOSED)
    )
    taken = last_decisions(session, list(session.scalars(earlier)))
    lasting = [one for one in taken.values() if one.outcome != competencies.WholeOutcome.ADJOURNED]
    acquired = competencies.BlockOutcome.ACQUIRED
    return frozenset(row.block for one in lasting for row in one.blocks if row.outcome == acquired)


def decisions_of(session: Session, candidacy: Candidacy) -> list[tuple[JuryDecision, str]]:
    """Return every decision taken on a candidacy, the last first, with the name of who recorded it."""
    query = (
        select(JuryDecision, User)
        .join(User, User.id == JuryDecision.taken_by_id)
        .where(JuryDecision.candidacy_id == candidacy.id)
        .order_by(JuryDecision.number.desc())
        .options(selectinload(JuryDecision.blocks))
    )
    return [(decision, user.name) for decision, user in session.execute(query)]


def item_of(session: Session, candidacy: Candidacy, item_id: uuid.UUID) -> evidence.EvidenceItem:
    """Return one accepted piece of a candidate's evidence; NotFound for anything else."""
    for item in evidence.accepted_items(session, candidacy.enrolment_id):
        if item.id == item_id:
            return item
    raise NotFound()


def content_of(session: Session, item: evidence.EvidenceItem) -> EntryContent:
    """Return what the logbook entry that a piece of evidence is said when it was accepted."""
    content = latest_contents(session, [item.entry_id]).get(item.entry_id) if item.entry_id else None
    if content is None:
        raise NotFound()
    return content
