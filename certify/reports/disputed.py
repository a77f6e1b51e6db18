"""What assessors of a cohort disagree on, trainee by trainee, with who said what: to prepare a calibration meeting."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating, Standing
from certify.assessments.queries.carrying import Carrier
from certify.assessments.queries.ratings import is_replaced_by
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import folded
from certify.core import listing
from certify.core.listing import Listing, Wanted

PER_PAGE = 20
"""Trainees a page: each brings every rating of their competencies."""


@dataclass(frozen=True)
class Opinion:
    """The last level one assessor gave."""

    assessor: str
    level: str
    """On the certification scale."""
    held_on: date
    assessment_id: uuid.UUID


@dataclass(frozen=True)
class DisputedIndicator:
    """One indicator on which assessors differ, with what each said last."""

    indicator: competencies.Indicator
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class DisputedCompetency:
    """One competency with its indicators on which assessors differ."""

    competency: competencies.Competency
    block: competencies.Block
    indicators: tuple[DisputedIndicator, ...]


@dataclass(frozen=True)
class TraineeDisputes:
    """One trainee with the competencies to talk about."""

    enrolment_id: uuid.UUID
    name: str
    competencies: tuple[DisputedCompetency, ...]


_Opinions = Mapping[uuid.UUID, Mapping[str, list[Opinion]]]


def disputes_of(
    session: Session, cohort: Cohort, framework: competencies.Framework, wanted: Wanted
) -> Listing[TraineeDisputes]:
    """Return one page of the trainees of a cohort about whom assessors disagree, by name."""
    query: Any = (
        select(Enrolment.id, User, Standing.disputed)
        .join(User, User.id == Enrolment.user_id)
        .join(Standing, Standing.enrolment_id == Enrolment.id)
        .where(
            Enrolment.cohort_id == cohort.id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            func.json_array_length(Standing.disputed) > 0,
            *listing.matches(folded(wanted.query), Enrolment.sort_name, User.email),
        )
    )
    found = listing.paginate(
        session, query, wanted, sorts={"name": [Enrolment.sort_name]}, default="name", tie=Enrolment.id,
        per_page=PER_PAGE, as_rows=True,
    )  # fmt: skip
    said = _opinions(session, cohort, [row[0] for row in found.rows])
    rows = [
        TraineeDisputes(one, user.name, tuple(_disputed(framework, codes, said.get(one, {}))))
        for one, user, codes in found.rows
    ]
    return replace(found, rows=rows)


def _disputed(
    framework: competencies.Framework, codes: Collection[str], said: Mapping[str, list[Opinion]]
) -> list[DisputedCompetency]:
    lines = []
    for block in framework.blocks:
        for part in block.competencies:
            if part.code in codes:
                differing = (DisputedIndicator(one, tuple(said.get(one.code, ()))) for one in part.indicators)
                shown = tuple(one for one in differing if len({opinion.level for opinion in one.opinions}) > 1)
                lines.append(DisputedCompetency(part, block, shown))
    return lines


def _opinions(session: Session, cohort: Cohort, enrolment_ids: Collection[uuid.UUID]) -> _Opinions:
    """Return the last level of each assessor on each indicator of each trainee, in one statement.

    Read on the cohort's version; a positioning is left out where something was observed later.
    """
    correction = aliased(Assessment)
    query = (
        select(
            Assessment.enrolment_id, Assessment.id, Assessment.framework_version_id, Assessment.kind,
            Assessment.held_on, Assessment.assessor_id, User.given_name, User.family_name, User.email,
            Rating.indicator, Rating.level,
        )
        .join(Rating, Rating.assessment_id == Assessment.id)
        .join(User, User.id == Assessment.assessor_id)
        .outerjoin(correction, is_replaced_by(correction))
        .where(
            Assessment.enrolment_id.in_(enrolment_ids), Assessment.state == AssessmentState.SIGNED,
            Assessment.kind != AssessmentKind.SELF, correction.id.is_(None), Rating.level.is_not(None),
        )
        .order_by(Assessment.held_on, Assessment.signed_at, Assessment.id)
    )  # fmt: skip
    carrier = Carrier(session)
    last: dict[tuple[uuid.UUID, str], dict[uuid.UUID, tuple[bool, Opinion]]] = defaultdict(dict)
    for row in session.execute(query):
        way = carrier.between(row.framework_version_id, cohort.framework_version_id)
        level = way.level(row.indicator, row.level, row.kind)
        name = f"{row.given_name} {row.family_name}".strip() or row.email.partition("@")[0]
        is_entry = row.kind is AssessmentKind.POSITIONING
        for code in way.to(row.indicator):
            opinion = Opinion(name, str(level), row.held_on, row.id)
            last[row.enrolment_id, code][row.assessor_id] = is_entry, opinion
    found: defaultdict[uuid.UUID, dict[str, list[Opinion]]] = defaultdict(dict)
    for (enrolment_id, code), by_assessor in last.items():
        counting = [opinion for is_entry, opinion in by_assessor.values() if not is_entry]
        every = counting or [opinion for _is_entry, opinion in by_assessor.values()]
        found[enrolment_id][code] = sorted(every, key=lambda one: (one.assessor, one.held_on))
    return found
