"""What ties the members of a session to its candidates: the records that keep somebody from sitting."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    RetainedLevel,
    VerificationItem,
)
from certify.cohorts.models import Attendance, Enrolment, TrainingSession, VaeStep
from certify.core.access import Role
from certify.core.clock import PARIS
from certify.evidence import queries as evidence
from certify.groups.models import Facilitator, PeerGroup
from certify.juries.models import Candidacy, DeclaredLink, JurySeat, LinkDeclaration
from certify.logbook.models import EntryReview, LogbookEntry
from certify.observations.models import ObservationAnswer, ObservationRequest
from certify.organisations.models import Membership, Organisation
from certify.supervision.models import SupervisionKind, SupervisionPresence, SupervisionSession


class Cause(StrEnum):
    """Which record ties a member to a candidate."""

    ASSESSMENT = "assessment"
    VERIFICATION = "verification"
    RETAINED = "retained"
    REVIEW = "review"
    EVIDENCE = "evidence"
    ATTENDANCE = "attendance"
    SUPERVISION = "supervision"
    OBSERVED_MEETING = "observed_meeting"
    OBSERVATION = "observation"
    GROUP = "group"
    VAE = "vae"
    TRAINER = "trainer"
    REFERENT = "referent"
    COORDINATOR = "coordinator"
    HOUSE = "house"
    EMPLOYER = "employer"
    SELF = "self"
    DECLARED = "declared"


CONFLICT_OF: dict[Cause, str] = {
    Cause.ASSESSMENT: "assessed", Cause.VERIFICATION: "assessed", Cause.RETAINED: "assessed",
    Cause.REVIEW: "trained", Cause.EVIDENCE: "trained", Cause.ATTENDANCE: "trained", Cause.TRAINER: "trained",
    Cause.SUPERVISION: "supervised", Cause.GROUP: "supervised", Cause.REFERENT: "supervised",
    Cause.OBSERVED_MEETING: "observed", Cause.OBSERVATION: "observed",
    Cause.VAE: "accompanied", Cause.COORDINATOR: "accompanied",
    Cause.HOUSE: "same_house", Cause.EMPLOYER: "same_house", Cause.SELF: "is_candidate", Cause.DECLARED: "declared",
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
    """When, for what has a date: the last of these records."""
    count: int = 1
    """How many records of this kind there are."""
    about: str = ""
    """What a declared link is, or the organisation, as it is written."""
    declared: str = ""
    """The conflict that a member declared, when it is one the rules know."""

    @property
    def is_in_file(self) -> bool:
        """Whether the record is among those the jury reads in the candidate's file."""
        return self.cause in (Cause.ASSESSMENT, Cause.REVIEW, Cause.EVIDENCE, Cause.OBSERVATION)

    @property
    def conflict(self) -> str:
        """Code of the conflict of interest."""
        return self.declared or CONFLICT_OF[self.cause]


def ties_of(session: Session, jury_id: uuid.UUID) -> list[Tie]:
    """Return what ties the members of a session to its candidates, from what the application holds.

    The number of statements does not depend on how many people, nor on how many records, there are.
    """
    return [
        *(tie for cause, query in _counted(jury_id) for tie in _ties(session.execute(query), cause)),
        *_decided_evidence(session, jury_id),
        *_belongs(session, jury_id),
        *_employed(session, jury_id),
        *_same(session, jury_id),
        *_declared(session, jury_id),
    ]


def _ties(rows: Iterable[Any], cause: Cause) -> Iterable[Tie]:
    for user, enrolment, last, count in rows:
        yield Tie(user, enrolment, cause, day_of(last), count)


def day_of(moment: date | datetime | None) -> date | None:
    """Return the day, in Paris, of a moment or of a day."""
    return moment.astimezone(PARIS).date() if isinstance(moment, datetime) else moment


def _pairs(jury_id: uuid.UUID, moment: Any, counted: Any) -> Any:
    """Select each member beside each candidate, with the last of some records and how many there are."""
    return (
        select(JurySeat.user_id, Candidacy.enrolment_id, func.max(moment), func.count(counted.distinct()))
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .where(JurySeat.session_id == jury_id)
        .group_by(JurySeat.user_id, Candidacy.enrolment_id)
    )


def _counted(jury_id: uuid.UUID) -> Iterable[tuple[Cause, Any]]:
    yield from _of_assessing(jury_id)
    yield from _of_training(jury_id)
    yield from _in_the_field(jury_id)


def _of_assessing(jury_id: uuid.UUID) -> Iterable[tuple[Cause, Any]]:
    of_candidate = Assessment.enrolment_id == Candidacy.enrolment_id
    by_member = Assessment.assessor_id == JurySeat.user_id
    signed = and_(Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF)
    yield (
        Cause.ASSESSMENT,
        _pairs(jury_id, Assessment.held_on, Assessment.id).join(Assessment, and_(of_candidate, by_member, signed)),
    )
    verified = and_(
        VerificationItem.assessment_id == Assessment.id, VerificationItem.verified_by_id == JurySeat.user_id
    )
    verifications = _pairs(jury_id, VerificationItem.verified_at, VerificationItem.id)
    yield Cause.VERIFICATION, verifications.join(Assessment, of_candidate).join(VerificationItem, verified)
    retained = and_(
        RetainedLevel.enrolment_id == Candidacy.enrolment_id, RetainedLevel.decided_by_id == JurySeat.user_id
    )
    yield Cause.RETAINED, _pairs(jury_id, RetainedLevel.decided_at, RetainedLevel.id).join(RetainedLevel, retained)


def _of_training(jury_id: uuid.UUID) -> Iterable[tuple[Cause, Any]]:
    reviewed = and_(EntryReview.entry_id == LogbookEntry.id, EntryReview.reviewer_id == JurySeat.user_id)
    reviews = _pairs(jury_id, EntryReview.at, EntryReview.id)
    of_candidate = LogbookEntry.enrolment_id == Candidacy.enrolment_id
    yield Cause.REVIEW, reviews.join(LogbookEntry, of_candidate).join(EntryReview, reviewed)
    noted = and_(Attendance.enrolment_id == Candidacy.enrolment_id, Attendance.recorded_by_id == JurySeat.user_id)
    attended = _pairs(jury_id, TrainingSession.on, TrainingSession.id)
    same = TrainingSession.id == Attendance.session_id
    yield Cause.ATTENDANCE, attended.join(Attendance, noted).join(TrainingSession, same)
    step, struck = VaeStep, aliased(VaeStep)
    recorded = and_(step.enrolment_id == Candidacy.enrolment_id, step.recorded_by_id == JurySeat.user_id)
    followed = _pairs(jury_id, step.on, step.id).join(step, recorded).outerjoin(struck, struck.strikes_id == step.id)
    yield Cause.VAE, followed.where(struck.id.is_(None), step.strikes_id.is_(None))


def _in_the_field(jury_id: uuid.UUID) -> Iterable[tuple[Cause, Any]]:
    held = SupervisionSession
    came = and_(SupervisionPresence.session_id == held.id, SupervisionPresence.enrolment_id == Candidacy.enrolment_id)
    supervised = (
        _pairs(jury_id, held.on, held.id)
        .join(held, held.supervisor_id == JurySeat.user_id)
        .join(SupervisionPresence, came)
        .where(held.cancelled_at.is_(None))
    )
    is_observed = held.kind == SupervisionKind.OBSERVATION
    yield Cause.SUPERVISION, supervised.where(~is_observed)
    yield Cause.OBSERVED_MEETING, supervised.where(is_observed)
    asked = ObservationRequest
    referent = and_(
        asked.enrolment_id == Candidacy.enrolment_id, func.lower(asked.referent_email) == func.lower(User.email)
    )
    yield (
        Cause.OBSERVATION,
        _pairs(jury_id, ObservationAnswer.signed_at, ObservationAnswer.id)
        .join(User, User.id == JurySeat.user_id)
        .join(asked, referent)
        .join(ObservationAnswer, ObservationAnswer.request_id == asked.id),
    )
    followed = (
        _pairs(jury_id, Facilitator.starts_on, PeerGroup.id)
        .join(Facilitator, Facilitator.enrolment_id == Candidacy.enrolment_id)
        .join(PeerGroup, and_(PeerGroup.id == Facilitator.group_id, PeerGroup.referent_id == JurySeat.user_id))
    )
    yield Cause.GROUP, followed


def _decided_evidence(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    members = select(JurySeat.user_id).where(JurySeat.session_id == jury_id)
    presented = select(Candidacy.enrolment_id).where(Candidacy.session_id == jury_id)
    rows = evidence.decided_by(session, user_ids=members, enrolment_ids=presented)
    return _ties(rows, Cause.EVIDENCE)


def _belongs(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    in_house = Membership.organisation_id == Enrolment.house_id
    query = (
        select(JurySeat.user_id, Enrolment.id, Membership.role, in_house, Organisation.name)
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(Membership, Membership.user_id == JurySeat.user_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(JurySeat.session_id == jury_id, or_(in_house, Membership.organisation_id == Enrolment.training_body_id))
        # Somebody who left before the candidate came has not met them there.
        .where(or_(Membership.ended_at.is_(None), Membership.ended_at >= Enrolment.created_at))
    )
    for user, enrolment, role, is_house, name in session.execute(query.distinct()):
        cause = Cause.HOUSE if is_house else _CAUSE_OF_ROLE.get(role)
        if cause is not None:
            yield Tie(user, enrolment, cause, about=name)


def _employed(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    query = (
        select(JurySeat.user_id, Enrolment.id, JurySeat.employer, Organisation.name)
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(Organisation, Organisation.id == Enrolment.house_id)
        .where(JurySeat.session_id == jury_id, JurySeat.employer != "")
    )
    for user, enrolment, employer, house in session.execute(query):
        if is_same_house(employer, house):
            yield Tie(user, enrolment, Cause.EMPLOYER, about=house)


def is_same_house(employer: str, organisation: str) -> bool:
    """Whether an employer, as somebody typed it, is an organisation: accents, capitals and signs do not matter."""
    return bool(employer) and _plain(employer) == _plain(organisation)


def _plain(name: str) -> str:
    return "".join(sign for sign in competencies.normal_name(name) if sign.isalnum())


def _same(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    query = (
        select(JurySeat.user_id, Enrolment.id)
        .join(Candidacy, Candidacy.session_id == JurySeat.session_id)
        .join(Enrolment, and_(Enrolment.id == Candidacy.enrolment_id, Enrolment.user_id == JurySeat.user_id))
        .where(JurySeat.session_id == jury_id)
    )
    return (Tie(user, enrolment, Cause.SELF) for user, enrolment in session.execute(query))


def _declared(session: Session, jury_id: uuid.UUID) -> Iterable[Tie]:
    last, mine = aliased(LinkDeclaration), LinkDeclaration
    newest = select(func.max(last.number)).where(last.seat_id == mine.seat_id).scalar_subquery()
    query = (
        select(JurySeat.user_id, Candidacy.enrolment_id, mine.signed_at, DeclaredLink.conflict, DeclaredLink.account)
        .join(mine, mine.seat_id == JurySeat.id)
        .join(DeclaredLink, DeclaredLink.declaration_id == mine.id)
        .join(Candidacy, Candidacy.id == DeclaredLink.candidacy_id)
        .where(JurySeat.session_id == jury_id, mine.number == newest)
    )
    for user, enrolment, signed_at, conflict, account in session.execute(query):
        known = conflict if conflict in competencies.CONFLICTS else ""
        yield Tie(user, enrolment, Cause.DECLARED, day_of(signed_at), about=account, declared=known)
