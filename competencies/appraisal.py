"""From what several assessors saw, indicator by indicator, to the level proposed for each competency and block.

Nothing here decides: a jury reads these proposals and the appraisals they rest on, and may depart from them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from competencies.framework import Competency, Framework, Scale
from competencies.programme import USUAL, Aggregation, Programme


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What one assessor saw of one indicator; level None means « non observé », which is not a low level.

    The level is on the certification scale. `on` is a date or a datetime, of one kind throughout a set of appraisals
    so that they can be ordered.
    """

    indicator: str
    level: str | None
    assessor: str
    on: date
    is_entry: bool = False
    """Made at entry: it counts for an indicator as long as nothing was observed of it during the training."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed level (None when nothing allows to propose one), whether assessors disagree, what it rests on."""

    level: str | None
    is_disputed: bool
    basis: tuple[Appraisal, ...]
    """The appraisals the rule looked at to find this level."""
    rule: Aggregation = Aggregation.CAUTIOUS
    proposed: str | None = None
    """What the rule gives; another level than `level` only where somebody retained another."""
    is_retained: bool = False


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


def standing(framework: Framework, appraisals: Iterable[Appraisal], programme: Programme = USUAL) -> Standing:
    """Bring together the appraisals of one candidate by the rule of the programme, whatever their order.

    Self-assessments count only if the caller passes them.
    """
    observed = _observed(framework, appraisals)
    indicators = {
        item.code: _propose(framework.scale, programme, observed.get(item.code, ())) for item in framework.indicators
    }
    competencies = {part.code: _gather(framework.scale, programme, part, indicators) for part in framework.competencies}
    blocks = {
        block.code: _tally(framework.scale, [indicators[item.code].level for item in block.indicators])
        for block in framework.blocks
    }
    return Standing(MappingProxyType(indicators), MappingProxyType(competencies), MappingProxyType(blocks))


def retain(found: Standing, levels: Mapping[str, str]) -> Standing:
    """Give competencies the levels that somebody retained in place of the proposed ones; unknown codes are left out."""
    competencies = {
        code: replace(proposal, level=levels[code], is_retained=True) if code in levels else proposal
        for code, proposal in found.competencies.items()
    }
    return replace(found, competencies=MappingProxyType(competencies))


def _observed(framework: Framework, appraisals: Iterable[Appraisal]) -> Mapping[str, tuple[Appraisal, ...]]:
    """Give what was seen of each indicator, each appraisal once, in an order that arrival never changes."""
    said: defaultdict[str, set[Appraisal]] = defaultdict(set)
    for appraisal in appraisals:
        indicator = framework.indicator(appraisal.indicator).code
        if appraisal.level is not None:
            framework.scale.level(appraisal.level)
            said[indicator].add(appraisal)
    return {code: _counting(framework.scale, rows) for code, rows in said.items()}


def _counting(scale: Scale, rows: Iterable[Appraisal]) -> tuple[Appraisal, ...]:
    ordered = sorted(rows, key=lambda row: (row.assessor, row.on, scale.rank(row.level or "")))
    during = tuple(row for row in ordered if not row.is_entry)
    return during or tuple(ordered)


def _recency(scale: Scale) -> Callable[[Appraisal], tuple[date, int]]:
    # At the very same time the lower level is kept, so that the order of arrival never matters.
    return lambda row: (row.on, -scale.rank(row.level or ""))


def _latest_by_assessor(scale: Scale, rows: tuple[Appraisal, ...]) -> tuple[Appraisal, ...]:
    latest: dict[str, Appraisal] = {}
    for row in sorted(rows, key=_recency(scale)):
        latest[row.assessor] = row
    return tuple(latest[assessor] for assessor in sorted(latest))


def _propose(scale: Scale, programme: Programme, rows: tuple[Appraisal, ...]) -> Proposal:
    latest = _latest_by_assessor(scale, rows)
    is_disputed = len({row.level for row in latest}) > 1
    level, basis = _RULES[programme.aggregation](scale, programme, rows, latest) if rows else (None, ())
    return Proposal(level, is_disputed, basis, programme.aggregation, level)


_Found = tuple[str | None, tuple[Appraisal, ...]]
_Rows = tuple[Appraisal, ...]


def _cautious(scale: Scale, programme: Programme, rows: _Rows, latest: _Rows) -> _Found:
    return min((row.level or "" for row in latest), key=scale.rank), latest


def _newest(scale: Scale, programme: Programme, rows: _Rows, latest: _Rows) -> _Found:
    last = max(rows, key=_recency(scale))
    return last.level, (last,)


def _highest(scale: Scale, programme: Programme, rows: _Rows, latest: _Rows) -> _Found:
    best = max((row.level or "" for row in rows), key=scale.rank)
    return best, tuple(row for row in rows if row.level == best)


def _so_many_times(scale: Scale, programme: Programme, rows: _Rows, latest: _Rows) -> _Found:
    """A level is reached each time it, or a higher one, was given; seen too few times, nothing is proposed yet."""
    descending = sorted(rows, key=lambda row: scale.rank(row.level or ""), reverse=True)
    if len(descending) < programme.times:
        return None, rows
    level = descending[programme.times - 1].level or ""
    return level, tuple(row for row in rows if scale.rank(row.level or "") >= scale.rank(level))


def _majority(scale: Scale, programme: Programme, rows: _Rows, latest: _Rows) -> _Found:
    counts = Counter(row.level or "" for row in latest)
    return max(counts, key=lambda level: (counts[level], -scale.rank(level))), latest


_RULES: Mapping[Aggregation, Callable[[Scale, Programme, _Rows, _Rows], _Found]] = {
    Aggregation.CAUTIOUS: _cautious,
    Aggregation.LATEST: _newest,
    Aggregation.HIGHEST: _highest,
    Aggregation.TIMES: _so_many_times,
    Aggregation.MAJORITY: _majority,
}


def _gather(scale: Scale, programme: Programme, competency: Competency, indicators: Mapping[str, Proposal]) -> Proposal:
    proposals = {indicator.code: indicators[indicator.code] for indicator in competency.indicators}
    level = _competency_level(scale, competency, {code: proposal.level for code, proposal in proposals.items()})
    return Proposal(
        level=level,
        is_disputed=any(proposal.is_disputed for proposal in proposals.values()),
        basis=tuple(appraisal for proposal in proposals.values() for appraisal in proposal.basis),
        rule=programme.aggregation,
        proposed=level,
    )


def _competency_level(scale: Scale, competency: Competency, levels: Mapping[str, str | None]) -> str | None:
    """Reach the threshold only when enough indicators do; below it, show the best seen, never the threshold itself.

    Enough is what the completion rule of the competency says, all of them by default; it is then the highest level at
    which the rule still holds. On the certification scale: « acquis » when enough are acquired, « non acquis » when
    all those seen are not, « partiellement acquis » otherwise.
    """
    assessed = {code: level for code, level in levels.items() if level is not None}
    if not assessed:
        return None
    ranks = {code: scale.rank(level) for code, level in assessed.items()}
    for level in sorted(filter(scale.is_reached, set(assessed.values())), key=scale.rank, reverse=True):
        if competency.completion.is_met(levels, [code for code, rank in ranks.items() if rank >= scale.rank(level)]):
            return level
    below = [level.code for level in scale.levels if not scale.is_reached(level.code)]
    ceiling = max(below, key=scale.rank, default=scale.lowest.code)
    return min(max(assessed.values(), key=scale.rank), ceiling, key=scale.rank)


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
