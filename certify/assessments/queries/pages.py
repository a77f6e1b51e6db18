"""What the pages of assessments show, gathered in a number of statements that no history makes grow."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, Rating
from certify.assessments.policies import Rated
from certify.assessments.queries import reading, standings
from certify.cohorts.models import Cohort, Enrolment
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.clock import PARIS
from certify.core.listing import Listing, Wanted
from certify.evidence import queries as evidence
from certify.frameworks.queries import framework_of

_WHOLE_LIST = 100_000


@dataclass(frozen=True)
class Proof:
    """A piece of accepted evidence, as a chip shows it."""

    id: uuid.UUID
    entry_id: uuid.UUID | None
    title: str
    kind: str
    """image, pdf, file or entry."""
    on: date


def proofs_of(session: Session, enrolment_id: uuid.UUID) -> dict[str, list[Proof]]:
    """Return the accepted evidence of each indicator of a trainee, newest first."""
    found: defaultdict[str, list[Proof]] = defaultdict(list)
    for item in evidence.accepted_items(session, enrolment_id):
        on = item.created_at.astimezone(PARIS).date()
        proof = Proof(item.id, item.entry_id, item.title or item.filename, _look(item.kind, item.media_type), on)
        for link in item.links:
            found[link.indicator].append(proof)
    return dict(found)


def _look(kind: str, media_type: str) -> str:
    if kind == "entry":
        return "entry"
    return "image" if media_type.startswith("image/") else "pdf" if media_type == "application/pdf" else "file"


@dataclass(frozen=True)
class Row:
    """One indicator of a grid: what is said of it, what proves it, what the same assessor said before."""

    indicator: competencies.Indicator
    rated: Rated
    proofs: tuple[Proof, ...] = ()
    earlier: standings.LatestRating | None = None

    @property
    def code(self) -> str:
        """Code of the indicator."""
        return self.indicator.code


@dataclass(frozen=True)
class Section:
    """One block of a grid."""

    block: competencies.Block
    competencies: tuple[tuple[competencies.Competency, tuple[Row, ...]], ...]


@dataclass(frozen=True)
class Difference:
    """One indicator on which two records of the same grid differ."""

    indicator: competencies.Indicator
    saved: Rated
    yours: Rated


@dataclass(frozen=True)
class Kept:
    """What somebody typed that is not saved, beside what is."""

    comment: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class GridPage:
    """An assessment with its people, its framework and its rows."""

    assessment: Assessment
    people: reading.People
    framework: competencies.Framework
    sections: tuple[Section, ...]
    is_intact: bool = True
    """Whether the seal still agrees with what is stored; true for a draft."""
    correction: Assessment | None = None
    may_correct: bool = False
    may_edit: bool = False
    rows: Mapping[str, Row] = field(default_factory=dict)

    @property
    def is_self(self) -> bool:
        """Whether a trainee looks at their own path in it."""
        return policies.is_self(self.assessment)

    @property
    def total(self) -> int:
        """How many indicators there are."""
        return len(self.rows)

    @property
    def done(self) -> int:
        """How many indicators have an answer."""
        return sum(1 for row in self.rows.values() if row.rated.is_given)

    @property
    def unrated(self) -> tuple[competencies.Indicator, ...]:
        """Indicators without an answer."""
        return tuple(row.indicator for row in self.rows.values() if not row.rated.is_given)

    @property
    def not_observed(self) -> tuple[competencies.Indicator, ...]:
        """Indicators said not to have been observed."""
        return tuple(row.indicator for row in self.rows.values() if not row.rated.is_observed)

    @property
    def levels(self) -> list[tuple[competencies.Level, int]]:
        """How many indicators stand at each level, highest first."""
        counts = Counter(row.rated.level for row in self.rows.values())
        return [(level, counts[level.code]) for level in reversed(self.framework.scale.levels)]

    @property
    def unproved(self) -> tuple[competencies.Indicator, ...]:
        """Indicators given a level while no accepted evidence stands beside them."""
        return tuple(row.indicator for row in self.rows.values() if row.rated.level and not row.proofs)

    def compared(self, ratings: Mapping[str, Rated], comment: str) -> Kept:
        """Return what was typed and differs from what is saved."""
        pairs = ((row, ratings.get(code, row.rated)) for code, row in self.rows.items())
        differences = (Difference(row.indicator, row.rated, yours) for row, yours in pairs if yours != row.rated)
        return Kept(comment if comment != self.assessment.comment else "", tuple(differences))


def framework_of_assessment(session: Session, assessment: Assessment) -> competencies.Framework:
    """Return the framework of an assessment's trainee."""
    version = session.scalar(select(Enrolment.framework_version_id).where(Enrolment.id == assessment.enrolment_id))
    return framework_of(session, version or uuid.UUID(int=0))


def grid_page(session: Session, assessment: Assessment) -> GridPage:
    """Return a grid to fill in: each indicator with its accepted evidence and the same assessor's last word on it."""
    people = reading.people_of_assessment(session, assessment)
    return _page(
        assessment,
        people,
        framework_of(session, people.enrolment.framework_version_id),
        proofs_of(session, people.enrolment.id),
        {code: line for code, line in _said_before(session, assessment) if line.level},
    )


def _said_before(session: Session, assessment: Assessment) -> Iterator[tuple[str, standings.LatestRating]]:
    if policies.is_self(assessment):
        yield from standings.own_ratings(session, assessment.enrolment_id).items()
        return
    for code, lines in standings.latest_ratings(session, assessment.enrolment_id).items():
        yield from ((code, line) for line in lines if line.assessor_id == assessment.assessor_id)


def record_page(session: Session, actor: Actor, assessment: Assessment) -> GridPage:
    """Return an assessment to read: with its seal checked, its correction, and what the reader may do."""
    people = reading.people_of_assessment(session, assessment)
    framework = framework_of(session, people.enrolment.framework_version_id)
    page = _page(assessment, people, framework, proofs_of(session, people.enrolment.id), {})
    seal = policies.seal_of(assessment, assessment.framework_version_id, assessment.ratings)
    return replace(
        page,
        is_intact=not assessment.seal or seal == assessment.seal,
        correction=reading.corrected_by(session, assessment),
        may_correct=policies.may_correct(actor, assessment),
        may_edit=policies.may_edit(actor, assessment),
    )


def _page(
    assessment: Assessment,
    people: reading.People,
    framework: competencies.Framework,
    proofs: Mapping[str, list[Proof]],
    earlier: Mapping[str, standings.LatestRating],
) -> GridPage:
    said = {rating.indicator: _rated(rating) for rating in assessment.ratings}
    rows = {
        indicator.code: Row(
            indicator,
            said.get(indicator.code, Rated(None)),
            tuple(proofs.get(indicator.code, ())),
            earlier.get(indicator.code),
        )
        for indicator in framework.indicators
    }
    sections = tuple(
        Section(
            block,
            tuple((part, tuple(rows[indicator.code] for indicator in part.indicators)) for part in block.competencies),
        )
        for block in framework.blocks
    )
    return GridPage(assessment, people, framework, sections, rows=rows)


def _rated(rating: Rating) -> Rated:
    return Rated(rating.level, rating.is_observed, rating.comment)


@dataclass(frozen=True)
class StartPage:
    """Whom one is about to assess, and what others are doing about them."""

    enrolment: Enrolment
    trainee: User
    cohort: Cohort
    drafts: list[tuple[Assessment, User]]
    signed: list[Assessment]


def start_page(session: Session, enrolment: Enrolment) -> StartPage:
    """Return what to know before starting an assessment."""
    query = select(User, Cohort).join(Cohort, Cohort.id == enrolment.cohort_id).where(User.id == enrolment.user_id)
    row = session.execute(query).one()
    drafts = reading.open_drafts(session, enrolment.id)
    return StartPage(enrolment, *row, drafts, standings.signed_assessments(session, enrolment.id))


@dataclass(frozen=True)
class OwnPage:
    """A trainee's self-assessments: those being written, those signed."""

    enrolment: Enrolment
    drafts: list[Assessment]
    signed: list[reading.Line]

    @property
    def may_begin(self) -> bool:
        """Whether another one may be begun: while in training, and with none being written."""
        return policies.may_begin_own(self.enrolment) and not self.drafts


def own_page(session: Session, actor: Actor, enrolment: Enrolment) -> OwnPage:
    """Return the self-assessments of the actor's own path."""
    history = reading.history_of(session, enrolment.id)
    return OwnPage(
        enrolment,
        reading.own_drafts(session, actor, enrolment.id),
        [line for line in history if line.is_self],
    )


@dataclass(frozen=True)
class ListPage:
    """The list of assessments: what waits, what is being written, what is signed."""

    listing: Listing[reading.Line]
    drafts: list[reading.Line]
    whose: str
    may_assess: bool
    cohorts: list[tuple[uuid.UUID, str]]
    cohort: str

    @property
    def is_filtered(self) -> bool:
        """Whether the list is narrowed by words or a cohort."""
        return bool(self.listing.query or self.cohort)


def list_page(session: Session, actor: Actor, wanted: Wanted, *, whole: bool = False) -> ListPage:
    """Return one page of the signed assessments, newest first unless asked otherwise; `whole` gives them all."""
    filters = wanted.filters or {}
    may_assess = actor.may(Permission.ASSESSMENT_WRITE)
    whose = filters.get("whose") or ("mine" if may_assess else "all")
    query, sorts = reading.signed_lines(actor, whose=whose, cohort_id=filters.get("cohort", ""))
    searched = sorts.pop("search")
    query = query.where(*listing.matches(wanted.query, *searched))
    if not wanted.sort:
        wanted = replace(wanted, sort="signed", direction="desc")
    found = listing.paginate(
        session, query, wanted, sorts=sorts, default="signed", tie=Assessment.__table__.c.id, as_rows=True,
        per_page=_WHOLE_LIST if whole else listing.PER_PAGE,
    )  # fmt: skip
    rows = [
        reading.Line(assessment, trainee.name, cohort, assessor.name, correction is not None)
        for assessment, trainee, cohort, assessor, correction in found.rows
    ]
    drafts = reading.drafts_of(session, actor) if may_assess and not whole else []
    return ListPage(
        replace(found, rows=rows),
        drafts,
        whose,
        may_assess,
        reading.cohorts_read(session, actor),
        filters.get("cohort", ""),
    )
