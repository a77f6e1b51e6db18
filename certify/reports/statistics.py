"""Results of promotions: how many obtained what, of how many; which blocks resist; how long it took.

Counted from the decisions that stand in published jury sessions. Nothing is said of fewer than three people.
"""

import statistics
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.frameworks.queries import framework_of
from certify.juries.queries import BlockDecision, Candidacy, JuryDecision, JurySession, SessionState
from certify.organisations.models import Organisation
from competencies import BlockOutcome, WholeOutcome

FEWEST = 3
"""Fewer people than this, and figures would tell of each of them; the software's own value."""


@dataclass(frozen=True)
class Rate:
    """So many out of so many."""

    done: int
    of: int

    @property
    def is_shown(self) -> bool:
        """Whether there are enough people to say anything."""
        return self.of >= FEWEST

    @property
    def percentage(self) -> float:
        """The share, from 0 to 100; shown beside its counts only."""
        return 100 * self.done / self.of if self.of else 0.0


@dataclass(frozen=True)
class BlockRate:
    """How many did not acquire a block, or not wholly, of those on whom a jury decided."""

    block: competencies.Block
    failed: Rate


@dataclass(frozen=True)
class Durations:
    """Days from entry into training to the certification: the middle half, and of how many people."""

    days: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many people obtained the certification."""
        return len(self.days)

    @property
    def is_shown(self) -> bool:
        """Whether there are enough people to say anything."""
        return self.n >= FEWEST

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """First quartile, median, third quartile."""
        low, middle, high = statistics.quantiles(self.days, n=4, method="inclusive")
        return low, middle, high


@dataclass(frozen=True)
class Outcome:
    """What juries decided on one enrolment, all sessions taken together."""

    whole: WholeOutcome
    on: date
    entered_on: date
    blocks: Mapping[str, BlockOutcome]


@dataclass(frozen=True)
class Results:
    """The results of one promotion, or of several together."""

    enrolled: int
    withdrawn: int
    outcomes: tuple[Outcome, ...]

    @property
    def decided(self) -> tuple[Outcome, ...]:
        """Those on whom a jury decided: a decision put off is none yet."""
        return tuple(one for one in self.outcomes if one.whole is not WholeOutcome.ADJOURNED)

    @property
    def adjourned(self) -> int:
        """How many wait for another session."""
        return len(self.outcomes) - len(self.decided)

    @property
    def presented(self) -> Rate:
        """Presented to a jury, of those enrolled."""
        return Rate(len(self.decided), self.enrolled)

    def having(self, outcome: WholeOutcome) -> Rate:
        """How many had an outcome, of those presented."""
        return Rate(sum(1 for one in self.decided if one.whole is outcome), len(self.decided))

    @property
    def obtained(self) -> Rate:
        """Whole certification, of those presented."""
        return self.having(WholeOutcome.OBTAINED)

    @property
    def partly(self) -> Rate:
        """Some blocks, of those presented."""
        return self.having(WholeOutcome.PARTLY_OBTAINED)

    @property
    def refused(self) -> Rate:
        """No block, of those presented."""
        return self.having(WholeOutcome.REFUSED)

    @property
    def durations(self) -> Durations:
        """How long it took those who obtained the certification."""
        obtained = (one for one in self.decided if one.whole is WholeOutcome.OBTAINED)
        return Durations(tuple(sorted((one.on - one.entered_on).days for one in obtained)))

    def blocks(self, framework: competencies.Framework) -> list[BlockRate]:
        """Return the blocks of a framework, the most failed first."""
        rates = []
        for block in framework.blocks:
            said = [one.blocks[block.code] for one in self.decided if block.code in one.blocks]
            failed = sum(1 for outcome in said if outcome is not BlockOutcome.ACQUIRED)
            rates.append(BlockRate(block, Rate(failed, len(said))))
        # Of too few people, even the order would tell something.
        return sorted(rates, key=lambda one: (-one.failed.percentage if one.failed.is_shown else 0, one.block.number))


@dataclass(frozen=True)
class Promotion:
    """One cohort with its results."""

    cohort: Cohort
    training_body: str
    framework: competencies.Framework
    results: Results


@dataclass
class _Told:
    """What the sessions said of one enrolment, gathered in the order of their dates."""

    cohort_id: uuid.UUID
    entered_on: date
    whole: WholeOutcome = WholeOutcome.ADJOURNED
    on: date = date.min
    blocks: dict[str, BlockOutcome] = field(default_factory=dict)

    def hear(self, whole: WholeOutcome, on: date, blocks: Mapping[str, str]) -> None:
        """Take a later decision in: what is obtained or acquired stays so, a decision put off changes nothing."""
        if whole is WholeOutcome.ADJOURNED:
            return
        if self.whole is not WholeOutcome.OBTAINED:
            self.whole, self.on = whole, on
        for block, outcome in blocks.items():
            if self.blocks.get(block) is not BlockOutcome.ACQUIRED:
                self.blocks[block] = BlockOutcome(outcome)


def promotions(session: Session, cohorts: Select[Cohort]) -> list[Promotion]:
    """Return the results of cohorts, the latest to begin first, in a number of statements that nothing makes grow."""
    query = cohorts.join(Organisation, Organisation.id == Cohort.training_body_id).add_columns(Organisation.name)
    rows = session.execute(query.order_by(Cohort.starts_on.desc(), Cohort.name, Cohort.id)).all()
    results = results_of(session, [cohort.id for cohort, _name in rows])
    return [
        Promotion(cohort, name, framework_of(session, cohort.framework_version_id), results[cohort.id])
        for cohort, name in rows
    ]


def results_of(session: Session, cohort_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Results]:
    """Return the results of each cohort, in three statements."""
    left = func.sum(case((Enrolment.state == EnrolmentState.WITHDRAWN, 1), else_=0))
    counted = select(Enrolment.cohort_id, func.count(), left).where(Enrolment.cohort_id.in_(cohort_ids))
    sizes = {one: (size, gone) for one, size, gone in session.execute(counted.group_by(Enrolment.cohort_id))}
    outcomes: defaultdict[uuid.UUID, list[Outcome]] = defaultdict(list)
    for told in _told(session, cohort_ids):
        outcomes[told.cohort_id].append(Outcome(told.whole, told.on, told.entered_on, told.blocks))
    return {one: Results(*sizes.get(one, (0, 0)), tuple(outcomes[one])) for one in cohort_ids}


def _told(session: Session, cohort_ids: Collection[uuid.UUID]) -> Iterable[_Told]:
    decisions = _standing(session, cohort_ids)
    blocks: defaultdict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    of_blocks = (
        select(BlockDecision.decision_id, BlockDecision.block, BlockDecision.outcome)
        .join(JuryDecision, JuryDecision.id == BlockDecision.decision_id)
        .join(Candidacy, Candidacy.id == JuryDecision.candidacy_id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .where(Enrolment.cohort_id.in_(cohort_ids))
    )
    for decision_id, block, outcome in session.execute(of_blocks):
        blocks[decision_id][block] = outcome
    told: dict[uuid.UUID, _Told] = {}
    for row in decisions:
        one = told.setdefault(row.enrolment_id, _Told(row.cohort_id, row.entered_on))
        one.hear(WholeOutcome(row.outcome), row.held_on, blocks[row.decision_id])
    return told.values()


def _standing(session: Session, cohort_ids: Collection[uuid.UUID]) -> Sequence[Any]:
    """Return the last decision of each candidacy of a published session, in the order of the sessions."""
    query = (
        select(
            Enrolment.id.label("enrolment_id"), Enrolment.cohort_id, Enrolment.entered_on, JurySession.held_on,
            Candidacy.id.label("candidacy_id"), JuryDecision.id.label("decision_id"), JuryDecision.outcome,
        )
        .join(Candidacy, Candidacy.enrolment_id == Enrolment.id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .join(JuryDecision, JuryDecision.candidacy_id == Candidacy.id)
        .where(Enrolment.cohort_id.in_(cohort_ids), JurySession.state == SessionState.PUBLISHED)
        .order_by(JurySession.held_on, JurySession.closed_at, JurySession.id, JuryDecision.number)
    )  # fmt: skip
    last = {row.candidacy_id: row for row in session.execute(query)}
    return list(last.values())


def together(results: Iterable[Results]) -> Results:
    """Return several promotions as one."""
    found = list(results)
    outcomes = tuple(outcome for one in found for outcome in one.outcomes)
    return Results(sum(one.enrolled for one in found), sum(one.withdrawn for one in found), outcomes)


def by_framework(found: Iterable[Promotion]) -> list[tuple[competencies.Framework, list[BlockRate]]]:
    """Return, for each framework version, its blocks the most failed first, all its promotions together."""
    groups: dict[tuple[str, str], list[Promotion]] = {}
    for one in found:
        groups.setdefault((one.framework.code, one.framework.version), []).append(one)
    return [
        (group[0].framework, together(one.results for one in group).blocks(group[0].framework))
        for _key, group in sorted(groups.items())
    ]
