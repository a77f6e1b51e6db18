"""From what several assessors saw, indicator by indicator, to the level proposed for each competency and block.

Nothing here decides: a jury reads these proposals and the appraisals they rest on, and may depart from them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from types import MappingProxyType

from competencies.framework import Competency, Framework, Scale


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What one assessor saw of one indicator; level None means « non observé », which is not a low level.

    `on` is a date or a datetime, of one kind throughout a set of appraisals so that they can be ordered.
    """

    indicator: str
    level: str | None
    assessor: str
    on: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed level (None when nobody has observed anything), whether assessors disagree, and what it rests on."""

    level: str | None
    is_disputed: bool
    basis: tuple[Appraisal, ...]


@dataclass(frozen=True, slots=True)
class BlockStanding:
    """How many indicators of a block stand where: at the threshold or above, between, at the lowest level, unseen."""

    acquired: int
    partly: int
    not_acquired: int
    unassessed: int
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a candidate stands on the whole framework, each mapping in the framework's order."""

    indicators: Mapping[str, Proposal]
    competencies: Mapping[str, Proposal]
    blocks: Mapping[str, BlockStanding]


def standing(framework: Framework, appraisals: Iterable[Appraisal]) -> Standing:
    """Bring together the appraisals of one candidate; self-assessments count only if the caller passes them."""
    observed = _latest_by_assessor(framework, appraisals)
    indicators = {item.code: _agree(framework.scale, observed[item.code]) for item in framework.indicators}
    competencies = {part.code: _gather(framework.scale, part, indicators) for part in framework.competencies}
    blocks = {
        block.code: _tally(framework.scale, [indicators[item.code].level for item in block.indicators])
        for block in framework.blocks
    }
    return Standing(MappingProxyType(indicators), MappingProxyType(competencies), MappingProxyType(blocks))


def _latest_by_assessor(framework: Framework, appraisals: Iterable[Appraisal]) -> Mapping[str, tuple[Appraisal, ...]]:
    said: defaultdict[tuple[str, str], list[tuple[date, int, Appraisal]]] = defaultdict(list)
    for appraisal in appraisals:
        indicator = framework.indicator(appraisal.indicator).code
        if appraisal.level is not None:
            # At the very same time the lower level is kept, so that the order of arrival never matters.
            recency = (appraisal.on, -framework.scale.rank(appraisal.level), appraisal)
            said[appraisal.assessor, indicator].append(recency)
    latest: defaultdict[str, tuple[Appraisal, ...]] = defaultdict(tuple)
    for (_, indicator), candidates in sorted(said.items(), key=itemgetter(0)):
        latest[indicator] += (max(candidates, key=itemgetter(0, 1))[2],)
    return latest


def _agree(scale: Scale, retained: tuple[Appraisal, ...]) -> Proposal:
    levels = {appraisal.level for appraisal in retained if appraisal.level is not None}
    lowest = min(levels, key=scale.rank, default=None)
    return Proposal(lowest, len(levels) > 1, retained)


def _gather(scale: Scale, competency: Competency, indicators: Mapping[str, Proposal]) -> Proposal:
    proposals = [indicators[indicator.code] for indicator in competency.indicators]
    return Proposal(
        level=_competency_level(scale, [proposal.level for proposal in proposals]),
        is_disputed=any(proposal.is_disputed for proposal in proposals),
        basis=tuple(appraisal for proposal in proposals for appraisal in proposal.basis),
    )


def _competency_level(scale: Scale, levels: list[str | None]) -> str | None:
    """Reach the threshold only when every indicator does; below it, show the best seen, never the threshold itself.

    On the certification scale: « acquis » when all are acquired, « non acquis » when all those seen are not,
    « partiellement acquis » otherwise.
    """
    assessed = [level for level in levels if level is not None]
    if not assessed:
        return None
    if len(assessed) == len(levels) and all(scale.is_reached(level) for level in assessed):
        return min(assessed, key=scale.rank)
    below = [level.code for level in scale.levels if not scale.is_reached(level.code)]
    ceiling = max(below, key=scale.rank, default=scale.lowest.code)
    return min(max(assessed, key=scale.rank), ceiling, key=scale.rank)


def _tally(scale: Scale, levels: list[str | None]) -> BlockStanding:
    assessed = [level for level in levels if level is not None]
    acquired = sum(1 for level in assessed if scale.is_reached(level))
    lowest = sum(1 for level in assessed if not scale.is_reached(level) and level == scale.lowest.code)
    return BlockStanding(
        acquired=acquired,
        partly=len(assessed) - acquired - lowest,
        not_acquired=lowest,
        unassessed=len(levels) - len(assessed),
        total=len(levels),
    )
