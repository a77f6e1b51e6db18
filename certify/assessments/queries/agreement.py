"""How far the assessors of a cohort agree, and the ratings behind it."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

import competencies
from certify.accounts.models import User
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.assessments.queries.carrying import Carrier, Carrying
from certify.assessments.queries.doubling import doubled_by
from certify.assessments.queries.ratings import is_replaced_by
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import cohort_for
from certify.core.access import Actor, Permission
from certify.core.errors import Forbidden, NotFound
from certify.core.i18n import lazy as _l
from certify.core.listing import PER_PAGE, Listing, Wanted
from certify.frameworks.queries import framework_of, programme_of_cohort
from competencies.agreement import Agreement, Judgement, agreement, by_indicator, disputed


@dataclass(frozen=True, slots=True)
class Held:
    """The last level an assessor gave to one indicator of one trainee: the one that counts."""

    enrolment_id: uuid.UUID
    assessor_id: uuid.UUID
    assessment_id: uuid.UUID
    held_on: date
    indicator: str
    level: str
    """On the certification scale of the cohort's version."""


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator with the agreement on it."""

    indicator: competencies.Indicator
    block: competencies.Block
    found: Agreement


@dataclass(frozen=True)
class AgreementPage:
    """How far the assessors of a cohort agree."""

    cohort: Cohort
    framework: competencies.Framework
    minimum: int
    lines: tuple[IndicatorLine, ...]
    """The most disputed first, or in the order of the framework."""
    blocks: tuple[tuple[competencies.Block, Agreement], ...]
    whole: Agreement
    disputed: tuple[IndicatorLine, ...]
    """For a calibration meeting, the most disputed first."""
    sort: str


def cohort_of_agreement(session: Session, actor: Actor, cohort_id: uuid.UUID) -> Cohort:
    """Return a cohort whose assessors' agreement the actor may see; NotFound outside their organisations."""
    cohort = cohort_for(session, actor, cohort_id, Permission.ASSESSMENT_READ)
    require_figures(actor, cohort.training_body_id)
    return cohort


def require_figures(actor: Actor, training_body_id: uuid.UUID) -> None:
    """Refuse figures about assessors to those who neither assess, coordinate nor audit in their training body."""
    if not policies.reads_figures(actor, training_body_id):
        raise Forbidden(
            _l(
                "Les chiffres qui concernent les évaluatrices et les évaluateurs sont lus par celles et ceux qui "
                "forment, coordonnent ou auditent dans le même organisme de formation."
            )
        )


def agreement_page(session: Session, cohort: Cohort, *, sort: str = "dispute") -> AgreementPage:
    """Return the agreement on each indicator, each block and the whole, in a number of statements that never grows."""
    framework = framework_of(session, cohort.framework_version_id)
    minimum, scale = programme_of_cohort(session, cohort).agreement_minimum, framework.scale
    judgements = [_judgement(held) for held in levels_held(session, cohort)]
    found = by_indicator(scale, judgements, minimum)
    nothing = agreement(scale, (), minimum)
    lines = [
        IndicatorLine(indicator, block, found.get(indicator.code, nothing))
        for block in framework.blocks
        for indicator in block.indicators
    ]
    by_code = {line.indicator.code: line for line in lines}
    ranked = tuple(by_code[code] for code in disputed({code: line.found for code, line in by_code.items()}))
    return AgreementPage(
        cohort, framework, minimum,
        tuple(lines if sort == "framework" else sorted(lines, key=_least_agreement)),
        tuple((block, agreement(scale, ones, minimum)) for block, ones in _by_block(framework, judgements)),
        agreement(scale, judgements, minimum), ranked, sort,
    )  # fmt: skip


def _least_agreement(line: IndicatorLine) -> tuple[bool, float, float]:
    """Put the least agreement first, what has no figure last."""
    found = line.found
    share = found.agreeing_pairs / found.pairs if found.pairs else 2.0
    return found.exact is None, share, 2.0 if found.alpha is None else found.alpha


def _by_block(
    framework: competencies.Framework, judgements: Iterable[Judgement]
) -> Iterator[tuple[competencies.Block, list[Judgement]]]:
    sorted_out: defaultdict[str, list[Judgement]] = defaultdict(list)
    for one in judgements:
        sorted_out[framework.block_of(one.indicator).code].append(one)
    return ((block, sorted_out[block.code]) for block in framework.blocks)


def _judgement(held: Held) -> Judgement:
    return Judgement(str(held.enrolment_id), held.indicator, str(held.assessor_id), held.level)


def levels_held(session: Session, cohort: Cohort, indicator: str = "") -> list[Held]:
    """Return the last level of each assessor on each indicator, or on one, of each trainee of a cohort.

    Read as a standing reads them: on the cohort's version and certification scale, without self-assessments,
    superseded assessments nor « non observé », and a positioning only where nothing was observed since. One statement,
    and one more for a single indicator; the versions of a framework are read once each by a process.
    """
    carrier, present = Carrier(session), cohort.framework_version_id
    scale = framework_of(session, present).scale
    codes = _codes_behind(session, carrier, cohort, indicator) if indicator else None
    kept: dict[_About, dict[str, tuple[Any, str]]] = {}
    known: dict[tuple[uuid.UUID, AssessmentKind], dict[str, list[tuple[str, str]]]] = {}
    for row in sorted(session.execute(_levels(cohort, codes)), key=lambda row: (row.held_on, row.signed_at, row.id)):
        last = kept.setdefault((row.enrolment_id, row.assessor_id, row.kind is AssessmentKind.POSITIONING), {})
        # The same few levels of the same few indicators come back for every trainee.
        read = known.setdefault((row.framework_version_id, row.kind), {})
        for pair in row.levels.split(_BETWEEN):
            if pair not in read:
                read[pair] = _read(carrier.between(row.framework_version_id, present), row.kind, pair)
            for code, level in read[pair]:
                last[code] = _last(scale, last.get(code), (row, level))
    return [held for held in _in_force(kept) if indicator in ("", held.indicator)]


_About = tuple[uuid.UUID, uuid.UUID, bool]
"""A trainee, an assessor, and whether it was at entry."""


def _read(way: Carrying, kind: AssessmentKind, pair: str) -> list[tuple[str, str]]:
    written, _, given = pair.partition(_WITHIN)
    level = way.level(written, given, kind) or ""
    return [(code, level) for code in way.to(written)]


_BETWEEN, _WITHIN = "\x1e", "\x1f"


def _levels(cohort: Cohort, codes: Collection[str] | None) -> Select[*tuple[Any, ...]]:
    """Select the assessments of a cohort that count, each with all its levels in one text.

    A row for each level would be fifty times as many to read and to sort.
    """
    correction = aliased(Assessment)
    query = (
        select(
            Assessment.enrolment_id, Assessment.assessor_id, Assessment.id, Assessment.held_on, Assessment.signed_at,
            Assessment.kind, Assessment.framework_version_id,
            func.aggregate_strings(Rating.indicator + _WITHIN + Rating.level, _BETWEEN).label("levels"),
        )
        .join(Rating, Rating.assessment_id == Assessment.id)
        .join(Enrolment, Enrolment.id == Assessment.enrolment_id)
        .outerjoin(correction, is_replaced_by(correction))
        .where(*_counting(cohort), correction.id.is_(None), Rating.level.is_not(None))
        .group_by(Assessment.id)
    )  # fmt: skip
    return query if codes is None else query.where(Rating.indicator.in_(codes))


def _counting(cohort: Cohort) -> tuple[ColumnElement[bool], ...]:
    return (
        Enrolment.cohort_id == cohort.id,
        Assessment.state == AssessmentState.SIGNED,
        Assessment.kind != AssessmentKind.SELF,
    )


def _codes_behind(session: Session, carrier: Carrier, cohort: Cohort, indicator: str) -> set[str]:
    """Return the codes under which an indicator was rated in the versions that the cohort's assessments are made on."""
    query = select(Assessment.framework_version_id).join(Enrolment, Enrolment.id == Assessment.enrolment_id)
    versions = session.scalars(query.where(*_counting(cohort)).distinct())
    ways = [carrier.between(version_id, cohort.framework_version_id) for version_id in versions]
    return {one.code for way in ways for one in way.old.indicators if indicator in way.to(one.code)} | {indicator}


def _last(scale: competencies.Scale, one: tuple[Any, str] | None, other: tuple[Any, str]) -> tuple[Any, str]:
    """Keep the later of two; of two indicators that became one in the same assessment, the lower level."""
    if one is not None and one[0] is other[0]:
        return min(one, other, key=lambda pair: scale.rank(pair[1]))
    return other


def _in_force(kept: Mapping[_About, Mapping[str, tuple[Any, str]]]) -> list[Held]:
    """Leave a positioning out wherever something was observed of the same indicator of the same trainee."""
    seen: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    for (enrolment_id, _, is_entry), said in kept.items():
        if not is_entry:
            seen[enrolment_id].update(said)
    return [
        Held(enrolment_id, assessor_id, row.id, row.held_on, code, level)
        for (enrolment_id, assessor_id, is_entry), said in kept.items()
        for code, (row, level) in said.items()
        if not is_entry or code not in seen[enrolment_id]
    ]


@dataclass(frozen=True)
class View:
    """What one assessor says of one indicator of one trainee."""

    assessor: str
    level: competencies.Level
    held: Held


@dataclass(frozen=True)
class Dispute:
    """One trainee on whom assessors do not all say the same, or all do."""

    enrolment_id: uuid.UUID
    trainee: str
    views: tuple[View, ...]
    """The lowest level first."""
    gap: int
    """How many steps of the scale the furthest stand from each other."""


@dataclass(frozen=True)
class RatingsPage:
    """The ratings behind the agreement on one indicator."""

    cohort: Cohort
    line: IndicatorLine
    minimum: int
    listing: Listing[Dispute]
    only: str
    """« all » shows those on whom everybody agrees too."""
    scale: competencies.Scale
    """The certification scale: the levels compared are said on it."""
    described: competencies.Scale
    """The scale whose levels the indicator describes."""


def ratings_page(
    session: Session, actor: Actor, cohort: Cohort, indicator: str, wanted: Wanted, *, whole: bool = False
) -> RatingsPage:
    """Return what the assessors say of one indicator, trainee by trainee, the widest gap first.

    Trainees whom the reader is assessing in their turn are left out until they have signed.
    """
    framework = framework_of(session, cohort.framework_version_id)
    known = {one.code: one for one in framework.indicators}
    if indicator not in known:
        raise NotFound
    minimum = programme_of_cohort(session, cohort).agreement_minimum
    held = levels_held(session, cohort, indicator)
    found = agreement(framework.scale, map(_judgement, held), minimum)
    only = (wanted.filters or {}).get("only", "")
    hidden = doubled_by(session, actor.user_id)
    disputes = _disputes(session, framework.scale, [one for one in held if one.enrolment_id not in hidden])
    rows = [one for one in disputes if one.gap or only == "all"]
    per_page = max(1, len(rows)) if whole else PER_PAGE
    page = min(wanted.page, max(1, -(-len(rows) // per_page)))
    shown = rows[(page - 1) * per_page : page * per_page]
    line = IndicatorLine(known[indicator], framework.block_of(indicator), found)
    found_rows = Listing(shown, len(rows), wanted, "", "asc", page, per_page)
    return RatingsPage(cohort, line, minimum, found_rows, only, framework.scale, framework.scale_of(indicator))


def _disputes(session: Session, scale: competencies.Scale, held: Iterable[Held]) -> Sequence[Dispute]:
    by_trainee: defaultdict[uuid.UUID, list[Held]] = defaultdict(list)
    for one in held:
        by_trainee[one.enrolment_id].append(one)
    pairable = {enrolment_id: ones for enrolment_id, ones in by_trainee.items() if len(ones) > 1}
    assessors = {one.assessor_id for ones in pairable.values() for one in ones}
    names = {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(assessors)))}
    trainees = _trainees(session, pairable)
    places = {level.code: at for at, level in enumerate(sorted(scale.levels, key=lambda level: level.rank))}
    found = [_dispute(trainees[key], key, ones, names, scale, places) for key, ones in pairable.items()]
    return sorted(found, key=lambda one: (-one.gap, one.trainee, str(one.enrolment_id)))


def _trainees(session: Session, enrolment_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = select(Enrolment.id, User).join(User, User.id == Enrolment.user_id)
    return {key: user.name for key, user in session.execute(query.where(Enrolment.id.in_(list(enrolment_ids))))}


def _dispute(
    trainee: str, enrolment_id: uuid.UUID, ones: Iterable[Held], names: Mapping[uuid.UUID, str],
    scale: competencies.Scale, places: Mapping[str, int],
) -> Dispute:  # fmt: skip
    ordered = sorted(ones, key=lambda one: (places[one.level], names[one.assessor_id], str(one.assessor_id)))
    views = tuple(View(names[one.assessor_id], scale.level(one.level), one) for one in ordered)
    return Dispute(enrolment_id, trainee, views, places[ordered[-1].level] - places[ordered[0].level])
