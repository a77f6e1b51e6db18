"""Award: outcomes follow levels, decisions say their reasons, what is acquired stays so, validity ends on a day."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competencies import (
    BlockOutcome,
    Framework,
    UnknownCode,
    WholeOutcome,
    check_decision,
    demo,
    last_valid_day,
    propose_block,
    propose_whole,
    remaining,
    renewable_from,
    with_acquired,
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
    already: frozenset[str] = frozenset(),
    voted: dict[str, BlockOutcome] | None = None,
) -> list[tuple[str, str | None]]:
    found = check_decision(
        demo(),
        blocks=blocks,
        whole=whole,
        proposed=blocks if proposed is None else proposed,
        reasons=reasons or {},
        whole_reason=whole_reason,
        already=already,
        voted=voted or {},
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


def test_a_block_that_departs_from_the_vote_needs_a_reason_even_when_it_follows_the_proposal() -> None:
    voted = {**ALL_ACQUIRED, "3": PART}
    assert decide(voted=voted) == [("block_departs_from_vote", "3")]
    assert decide(voted=voted, reasons={"3": "Preuves apportées à l’oral"}) == []
    assert decide(voted={"1": ACQUIRED}) == []


def test_a_block_without_proposal_departs_from_nothing() -> None:
    assert decide(proposed={}) == []


@pytest.mark.parametrize("whole", [WholeOutcome.PARTLY_OBTAINED, WholeOutcome.REFUSED])
def test_the_whole_may_not_contradict_the_blocks(whole: WholeOutcome) -> None:
    assert decide(whole=whole, whole_reason="Motif") == [("whole_contradicts_blocks", None)]


def test_a_certification_may_not_be_obtained_with_a_block_missing() -> None:
    blocks = {**ALL_ACQUIRED, "4": PART}
    assert decide(blocks, reasons={"4": "Motif"}) == [("whole_contradicts_blocks", None)]


def test_an_adjournment_is_allowed_with_a_reason_and_decides_no_block() -> None:
    assert decide(whole=WholeOutcome.ADJOURNED, whole_reason="Identité à vérifier") == []
    assert decide({}, WholeOutcome.ADJOURNED, whole_reason="Quorum non atteint") == []
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
    is_explained = unexplained <= explained or whole is WholeOutcome.ADJOURNED
    is_explained = is_explained and (whole is WholeOutcome.OBTAINED or bool(whole_reason.strip()))
    found = decide(blocks, whole, proposed, dict.fromkeys(explained, "Motif"), whole_reason)
    assert (found == []) == (is_consistent and is_explained)


def test_a_block_acquired_before_is_not_decided_on_again_and_counts() -> None:
    rest = {"3": ACQUIRED, "4": ACQUIRED}
    assert decide(rest, already=frozenset({"1", "2"})) == []
    assert decide({**rest, "1": ACQUIRED}, already=frozenset({"1", "2"})) == []
    assert decide(rest, already=frozenset({"1"})) == [("block_undecided", "2")]
    refused = {"3": REFUSED, "4": REFUSED}
    reasons = dict.fromkeys(refused, "Motif")
    already = frozenset({"1", "2"})
    assert decide(refused, WholeOutcome.PARTLY_OBTAINED, reasons=reasons, whole_reason="Motif", already=already) == []
    assert decide(refused, WholeOutcome.REFUSED, reasons=reasons, whole_reason="Motif", already=already) == [
        ("whole_contradicts_blocks", None)
    ]


def test_a_block_acquired_before_may_not_be_taken_back_even_with_a_reason() -> None:
    blocks, already = {**ALL_ACQUIRED, "2": REFUSED}, frozenset({"2"})
    assert decide(blocks, reasons={"2": "Motif"}, already=already) == [("block_already_acquired", "2")]
    assert decide(blocks, WholeOutcome.ADJOURNED, whole_reason="Motif", already=already) == [
        ("block_already_acquired", "2")
    ]
    with pytest.raises(UnknownCode):
        decide(already=frozenset({"9"}))


@given(
    blocks=st.dictionaries(st.sampled_from(BLOCKS), st.sampled_from(BlockOutcome)),
    already=st.frozensets(st.sampled_from(BLOCKS)),
    whole=st.sampled_from(WholeOutcome),
)
def test_no_decision_that_passes_loses_a_block_acquired_before(
    blocks: dict[str, BlockOutcome], already: frozenset[str], whole: WholeOutcome
) -> None:
    reasons = dict.fromkeys(BLOCKS, "Motif")
    passes = decide(blocks, whole, reasons=reasons, whole_reason="Motif", already=already) == []
    outcomes = with_acquired(blocks, already)
    assert not already & set(remaining(demo(), outcomes))
    if passes and already:
        assert whole is not WholeOutcome.REFUSED
        assert all(outcomes[code] is blocks.get(code, ACQUIRED) for code in already)
    if passes and whole is WholeOutcome.OBTAINED:
        assert remaining(demo(), outcomes) == ()


@given(sessions=st.lists(OUTCOMES, min_size=1, max_size=5))
def test_a_candidate_who_comes_back_only_gains_from_one_session_to_the_next(
    sessions: list[dict[str, BlockOutcome]],
) -> None:
    already: frozenset[str] = frozenset()
    for said in sessions:
        asked = {code: outcome for code, outcome in said.items() if code not in already}
        outcomes = with_acquired(asked, already)
        whole = propose_whole(outcomes)
        reasons = dict.fromkeys(asked, "Motif")
        assert decide(asked, whole, reasons=reasons, whole_reason="Motif", already=already) == []
        left = remaining(demo(), outcomes)
        assert set(left) <= set(BLOCKS) - already
        assert (left == ()) == (whole is WholeOutcome.OBTAINED)
        already = frozenset(BLOCKS) - set(left)
    assert already == {code for code in BLOCKS if any(said[code] is ACQUIRED for said in sessions)}


def test_what_remains_is_told_in_the_order_of_the_framework() -> None:
    assert remaining(demo(), {"4": PART, "2": ACQUIRED, "3": REFUSED}) == ("1", "3", "4")
    assert remaining(demo(), ALL_ACQUIRED) == ()
    assert remaining(demo(), {}) == tuple(BLOCKS)


@pytest.mark.parametrize(
    ("decided_on", "months", "last"),
    [
        (date(2026, 11, 22), 0, None),
        (date(2026, 11, 22), 36, date(2029, 11, 22)),
        (date(2026, 11, 22), 1, date(2026, 12, 22)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
    ],
)
def test_a_validity_in_months_ends_on_the_same_day_or_the_last_of_a_shorter_month(
    decided_on: date, months: int, last: date | None
) -> None:
    assert last_valid_day(decided_on, months) == last


@given(
    decided_on=st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    later=st.integers(0, 400),
    months=st.integers(1, 240),
    more=st.integers(0, 24),
    before=st.integers(0, 36),
)
def test_validity_grows_with_its_months_and_with_the_day_decided(
    decided_on: date, later: int, months: int, more: int, before: int
) -> None:
    last = last_valid_day(decided_on, months)
    longer = last_valid_day(decided_on, months + more)
    after = last_valid_day(decided_on + timedelta(days=later), months)
    assert last is not None
    assert longer is not None
    assert after is not None
    assert decided_on < last <= longer
    assert last <= after
    assert renewable_from(last, before) <= last


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
