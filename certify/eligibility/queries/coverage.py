"""What proves each indicator of a trainee: how many pieces, of which kinds, how recent, from whom."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.evidence import queries as evidence
from certify.frameworks.queries import carried, framework_of, programme_of_cohort
from certify.logbook.models import LogbookEntry


@dataclass(frozen=True)
class CoverageTable:
    """What proves each indicator, block by block."""

    framework: competencies.Framework
    tallies: Mapping[str, competencies.Tally]
    freshness: Mapping[str, int]
    """For how many months evidence of a block stays recent, by block code."""

    def of(self, block: competencies.Block) -> tuple[competencies.Tally, ...]:
        """Return the indicators of a block, in order."""
        return tuple(self.tallies[indicator.code] for indicator in block.indicators)

    @property
    def only_own(self) -> tuple[competencies.Tally, ...]:
        """Indicators for which only the trainee's own writing speaks."""
        return tuple(one for one in self.tallies.values() if one.is_only_own_writing)

    @property
    def stale(self) -> tuple[competencies.Tally, ...]:
        """Indicators whose evidence has become too old."""
        return tuple(one for one in self.tallies.values() if one.is_stale)


def coverage_of(session: Session, enrolment: Enrolment) -> CoverageTable:
    """Return what proves each indicator of a trainee, in a number of statements that no history makes grow."""
    framework = framework_of(session, enrolment.framework_version_id)
    programme = programme_of_cohort(session, enrolment)
    known = frozenset(indicator.code for indicator in framework.indicators)
    pieces = [
        one for one in (*_deposited(session, enrolment), *_observed(session, enrolment)) if one.indicator in known
    ]
    tallies = competencies.tally(framework, pieces, today=clock.today(), freshness=programme.freshness)
    return CoverageTable(framework, tallies, programme.freshness)


def _deposited(session: Session, enrolment: Enrolment) -> Iterator[competencies.Piece]:
    items = evidence.accepted_items(session, enrolment.id)
    entries = {item.entry_id for item in items if item.entry_id}
    query = select(LogbookEntry.id, LogbookEntry.happened_on).where(LogbookEntry.id.in_(entries))
    happened: dict[uuid.UUID | None, date | None] = {row.id: row.happened_on for row in session.execute(query)}
    for item in items:
        yield from evidence.pieces_of(item, happened.get(item.entry_id))


def _observed(session: Session, enrolment: Enrolment) -> Iterator[competencies.Piece]:
    """Yield what somebody saw in the field: levels given in signed observations that nothing corrects."""
    later = aliased(Assessment)
    replaced = select(later.id).where(later.supersedes_id == Assessment.id, later.state == AssessmentState.SIGNED)
    query = (
        select(Rating.indicator, Assessment.held_on, Assessment.framework_version_id)
        .join(Assessment, Assessment.id == Rating.assessment_id)
        .where(
            Assessment.enrolment_id == enrolment.id,
            Assessment.state == AssessmentState.SIGNED,
            Assessment.kind == AssessmentKind.OBSERVATION,
            Assessment.doubles_id.is_(None),
            Rating.level.is_not(None),
            ~replaced.exists(),
        )
    )
    for code, on, version_id in session.execute(query):
        codes = carried(session, version_id, enrolment.framework_version_id)
        for now in (code,) if codes is None else codes.get(code, ()):
            yield competencies.Piece(now, competencies.PieceKind.OBSERVATION, on, is_accepted=True)
