"""Internal verification: what may be drawn, the samples, how far each has been read, what was said."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    Verdict,
    VerificationDraw,
    VerificationItem,
)
from certify.assessments.queries.doubling import Doubled, doubles_of, own_double
from certify.assessments.queries.ratings import is_replaced_by
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.frameworks.queries import programme_of_cohort
from competencies import Programme
from competencies.sampling import draw


def population_of(session: Session, cohort_id: uuid.UUID) -> dict[str, list[str]]:
    """Return the assessments of a cohort that may be drawn, by assessor: signed, in force, in no sample yet.

    Self-assessments are nobody's to verify.
    """
    correction = aliased(Assessment)
    query = (
        select(Assessment.assessor_id, Assessment.id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .outerjoin(correction, is_replaced_by(correction))
        .outerjoin(VerificationItem, VerificationItem.assessment_id == Assessment.id)
        .where(
            Enrolment.cohort_id == cohort_id, Assessment.state == AssessmentState.SIGNED,
            Assessment.kind != AssessmentKind.SELF, correction.id.is_(None), VerificationItem.id.is_(None),
        )
        .order_by(Assessment.assessor_id, Assessment.id)
    )  # fmt: skip
    found: defaultdict[str, list[str]] = defaultdict(list)
    for assessor_id, assessment_id in session.execute(query):
        found[str(assessor_id)].append(str(assessment_id))
    return dict(found)


def as_ids(texts: Iterable[str]) -> list[uuid.UUID]:
    """Return identifiers from their texts, in order."""
    return sorted(uuid.UUID(text) for text in texts)


@dataclass(frozen=True)
class Progress:
    """How far a sample, or somebody's share of it, has been verified."""

    total: int
    verdicts: Mapping[Verdict, int]

    @property
    def done(self) -> int:
        """How many assessments have a verdict."""
        return sum(self.verdicts.values())

    @property
    def confirmed(self) -> int:
        """How many are confirmed."""
        return self.verdicts.get(Verdict.CONFIRMED, 0)

    @property
    def to_discuss(self) -> int:
        """How many are to be discussed."""
        return self.verdicts.get(Verdict.TO_DISCUSS, 0)

    @property
    def to_redo(self) -> int:
        """How many are to be made again."""
        return self.verdicts.get(Verdict.TO_REDO, 0)


def _progress(verdicts: Iterable[Verdict | None]) -> Progress:
    counts = Counter(verdicts)
    return Progress(sum(counts.values()), {one: counts[one] for one in Verdict})


@dataclass(frozen=True)
class DrawLine:
    """One sample of a cohort."""

    row: VerificationDraw
    drawn_by: str
    progress: Progress


@dataclass(frozen=True)
class AssessorLine:
    """What verification found of one person's assessments."""

    name: str
    signed: int
    """Assessments that were there to draw from."""
    progress: Progress


@dataclass(frozen=True)
class VerificationPage:
    """The samples of a cohort, and what may still be drawn."""

    cohort: Cohort
    draws: tuple[DrawLine, ...]
    assessors: tuple[AssessorLine, ...]
    waiting: int
    """Signed assessments that no sample holds yet."""
    programme: Programme

    @property
    def percentage(self) -> int:
        """The share that the programme asks for."""
        return self.programme.sampling_percentage


def verification_page(session: Session, cohort: Cohort) -> VerificationPage:
    """Return the samples of a cohort, the latest first, in a number of statements that never grows."""
    population = population_of(session, cohort.id)
    verdicts, by_assessor = _verdicts(session, cohort)
    query = select(VerificationDraw, User).join(User, User.id == VerificationDraw.drawn_by_id)
    rows = session.execute(
        query.where(VerificationDraw.cohort_id == cohort.id).order_by(VerificationDraw.drawn_at.desc())
    )
    draws = tuple(DrawLine(row, user.name, _progress(verdicts.get(row.id, ()))) for row, user in rows)
    names = _names(session, set(by_assessor) | set(as_ids(population)))
    assessors = tuple(
        AssessorLine(
            name,
            len(population.get(str(user_id), ())) + len(by_assessor.get(user_id, ())),
            _progress(by_assessor.get(user_id, ())),
        )
        for user_id, name in names.items()
    )
    waiting = sum(map(len, population.values()))
    return VerificationPage(cohort, draws, assessors, waiting, programme_of_cohort(session, cohort))


_Verdicts = dict[uuid.UUID, list[Verdict | None]]


def _verdicts(session: Session, cohort: Cohort) -> tuple[_Verdicts, _Verdicts]:
    """Return the verdicts of a cohort's samples, those not given yet included, by draw and by assessor."""
    by_draw: defaultdict[uuid.UUID, list[Verdict | None]] = defaultdict(list)
    by_assessor: defaultdict[uuid.UUID, list[Verdict | None]] = defaultdict(list)
    query = (
        select(VerificationItem.draw_id, Assessment.assessor_id, VerificationItem.verdict)
        .join(Assessment, Assessment.id == VerificationItem.assessment_id)
        .join(VerificationDraw, VerificationDraw.id == VerificationItem.draw_id)
        .where(VerificationDraw.cohort_id == cohort.id)
    )
    for draw_id, assessor_id, verdict in session.execute(query):
        by_draw[draw_id].append(verdict)
        by_assessor[assessor_id].append(verdict)
    return by_draw, by_assessor


def _names(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = select(User).where(User.id.in_(list(ids))).order_by(User.family_name, User.given_name, User.id)
    return {user.id: user.name for user in session.scalars(query)}


def draw_for(session: Session, actor: Actor, draw_id: uuid.UUID) -> VerificationDraw:
    """Return a sample of a training body where the actor verifies; NotFound otherwise."""
    bodies = actor.organisations(Permission.ASSESSMENT_VERIFY)
    query = select(VerificationDraw).where(
        VerificationDraw.id == draw_id, VerificationDraw.training_body_id.in_(bodies)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class ItemLine:
    """One assessment of a sample."""

    row: VerificationItem
    assessment: Assessment
    trainee: str
    assessor: str
    verified_by: str


@dataclass(frozen=True)
class DrawPage:
    """One sample: what is in it, what was said, and whether drawing again gives it."""

    row: VerificationDraw
    cohort: Cohort
    drawn_by: str
    lines: tuple[ItemLine, ...]
    is_same_again: bool
    """Whether the kept population, percentage and seed give exactly these assessments."""
    assessors: tuple[tuple[str, int, int], ...]
    """Who was drawn from: name, how many there were, how many were drawn."""

    @property
    def progress(self) -> Progress:
        """How far it has been verified."""
        return _progress(line.row.verdict for line in self.lines)

    @property
    def size(self) -> int:
        """How many assessments there were to draw from."""
        return sum(len(ones) for ones in self.row.population.values())


def draw_page(session: Session, row: VerificationDraw) -> DrawPage:
    """Return one sample, those not verified yet first, in a number of statements that never grows."""
    trainee, assessor, verifier = aliased(User), aliased(User), aliased(User)
    query = (
        select(VerificationItem, Assessment, trainee, assessor, verifier)
        .join(Assessment, Assessment.id == VerificationItem.assessment_id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .join(trainee, trainee.id == Enrolment.user_id)
        .join(assessor, assessor.id == Assessment.assessor_id)
        .outerjoin(verifier, verifier.id == VerificationItem.verified_by_id)
        .where(VerificationItem.draw_id == row.id)
        .order_by(
            VerificationItem.verdict.is_not(None), assessor.family_name, assessor.given_name,
            Enrolment.sort_name, Assessment.signed_at, Assessment.id,
        )
    )  # fmt: skip
    lines = tuple(
        ItemLine(item, assessment, person.name, author.name, reader.name if reader else "")
        for item, assessment, person, author, reader in session.execute(query)
    )
    drawn = {str(line.assessment.id) for line in lines}
    names = _names(session, [*as_ids(row.population), row.drawn_by_id])
    return DrawPage(
        row, session.get_one(Cohort, row.cohort_id), names.get(row.drawn_by_id, ""), lines,
        draw(row.population, row.percentage, row.seed) == drawn,
        tuple(
            (names[who], len(row.population[str(who)]), len(drawn.intersection(row.population[str(who)])))
            for who in names if str(who) in row.population
        ),
    )  # fmt: skip


def item_for(
    session: Session, actor: Actor, verification_id: uuid.UUID, *, lock: bool = False
) -> tuple[VerificationItem, VerificationDraw]:
    """Return one assessment of a sample of a training body where the actor verifies; NotFound otherwise."""
    query = (
        select(VerificationItem, VerificationDraw)
        .join(VerificationDraw, VerificationDraw.id == VerificationItem.draw_id)
        .where(
            VerificationItem.id == verification_id,
            VerificationDraw.training_body_id.in_(actor.organisations(Permission.ASSESSMENT_VERIFY)),
        )
    )
    if lock:
        query = query.with_for_update(of=VerificationItem).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


@dataclass(frozen=True)
class Said:
    """What a verifier said of an assessment."""

    row: VerificationItem
    verifier: str


def verdicts_on(session: Session, assessment_id: uuid.UUID) -> list[Said]:
    """Return what verifiers said of an assessment, the oldest first."""
    rows = session.execute(
        select(VerificationItem, User)
        .join(User, User.id == VerificationItem.verified_by_id)
        .where(VerificationItem.assessment_id == assessment_id)
        .order_by(VerificationItem.verified_at)
    )
    return [Said(row, user.name) for row, user in rows]


@dataclass(frozen=True)
class Quality:
    """What else was done about a signed assessment, for the staff of its training body."""

    doubles: list[Doubled]
    verdicts: list[Said]
    may_double: bool


def quality_of(session: Session, actor: Actor, assessment: Assessment) -> Quality | None:
    """Return the second looks at a signed assessment and what verifiers said; nothing for those it does not concern."""
    is_signed = assessment.state is AssessmentState.SIGNED and not policies.is_self(assessment)
    if not is_signed or not policies.reads_figures(actor, assessment.training_body_id):
        return None
    may_double = policies.may_double(actor, assessment) and own_double(session, actor, assessment) is None
    return Quality(doubles_of(session, assessment), verdicts_on(session, assessment.id), may_double)
