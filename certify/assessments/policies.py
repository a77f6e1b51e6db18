"""Yes or no about one assessment, and what follows from its facts alone."""

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import competencies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core.access import Actor, Permission
from certify.core.clock import PARIS


@dataclass(frozen=True)
class Rated:
    """What an assessor says of one indicator: a level, « non observé », or nothing yet."""

    level: str | None
    is_observed: bool = True
    comment: str = ""

    @property
    def is_given(self) -> bool:
        """Whether the assessor has answered: a level, or « non observé »."""
        return self.level is not None or not self.is_observed


def is_assessor(actor: Actor, assessment: Assessment) -> bool:
    """Whether the assessment is this person's own; nobody writes in somebody else's."""
    return assessment.assessor_id == actor.user_id


def is_self(assessment: Assessment) -> bool:
    """Whether a trainee looks at their own path in it: it is read, and never enters a standing or a decision."""
    return assessment.kind is AssessmentKind.SELF


def may_edit(actor: Actor, assessment: Assessment) -> bool:
    """Whether this person may go on writing: their own draft, while they may still write such assessments."""
    return assessment.state is AssessmentState.DRAFT and _may_write(actor, assessment)


def may_correct(actor: Actor, assessment: Assessment) -> bool:
    """Whether this person may sign another assessment in place of this one."""
    return assessment.state is AssessmentState.SIGNED and _may_write(actor, assessment)


def _may_write(actor: Actor, assessment: Assessment) -> bool:
    """An assessor of the training body writes theirs; a trainee, the self-assessment of their own path."""
    if not is_assessor(actor, assessment):
        return False
    if is_self(assessment):
        return actor.may(Permission.SELF_ASSESSMENT_WRITE)
    return assessment.training_body_id in actor.organisations(Permission.ASSESSMENT_WRITE)


def may_begin_own(enrolment: Enrolment) -> bool:
    """Whether a trainee may begin a self-assessment: while they are in training."""
    return enrolment.state in (EnrolmentState.INVITED, EnrolmentState.ACTIVE)


def unrated(framework: competencies.Framework, ratings: Iterable[Rating]) -> tuple[str, ...]:
    """Return the indicators that have neither a level nor « non observé », in the order of the framework."""
    given = {rating.indicator for rating in ratings if rating.level is not None or not rating.is_observed}
    return tuple(indicator.code for indicator in framework.indicators if indicator.code not in given)


def is_every_block_assessed(framework: competencies.Framework, levels: Mapping[str, str]) -> bool:
    """Whether each competency of each block has a level: a jury then has something to read on all of them."""
    return all(levels.get(competency.code) for competency in framework.competencies)


def seal_of(assessment: Assessment, framework_version_id: uuid.UUID, ratings: Sequence[Rating]) -> str:
    """Return the SHA-256 of everything assessed, over canonical JSON: whatever changes afterwards shows."""
    facts = {
        "assessment": str(assessment.id),
        "enrolment": str(assessment.enrolment_id),
        "framework_version": str(framework_version_id),
        "assessor": str(assessment.assessor_id),
        "kind": assessment.kind.value,
        "held_on": assessment.held_on.isoformat(),
        "supersedes": str(assessment.supersedes_id or ""),
        "comment": assessment.comment,
        "signed_at": assessment.signed_at.isoformat() if assessment.signed_at else "",
        "ratings": [
            [r.indicator, r.level, r.is_observed, r.comment] for r in sorted(ratings, key=lambda one: one.indicator)
        ],
    }
    return hashlib.sha256(
        json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


@dataclass(frozen=True)
class SignedRating:
    """One rating of a signed assessment that counts, with what tells its weight and its age."""

    indicator: str
    level: str | None
    assessor_id: uuid.UUID
    kind: AssessmentKind
    at: datetime
    """From `moment_of`."""


def moment_of(day: date, rank: int) -> datetime:
    """Return a moment that orders assessments by the day assessed, then by the order of their signatures."""
    return datetime.combine(day, time(), PARIS) + timedelta(microseconds=rank)


def counting(ratings: Sequence[SignedRating]) -> list[competencies.Appraisal]:
    """Return the appraisals that make a standing.

    A positioning says where somebody stood at entry: it counts for an indicator as long as nothing was observed
    later, and never pulls down, nor disputes, what was seen since.
    """
    seen: defaultdict[str, bool] = defaultdict(bool)
    for rating in ratings:
        if rating.kind is not AssessmentKind.POSITIONING and rating.level is not None:
            seen[rating.indicator] = True
    return [
        competencies.Appraisal(rating.indicator, rating.level, str(rating.assessor_id), rating.at)
        for rating in ratings
        if rating.kind is not AssessmentKind.POSITIONING or not seen[rating.indicator]
    ]
