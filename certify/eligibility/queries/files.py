"""How far the file of each trainee has got, for one or for a thousand in the same number of statements."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState
from certify.cohorts import queries as cohorts
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.eligibility.models import Derogation, ReceivedDocument
from certify.evidence import queries as evidence
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of, programmes_of
from certify.logbook.models import Activity, EntryState, LogbookEntry
from competencies import eligibility

_ENROLLED = (EnrolmentState.ACTIVE, EnrolmentState.SUSPENDED, EnrolmentState.COMPLETED)


@dataclass(frozen=True)
class Waiver:
    """An exemption with the name of who granted it, and of who withdrew it."""

    derogation: Derogation
    granted_by: str
    withdrawn_by: str = ""


@dataclass(frozen=True)
class Documents:
    """A document of the programme, and every time it was recorded for somebody."""

    document: competencies.RequiredDocument
    received: tuple[tuple[ReceivedDocument, str], ...]
    """Rows with the name of who recorded them, the last first."""

    @property
    def standing(self) -> ReceivedDocument | None:
        """The row that was not struck out, if any."""
        return next((row for row, _name in self.received if row.withdrawn_at is None), None)


@dataclass(frozen=True)
class File:
    """What one trainee must have before a jury, how far each thing has got, and what they were exempted from."""

    enrolment_id: uuid.UUID
    asked: tuple[eligibility.Requirement, ...]
    waived: frozenset[str]
    """Codes of requirements from which an exemption stands."""
    programme: competencies.Programme

    @property
    def is_eligible(self) -> bool:
        """Whether nothing keeps the trainee from being presented."""
        return eligibility.is_eligible(self.asked, self.waived)

    @property
    def is_ready(self) -> bool:
        """Whether everything asked is there or waived, blocking or not."""
        return eligibility.is_complete(self.asked, self.waived)

    @property
    def settled(self) -> int:
        """How many requirements are met or waived."""
        return sum(1 for one in self.asked if self.is_settled(one))

    @property
    def lacking(self) -> tuple[eligibility.Requirement, ...]:
        """The requirements neither met nor waived, in order."""
        return tuple(one for one in self.asked if not self.is_settled(one))

    @property
    def blocking(self) -> tuple[eligibility.Requirement, ...]:
        """Those of them that keep the trainee from being presented."""
        return tuple(one for one in self.lacking if one.is_blocking)

    def label(self, code: str) -> competencies.Text:
        """Return the name of a requirement, asked today or when an exemption was granted; its code when unknown."""
        return dict(eligibility.codes(self.programme)).get(code, competencies.Text(code, code))

    def is_settled(self, one: eligibility.Requirement) -> bool:
        """Whether a requirement is met, or somebody was exempted from it."""
        return one.is_met or one.code in self.waived

    def of(self, code: str) -> eligibility.Requirement | None:
        """Return a requirement by its code, or nothing when it is not asked."""
        return next((one for one in self.asked if one.code == code), None)


def file_of(session: Session, enrolment: Enrolment) -> File:
    """Return the file of one trainee."""
    return files_of(session, [enrolment])[enrolment.id]


def files_of(session: Session, enrolments: Iterable[Enrolment]) -> dict[uuid.UUID, File]:
    """Return the file of each enrolment, in a number of statements that does not depend on how many there are."""
    rows = list(enrolments)
    if not rows:
        return {}
    ids = [row.id for row in rows]
    programmes = _programmes(session, {row.framework_version_id for row in rows})
    known = _Known(session, rows, programmes)
    waived = standing_derogations(session, ids)
    return {
        row.id: File(
            row.id,
            eligibility.requirements(
                framework_of(session, row.framework_version_id),
                programmes[row.framework_version_id],
                known.facts(row, programmes[row.framework_version_id]),
            ),
            frozenset(one.requirement for one in waived.get(row.id, ())),
            programmes[row.framework_version_id],
        )
        for row in rows
    }


def _programmes(session: Session, versions: Collection[uuid.UUID]) -> dict[uuid.UUID, competencies.Programme]:
    query = select(FrameworkVersion.id, FrameworkVersion.certifying_body_id, FrameworkVersion.code)
    pairs = {one: (body, code) for one, body, code in session.execute(query.where(FrameworkVersion.id.in_(versions)))}
    found = programmes_of(session, pairs.values())
    return {one: found[pair] for one, pair in pairs.items()}


class _Known:
    """Everything the requirements ask about, read once for all the enrolments."""

    def __init__(
        self, session: Session, rows: Sequence[Enrolment], programmes: Mapping[uuid.UUID, competencies.Programme]
    ) -> None:
        ids = [row.id for row in rows]
        # One piece for each indicator is what every enrolment keeps counted: only more than that is counted here.
        many = [row.id for row in rows if programmes[row.framework_version_id].evidence_per_indicator > 1]
        self.practice = _practice(session, ids)
        self.signed = _signed(session, ids)
        self.attendance = cohorts.attendance_of(session, ids)
        self.pieces = evidence.piece_counts(session, many)
        self.standings = assessments.standings_of(session, ids)
        self.documents = _received(session, ids)

    def facts(self, row: Enrolment, programme: competencies.Programme) -> eligibility.Facts:
        """Return what is known of one of them."""
        minutes, meetings = self.practice.get(row.id, (0, 0))
        signed = self.signed.get(row.id, {})
        present, expected = self.attendance.get(row.id, (0, 0))
        least = programme.evidence_per_indicator
        counts = self.pieces.get(row.id, {})
        standing = self.standings.get(row.id)
        levels = standing.competencies if standing else {}
        return eligibility.Facts(
            minutes=minutes,
            meetings=meetings,
            observations=signed.get(AssessmentKind.OBSERVATION, 0),
            self_assessments=signed.get(AssessmentKind.SELF, 0),
            present=present,
            expected=expected,
            proved=sum(many for pieces, many in counts.items() if pieces >= least) if least > 1 else row.covered,
            assessed=frozenset(code for code, level in levels.items() if level is not None),
            documents=self.documents.get(row.id, frozenset()),
            is_in_training=row.state is not EnrolmentState.SUSPENDED,
            is_enrolled=row.state in _ENROLLED,
        )


def _practice(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """Return the minutes and the group meetings of accepted entries."""
    is_meeting = case((LogbookEntry.activity == Activity.GROUP_MEETING, 1), else_=0)
    query = (
        select(LogbookEntry.enrolment_id, func.coalesce(func.sum(LogbookEntry.minutes), 0), func.sum(is_meeting))
        .where(LogbookEntry.enrolment_id.in_(ids), LogbookEntry.state == EntryState.ACCEPTED)
        .group_by(LogbookEntry.enrolment_id)
    )
    return {one: (int(minutes), int(meetings)) for one, minutes, meetings in session.execute(query)}


def _signed(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[AssessmentKind, int]]:
    """Count the signed observations and self-assessments; what was corrected, or doubles another, is not one more."""
    later = aliased(Assessment)
    replaced = select(later.supersedes_id).where(
        later.supersedes_id == Assessment.id, later.state == AssessmentState.SIGNED
    )
    query = (
        select(Assessment.enrolment_id, Assessment.kind, func.count())
        .where(
            Assessment.enrolment_id.in_(ids),
            Assessment.state == AssessmentState.SIGNED,
            Assessment.kind.in_([AssessmentKind.OBSERVATION, AssessmentKind.SELF]),
            Assessment.doubles_id.is_(None),
            ~replaced.exists(),
        )
        .group_by(Assessment.enrolment_id, Assessment.kind)
    )
    found: defaultdict[uuid.UUID, dict[AssessmentKind, int]] = defaultdict(dict)
    for enrolment_id, kind, count in session.execute(query):
        found[enrolment_id][kind] = count
    return found


def _received(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[str]]:
    query = select(ReceivedDocument.enrolment_id, ReceivedDocument.document).where(
        ReceivedDocument.enrolment_id.in_(ids), ReceivedDocument.withdrawn_at.is_(None)
    )
    found: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    for one, code in session.execute(query):
        found[one].add(code)
    return {one: frozenset(codes) for one, codes in found.items()}


def standing_derogations(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Derogation]]:
    """Return the exemptions in force of many trainees, oldest first, in one statement."""
    query = select(Derogation).where(Derogation.enrolment_id.in_(enrolment_ids), Derogation.withdrawn_at.is_(None))
    found: defaultdict[uuid.UUID, list[Derogation]] = defaultdict(list)
    for row in session.scalars(query.order_by(Derogation.granted_at, Derogation.id)):
        found[row.enrolment_id].append(row)
    return found


def derogations_of(session: Session, enrolment_id: uuid.UUID) -> list[Waiver]:
    """Return every exemption ever granted to a trainee, the last first: those withdrawn stay on record."""
    granter, withdrawer = aliased(User), aliased(User)
    query = (
        select(Derogation, granter, withdrawer)
        .join(granter, granter.id == Derogation.granted_by_id)
        .outerjoin(withdrawer, withdrawer.id == Derogation.withdrawn_by_id)
        .where(Derogation.enrolment_id == enrolment_id)
        .order_by(Derogation.granted_at.desc(), Derogation.id)
    )
    return [Waiver(row, who.name, by.name if by else "") for row, who, by in session.execute(query)]


def documents_of(session: Session, enrolment_id: uuid.UUID, programme: competencies.Programme) -> list[Documents]:
    """Return each document the programme asks for, with everything recorded about it for a trainee."""
    query = (
        select(ReceivedDocument, User)
        .join(User, User.id == ReceivedDocument.recorded_by_id)
        .where(ReceivedDocument.enrolment_id == enrolment_id)
        .order_by(ReceivedDocument.recorded_at.desc(), ReceivedDocument.id)
    )
    found: defaultdict[str, list[tuple[ReceivedDocument, str]]] = defaultdict(list)
    for row, user in session.execute(query):
        found[row.document].append((row, user.name))
    return [Documents(document, tuple(found.get(document.code, ()))) for document in programme.documents]
