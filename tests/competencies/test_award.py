"""Award: outcomes follow levels, decisions say their reasons, juries cannot be composed wrongly."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competencies import (
    CONFLICTS,
    BlockOutcome,
    Framework,
    Seat,
    UnknownCode,
    Violation,
    WholeOutcome,
    check_composition,
    check_decision,
    check_declarations,
    demo,
    propose_block,
    propose_whole,
)

NO, PARTLY, YES = demo().scale.codes
ACQUIRED, PART, REFUSED = BlockOutcome
ORDER = {BlockOutcome.NOT_ACQUIRED: 0, BlockOutcome.PARTLY_ACQUIRED: 1, BlockOutcome.ACQUIRED: 2}
WHOLE_ORDER = {WholeOutcome.REFUSED: 0, WholeOutcome.PARTLY_OBTAINED: 1, WholeOutcome.OBTAINED: 2}
BLOCKS = [block.code for block in demo().blocks]
ALL_ACQUIRED = dict.fromkeys(BLOCKS, ACQUIRED)
LEVELS = st.none() | st.sampled_from(demo().scale.codes)
OUTCOMES = st.fixed_dictionaries({code: st.sampled_from(BlockOutcome) for code in BLOCKS})


def levels(*values: str | None) -> dict[str, str | None]:
    return {f"1.{number}": value for number, value in enumerate(values, start=1)}


@pytest.mark.parametrize(
    ("given_levels", "expected"),
    [
        (levels(YES, YES, YES, YES), ACQUIRED),
        (levels(YES, YES, YES, PARTLY), PART),
        (levels(YES, YES, YES, None), PART),
        (levels(YES, NO, NO, NO), PART),
        (levels(PARTLY, None, None, None), PART),
        (levels(NO, NO, NO, NO), REFUSED),
        (levels(None, None, None, None), REFUSED),
        ({}, REFUSED),
        ({"2.1": YES, "2.2": YES}, REFUSED),
    ],
)
def test_a_block_follows_the_level_of_its_competencies(
    given_levels: dict[str, str | None], expected: BlockOutcome
) -> None:
    assert propose_block(demo(), "1", given_levels) is expected


@pytest.mark.parametrize(("block", "given_levels"), [("9", {}), ("1", {"9.9": YES}), ("1", {"1.1": "excellent"})])
def test_a_block_competency_or_level_of_another_framework_is_refused(
    block: str, given_levels: dict[str, str | None]
) -> None:
    with pytest.raises(UnknownCode):
        propose_block(demo(), block, given_levels)


@given(
    before=st.tuples(LEVELS, LEVELS, LEVELS, LEVELS), position=st.integers(0, 3), raised=st.sampled_from([PARTLY, YES])
)
def test_raising_a_competency_never_lowers_its_block(
    before: tuple[str | None, ...], position: int, raised: str
) -> None:
    held = before[position]
    assume(held is None or demo().scale.rank(raised) >= demo().scale.rank(held))
    after = [*before[:position], raised, *before[position + 1 :]]
    assert ORDER[propose_block(demo(), "1", levels(*after))] >= ORDER[propose_block(demo(), "1", levels(*before))]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([ACQUIRED] * 4, WholeOutcome.OBTAINED),
        ([ACQUIRED, ACQUIRED, ACQUIRED, PART], WholeOutcome.PARTLY_OBTAINED),
        ([REFUSED, REFUSED, REFUSED, ACQUIRED], WholeOutcome.PARTLY_OBTAINED),
        ([PART] * 4, WholeOutcome.REFUSED),
        ([REFUSED] * 4, WholeOutcome.REFUSED),
        ([], WholeOutcome.REFUSED),
    ],
)
def test_the_whole_follows_the_blocks(outcomes: list[BlockOutcome], expected: WholeOutcome) -> None:
    assert propose_whole(dict(zip(BLOCKS, outcomes, strict=False))) is expected


@given(outcomes=OUTCOMES, block=st.sampled_from(BLOCKS), raised=st.sampled_from(BlockOutcome))
def test_raising_a_block_never_lowers_the_whole(
    outcomes: dict[str, BlockOutcome], block: str, raised: BlockOutcome
) -> None:
    assume(ORDER[raised] >= ORDER[outcomes[block]])
    after = propose_whole({**outcomes, block: raised})
    assert WHOLE_ORDER[after] >= WHOLE_ORDER[propose_whole(outcomes)]


@given(outcomes=OUTCOMES)
def test_the_certification_is_obtained_exactly_when_every_block_is_acquired(outcomes: dict[str, BlockOutcome]) -> None:
    is_obtained = propose_whole(outcomes) is WholeOutcome.OBTAINED
    assert is_obtained == (set(outcomes.values()) == {ACQUIRED})
    assert propose_whole(outcomes) is not WholeOutcome.ADJOURNED


def decide(
    blocks: dict[str, BlockOutcome] = ALL_ACQUIRED,
    whole: WholeOutcome = WholeOutcome.OBTAINED,
    proposed: dict[str, BlockOutcome] | None = None,
    reasons: dict[str, str] | None = None,
    whole_reason: str = "",
) -> list[tuple[str, str | None]]:
    found = check_decision(
        demo(),
        blocks=blocks,
        whole=whole,
        proposed=blocks if proposed is None else proposed,
        reasons=reasons or {},
        whole_reason=whole_reason,
    )
    return [(violation.code, violation.who) for violation in found]


def test_a_full_award_that_follows_the_proposals_needs_no_reason() -> None:
    assert decide() == []


def test_every_block_is_decided() -> None:
    assert decide({"1": ACQUIRED, "3": ACQUIRED}) == [("block_undecided", "2"), ("block_undecided", "4")]


def test_a_block_that_is_not_acquired_needs_a_reason() -> None:
    blocks = {**ALL_ACQUIRED, "2": PART}
    assert decide(blocks, WholeOutcome.PARTLY_OBTAINED, whole_reason="Bloc 2") == [("block_reason_missing", "2")]
    said = {"2": "Partenariat à consolider"}
    assert decide(blocks, WholeOutcome.PARTLY_OBTAINED, reasons=said, whole_reason="Bloc 2") == []


def test_a_block_that_departs_from_the_proposal_needs_a_reason_even_when_acquired() -> None:
    proposed = {**ALL_ACQUIRED, "3": PART}
    assert decide(proposed=proposed) == [("block_departure_unexplained", "3")]
    assert decide(proposed=proposed, reasons={"3": "  \n"}) == [("block_departure_unexplained", "3")]
    assert decide(proposed=proposed, reasons={"3": "Preuves apportées à l’oral"}) == []


def test_a_block_without_proposal_departs_from_nothing() -> None:
    assert decide(proposed={}) == []


@pytest.mark.parametrize("whole", [WholeOutcome.PARTLY_OBTAINED, WholeOutcome.REFUSED])
def test_the_whole_may_not_contradict_the_blocks(whole: WholeOutcome) -> None:
    assert decide(whole=whole, whole_reason="Motif") == [("whole_contradicts_blocks", None)]


def test_a_certification_may_not_be_obtained_with_a_block_missing() -> None:
    blocks = {**ALL_ACQUIRED, "4": PART}
    assert decide(blocks, reasons={"4": "Motif"}) == [("whole_contradicts_blocks", None)]


def test_an_adjournment_is_allowed_with_a_reason() -> None:
    assert decide(whole=WholeOutcome.ADJOURNED, whole_reason="Identité à vérifier") == []
    assert decide(whole=WholeOutcome.ADJOURNED) == [("whole_reason_missing", None)]


def test_a_decision_on_a_block_of_another_framework_is_refused() -> None:
    with pytest.raises(UnknownCode):
        decide({**ALL_ACQUIRED, "9": ACQUIRED})


@given(
    blocks=OUTCOMES,
    proposed=OUTCOMES,
    whole=st.sampled_from(WholeOutcome),
    explained=st.sets(st.sampled_from(BLOCKS)),
    whole_reason=st.sampled_from(["", " ", "Motif"]),
)
def test_a_decision_passes_exactly_when_it_is_consistent_and_explained(
    blocks: dict[str, BlockOutcome],
    proposed: dict[str, BlockOutcome],
    whole: WholeOutcome,
    explained: set[str],
    whole_reason: str,
) -> None:
    unexplained = {code for code in BLOCKS if blocks[code] is not ACQUIRED or blocks[code] is not proposed[code]}
    is_consistent = whole in (propose_whole(blocks), WholeOutcome.ADJOURNED)
    is_explained = unexplained <= explained and (whole is WholeOutcome.OBTAINED or bool(whole_reason.strip()))
    found = decide(blocks, whole, proposed, dict.fromkeys(explained, "Motif"), whole_reason)
    assert (found == []) == (is_consistent and is_explained)


def seat(person: str, **changes: object) -> Seat:
    usual = Seat(person, is_president=False, is_external=True, conflicts=frozenset(), has_declared=True)
    return replace(usual, **changes)  # type: ignore[arg-type]


JURY = (seat("Jury 1", is_president=True), seat("Jury 2"), seat("Jury 3", is_external=False))


def broken(*seats: Seat) -> list[tuple[str, str | None]]:
    return [(violation.code, violation.who) for violation in check_composition(seats)]


def test_a_president_an_external_and_an_internal_member_may_sit() -> None:
    assert broken(*JURY) == []
    assert broken(JURY[0], JURY[2]) == []


def test_one_person_is_not_a_jury() -> None:
    assert broken(JURY[0]) == [("too_few_members", None)]
    assert [code for code, _ in broken()] == ["too_few_members", "no_president"]


def test_a_jury_has_exactly_one_president() -> None:
    assert broken(JURY[1], JURY[2]) == [("no_president", None)]
    assert broken(JURY[0], seat("Jury 4", is_president=True)) == [("several_presidents", None)]


def test_half_of_the_jury_comes_from_outside() -> None:
    insiders = [seat(f"Jury {number}", is_external=False) for number in (4, 5)]
    assert broken(JURY[0], JURY[1], *insiders) == []
    assert broken(JURY[0], *insiders) == [("too_few_externals", None)]


def test_nobody_sits_twice_nor_makes_up_the_number_alone() -> None:
    assert broken(*JURY, JURY[1]) == [("seated_twice", "Jury 2")]
    assert broken(JURY[0], JURY[0]) == [("too_few_members", None), ("seated_twice", "Jury 1")]


@pytest.mark.parametrize("conflict", [*CONFLICTS, "married"])
def test_a_member_linked_to_the_candidate_may_not_sit(conflict: str) -> None:
    tied = seat("Jury 4", conflicts=frozenset({conflict}))
    assert broken(*JURY, tied) == [(f"conflict_{conflict}", "Jury 4")]


def test_each_conflict_is_told_in_words() -> None:
    tied = seat("Jury 4", conflicts=frozenset({"trained", "same_house"}))
    messages = [violation.message.fr for violation in check_composition([*JURY, tied])]
    assert len(messages) == 2
    assert "même Maison" in messages[0]
    assert "a formé la personne candidate" in messages[1]


def test_every_violation_says_in_both_languages_what_to_do_and_where_the_rule_comes_from() -> None:
    found: list[Violation] = [*check_composition([seat("Jury 1", is_external=False)] * 2), *check_composition([])]
    found += check_declarations([seat("Jury 1", has_declared=False)])
    found += check_decision(demo(), blocks={}, whole=WholeOutcome.REFUSED, proposed={}, reasons={}, whole_reason="")
    assert len(found) > 8
    for violation in found:
        assert violation.message.fr.endswith(".")
        assert violation.message.en.endswith(".")
        assert violation.source


def test_members_declare_their_links_before_they_sit_and_not_before_they_are_called() -> None:
    silent = replace(JURY[1], has_declared=False)
    seats = (JURY[0], silent, JURY[2])
    assert check_composition(seats) == ()
    assert [(item.code, item.who) for item in check_declarations(seats)] == [("declaration_missing", "Jury 2")]
    assert check_declarations(JURY) == ()


SEATS = st.lists(
    st.builds(
        Seat,
        person=st.sampled_from([f"Jury {number}" for number in range(1, 6)]),
        is_president=st.booleans(),
        is_external=st.booleans(),
        conflicts=st.frozensets(st.sampled_from(sorted(CONFLICTS)), max_size=1),
        has_declared=st.booleans(),
    ),
    max_size=6,
)


@given(seats=SEATS, conflicts=st.frozensets(st.sampled_from(sorted(CONFLICTS)), min_size=1))
def test_adding_a_member_in_conflict_never_makes_a_jury_valid(seats: list[Seat], conflicts: frozenset[str]) -> None:
    assert check_composition([*seats, seat("Jury 9", conflicts=conflicts)]) != ()


@given(seats=SEATS, data=st.data())
def test_the_order_of_seats_does_not_change_what_is_wrong(seats: list[Seat], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(seats))
    assert set(check_composition(shuffled)) == set(check_composition(seats))


@given(seats=SEATS)
def test_a_valid_jury_is_collegial_presided_independent_and_half_external(seats: list[Seat]) -> None:
    people = {item.person for item in seats}
    is_sound = (
        len(people) == len(seats) >= 2
        and sum(item.is_president for item in seats) == 1
        and 2 * sum(item.is_external for item in seats) >= len(seats)
        and not any(item.conflicts for item in seats)
    )
    assert (check_composition(seats) == ()) == is_sound


@pytest.mark.parametrize("framework", [demo(), replace(demo(), blocks=demo().blocks[:2])])
def test_every_combination_of_blocks_has_one_consistent_whole(framework: Framework) -> None:
    codes = [block.code for block in framework.blocks]
    for combination in product(BlockOutcome, repeat=len(codes)):
        blocks = dict(zip(codes, combination, strict=True))
        reasons = dict.fromkeys(codes, "Motif")
        accepted = [
            whole
            for whole in WholeOutcome
            if not check_decision(
                framework, blocks=blocks, whole=whole, proposed=blocks, reasons=reasons, whole_reason="Motif"
            )
        ]
        assert accepted == [propose_whole(blocks), WholeOutcome.ADJOURNED]
