"""Fidelity of groups of parents: the table judged by hand, and what holds for every group."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competencies import (
    Fidelity,
    GroupRecord,
    MeetingFact,
    StayFact,
    Thresholds,
    Verdict,
    add_months,
    assess_fidelity,
    severity,
)
from competencies.fidelity_words import LABELS, THRESHOLDS, THRESHOLDS_OF
from competencies.thresholds import RANGES
from tests.competencies.groups_by_hand import GroupByHand, groups_by_hand

CODES = ("same_parents", "size", "age_spread", "rhythm", "duration", "facilitator")
TABLE = groups_by_hand()


@pytest.mark.parametrize("group", TABLE, ids=lambda group: group.name)
def test_a_group_judged_by_hand_is_judged_the_same(group: GroupByHand) -> None:
    found = group.judged()
    assert {rule.code: rule.verdict for rule in found.rules} == dict(zip(CODES, group.verdicts, strict=True))
    figures = _figures(found)
    assert {name: figures[name] for name in group.figures} == dict(group.figures)
    assert {name: getattr(found.clock, name) for name in group.clock} == dict(group.clock)


def test_the_table_is_large_and_every_rule_gets_every_verdict_it_can() -> None:
    assert len(TABLE) >= 30
    seen = {(code, verdict) for group in TABLE for code, verdict in zip(CODES, group.verdicts, strict=True)}
    assert seen == {(code, verdict) for code in CODES for verdict in Verdict}


def _figures(found: Fidelity) -> dict[str, int]:
    # Rules that count the same thing agree; the held meetings of the rhythm are days, so they come last.
    in_order = ("facilitator", "size", "same_parents", "age_spread", "duration", "rhythm")
    return {name: value for code in in_order for name, value in found.rule(code).figures.items()}


_DAY = date(2026, 1, 1)
_days = st.integers(0, 420).map(lambda number: _DAY + timedelta(days=number))
_keys = st.integers(0, 13).map(lambda number: f"p{number}")
_months = st.integers(-6, 6).map(lambda number: add_months(_DAY, number))


@st.composite
def _stays(draw: st.DrawFn) -> StayFact:
    joined = draw(st.sampled_from([_DAY, _DAY, _DAY]) | _days)
    left = draw(st.none() | st.none() | st.integers(0, 300).map(lambda number: joined + timedelta(days=number)))
    return StayFact(draw(_keys), draw(_months), draw(st.booleans()), joined, left)


_meetings = st.builds(
    MeetingFact,
    key=st.uuids().map(str),
    on=_days,
    state=st.sampled_from(["held", "held", "held", "planned", "cancelled", "moved"]),
    facilitator_present=st.sampled_from([True, True, False, None]),
    present=st.frozensets(_keys),
)
_records = st.builds(
    GroupRecord,
    opened_on=st.just(_DAY),
    closed_on=st.none() | st.none() | _days,
    stays=st.lists(_stays(), max_size=16).map(tuple),
    meetings=st.lists(_meetings, max_size=24).map(tuple),
)
_thresholds = st.builds(
    Thresholds,
    **{name: st.integers(least, min(most, 60 if name == "longest_gap_days" else 12 if most < 100 else most))
       for name, (least, most) in RANGES.items()},
)  # fmt: skip
_any_thresholds = st.just(Thresholds()) | _thresholds
_closed = st.frozensets(_days, max_size=40)


def _first_held(record: GroupRecord, today: date) -> date | None:
    end = min(today, record.closed_on or today)
    return min((one.on for one in record.meetings if one.state == "held" and one.on <= end), default=None)


@given(record=_records, today=_days, thresholds=_any_thresholds, closed=_closed, after=st.integers(0, 400))
def test_one_more_held_meeting_never_worsens_the_rhythm_nor_the_duration(
    record: GroupRecord, today: date, thresholds: Thresholds, closed: frozenset[date], after: int
) -> None:
    first = _first_held(record, today)
    assume(first is not None)
    assert first is not None
    more = replace(record, meetings=(*record.meetings, MeetingFact("more", first + timedelta(days=after))))
    before, now = (assess_fidelity(one, today, thresholds, closed) for one in (record, more))
    for code in ("rhythm", "duration"):
        assert severity(now.rule(code).verdict) <= severity(before.rule(code).verdict)
    assert now.clock.longest_gap_days <= before.clock.longest_gap_days
    assert now.clock.late <= before.clock.late
    assert now.clock.minimum_reached_on == before.clock.minimum_reached_on


@given(record=_records, today=_days, thresholds=_any_thresholds, data=st.data())
def test_a_participant_leaving_never_improves_the_same_parents(
    record: GroupRecord, today: date, thresholds: Thresholds, data: st.DataObject
) -> None:
    # Somebody of whom two stays are recorded at once has not left when one of them ends.
    there = [stay for stay in record.stays if [one.participant for one in record.stays].count(stay.participant) == 1]
    assume(there)
    stay = data.draw(st.sampled_from(there))
    last = (stay.left_on or stay.joined_on + timedelta(days=400)) - timedelta(days=1)
    assume(last > stay.joined_on)
    first = _first_held(record, today) or stay.joined_on
    # A parent taken out before the first meeting was never in the group: that is another group, not a departure.
    assume(last > first)
    left = data.draw(st.dates(max(stay.joined_on, first) + timedelta(days=1), last))
    gone = replace(stay, left_on=left)
    fewer = replace(record, stays=tuple(gone if one is stay else one for one in record.stays))
    before, now = (assess_fidelity(one, today, thresholds).rule("same_parents") for one in (record, fewer))
    assert severity(now.verdict) >= severity(before.verdict)
    assert now.figures["still"] <= before.figures["still"]
    assert now.figures["newcomers"] == before.figures["newcomers"]


@given(record=_records, today=_days, thresholds=_any_thresholds, stays=st.lists(_stays(), max_size=8))
def test_who_comes_and_goes_never_changes_what_was_recorded_of_meetings(
    record: GroupRecord, today: date, thresholds: Thresholds, stays: list[StayFact]
) -> None:
    before = assess_fidelity(record, today, thresholds)
    now = assess_fidelity(replace(record, stays=tuple(stays)), today, thresholds)
    assert now.clock == before.clock
    for code in ("rhythm", "duration", "facilitator"):
        assert now.rule(code) == before.rule(code)
        assert now.rule(code).figures == before.rule(code).figures
    assert now.rule("size").figures["present_average"] == before.rule("size").figures["present_average"]


@given(record=_records, today=_days, thresholds=_any_thresholds, closed=_closed, data=st.data())
def test_the_order_in_which_things_are_given_does_not_matter(
    record: GroupRecord, today: date, thresholds: Thresholds, closed: frozenset[date], data: st.DataObject
) -> None:
    shuffled = replace(
        record,
        stays=tuple(data.draw(st.permutations(record.stays))),
        meetings=tuple(data.draw(st.permutations(record.meetings))),
    )
    before = assess_fidelity(record, today, thresholds, closed)
    now = assess_fidelity(shuffled, today, thresholds, [*sorted(closed, reverse=True), *closed])
    assert now == before
    assert _figures(now) == _figures(before)


@given(record=_records, today=_days, thresholds=_any_thresholds, closed=_closed)
def test_the_figures_of_a_group_agree_with_one_another(
    record: GroupRecord, today: date, thresholds: Thresholds, closed: frozenset[date]
) -> None:
    found = assess_fidelity(record, today, thresholds, closed)
    same, size, rhythm, facilitator = (found.rule(code).figures for code in (CODES[0], CODES[1], CODES[3], CODES[5]))
    assert same["still"] + same["left"] == same["founders"]
    assert facilitator["present"] + facilitator["absent"] + facilitator["unsaid"] == facilitator["held"] == size["held"]
    assert rhythm["late"] == max(0, rhythm["expected"] - rhythm["held"])
    assert rhythm["since_last"] <= rhythm["longest_gap"]
    assert (found.clock.held, found.clock.late) == (rhythm["held"], rhythm["late"])
    assert severity(found.worst) == max(severity(rule.verdict) for rule in found.rules)
    keys = {one.key for one in record.meetings} | {one.participant for one in record.stays}
    assert all(set(rule.lines) <= keys and list(rule.lines) == sorted(rule.lines) for rule in found.rules)
    assert all(rule.told.fr and rule.told.en and rule.text.fr and rule.source.en for rule in found.rules)


@given(record=_records, today=_days, thresholds=_any_thresholds, later=st.integers(0, 200))
def test_a_closed_group_is_judged_once_and_for_all(
    record: GroupRecord, today: date, thresholds: Thresholds, later: int
) -> None:
    closed = replace(record, closed_on=today)
    found = assess_fidelity(closed, today, thresholds)
    assert found.is_final
    assert Verdict.AT_RISK not in {rule.verdict for rule in found.rules}
    assert assess_fidelity(closed, today + timedelta(days=later), thresholds) == found
    assert found.clock.next_due_on is None


@given(record=_records, today=_days, thresholds=_any_thresholds, meetings=st.lists(_meetings, max_size=5))
def test_what_is_dated_later_is_not_looked_at(
    record: GroupRecord, today: date, thresholds: Thresholds, meetings: list[MeetingFact]
) -> None:
    later = tuple(replace(one, on=one.on + timedelta(days=500), state="held") for one in meetings)
    stay = StayFact("later", _DAY, False, today + timedelta(days=1))
    more = replace(record, meetings=record.meetings + later, stays=(*record.stays, stay))
    assert assess_fidelity(more, today, thresholds) == assess_fidelity(record, today, thresholds)


@given(record=_records, today=_days, closed=_closed, thresholds=_any_thresholds, extra=_closed)
def test_closing_more_days_never_makes_a_group_later(
    record: GroupRecord, today: date, closed: frozenset[date], thresholds: Thresholds, extra: frozenset[date]
) -> None:
    before = assess_fidelity(record, today, thresholds, closed)
    now = assess_fidelity(record, today, thresholds, closed | extra)
    assert severity(now.rule("rhythm").verdict) <= severity(before.rule("rhythm").verdict)
    assert now.clock.expected <= before.clock.expected


@given(record=_records, today=_days)
def test_asking_for_less_never_breaks_a_rule(record: GroupRecord, today: date) -> None:
    lenient = Thresholds(
        stability_percent=1, newcomers_max=50, size_min=2, size_max=50, spread_months=36, late_max=50,
        longest_gap_days=366, months=1, facilitator_percent=1,
    )  # fmt: skip
    before, now = assess_fidelity(record, today), assess_fidelity(record, today, lenient)
    for code in CODES:
        if now.rule(code).verdict is Verdict.NOT_MET:
            assert before.rule(code).verdict is Verdict.NOT_MET


def test_the_day_the_next_meeting_is_due_is_when_it_starts_being_looked_for() -> None:
    held = MeetingFact("one", _DAY)
    clock = assess_fidelity(GroupRecord(_DAY, meetings=(held,)), _DAY, closed_days=[_DAY + timedelta(days=3)]).clock
    assert clock.next_due_on == _DAY + timedelta(days=16)
    assert clock.gap_limit_on == _DAY + timedelta(days=36)


def test_a_rule_says_which_of_its_figures_are_defaults_of_the_software() -> None:
    group = GroupRecord(_DAY)
    usual = assess_fidelity(group, _DAY)
    assert [rule.code for rule in usual.rules if rule.is_published] == ["duration", "facilitator"]
    assert usual.rule("rhythm").defaults == ("late_max", "longest_gap_days")
    given_by_programme = Thresholds(size_min=6, size_max=14)
    assert assess_fidelity(group, _DAY, given_by_programme).rule("size").is_published
    assert set().union(*THRESHOLDS_OF.values()) == set(RANGES) == set(THRESHOLDS)


def test_a_rule_is_told_with_its_figures_its_source_and_its_lines() -> None:
    group = next(one for one in TABLE if one.name == "One parent exchanged for another")
    rule = group.judged().rule("same_parents")
    assert rule.label == LABELS["same_parents"]
    assert rule.verdict.label.fr == "Non respecté"
    assert rule.text.fr == (
        "Au moins 80 % des parents du début sont encore là, et personne n’est arrivé après la rencontre n° 2."
    )
    assert rule.told.fr == "Encore là : 9 sur 10 parents du début ; 1 arrivée ensuite."
    assert rule.told.en == "Still there: 9 of the first 10 parents; 1 came later."
    assert "Présentation des Maisons des 1000 premiers jours" in rule.source.fr
    assert rule.lines == ("parent 1.0", "parent 2.0")
    assert group.judged().rule("rhythm").lines == ("meeting 0", "meeting 1")
