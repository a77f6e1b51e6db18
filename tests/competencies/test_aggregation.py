"""The named rules that bring levels together, completion rules, retained levels: whatever the order of arrival."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import (
    Aggregation,
    Appraisal,
    BlockOutcome,
    Framework,
    Programme,
    demo,
    propose_block,
    retain,
    standing,
    trajectory,
)
from competencies.framework import Completion, CompletionKind

NO, PARTLY, YES = demo().scale.codes
START = date(2026, 3, 1)
CODES = [indicator.code for indicator in demo().indicators[:6]]
RULES = st.sampled_from(Aggregation)
SAID = st.lists(
    st.builds(
        lambda code, level, who, day, is_entry: Appraisal(code, level, who, START + timedelta(days=day), is_entry),
        st.sampled_from(CODES),
        st.none() | st.sampled_from(demo().scale.codes),
        st.sampled_from(["Formatrice A", "Formateur B", "Jury 2"]),
        st.integers(0, 4),
        st.booleans(),
    ),
    max_size=24,
)


def said(*levels: str | None, who: str = "ABCDEFGH") -> list[Appraisal]:
    """Give what successive people said of the first indicator, a day apart."""
    return [
        Appraisal("1.1.1", level, f"Formatrice {who[day]}", START + timedelta(days=day))
        for day, level in enumerate(levels)
    ]


def level_by(rule: Aggregation, appraisals: list[Appraisal], times: int = 2) -> str | None:
    return standing(demo(), appraisals, Programme(aggregation=rule, times=times)).indicators["1.1.1"].level


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Aggregation.CAUTIOUS, NO),
        (Aggregation.LATEST, PARTLY),
        (Aggregation.HIGHEST, YES),
        (Aggregation.TIMES, YES),
        (Aggregation.MAJORITY, YES),
    ],
)
def test_each_rule_proposes_its_own_level(rule: Aggregation, expected: str) -> None:
    appraisals = said(YES, NO, YES, PARTLY)
    assert level_by(rule, appraisals) == expected
    assert standing(demo(), appraisals, Programme(aggregation=rule)).competencies["1.1"].rule is rule


def test_the_rules_that_look_at_people_take_only_the_last_word_of_each() -> None:
    appraisals = said(YES, YES, NO, who="AAA")
    assert level_by(Aggregation.CAUTIOUS, appraisals) == NO
    assert level_by(Aggregation.MAJORITY, appraisals) == NO
    assert level_by(Aggregation.TIMES, appraisals) == YES
    assert level_by(Aggregation.HIGHEST, appraisals) == YES


def test_a_tied_majority_gives_the_lower_level() -> None:
    assert level_by(Aggregation.MAJORITY, said(YES, NO)) == NO
    assert level_by(Aggregation.MAJORITY, said(YES, NO, PARTLY)) == NO
    assert level_by(Aggregation.MAJORITY, said(PARTLY, YES, YES, PARTLY)) == PARTLY


def test_a_level_seen_too_few_times_is_not_proposed_yet_and_what_was_seen_is_kept() -> None:
    programme = Programme(aggregation=Aggregation.TIMES, times=3)
    proposal = standing(demo(), said(YES, YES), programme).indicators["1.1.1"]
    assert (proposal.level, len(proposal.basis)) == (None, 2)
    assert level_by(Aggregation.TIMES, said(YES, PARTLY, NO), times=3) == NO
    assert level_by(Aggregation.TIMES, said(YES, PARTLY, PARTLY, NO), times=3) == PARTLY


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        (Aggregation.CAUTIOUS, ["A", "B", "C"]),
        (Aggregation.LATEST, ["C"]),
        (Aggregation.HIGHEST, ["B"]),
        (Aggregation.MAJORITY, ["A", "B", "C"]),
    ],
)
def test_a_proposal_keeps_the_rows_its_rule_rests_on(rule: Aggregation, who: list[str]) -> None:
    proposal = standing(demo(), said(NO, YES, PARTLY), Programme(aggregation=rule)).indicators["1.1.1"]
    assert [row.assessor[-1] for row in proposal.basis] == who


def test_what_was_said_at_entry_counts_until_something_is_observed() -> None:
    entry = Appraisal("1.1.1", NO, "Formatrice A", START, is_entry=True)
    assert standing(demo(), [entry]).indicators["1.1.1"].level == NO
    unseen = Appraisal("1.1.1", None, "Formateur B", START)
    assert standing(demo(), [entry, unseen]).indicators["1.1.1"].level == NO
    later = standing(demo(), [entry, *said(YES, who="B")]).indicators["1.1.1"]
    assert (later.level, later.is_disputed, len(later.basis)) == (YES, False, 1)


@given(rule=RULES, times=st.integers(1, 4), appraisals=SAID, data=st.data())
def test_no_rule_depends_on_the_order_of_arrival(
    rule: Aggregation, times: int, appraisals: list[Appraisal], data: st.DataObject
) -> None:
    programme = Programme(aggregation=rule, times=times)
    shuffled = data.draw(st.permutations(appraisals))
    assert standing(demo(), shuffled, programme) == standing(demo(), appraisals, programme)


@given(rule=RULES, appraisals=SAID)
def test_a_proposed_level_is_one_that_somebody_gave(rule: Aggregation, appraisals: list[Appraisal]) -> None:
    found = standing(demo(), appraisals, Programme(aggregation=rule))
    for code, proposal in found.indicators.items():
        given_levels = {row.level for row in appraisals if row.indicator == code}
        assert proposal.level is None or proposal.level in given_levels
        assert set(proposal.basis) <= set(appraisals)


@given(rule=st.sampled_from([Aggregation.HIGHEST, Aggregation.TIMES]), appraisals=SAID, more=SAID)
def test_seeing_more_never_lowers_the_highest_level_nor_one_reached_several_times(
    rule: Aggregation, appraisals: list[Appraisal], more: list[Appraisal]
) -> None:
    programme = Programme(aggregation=rule)
    before = standing(demo(), appraisals, programme).indicators
    after = standing(demo(), [*appraisals, *(replace(row, is_entry=False) for row in more)], programme).indicators
    was_at_entry = {row.indicator for row in appraisals if row.is_entry and row.level}
    for code in set(CODES) - was_at_entry:
        held, now = before[code].level, after[code].level
        assert held is None or (now is not None and demo().scale.rank(now) >= demo().scale.rank(held))


@given(appraisals=SAID)
def test_a_single_assessor_seen_once_gets_the_same_level_from_every_rule(appraisals: list[Appraisal]) -> None:
    alone = [replace(row, assessor="Formatrice A", is_entry=False) for row in appraisals]
    once = list({row.indicator: row for row in alone}.values())
    levels = {
        rule: [one.level for one in standing(demo(), once, Programme(rule, times=1)).indicators.values()]
        for rule in Aggregation
    }
    assert len({tuple(found) for found in levels.values()}) == 1


def completed(rule: Completion) -> Framework:
    """Give the framework that ships with another completion rule on its first competency, and on its first block."""
    block = demo().blocks[0]
    first = replace(block.competencies[0], completion=rule)
    return replace(demo(), blocks=(replace(block, competencies=(first, *block.competencies[1:])), *demo().blocks[1:]))


TWO_OF_THREE = Completion(CompletionKind.AT_LEAST, least=2)
WITH_THE_FIRST = Completion(CompletionKind.AT_LEAST, least=2, required=frozenset({"1.1.1"}))
POINTS = Completion(CompletionKind.POINTS, least=3, points={"1.1.1": 2, "1.1.2": 1, "1.1.3": 1})


@pytest.mark.parametrize(
    ("rule", "levels", "expected"),
    [
        (TWO_OF_THREE, (YES, YES, None), YES),
        (TWO_OF_THREE, (YES, NO, YES), YES),
        (TWO_OF_THREE, (YES, NO, None), PARTLY),
        (TWO_OF_THREE, (None, None, None), None),
        (WITH_THE_FIRST, (NO, YES, YES), PARTLY),
        (WITH_THE_FIRST, (YES, YES, NO), YES),
        (POINTS, (NO, YES, YES), PARTLY),
        (POINTS, (YES, NO, YES), YES),
        (Completion(CompletionKind.AT_LEAST, least=0), (NO, NO, None), NO),
    ],
)
def test_a_competency_follows_its_completion_rule(
    rule: Completion, levels: tuple[str | None, ...], expected: str | None
) -> None:
    appraisals = [Appraisal(f"1.1.{at}", level, "Formatrice A", START) for at, level in enumerate(levels, start=1)]
    assert standing(completed(rule), appraisals).competencies["1.1"].level == expected


@given(
    least=st.integers(1, 3),
    before=st.tuples(*[st.none() | st.sampled_from(demo().scale.codes)] * 3),
    at=st.integers(0, 2),
)
def test_raising_one_indicator_never_lowers_its_competency_whatever_the_completion_rule(
    least: int, before: tuple[str | None, ...], at: int
) -> None:
    framework = completed(Completion(CompletionKind.AT_LEAST, least=least))
    after = [*before[:at], YES, *before[at + 1 :]]

    def rank(levels: tuple[str | None, ...] | list[str | None]) -> int:
        appraisals = [Appraisal(f"1.1.{n}", level, "Formatrice A", START) for n, level in enumerate(levels, start=1)]
        level = standing(framework, appraisals).competencies["1.1"].level
        return -1 if level is None else framework.scale.rank(level)

    assert rank(after) >= rank(before)


def test_a_block_follows_its_completion_rule() -> None:
    first = demo().blocks[0]
    required = Completion(CompletionKind.AT_LEAST, least=2, required=frozenset({"1.1"}))
    framework = replace(demo(), blocks=(replace(first, completion=required), *demo().blocks[1:]))
    assert propose_block(framework, "1", {"1.1": YES, "1.3": YES}) is BlockOutcome.ACQUIRED
    assert propose_block(framework, "1", {"1.2": YES, "1.3": YES}) is BlockOutcome.PARTLY_ACQUIRED
    assert propose_block(framework, "1", {"1.1": YES, "1.2": NO}) is BlockOutcome.PARTLY_ACQUIRED
    assert propose_block(framework, "1", {"1.1": NO}) is BlockOutcome.NOT_ACQUIRED


def test_a_retained_level_takes_the_place_of_the_proposed_one_which_stays_readable() -> None:
    found = retain(standing(demo(), said(NO)), {"1.1": YES, "9.9": YES})
    proposal = found.competencies["1.1"]
    assert (proposal.level, proposal.proposed, proposal.is_retained) == (YES, NO, True)
    assert len(proposal.basis) == 1
    assert not found.competencies["1.2"].is_retained
    assert found.indicators["1.1.1"].level == NO


def test_a_trajectory_has_a_point_for_each_day_something_was_seen() -> None:
    appraisals = [
        Appraisal("1.1.1", NO, "Formatrice A", datetime(2026, 3, 1, 9, tzinfo=UTC), is_entry=True),
        Appraisal("1.1.1", YES, "Formatrice A", datetime(2026, 4, 1, 9, tzinfo=UTC)),
        Appraisal("1.1.2", YES, "Formatrice A", datetime(2026, 4, 1, 10, tzinfo=UTC)),
        Appraisal("1.1.1", PARTLY, "Formateur B", datetime(2026, 5, 1, tzinfo=UTC)),
        Appraisal("2.1.1", None, "Formateur B", datetime(2026, 6, 1, tzinfo=UTC)),
    ]
    points = trajectory(demo(), appraisals)
    assert [point.on for point in points] == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
    assert [point.shares["1"].covered for point in points] == [0, 2, 1]
    highest = trajectory(demo(), appraisals, Programme(aggregation=Aggregation.HIGHEST))
    assert [point.shares["1"].covered for point in highest] == [0, 2, 2]
    assert trajectory(demo(), []) == ()


@given(appraisals=SAID, rule=RULES)
def test_a_trajectory_ends_where_the_standing_is(appraisals: list[Appraisal], rule: Aggregation) -> None:
    programme = Programme(aggregation=rule)
    points = trajectory(demo(), appraisals, programme)
    blocks = standing(demo(), appraisals, programme).blocks
    assert [point.on for point in points] == sorted({row.on for row in appraisals if row.level})
    if points:
        assert {code: share.covered for code, share in points[-1].shares.items()} == {
            code: block.acquired for code, block in blocks.items()
        }
