"""What was said of each indicator of one trainee, by whom and when, read on their present version."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.assessments.queries.carrying import Carrier
from certify.cohorts.models import Enrolment


@dataclass(frozen=True)
class LatestRating:
    """One rating that one person signed, read on the enrolment's version and on the certification scale."""

    indicator: str
    level: str | None
    """On the certification scale."""
    comment: str
    assessor_id: uuid.UUID
    assessor: str
    kind: AssessmentKind
    held_on: date
    assessment_id: uuid.UUID
    at: datetime
    """From `policies.moment_of`."""
    is_superseded: bool
    given: competencies.Level | None
    """The level as given, on the scale it was given on."""
    scale: competencies.Scale
    """That scale."""
    written_as: str
    """The code of the indicator in the version it was rated on."""
    confidence: int | None = None

    @property
    def appraisal(self) -> competencies.Appraisal:
        """The rating as the rules of aggregation read it."""
        is_entry = self.kind is AssessmentKind.POSITIONING
        return competencies.Appraisal(self.indicator, self.level, str(self.assessor_id), self.at, is_entry)


def ratings_of(session: Session, enrolment_id: uuid.UUID) -> list[LatestRating]:
    """Return every signed rating about an enrolment in one statement, the oldest moment first.

    Superseded ones and self-assessments are there, marked as such.
    """
    correction = aliased(Assessment)
    query = (
        select(Assessment, Rating, User, Enrolment.framework_version_id, correction.id)
        .join(Rating, Rating.assessment_id == Assessment.id)
        .join(User, User.id == Assessment.assessor_id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .outerjoin(correction, is_replaced_by(correction))
        .where(Assessment.enrolment_id == enrolment_id, Assessment.state == AssessmentState.SIGNED)
        .order_by(Assessment.signed_at, Assessment.id, Rating.indicator)
    )
    found = list(_read(session, session.execute(query)))
    return sorted(found, key=lambda line: line.at)


def is_replaced_by(correction: type[Assessment]) -> ColumnElement[bool]:
    """Tell, in SQL, whether an assessment is replaced by a signed correction."""
    return (correction.supersedes_id == Assessment.id) & (correction.state == AssessmentState.SIGNED)


def _read(
    session: Session, rows: Iterable[tuple[Assessment, Rating, User, uuid.UUID, uuid.UUID | None]]
) -> Iterator[LatestRating]:
    carrier, ranks = Carrier(session), dict[uuid.UUID, int]()
    for assessment, rating, user, version_id, correction_id in rows:
        way = carrier.between(assessment.framework_version_id, version_id)
        code, kind = rating.indicator, assessment.kind
        for indicator in way.to(code):
            yield LatestRating(
                indicator, way.level(code, rating.level, kind), rating.comment, user.id, user.name, kind,
                assessment.held_on, assessment.id,
                policies.moment_of(assessment.held_on, ranks.setdefault(assessment.id, len(ranks))),
                correction_id is not None, way.given(code, rating.level, kind), way.scale(code, kind), code,
                rating.confidence,
            )  # fmt: skip


def latest_ratings(session: Session, enrolment_id: uuid.UUID) -> dict[str, list[LatestRating]]:
    """Return the last rating of each assessor on each indicator; « non observé » hides nothing older."""
    return latest_of(ratings_of(session, enrolment_id))


def own_ratings(session: Session, enrolment_id: uuid.UUID) -> dict[str, LatestRating]:
    """Return what a trainee says of each indicator in their latest signed self-assessment."""
    return own_of(ratings_of(session, enrolment_id))


def latest_of(ratings: Iterable[LatestRating]) -> dict[str, list[LatestRating]]:
    """Keep the last rating of each assessor on each indicator, from ratings in the order of their moments."""
    kept: dict[tuple[str, uuid.UUID], LatestRating] = {}
    for line in ratings:
        key = (line.indicator, line.assessor_id)
        if not line.is_superseded and line.kind is not AssessmentKind.SELF and (line.level or key not in kept):
            kept[key] = line
    found: defaultdict[str, list[LatestRating]] = defaultdict(list)
    for line in sorted(kept.values(), key=lambda one: (one.indicator, one.assessor, str(one.assessor_id))):
        found[line.indicator].append(line)
    return dict(found)


def own_of(ratings: Iterable[LatestRating]) -> dict[str, LatestRating]:
    """Keep what the latest self-assessment says, from ratings in the order of their moments."""
    own = [line for line in ratings if line.kind is AssessmentKind.SELF and not line.is_superseded]
    return {line.indicator: line for line in own if line.assessment_id == own[-1].assessment_id}
