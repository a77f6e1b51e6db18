"""What a grid shows, to fill in or to read, in a number of statements that no history makes grow."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

import competencies
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind
from certify.assessments.policies import Rated
from certify.assessments.queries import habilitations, ratings, reading
from certify.assessments.queries.carrying import scale_for
from certify.assessments.queries.pages import Proof, proofs_of
from certify.core.access import Actor
from certify.frameworks.queries import framework_of


@dataclass(frozen=True)
class Answer:
    """A level that may be given to an indicator, with what it looks like.

    On a scale other than the one the indicator is described on, every described level that amounts to this one.
    """

    level: competencies.Level
    descriptors: tuple[tuple[competencies.Level, competencies.Text], ...]
    is_described: bool
    """Whether the descriptor is this level's own."""


@dataclass(frozen=True)
class Row:
    """One indicator of a grid: what is said of it, what proves it, what the same assessor said before."""

    indicator: competencies.Indicator
    rated: Rated
    scale: competencies.Scale
    """The one it is rated on in this grid."""
    answers: tuple[Answer, ...]
    """Best level first."""
    proofs: tuple[Proof, ...] = ()
    earlier: ratings.LatestRating | None = None

    @property
    def code(self) -> str:
        """Code of the indicator."""
        return self.indicator.code

    @property
    def answer(self) -> Answer | None:
        """The level given, with its descriptors."""
        return next((one for one in self.answers if one.level.code == self.rated.level), None)


@dataclass(frozen=True)
class Section:
    """One block of a grid."""

    block: competencies.Block
    competencies: tuple[tuple[competencies.Competency, tuple[Row, ...]], ...]


@dataclass(frozen=True)
class Difference:
    """One indicator on which two records of the same grid differ."""

    indicator: competencies.Indicator
    scale: competencies.Scale
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
    """Those of the blocks it covers: that its author may assess or, once signed, that it speaks of."""
    others: Mapping[str, Row] = field(default_factory=dict)
    """Those of the other blocks of the framework."""
    to_ask: habilitations.ToAsk | None = None
    """Where its author may not assess all of it: who can habilitate them."""

    @property
    def beyond(self) -> tuple[Row, ...]:
        """What a draft says of blocks its author may no longer assess: it is read, neither changed nor signed."""
        return tuple(row for row in self.others.values() if row.rated.is_given or row.rated.comment)

    @property
    def is_partial(self) -> bool:
        """Whether it covers some blocks of the framework only."""
        return len(self.sections) < len(self.framework.blocks)

    def goes_beyond(self, ratings: Mapping[str, Rated]) -> bool:
        """Whether something typed concerns blocks that its author may not assess, and differs from what is saved."""
        return any(_is_typed_beyond(row, ratings) for row in self.others.values())

    @property
    def is_self(self) -> bool:
        """Whether a trainee looks at their own path in it."""
        return policies.is_self(self.assessment)

    @property
    def confidences(self) -> Mapping[int, object]:
        """What the trainee may say of how sure they are, in a self-assessment."""
        return policies.CONFIDENCES if self.is_self else {}

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
    def scale(self) -> competencies.Scale:
        """The scale of the whole grid: its only one, or the certification scale where competencies have their own."""
        scales = {row.scale.code: row.scale for row in self.rows.values()}
        return next(iter(scales.values())) if len(scales) == 1 else self.framework.scale

    @property
    def digits(self) -> int:
        """How many digits of the keyboard choose a level, on the longest scale of the grid."""
        return min(9, max((len(row.answers) for row in self.rows.values()), default=0))

    @property
    def levels(self) -> list[tuple[competencies.Level, int]]:
        """How many indicators stand at each level of `scale`, highest first."""
        scale = self.scale
        counts = Counter(row.scale.translate(row.rated.level, scale) for row in self.rows.values() if row.rated.level)
        return [(level, counts[level.code]) for level in reversed(scale.levels)]

    @property
    def unproved(self) -> tuple[competencies.Indicator, ...]:
        """Indicators given a level while no accepted evidence stands beside them."""
        return tuple(row.indicator for row in self.rows.values() if row.rated.level and not row.proofs)

    def compared(self, ratings: Mapping[str, Rated], comment: str) -> Kept:
        """Return what was typed and differs from what is saved."""
        pairs = [(row, ratings.get(code, row.rated)) for code, row in self.rows.items()]
        pairs += [(row, ratings[row.code]) for row in self.others.values() if _is_typed_beyond(row, ratings)]
        differences = (
            Difference(row.indicator, row.scale, row.rated, yours) for row, yours in pairs if yours != row.rated
        )
        return Kept(comment if comment != self.assessment.comment else "", tuple(differences))


def _is_typed_beyond(row: Row, ratings: Mapping[str, Rated]) -> bool:
    # The page does not show these rows: an empty answer is none.
    typed = ratings.get(row.code, Rated(None))
    return typed != row.rated and (typed.is_given or bool(typed.comment))


def framework_of_assessment(session: Session, assessment: Assessment) -> competencies.Framework:
    """Return the framework an assessment is made on, which stays when its trainee moves to a later version."""
    return framework_of(session, assessment.framework_version_id)


def grid_page(session: Session, assessment: Assessment) -> GridPage:
    """Return a grid to fill in: each indicator with its accepted evidence and the same assessor's last word on it.

    It covers the blocks that its author may assess today.
    """
    page = _page(
        assessment,
        reading.people_of_assessment(session, assessment),
        framework_of_assessment(session, assessment),
        proofs_of(session, assessment.enrolment_id),
        {code: line for code, line in _said_before(session, assessment) if line.level},
        habilitations.blocks_to_fill(session, assessment),
    )
    return _told_whom_to_ask(session, page) if page.is_partial else page


def _told_whom_to_ask(session: Session, page: GridPage) -> GridPage:
    made = page.assessment
    return replace(page, to_ask=habilitations.people_to_ask(session, made.training_body_id, made.framework_version_id))


def _said_before(session: Session, assessment: Assessment) -> Iterator[tuple[str, ratings.LatestRating]]:
    if policies.is_self(assessment):
        yield from ratings.own_ratings(session, assessment.enrolment_id).items()
        return
    for code, lines in ratings.latest_ratings(session, assessment.enrolment_id).items():
        yield from ((code, line) for line in lines if line.assessor_id == assessment.assessor_id)


def record_page(session: Session, actor: Actor, assessment: Assessment) -> GridPage:
    """Return an assessment to read: with its seal checked, its correction, and what the reader may do."""
    people = reading.people_of_assessment(session, assessment)
    framework = framework_of_assessment(session, assessment)
    spoken_of = {framework.block_of(code).code for code in policies.answered(assessment.ratings)}
    page = _page(
        assessment,
        people,
        framework,
        proofs_of(session, people.enrolment.id),
        {},
        spoken_of or {block.code for block in framework.blocks},
    )
    may_edit = policies.may_edit(actor, assessment)
    if may_edit:
        may_assess = habilitations.blocks_to_fill(session, assessment)
        may_edit = bool(may_assess)
        page = page if may_assess and spoken_of <= may_assess else _told_whom_to_ask(session, page)
    seal = policies.seal_of(assessment, assessment.framework_version_id, assessment.ratings)
    return replace(
        page,
        is_intact=not assessment.seal or seal == assessment.seal,
        correction=reading.corrected_by(session, assessment),
        may_correct=policies.may_correct(actor, assessment),
        may_edit=may_edit,
    )


def _page(
    assessment: Assessment,
    people: reading.People,
    framework: competencies.Framework,
    proofs: Mapping[str, list[Proof]],
    earlier: Mapping[str, ratings.LatestRating],
    blocks: Collection[str],
) -> GridPage:
    said = {rating.indicator: Rated.of(rating) for rating in assessment.ratings}
    rows = {
        indicator.code: Row(
            indicator,
            said.get(indicator.code, Rated(None)),
            scale_for(framework, indicator.code, assessment.kind),
            _answers(framework, indicator, assessment.kind),
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
        if block.code in blocks
    )
    shown = {code for section in sections for code in (one.code for one in section.block.indicators)}
    return GridPage(
        assessment,
        people,
        framework,
        sections,
        rows={code: row for code, row in rows.items() if code in shown},
        others={code: row for code, row in rows.items() if code not in shown},
    )


def _answers(
    framework: competencies.Framework, indicator: competencies.Indicator, kind: AssessmentKind
) -> tuple[Answer, ...]:
    scale, described = scale_for(framework, indicator.code, kind), framework.scale_of(indicator.code)
    is_described = scale == described
    texts = [(level, indicator.descriptors[level.code]) for level in described.levels]
    return tuple(
        Answer(
            level,
            tuple((step, text) for step, text in texts if described.translate(step.code, scale) == level.code),
            is_described,
        )
        for level in reversed(scale.levels)
    )
