"""Two assessments of the same moment by two people, beside each other."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentState
from certify.assessments.policies import Rated
from certify.assessments.queries.carrying import Carrier, carried_ratings, scale_for
from certify.assessments.queries.habilitations import ToAsk, habilitated_blocks, people_to_ask
from certify.assessments.queries.reading import People, people_of_assessment
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from competencies.agreement import Agreement, Judgement, agreement


@dataclass(frozen=True)
class PairRow:
    """What two people say of one indicator."""

    indicator: competencies.Indicator
    scale: competencies.Scale
    first: Rated
    second: Rated

    @property
    def is_comparable(self) -> bool:
        """Whether both gave a level."""
        return self.first.level is not None and self.second.level is not None

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return (self.first.level, self.first.is_observed) == (self.second.level, self.second.is_observed)


@dataclass(frozen=True)
class PairPage:
    """Two assessments of the same moment beside each other."""

    first: Assessment
    second: Assessment
    people: People
    """With the author of the first."""
    second_assessor: User
    sections: tuple[tuple[competencies.Block, tuple[PairRow, ...]], ...]
    found: Agreement


def pair_for(session: Session, double: Assessment) -> PairPage:
    """Return a double, signed, beside what it doubles, on the version of the double; NotFound when there is no pair."""
    query = select(Assessment).where(Assessment.id == double.doubles_id).options(selectinload(Assessment.ratings))
    first = session.scalars(query).one_or_none()
    if first is None or double.state is not AssessmentState.SIGNED:
        raise NotFound
    way = Carrier(session).between(first.framework_version_id, double.framework_version_id)
    said = carried_ratings(session, first, double.framework_version_id)
    answered = {row.indicator: Rated.of(row) for row in double.ratings}
    sections = tuple(
        (block, rows) for block in way.new.blocks if (rows := _rows(way.new, block, double, said, answered))
    )
    both = [row for _block, rows in sections for row in rows if row.is_comparable]
    return PairPage(
        first, double, people_of_assessment(session, first), session.get_one(User, double.assessor_id), sections,
        agreement(way.new.scale, _judgements(way.new, double, both), 1),
    )  # fmt: skip


def _rows(
    framework: competencies.Framework, block: competencies.Block, double: Assessment,
    said: Mapping[str, Rated], answered: Mapping[str, Rated],
) -> tuple[PairRow, ...]:  # fmt: skip
    return tuple(
        PairRow(
            one, scale_for(framework, one.code, double.kind), said.get(one.code, Rated(None)),
            answered.get(one.code, Rated(None)),
        )
        for one in block.indicators
        if one.code in said or one.code in answered
    )  # fmt: skip


def _judgements(framework: competencies.Framework, double: Assessment, rows: list[PairRow]) -> list[Judgement]:
    """Read each indicator as a unit seen by two people, on the certification scale."""
    return [
        Judgement(str(double.enrolment_id), row.indicator.code, who, row.scale.translate(level, framework.scale))
        for row in rows
        for who, level in (("first", row.first.level), ("second", row.second.level))
        if level is not None
    ]


@dataclass(frozen=True)
class DoublePage:
    """What to know before assessing in one's turn: the moment, never the levels."""

    assessment: Assessment
    people: People
    to_ask: ToAsk | None
    """Who can habilitate the reader, when they may not assess this trainee."""


def double_start(session: Session, actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """Return a signed assessment of a training body where the actor assesses; NotFound otherwise.

    It is for starting a second one: nothing of what it says is to be shown.
    """
    query = select(Assessment).where(
        Assessment.id == assessment_id, Assessment.state == AssessmentState.SIGNED,
        Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_WRITE)),
    )  # fmt: skip
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def double_page(session: Session, actor: Actor, assessment: Assessment) -> DoublePage:
    """Return what to know before assessing in one's turn."""
    people = people_of_assessment(session, assessment)
    blocks = habilitated_blocks(session, actor.user_id, people.enrolment, clock.today())
    version_id = people.enrolment.framework_version_id
    to_ask = None if blocks else people_to_ask(session, assessment.training_body_id, version_id)
    return DoublePage(assessment, people, to_ask)
