"""What the records prove by themselves: counts with their lines, proposed for the indicators of one framework."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import competencies
from competencies.computed import (
    Counted,
    Line,
    Rules,
    months_of_one_group,
    one_of_each,
    propose,
    read_rules,
    usual_rules,
)

FRAMEWORK = competencies.demo()
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
LINES = st.lists(
    st.builds(
        Line, key=st.text("abcdef", min_size=1, max_size=4), on=DAYS, label=st.just("x"), group=st.sampled_from("ABC")
    ),
    max_size=40,
)
RECORDS = st.dictionaries(st.sampled_from(list(Counted)), LINES)


def test_every_shipped_rule_counts_something_of_its_own_for_indicators_of_the_framework_that_ships() -> None:
    rules = usual_rules()
    codes = {one.code for one in FRAMEWORK.indicators}
    assert rules.framework == FRAMEWORK.code
    assert {rule.counted for rule in rules.rules} == set(Counted)
    for rule in rules.rules:
        assert set(rule.indicators) <= codes, rule.code
        assert all((rule.label.fr, rule.label.en, rule.reason.fr, rule.reason.en)), rule.code


@given(RECORDS)
def test_a_count_is_the_number_of_its_lines_each_once_and_in_order(records: dict[Counted, list[Line]]) -> None:
    for found in propose(FRAMEWORK, records):
        assert found.count == len(found.lines) == len({line.key for line in found.lines})
        assert list(found.lines) == sorted(found.lines, key=lambda line: (line.on, line.key))
        assert found.is_reached == (found.count >= found.threshold)


@given(RECORDS, LINES, st.sampled_from(list(Counted)))
def test_one_more_line_never_lowers_a_count(
    records: dict[Counted, list[Line]], more: list[Line], counted: Counted
) -> None:
    before = propose(FRAMEWORK, records)
    after = propose(FRAMEWORK, {**records, counted: [*records.get(counted, []), *more]})
    assert all(late.count >= early.count for early, late in zip(before, after, strict=True))


@given(RECORDS)
def test_the_order_in_which_records_are_read_changes_nothing(records: dict[Counted, list[Line]]) -> None:
    shuffled = {counted: list({line.key: line for line in lines}.values()) for counted, lines in records.items()}
    reversed_ = {counted: lines[::-1] for counted, lines in shuffled.items()}
    assert propose(FRAMEWORK, shuffled) == propose(FRAMEWORK, reversed_)


def test_in_another_framework_the_same_codes_mean_something_else_and_none_is_kept() -> None:
    for found in propose(replace(FRAMEWORK, code="other"), {}):
        assert (found.indicators, found.is_proposable) == ((), False)
        assert found.unknown


def test_a_code_that_a_later_version_dropped_is_left_out_and_told() -> None:
    rule = usual_rules().rules[0]
    rules = Rules(FRAMEWORK.code, (replace(rule, indicators=("9.9.9", "3.2.1")),))
    (found,) = propose(FRAMEWORK, {}, rules)
    assert (found.indicators, found.unknown) == (("3.2.1",), ("9.9.9",))


@given(LINES)
def test_each_partner_counts_once_by_the_first_time_they_were_met(lines: list[Line]) -> None:
    kept = one_of_each(lines, lambda line: line.group)
    assert {line.group for line in kept} == {line.group for line in lines}
    assert len(kept) == len({line.group for line in lines})
    for line in kept:
        assert line.on == min(other.on for other in lines if other.group == line.group)


@given(LINES)
def test_months_are_those_of_one_group_and_at_most_the_meetings_held(lines: list[Line]) -> None:
    months = months_of_one_group(lines)
    assert len({line.group for line in months}) <= 1
    assert len({(line.on.year, line.on.month) for line in months}) == len(months) <= len(lines)


def test_two_meetings_a_month_for_eight_months_are_eight_months_and_sixteen_meetings() -> None:
    first = date(2026, 1, 5)
    meetings = [
        Line(f"{month}-{half}", date(2026, month, 5) + timedelta(days=14 * half), "x", "A")
        for month in range(1, 9)
        for half in range(2)
    ]
    elsewhere = [Line(f"b{n}", first + timedelta(days=n), "x", "B") for n in range(20)]
    records = {Counted.MEETINGS_HELD: meetings, Counted.MONTHS_RUN: months_of_one_group([*meetings, *elsewhere])}
    found = {one.rule: one for one in propose(FRAMEWORK, records)}
    assert (found["months_run"].count, found["meetings_held"].count) == (8, 16)
    assert found["months_run"].is_proposable
    assert found["meetings_held"].is_proposable
    assert not found["watch_entries"].is_reached


@pytest.mark.parametrize(
    "change", [{"threshold": 0}, {"indicators": []}, {"counted": "stars"}], ids=["threshold", "indicators", "counted"]
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    rule = {
        "code": "a", "counted": "watch_entries", "threshold": 1, "indicators": ["1.1.1"], "published": False,
        "label": {"fr": "a", "en": "a"}, "reason": {"fr": "a", "en": "a"},
    }  # fmt: skip
    assert read_rules({"framework": "facilitator", "rules": [rule]}).rules[0].threshold == 1
    with pytest.raises(ValueError, match=r"asks for nothing|not a valid"):
        read_rules({"framework": "facilitator", "rules": [rule | change]})
    with pytest.raises(ValueError, match="same code"):
        read_rules({"framework": "facilitator", "rules": [rule, rule]})
