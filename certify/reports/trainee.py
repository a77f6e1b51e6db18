"""Where one trainee stands: each block and competency, what proves it, what is missing, who said what."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.assessments.models import AssessmentKind
from certify.assessments.queries import LatestRating, Line, Proof
from certify.assessments.queries.ratings import latest_of, own_of
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.charts import Series, Spoke, radar, steps
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day
from certify.frameworks.queries import framework_of, programme_of_cohort
from certify.logbook.models import EntryState, LogbookEntry
from certify.organisations.models import Organisation

_LONGEST_NAME = 20


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator: its proposed level, what proves it, and the last word of each assessor."""

    indicator: competencies.Indicator
    proposal: competencies.Proposal
    proofs: tuple[Proof, ...]
    ratings: tuple[LatestRating, ...]

    @property
    def code(self) -> str:
        """Code of the indicator."""
        return self.indicator.code


@dataclass(frozen=True)
class CompetencyLine:
    """One competency, with the figures of its indicators."""

    competency: competencies.Competency
    proposal: competencies.Proposal
    tally: competencies.BlockStanding
    covered: competencies.Share
    indicators: tuple[IndicatorLine, ...]

    @property
    def code(self) -> str:
        """Code of the competency."""
        return self.competency.code

    @property
    def level(self) -> str | None:
        """The level in force, on the certification scale."""
        return self.proposal.level

    @property
    def disputed(self) -> tuple[IndicatorLine, ...]:
        """Indicators on which assessors disagree."""
        return tuple(line for line in self.indicators if line.proposal.is_disputed)


@dataclass(frozen=True)
class BlockLine:
    """One block, with its chart and the figures it draws."""

    block: competencies.Block
    tally: competencies.BlockStanding
    covered: competencies.Share
    competencies: tuple[CompetencyLine, ...]

    @property
    def chart(self) -> str:
        """The radar: one spoke per competency, the share of its indicators that are acquired."""
        spokes = [Spoke(line.code, line.tally.acquired / (line.tally.total or 1)) for line in self.competencies]
        figures = ", ".join(
            _("%(code)s : %(done)s sur %(total)s", code=line.code, done=line.tally.acquired, total=line.tally.total)
            for line in self.competencies
        )
        name = self.block.short_title.to(current_locale())
        title = _("Indicateurs acquis du bloc %(block)s. %(figures)s.", block=name, figures=figures)
        return radar(spokes, title=title, css_class=f"radar-{self.block.number}")


@dataclass(frozen=True)
class Path:
    """Everything the page of a trainee shows."""

    enrolment: Enrolment
    trainee: User
    cohort: Cohort
    training_body: str
    house: str
    framework: competencies.Framework
    blocks: tuple[BlockLine, ...]
    coverage: competencies.Coverage
    history: list[Line]
    """Assessments signed by assessors."""
    own_history: list[Line]
    """Self-assessments signed by the trainee."""
    own_ratings: Mapping[str, LatestRating]
    """What the latest of them says of each indicator."""
    entries: Mapping[EntryState, int]
    proofs: tuple[Proof, ...]
    points: tuple[competencies.Point, ...]
    """How many indicators of each block were acquired, after each day on which something was assessed."""

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Sign and name of the three counts of indicators: reached, between, lowest."""
        scale, locale = self.framework.scale, current_locale()
        reached, lowest = scale.level(scale.threshold), scale.lowest
        between = [one for one in scale.levels if one.code != lowest.code and not scale.is_reached(one.code)]
        middle = (between[0].sign, between[0].label.to(locale)) if len(between) == 1 else ("◐", _("entre les deux"))
        return (reached.sign, reached.label.to(locale)), middle, (lowest.sign, lowest.label.to(locale))

    @property
    def moved(self) -> str:
        """The step chart of the share of indicators acquired, block by block, since the entry into training."""
        if not self.points:
            return ""
        locale, last = current_locale(), self.points[-1]
        lines = [
            Series(
                f"{line.block.number} {line.block.short_title.to(locale)}"[:_LONGEST_NAME],
                f"line-{line.block.number}",
                [(point.on, point.shares[line.block.code].ratio) for point in self.points],
            )
            for line in self.blocks
        ]
        figures = " ".join(
            _("%(block)s : %(done)s sur %(total)s.", block=line.block.short_title.to(locale),
              done=last.shares[line.block.code].covered, total=last.shares[line.block.code].total)
            for line in self.blocks
        )  # fmt: skip
        title = _(
            "Part des indicateurs acquis au fil du temps. Le %(day)s, %(figures)s", day=day(last.on), figures=figures
        )
        first = min(self.enrolment.entered_on, self.points[0].on)
        return steps(lines, title=title, first=first, last=max(clock.today(), last.on))

    @property
    def unassessed(self) -> tuple[CompetencyLine, ...]:
        """Competencies on which no assessor has said anything yet."""
        return tuple(line for block in self.blocks for line in block.competencies if line.level is None)

    @property
    def missing(self) -> tuple[competencies.Indicator, ...]:
        """Indicators without any accepted evidence."""
        return tuple(self.framework.indicator(code) for code in self.coverage.missing)

    @property
    def missing_by_block(self) -> tuple[tuple[competencies.Block, tuple[competencies.Indicator, ...]], ...]:
        """The same, block by block, whole blocks left out."""
        lacking = set(self.coverage.missing)
        found = (
            (block, tuple(one for one in block.indicators if one.code in lacking)) for block in self.framework.blocks
        )
        return tuple((block, indicators) for block, indicators in found if indicators)

    @property
    def is_complete(self) -> bool:
        """Whether every indicator is covered by accepted evidence: « dossier complet »."""
        return self.coverage.whole.is_whole

    @property
    def disputed(self) -> tuple[CompetencyLine, ...]:
        """Competencies on which assessors disagree."""
        return tuple(line for block in self.blocks for line in block.competencies if line.proposal.is_disputed)

    @property
    def last_assessed_on(self) -> date | None:
        """Day of the last moment an assessor assessed."""
        return max((line.assessment.held_on for line in self.history), default=None)

    def count(self, *states: EntryState) -> int:
        """How many logbook entries are in these states."""
        return sum(self.entries.get(state, 0) for state in states)


def path_of(session: Session, enrolment: Enrolment, reader_id: uuid.UUID | None = None) -> Path:
    """Return where a trainee stands; the caller has checked who asks. The number of statements never grows.

    A reader who is assessing this trainee in their turn (double marking) meanwhile reads no levels but their own.
    """
    trainee, cohort, training_body, house = _who(session, enrolment)
    framework = framework_of(session, enrolment.framework_version_id)
    proofs = assessments.proofs_of(session, enrolment.id)
    said = assessments.ratings_of(session, enrolment.id)
    is_doubling = reader_id is not None and enrolment.id in assessments.doubled_by(session, reader_id)
    if is_doubling:
        said = [line for line in said if line.assessor_id == reader_id or line.kind is AssessmentKind.SELF]
    ratings = latest_of(said)
    programme = programme_of_cohort(session, enrolment)
    counted = [line.appraisal for line in said if not line.is_superseded and line.kind is not AssessmentKind.SELF]
    retained = {} if is_doubling else assessments.retained_of(session, [enrolment.id]).get(enrolment.id, {})
    standing = competencies.retain(competencies.standing(framework, counted, programme), retained)
    coverage = competencies.cover(framework, _pieces(proofs))
    history = assessments.history_of(session, enrolment.id)
    return Path(
        enrolment,
        trainee,
        cohort,
        training_body,
        house,
        framework,
        tuple(_block(framework, block, standing, coverage, proofs, ratings) for block in framework.blocks),
        coverage,
        [line for line in history if not line.is_self],
        [line for line in history if line.is_self],
        own_of(said),
        _entries(session, enrolment.id),
        _once(proofs),
        competencies.trajectory(framework, counted, programme),
    )


def _who(session: Session, enrolment: Enrolment) -> tuple[User, Cohort, str, str]:
    place = aliased(Organisation)
    house = select(place.name).where(place.id == enrolment.house_id).scalar_subquery()
    row = session.execute(
        select(User, Cohort, Organisation.name, house)
        .select_from(User)
        .join(Cohort, Cohort.id == enrolment.cohort_id)
        .join(Organisation, Organisation.id == enrolment.training_body_id)
        .where(User.id == enrolment.user_id)
    ).one()
    return row[0], row[1], row[2], row[3] or ""


def _pieces(proofs: Mapping[str, list[Proof]]) -> Iterable[competencies.Piece]:
    return (
        competencies.Piece(code, proof.kind, proof.on, is_accepted=True)
        for code, found in proofs.items()
        for proof in found
    )


def _once(proofs: Mapping[str, list[Proof]]) -> tuple[Proof, ...]:
    unique = {proof.id: proof for found in proofs.values() for proof in found}
    return tuple(sorted(unique.values(), key=lambda proof: (proof.on, str(proof.id)), reverse=True))


def _entries(session: Session, enrolment_id: uuid.UUID) -> dict[EntryState, int]:
    query = select(LogbookEntry.state, func.count()).where(LogbookEntry.enrolment_id == enrolment_id)
    return dict(session.execute(query.group_by(LogbookEntry.state)).all())


def _block(
    framework: competencies.Framework,
    block: competencies.Block,
    standing: competencies.Standing,
    coverage: competencies.Coverage,
    proofs: Mapping[str, list[Proof]],
    ratings: Mapping[str, list[LatestRating]],
) -> BlockLine:
    lines = tuple(_competency(framework, part, standing, coverage, proofs, ratings) for part in block.competencies)
    return BlockLine(block, standing.blocks[block.code], coverage.block(block.code), lines)


def _competency(
    framework: competencies.Framework,
    part: competencies.Competency,
    standing: competencies.Standing,
    coverage: competencies.Coverage,
    proofs: Mapping[str, list[Proof]],
    ratings: Mapping[str, list[LatestRating]],
) -> CompetencyLine:
    indicators = tuple(
        IndicatorLine(
            one, standing.indicators[one.code], tuple(proofs.get(one.code, ())), tuple(ratings.get(one.code, ()))
        )
        for one in part.indicators
    )
    tally = _tally(framework.scale, [line.proposal.level for line in indicators])
    return CompetencyLine(part, standing.competencies[part.code], tally, coverage.competency(part.code), indicators)


def _tally(scale: competencies.Scale, levels: list[str | None]) -> competencies.BlockStanding:
    given = [level for level in levels if level is not None]
    acquired = sum(1 for level in given if scale.is_reached(level))
    lowest = sum(1 for level in given if level == scale.lowest.code and not scale.is_reached(level))
    return competencies.BlockStanding(
        acquired=acquired,
        partly=len(given) - acquired - lowest,
        not_acquired=lowest,
        unassessed=len(levels) - len(given),
        total=len(levels),
    )
