"""What each role has to do next, in a number of statements that neither a cohort's size nor a history makes grow."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments.models import Assessment, Standing, Verdict, VerificationItem
from certify.certificates import queries as certificates
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import own_enrolments
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.outbox import OutboxMessage
from certify.eligibility.queries import File, file_of
from certify.evidence import queries as evidence
from certify.frameworks.queries import framework_of
from certify.juries import candidates
from certify.juries import queries as juries
from certify.logbook.models import EntryReview, EntryState, LogbookEntry
from certify.reports.cohort import is_late


@dataclass(frozen=True)
class OwnEntry:
    """One entry its author still has to work on."""

    id: uuid.UUID
    title: str
    saved_at: datetime
    returned_at: datetime | None


@dataclass(frozen=True)
class OwnPath:
    """What a trainee finds: entries to take up again, what is missing, how far the file has got."""

    enrolment: Enrolment
    framework: competencies.Framework
    coverage: competencies.Coverage
    returned: Sequence[OwnEntry]
    drafts: Sequence[OwnEntry]
    waiting: int
    """Entries a trainer has yet to read."""
    certificates: int
    file: File
    """What must be there before a jury."""

    @property
    def next_missing(self) -> tuple[competencies.Indicator, ...]:
        """The first indicator without evidence of each block, so that no block is left behind."""
        lacking = set(self.coverage.missing)
        firsts = (
            next((one for one in block.indicators if one.code in lacking), None) for block in self.framework.blocks
        )
        return tuple(one for one in firsts if one is not None)


def own_path(session: Session, actor: Actor) -> OwnPath | None:
    """Return a trainee's own path, or nothing for whoever is not enrolled."""
    enrolment = next(iter(own_enrolments(session, actor)), None)
    if enrolment is None:
        return None
    framework = framework_of(session, enrolment.framework_version_id)
    pieces = evidence.accepted_pieces(session, [enrolment.id]).get(enrolment.id, [])
    entries = _own_entries(session, enrolment)
    return OwnPath(
        enrolment,
        framework,
        competencies.cover(framework, pieces),
        [entry for state, entry in entries if state is EntryState.RETURNED],
        [entry for state, entry in entries if state in (EntryState.DRAFT, EntryState.AMENDING)],
        sum(1 for state, _entry in entries if state is EntryState.SUBMITTED),
        certificates.count_of_holder(session, actor.user_id),
        file_of(session, enrolment),
    )


def _own_entries(session: Session, enrolment: Enrolment) -> list[tuple[EntryState, OwnEntry]]:
    open_states = (EntryState.RETURNED, EntryState.DRAFT, EntryState.AMENDING, EntryState.SUBMITTED)
    query = (
        select(LogbookEntry.state, LogbookEntry.id, LogbookEntry.title, LogbookEntry.saved_at, func.max(EntryReview.at))
        .outerjoin(EntryReview, EntryReview.entry_id == LogbookEntry.id)
        .where(LogbookEntry.enrolment_id == enrolment.id, LogbookEntry.state.in_(open_states))
        .group_by(LogbookEntry.id)
        .order_by(LogbookEntry.saved_at.desc(), LogbookEntry.id)
    )
    return [(state, OwnEntry(one, title, saved, at)) for state, one, title, saved, at in session.execute(query)]


@dataclass(frozen=True)
class ReviewQueue:
    """How many entries wait for a trainer, and since when."""

    count: int
    oldest: datetime | None

    @property
    def days(self) -> int:
        """For how many days the oldest has been waiting."""
        return (clock.today() - self.oldest.astimezone(clock.PARIS).date()).days if self.oldest else 0


def review_queue(session: Session, actor: Actor) -> ReviewQueue:
    """Return what waits for an answer in the training bodies where the actor reviews."""
    query = (
        select(func.count(), func.min(LogbookEntry.submitted_at))
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .where(
            LogbookEntry.training_body_id.in_(actor.organisations(Permission.LOGBOOK_REVIEW)),
            LogbookEntry.state == EntryState.SUBMITTED,
            Enrolment.user_id != actor.user_id,
        )
    )
    return ReviewQueue(*session.execute(query).one())


def pieces_waiting(session: Session, actor: Actor) -> int:
    """Count the pieces of evidence that wait for an answer of the actor."""
    return evidence.count_waiting(session, actor)


@dataclass(frozen=True)
class ToRedo:
    """An assessment that the internal verifier asks its author to make anew."""

    assessment_id: uuid.UUID
    trainee: str
    verified_at: datetime | None


def to_redo(session: Session, actor: Actor) -> list[ToRedo]:
    """Return the actor's assessments to make anew after an internal verification, the oldest verdict first."""
    correction = aliased(Assessment)
    rows = session.execute(
        select(Assessment.id, User, VerificationItem.verified_at)
        .join(VerificationItem, VerificationItem.assessment_id == Assessment.id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .outerjoin(correction, correction.supersedes_id == Assessment.id)
        .where(
            VerificationItem.verdict == Verdict.TO_REDO,
            Assessment.assessor_id == actor.user_id,
            Assessment.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_WRITE)),
            correction.id.is_(None),
        )
        .order_by(VerificationItem.verified_at, VerificationItem.id)
    )
    return [ToRedo(one, user.name, at) for one, user, at in rows]


@dataclass(frozen=True)
class CohortLine:
    """One cohort under way, in a few figures."""

    cohort: Cohort
    trainees: int
    complete: int
    late: int
    invited: int
    disputed: int
    """Competencies on which assessors of a same trainee disagree."""
    covered: int
    indicators: int
    """Indicators of all its trainees together, of which `covered` are proved."""


def cohorts_under_way(session: Session, actor: Actor) -> list[CohortLine]:
    """Return the cohorts of the actor's training bodies that are not over, the first to end first."""
    bodies = actor.organisations(Permission.COHORT_READ)
    current = (Cohort.training_body_id.in_(bodies), Cohort.archived_at.is_(None), Cohort.ends_on >= clock.today())
    cohorts = list(session.scalars(select(Cohort).where(*current).order_by(Cohort.ends_on, Cohort.name, Cohort.id)))
    if not cohorts:
        return []
    totals = {one.id: len(framework_of(session, one.framework_version_id).indicators) for one in cohorts}
    whole = or_(*(and_(Enrolment.cohort_id == one, Enrolment.covered >= total) for one, total in totals.items()))
    query = (
        select(
            Enrolment.cohort_id,
            func.count(),
            _count_if(whole),
            _count_if(is_late()),
            _count_if(Enrolment.state == EnrolmentState.INVITED),
            func.coalesce(func.sum(func.json_array_length(Standing.disputed)), 0),
            func.sum(Enrolment.covered),
        )
        .outerjoin(Standing, Standing.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id.in_(totals), Enrolment.state != EnrolmentState.WITHDRAWN)
        .group_by(Enrolment.cohort_id)
    )
    figures = {row[0]: tuple(row)[1:] for row in session.execute(query)}
    empty = (0, 0, 0, 0, 0, 0)
    return [_line(one, figures.get(one.id, empty), totals[one.id]) for one in cohorts]


def _line(cohort: Cohort, figures: tuple[int, ...], indicators: int) -> CohortLine:
    trainees, complete, late, invited, disputed, covered = figures
    return CohortLine(cohort, trainees, complete, late, invited, disputed, covered, trainees * indicators)


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


@dataclass(frozen=True)
class Ready:
    """Somebody whose file lacks nothing, presented to no jury yet."""

    enrolment_id: uuid.UUID
    name: str
    cohort: str


def ready_candidates(session: Session, actor: Actor) -> list[Ready]:
    """Return who may be presented to a jury of the actor's certifying bodies, by name."""
    found = candidates.ready(session, actor)
    return [Ready(enrolment.id, name, cohort) for enrolment, name, cohort in found]


@dataclass(frozen=True)
class Registry:
    """What a registrar has to see to."""

    ready: list[Ready]
    to_prepare: list[juries.SessionLine]
    deliberating: list[juries.SessionLine]
    to_issue: list[tuple[uuid.UUID, str, int]]
    """Closed sessions whose certificates are not all issued: id, reference, how many."""


def registry(session: Session, actor: Actor) -> Registry:
    """Return what waits in the certifying bodies of a registrar."""
    return Registry(
        ready_candidates(session, actor),
        [*_sessions(session, actor, "created"), *_sessions(session, actor, "convened")],
        _sessions(session, actor, "deliberating"),
        [(jury.id, jury.reference, due) for jury, due in certificates.decisions_without_certificate(session, actor)],
    )


def _sessions(session: Session, actor: Actor, state: str) -> list[juries.SessionLine]:
    bodies = actor.organisations(Permission.JURY_WRITE)
    rows = [juries.SessionLine(*row) for row in session.execute(juries.sessions(actor, state))]
    kept = (line for line in rows if line.jury.certifying_body_id in bodies)
    return sorted(kept, key=lambda line: (line.jury.held_on, line.jury.reference))


def failed_jobs(session: Session) -> int:
    """Count the jobs given up after every try."""
    return session.scalar(select(func.count()).where(OutboxMessage.failed_at.is_not(None))) or 0
