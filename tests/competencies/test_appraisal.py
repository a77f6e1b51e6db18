"""Standing: the latest word of each assessor, the prudent level between them, « non observé » apart."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import Appraisal, BlockStanding, Framework, Level, Scale, Text, UnknownCode, demo, standing

CODES = [indicator.code for indicator in demo().indicators]
NO, PARTLY, YES = demo().scale.codes
START = date(2026, 3, 1)
FORMATIVE = replace(
    demo(),
    scale=Scale(
        "formative",
        tuple(Level(code, Text(code, code), 10 * rank, "·") for rank, code in enumerate("abcde")),
        threshold="d",
    ),
)


def appraise(indicator: str, level: str | None, assessor: str = "Formatrice A", day: int = 0) -> Appraisal:
    return Appraisal(indicator, level, assessor, START + timedelta(days=day))


def appraisals(levels: tuple[str, ...]) -> st.SearchStrategy[list[Appraisal]]:
    one = st.builds(
        appraise,
        indicator=st.sampled_from(CODES[:6]),
        level=st.none() | st.sampled_from(levels),
        assessor=st.sampled_from(["Formatrice A", "Formateur B", "Jury 2"]),
        day=st.integers(0, 4),
    )
    return st.lists(one, max_size=30)


FRAMEWORKS = st.sampled_from([demo(), FORMATIVE])


def test_nobody_has_assessed_anything_yet() -> None:
    result = standing(demo(), [])
    assert {proposal.level for proposal in result.indicators.values()} == {None}
    assert {proposal.level for proposal in result.competencies.values()} == {None}
    assert result.blocks["1"] == BlockStanding(acquired=0, partly=0, not_acquired=0, unassessed=11, total=11)


def test_the_latest_appraisal_of_an_assessor_replaces_the_earlier_ones() -> None:
    result = standing(demo(), [appraise("1.1.1", YES, day=9), appraise("1.1.1", NO, day=1)])
    assert result.indicators["1.1.1"].level == YES
    assert [item.on for item in result.indicators["1.1.1"].basis] == [START + timedelta(days=9)]
    assert not result.indicators["1.1.1"].is_disputed


def test_times_of_the_same_day_are_told_apart() -> None:
    morning = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    said = [
        Appraisal("1.1.1", YES, "Formatrice A", morning + timedelta(hours=3)),
        Appraisal("1.1.1", NO, "Formatrice A", morning),
    ]
    assert standing(demo(), said).indicators["1.1.1"].level == YES


def test_assessors_who_disagree_leave_the_lowest_level_and_a_dispute() -> None:
    said = [appraise("1.1.1", YES, "Formatrice A"), appraise("1.1.1", PARTLY, "Formateur B", day=-5)]
    proposal = standing(demo(), said).indicators["1.1.1"]
    assert proposal.level == PARTLY
    assert proposal.is_disputed
    assert [item.assessor for item in proposal.basis] == ["Formateur B", "Formatrice A"]


def test_assessors_who_agree_leave_no_dispute() -> None:
    said = [appraise("1.1.1", YES, "Formatrice A"), appraise("1.1.1", YES, "Formateur B")]
    assert not standing(demo(), said).indicators["1.1.1"].is_disputed


def test_not_observed_leaves_the_earlier_level_standing() -> None:
    said = [appraise("1.1.1", YES), appraise("1.1.1", None, day=5), appraise("1.1.1", None, "Formateur B")]
    assert standing(demo(), said).indicators["1.1.1"].level == YES


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((None, None, None), None),
        ((YES, YES, YES), YES),
        ((YES, YES, None), PARTLY),
        ((YES, YES, PARTLY), PARTLY),
        ((YES, YES, NO), PARTLY),
        ((PARTLY, NO, None), PARTLY),
        ((NO, NO, NO), NO),
        ((NO, None, None), NO),
    ],
)
def test_a_competency_is_acquired_when_every_indicator_is(levels: tuple[str | None, ...], expected: str | None) -> None:
    said = [appraise(f"1.1.{number}", level) for number, level in enumerate(levels, start=1)]
    assert standing(demo(), said).competencies["1.1"].level == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [("eee", "e"), ("ede", "d"), ("eec", "c"), ("aea", "c"), ("bbb", "b"), ("bab", "b"), ("aaa", "a"), ("d", "c")],
)
def test_a_longer_scale_follows_the_same_rule(levels: str, expected: str) -> None:
    said = [appraise(f"1.1.{number}", level) for number, level in enumerate(levels, start=1)]
    assert standing(FORMATIVE, said).competencies["1.1"].level == expected


def test_a_competency_carries_the_dispute_and_the_basis_of_its_indicators() -> None:
    said = [appraise("1.1.2", YES, "Formatrice A"), appraise("1.1.2", NO, "Formateur B"), appraise("1.1.1", YES)]
    proposal = standing(demo(), said).competencies["1.1"]
    assert proposal.is_disputed
    assert [item.indicator for item in proposal.basis] == ["1.1.1", "1.1.2", "1.1.2"]
    assert not standing(demo(), said).competencies["1.2"].is_disputed


def test_a_block_counts_its_indicators_by_level() -> None:
    said = [appraise("4.1.1", YES), appraise("4.1.2", PARTLY), appraise("4.2.1", NO), appraise("4.2.2", None)]
    assert standing(demo(), said).blocks["4"] == BlockStanding(
        acquired=1, partly=1, not_acquired=1, unassessed=7, total=10
    )


def test_the_longer_scale_counts_what_reaches_the_threshold_as_acquired() -> None:
    said = [appraise("4.1.1", "e"), appraise("4.1.2", "d"), appraise("4.2.1", "b"), appraise("4.2.2", "a")]
    counted = standing(FORMATIVE, said).blocks["4"]
    assert (counted.acquired, counted.partly, counted.not_acquired, counted.unassessed) == (2, 1, 1, 6)


@pytest.mark.parametrize("unknown", [appraise("9.9.9", YES), appraise("9.9.9", None), appraise("1.1.1", "excellent")])
def test_an_appraisal_from_another_framework_or_scale_is_refused(unknown: Appraisal) -> None:
    with pytest.raises(UnknownCode):
        standing(demo(), [unknown])


@given(framework=FRAMEWORKS, data=st.data())
def test_the_order_of_appraisals_does_not_matter(framework: Framework, data: st.DataObject) -> None:
    said = data.draw(appraisals(framework.scale.codes))
    assert standing(framework, data.draw(st.permutations(said))) == standing(framework, said)


@given(framework=FRAMEWORKS, data=st.data())
def test_an_appraisal_received_twice_counts_once(framework: Framework, data: st.DataObject) -> None:
    said = data.draw(appraisals(framework.scale.codes))
    again = data.draw(st.lists(st.sampled_from(said), max_size=5)) if said else []
    assert standing(framework, [*said, *again]) == standing(framework, said)


@given(framework=FRAMEWORKS, data=st.data(), seen_by=st.sampled_from(["Formatrice A", "Jury 2", "Formateur D"]))
def test_not_observed_changes_nothing(framework: Framework, data: st.DataObject, seen_by: str) -> None:
    said = data.draw(appraisals(framework.scale.codes))
    unseen = [appraise(code, None, seen_by, day=9) for code in data.draw(st.lists(st.sampled_from(CODES), max_size=5))]
    assert standing(framework, [*said, *unseen]) == standing(framework, said)


def heights(framework: Framework, said: list[Appraisal]) -> list[int]:
    """Every proposed level as a number, nothing assessed being below everything."""
    result = standing(framework, said)
    proposals = [*result.indicators.values(), *result.competencies.values()]
    ranks = [-1 if proposal.level is None else framework.scale.rank(proposal.level) for proposal in proposals]
    return [*ranks, *(block.acquired for block in result.blocks.values())]


@given(framework=FRAMEWORKS, data=st.data())
def test_raising_the_latest_level_of_one_assessor_never_lowers_anything(
    framework: Framework, data: st.DataObject
) -> None:
    said = data.draw(appraisals(framework.scale.codes).filter(lambda drawn: any(item.level for item in drawn)))
    raised = data.draw(st.sampled_from([item for item in said if item.level is not None]))
    higher = [
        code for code in framework.scale.codes if framework.scale.rank(code) >= framework.scale.rank(raised.level or "")
    ]
    later = replace(raised, level=data.draw(st.sampled_from(higher)), on=START + timedelta(days=99))
    latest = [item for item in said if (item.assessor, item.indicator) == (raised.assessor, raised.indicator)]
    latest = [item for item in latest if item.level is not None]
    newest = max(latest, key=lambda item: (item.on, -framework.scale.rank(item.level or "")))
    if framework.scale.rank(newest.level or "") <= framework.scale.rank(later.level or ""):
        before, after = heights(framework, said), heights(framework, [*said, later])
        assert all(now >= then for now, then in zip(after, before, strict=True))
        assert len(after) == len(before)


@given(framework=FRAMEWORKS, data=st.data())
def test_a_block_accounts_for_each_of_its_indicators_once(framework: Framework, data: st.DataObject) -> None:
    result = standing(framework, data.draw(appraisals(framework.scale.codes)))
    for block in framework.blocks:
        counted = result.blocks[block.code]
        assert counted.acquired + counted.partly + counted.not_acquired + counted.unassessed == counted.total
        assert counted.total == len(block.indicators)


@given(framework=FRAMEWORKS, data=st.data())
def test_a_competency_reaches_the_threshold_only_when_all_its_indicators_do(
    framework: Framework, data: st.DataObject
) -> None:
    result = standing(framework, data.draw(appraisals(framework.scale.codes)))
    for competency in framework.competencies:
        levels = [result.indicators[indicator.code].level for indicator in competency.indicators]
        proposed = result.competencies[competency.code].level
        reached = all(level is not None and framework.scale.is_reached(level) for level in levels)
        assert (proposed is not None and framework.scale.is_reached(proposed)) == reached
