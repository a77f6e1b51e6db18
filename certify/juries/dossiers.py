"""Reads about one candidate's file: what the jury needs to decide, what was decided, and each piece of evidence."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState
from certify.core.errors import NotFound
from certify.eligibility import queries as eligibility
from certify.evidence import queries as evidence
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate, candidate_of
from certify.juries.carrying import granted_to
from certify.juries.models import Candidacy, JuryDecision
from certify.logbook.models import EntryContent
from certify.logbook.queries import latest_contents
from competencies.agreement import Agreement, Judgement, agreement


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
    beside: assessments.SideBySide
    """The candidate's own view, beside what assessors say; it enters no decision."""

    @property
    def own(self) -> dict[str, assessments.LatestRating]:
        """What the candidate said last of each indicator."""
        return {line.indicator.code: line.own for line in self.beside.indicators if line.own is not None}

    @property
    def agreement(self) -> Agreement:
        """How far the assessors of this candidate agree, from the first indicator that two of them rated."""
        said = (
            Judgement("", indicator, str(one.assessor_id), one.level)
            for indicator, ratings in self.ratings.items()
            for one in ratings
            if one.level is not None
        )
        return agreement(self.framework.scale, said, 1)

    @property
    def to_decide(self) -> tuple[competencies.Block, ...]:
        """The blocks this jury decides on: not those acquired already."""
        return tuple(block for block in self.framework.blocks if block.code not in self.already_acquired)

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
    candidate = candidate_of(session, candidacy)
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
        already_acquired=acquired_for(session, candidacy),
        retained=assessments.levels_in_force(session, candidate.enrolment),
        conditions=eligibility.file_of(session, candidate.enrolment),
        derogations=eligibility.derogations_of(session, enrolment_id),
        beside=assessments.side_by_side(session, candidate.enrolment),
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


def acquired_for(session: Session, candidacy: Candidacy) -> frozenset[str]:
    """Return the blocks a candidate held when presented, by decisions of earlier sessions that still stand.

    Acquired for good, unless the decision that gave them was withdrawn since, or the certification is being renewed.
    """
    if not candidacy.acquired:
        return frozenset()
    granted = granted_to(session, candidacy.enrolment_id)
    granted.pop(candidacy.id, None)
    return frozenset(candidacy.acquired) & frozenset[str]().union(*granted.values())


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
