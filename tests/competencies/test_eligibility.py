"""What must be there before a jury: in order, met or not, blocking or not; never less eligible for having more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import Programme, RequiredDocument, Text, demo
from competencies.eligibility import (
    Facts,
    Requirement,
    Unit,
    codes,
    is_complete,
    is_eligible,
    requirements,
)

COMPETENCIES = tuple(part.code for part in demo().competencies)
CARD = RequiredDocument("card", Text("Pièce d’identité", "Identity card"))
ALL = Programme(
    hours=140, meetings=8, observations=2, self_assessments=1, attendance=80, evidence_per_indicator=1,
    documents=(CARD,), blocking=frozenset({"hours", "document:card", "in_training"}),
)  # fmt: skip
WHOLE = Facts(
    minutes=140 * 60, meetings=8, observations=2, self_assessments=1, present=8, expected=10, proved=46,
    assessed=frozenset(COMPETENCIES), documents=frozenset({"card"}),
)  # fmt: skip

PROGRAMMES = st.builds(
    Programme,
    hours=st.integers(0, 5),
    meetings=st.integers(0, 3),
    observations=st.integers(0, 3),
    self_assessments=st.integers(0, 2),
    attendance=st.integers(0, 100),
    evidence_per_indicator=st.integers(0, 1),
    documents=st.sampled_from([(), (CARD,)]),
    blocking=st.frozensets(st.sampled_from([code for code, _label in codes(ALL)])),
)
FACTS = st.builds(
    Facts,
    minutes=st.integers(0, 400),
    meetings=st.integers(0, 4),
    observations=st.integers(0, 4),
    self_assessments=st.integers(0, 3),
    present=st.integers(0, 10),
    expected=st.just(10),
    proved=st.sampled_from([0, 45, 46]),
    assessed=st.sampled_from([frozenset(), frozenset(COMPETENCIES)]),
    documents=st.sampled_from([frozenset(), frozenset({"card"})]),
    is_in_training=st.booleans(),
    is_enrolled=st.booleans(),
)


def asked(programme: Programme = ALL, facts: Facts = WHOLE) -> dict[str, Requirement]:
    return {one.code: one for one in requirements(demo(), programme, facts)}


def test_requirements_come_in_the_order_of_a_file_with_their_names() -> None:
    assert list(asked()) == [
        "hours", "meetings", "observations", "self_assessments", "attendance", "evidence", "assessed", "document:card",
        "in_training", "enrolled",
    ]  # fmt: skip
    assert asked()["document:card"].label == CARD.label
    assert [code for code, _label in codes(ALL)] == list(asked())


def test_what_is_asked_no_times_is_left_out() -> None:
    assert list(asked(Programme())) == ["evidence", "assessed", "in_training", "enrolled"]
    assert "evidence" not in asked(Programme(evidence_per_indicator=0))


@pytest.mark.parametrize(
    ("facts", "code", "done", "total", "is_met"),
    [
        (replace(WHOLE, minutes=140 * 60 - 1), "hours", 139, 140, False),
        (WHOLE, "hours", 140, 140, True),
        (replace(WHOLE, meetings=9), "meetings", 9, 8, True),
        (replace(WHOLE, present=799, expected=1000), "attendance", 79, 80, False),
        (replace(WHOLE, present=0, expected=0), "attendance", 0, 80, False),
        (WHOLE, "attendance", 80, 80, True),
        (replace(WHOLE, proved=45), "evidence", 45, 46, False),
        (replace(WHOLE, assessed=frozenset(COMPETENCIES[1:])), "assessed", len(COMPETENCIES) - 1, None, False),
        (replace(WHOLE, documents=frozenset()), "document:card", 0, 1, False),
        (replace(WHOLE, is_in_training=False), "in_training", 0, 1, False),
        (replace(WHOLE, is_enrolled=False), "enrolled", 0, 1, False),
    ],
)
def test_a_requirement_tells_how_far_it_has_got(
    facts: Facts, code: str, done: int, total: int | None, is_met: bool
) -> None:
    one = asked(facts=facts)[code]
    assert (one.done, one.total, one.is_met) == (done, total or len(COMPETENCIES), is_met)
    assert one.lacking == max(0, one.total - one.done)


def test_a_level_of_another_framework_counts_for_nothing() -> None:
    assert asked(facts=replace(WHOLE, assessed=frozenset({"9.9"})))["assessed"].done == 0


def test_units_tell_how_to_read_the_figures() -> None:
    units = {code: one.unit for code, one in asked().items()}
    assert (units["hours"], units["attendance"], units["meetings"]) == (Unit.HOURS, Unit.PERCENT, Unit.ITEMS)
    assert {units[code] for code in ("document:card", "in_training", "enrolled")} == {Unit.STATE}


def test_a_blocking_requirement_keeps_somebody_out_unless_they_are_exempted() -> None:
    rows = requirements(demo(), ALL, replace(WHOLE, minutes=0, meetings=0))
    assert not is_eligible(rows)
    assert is_eligible(rows, {"hours"})
    assert not is_complete(rows, {"hours"})
    assert is_complete(rows, {"hours", "meetings"})


def test_without_rules_nothing_is_in_the_way() -> None:
    assert is_eligible(requirements(demo(), Programme(), Facts(is_enrolled=False)))


@given(programme=PROGRAMMES, facts=FACTS, data=st.data())
def test_more_of_anything_never_makes_somebody_less_eligible(
    programme: Programme, facts: Facts, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["minutes", "meetings", "observations", "self_assessments", "proved"]))
    before = requirements(demo(), programme, facts)
    for better in (
        replace(facts, **{name: getattr(facts, name) + data.draw(st.integers(1, 100))}),
        replace(facts, present=min(facts.expected, facts.present + 1)),
        replace(facts, assessed=frozenset(COMPETENCIES), documents=frozenset({"card"})),
        replace(facts, is_in_training=True, is_enrolled=True),
    ):
        after = requirements(demo(), programme, better)
        assert [one.code for one in after] == [one.code for one in before]
        assert all(new.is_met or not old.is_met for new, old in zip(after, before, strict=True))
        assert is_eligible(after) or not is_eligible(before)
        assert is_complete(after) or not is_complete(before)


@given(programme=PROGRAMMES, facts=FACTS, waived=st.frozensets(st.sampled_from([code for code, _ in codes(ALL)])))
def test_an_exemption_never_makes_somebody_less_eligible_and_whoever_is_complete_is_eligible(
    programme: Programme, facts: Facts, waived: frozenset[str]
) -> None:
    rows = requirements(demo(), programme, facts)
    assert is_eligible(rows, waived) or not is_eligible(rows)
    assert is_eligible(rows, waived) or not is_complete(rows, waived)
