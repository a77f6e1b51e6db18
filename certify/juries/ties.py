"""What ties the members of a session to its candidates: the records that keep somebody from sitting."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from certify.assessments.models import Assessment, AssessmentState
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.juries.models import Candidacy, JurySeat
from certify.logbook.models import EntryReview, LogbookEntry
from certify.organisations.models import Membership


class Cause(StrEnum):
    """Which record ties a member to a candidate."""

    ASSESSMENT = "assessment"
    REVIEW = "review"
    TRAINER = "trainer"
    REFERENT = "referent"
    COORDINATOR = "coordinator"
    HOUSE = "house"
    SELF = "self"


CONFLICT_OF: dict[Cause, str] = {
    Cause.ASSESSMENT: "assessed", Cause.REVIEW: "trained", Cause.TRAINER: "trained", Cause.REFERENT: "supervised",
    Cause.COORDINATOR: "accompanied", Cause.HOUSE: "same_house", Cause.SELF: "is_candidate",
}  # fmt: skip
"""The conflict of interest each record makes, as `competencies.CONFLICTS` names it."""
_CAUSE_OF_ROLE = {Role.TRAINER: Cause.TRAINER, Role.REFERENT: Cause.REFERENT, Role.COORDINATOR: Cause.COORDINATOR}


@dataclass(frozen=True)
class Tie:
    """Why somebody may not sit for a candidate."""

    user_id: uuid.UUID
    enrolment_id: uuid.UUID
    cause: Cause
    on: date | None = None
    """When, for what has a date: the last assessment or review."""

    @property
    def conflict(self) -> str:
        """Code of the conflict of interest."""
        return CONFLICT_OF[self.cause]


def ties_of(session: Session, jury_id: uuid.UUID) -> list[Tie]:
    """Return what ties the members of a session to its candidates, from what the application holds; four statements."""
    return [
        *_assessed(session, jury_id),
        *_reviewed(session, jury_id),
        *_belongs(session, jury_id),
        *_same(session, jury_id),
    ]


def _assessed(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    query = (
        select(JurySeat.user_id, Candidacy.enrolment_id, func.max(Assessment.held_on))
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(
            Assessment,
            and_(Assessment.enrolment_id == Candidacy.enrolment_id, Assessment.assessor_id == JurySeat.user_id),
        )
        .where(JurySeat.session_id == jury_id, Assessment.state == AssessmentState.SIGNED)
        .group_by(JurySeat.user_id, Candidacy.enrolment_id)
    )
    return (Tie(user, enrolment, Cause.ASSESSMENT, on) for user, enrolment, on in session.execute(query))


def _reviewed(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    query = (
        select(JurySeat.user_id, Candidacy.enrolment_id, EntryReview.at)
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(LogbookEntry, LogbookEntry.enrolment_id == Candidacy.enrolment_id)
        .join(EntryReview, and_(EntryReview.entry_id == LogbookEntry.id, EntryReview.reviewer_id == JurySeat.user_id))
        .where(JurySeat.session_id == jury_id)
        .order_by(EntryReview.at)
    )
    last = {(user, enrolment): at for user, enrolment, at in session.execute(query)}
    return (Tie(user, enrolment, Cause.REVIEW, at.date()) for (user, enrolment), at in last.items())


def _belongs(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    in_house = Membership.organisation_id == Enrolment.house_id
    query = (
        select(JurySeat.user_id, Enrolment.id, Membership.role, in_house)
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(Membership, Membership.user_id == JurySeat.user_id)
        .where(JurySeat.session_id == jury_id, or_(in_house, Membership.organisation_id == Enrolment.training_body_id))
        # Somebody who left before the candidate came has not met them there.
        .where(or_(Membership.ended_at.is_(None), Membership.ended_at >= Enrolment.created_at))
    )
    for user, enrolment, role, is_house in session.execute(query.distinct()):
        cause = Cause.HOUSE if is_house else _CAUSE_OF_ROLE.get(role)
        if cause is not None:
            yield Tie(user, enrolment, cause)


def _same(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    query = (
        select(JurySeat.user_id, Enrolment.id)
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(Enrolment, and_(Enrolment.id == Candidacy.enrolment_id, Enrolment.user_id == JurySeat.user_id))
        .where(JurySeat.session_id == jury_id)
    )
    return (Tie(user, enrolment, Cause.SELF) for user, enrolment in session.execute(query))
