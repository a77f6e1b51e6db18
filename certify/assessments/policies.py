"""Yes or no about one assessment, and what follows from its facts alone."""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import competencies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core.access import Actor, Permission, Role, Scope
from certify.core.clock import PARIS
from certify.core.i18n import lazy as _l

CONFIDENCES: Mapping[int, Any] = {
    1: _l("pas sûr·e"),
    2: _l("plutôt pas sûr·e"),
    3: _l("plutôt sûr·e"),
    4: _l("tout à fait sûr·e"),
}
"""How sure a trainee may say they are of a level they give themselves."""


@dataclass(frozen=True)
class Rated:
    """What an assessor says of one indicator: a level, « non observé », or nothing yet."""

    level: str | None
    is_observed: bool = True
    comment: str = ""
    confidence: int | None = None
    """In a self-assessment, how sure the trainee is: one of CONFIDENCES."""

    @classmethod
    def of(cls, rating: Rating) -> "Rated":
        """Return what a rating says."""
        return cls(rating.level, rating.is_observed, rating.comment, rating.confidence)

    @property
    def is_given(self) -> bool:
        """Whether the assessor has answered: a level, or « non observé »."""
        return self.level is not None or not self.is_observed

    @property
    def sureness(self) -> Any:
        """How sure the trainee says they are, in words; None when they did not say."""
        return CONFIDENCES.get(self.confidence or 0)


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


def may_retain(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether this person may retain a level in place of a proposed one: never on their own path."""
    bodies = actor.organisations(Permission.ASSESSMENT_RETAIN)
    return enrolment.training_body_id in bodies and enrolment.user_id != actor.user_id


def may_double(actor: Actor, assessment: Assessment) -> bool:
    """Whether this person may assess in their turn what somebody else has signed (double marking)."""
    return (
        assessment.state is AssessmentState.SIGNED
        and not is_self(assessment)
        and not is_assessor(actor, assessment)
        and assessment.training_body_id in actor.organisations(Permission.ASSESSMENT_WRITE)
    )


def may_verify(actor: Actor, assessment: Assessment) -> bool:
    """Whether this person may verify an assessment: never their own."""
    bodies = actor.organisations(Permission.ASSESSMENT_VERIFY)
    return assessment.training_body_id in bodies and not is_assessor(actor, assessment)


_READERS_OF_FIGURES = frozenset({Role.TRAINER, Role.COORDINATOR, Role.AUDITOR})


def reads_figures(actor: Actor, training_body_id: uuid.UUID) -> bool:
    """Whether this person sees figures about the assessors of a training body: one assesses, coordinates or audits."""
    return any(
        grant.role in _READERS_OF_FIGURES and (grant.scope, grant.scope_id) == (Scope.ORGANISATION, training_body_id)
        for grant in actor.grants
    )


def may_begin_own(enrolment: Enrolment) -> bool:
    """Whether a trainee may begin a self-assessment: while they are in training."""
    return enrolment.state in (EnrolmentState.INVITED, EnrolmentState.ACTIVE)


def unrated(
    framework: competencies.Framework, ratings: Iterable[Rating], blocks: Collection[str] | None = None
) -> tuple[str, ...]:
    """Return the indicators that have neither a level nor « non observé », in the order of the framework.

    Only some blocks are looked at when they are named: those that the assessor may assess.
    """
    given = {rating.indicator for rating in ratings if rating.level is not None or not rating.is_observed}
    return tuple(
        indicator.code
        for block in framework.blocks
        if blocks is None or block.code in blocks
        for indicator in block.indicators
        if indicator.code not in given
    )


def answered(ratings: Iterable[Rating]) -> frozenset[str]:
    """Return the indicators of which something is said: a level, « non observé », a comment."""
    return frozenset(one.indicator for one in ratings if one.level is not None or not one.is_observed or one.comment)


def beyond(framework: competencies.Framework, codes: Collection[str], blocks: Collection[str]) -> tuple[str, ...]:
    """Return the blocks of these indicators that are not among those somebody may assess, in the framework's order."""
    reached = {framework.block_of(code).code for code in codes}
    return tuple(block.code for block in framework.blocks if block.code in reached and block.code not in blocks)


def seal_of(assessment: Assessment, framework_version_id: uuid.UUID, ratings: Sequence[Rating]) -> str:
    """Return the SHA-256 of everything assessed, over canonical JSON: whatever changes afterwards shows.

    A confidence enters only where one is given, so that what was sealed before there were any still agrees.
    """
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
        "ratings": [_sealed(rating) for rating in sorted(ratings, key=lambda one: one.indicator)],
    }
    return hashlib.sha256(
        json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def _sealed(rating: Rating) -> list[object]:
    facts: list[object] = [rating.indicator, rating.level, rating.is_observed, rating.comment]
    return facts if rating.confidence is None else [*facts, rating.confidence]


def moment_of(day: date, rank: int) -> datetime:
    """Return a moment that orders assessments by the day assessed, then by the order of their signatures."""
    return datetime.combine(day, time(), PARIS) + timedelta(microseconds=rank)


def texts_of(assessment: Assessment) -> list[tuple[str, Any, str]]:
    """Return everything an assessor wrote, for the guard: the field, its name on screen, the text."""
    ratings = sorted((row for row in assessment.ratings if row.comment), key=lambda row: row.indicator)
    return [
        ("comment", _l("Commentaire général"), assessment.comment),
        *(
            (f"comment-{row.indicator}", _l("Commentaire sur %(code)s", code=row.indicator), row.comment)
            for row in ratings
        ),
    ]
