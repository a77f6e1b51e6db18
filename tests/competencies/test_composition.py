"""Composition of juries: the table made by hand, and what holds for every jury."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import (
    CONFLICTS,
    SETTABLE_CONFLICTS,
    Balance,
    JuryRules,
    Seat,
    Violation,
    WholeOutcome,
    balance,
    check_composition,
    check_decision,
    check_declarations,
    check_links,
    check_quorum,
    demo,
    jury_words,
    may_be_waived,
    sitting,
)
from competencies.composition import NEVER_WAIVED
from tests.competencies.juries_by_hand import JuryByHand, juries_by_hand, told

TABLE = juries_by_hand()


@pytest.mark.parametrize("jury", TABLE, ids=lambda jury: jury.name)
def test_a_jury_composed_by_hand_is_judged_the_same(jury: JuryByHand) -> None:
    found = check_composition(jury.seats, jury.rules, is_vae=jury.is_vae, waived=jury.waived)
    assert told(found) == jury.wrong
    if jury.on_the_day is not None:
        there = check_quorum(jury.seats, jury.rules, is_vae=jury.is_vae, waived=jury.waived)
        assert told(there) == jury.on_the_day
    if jury.balance is not None:
        assert balance(jury.seats) == jury.balance
    assert tuple(one.who for one in check_declarations(jury.seats)) == jury.undeclared
    for violation in found:
        check_that_it_says_what_to_do(violation)


def check_that_it_says_what_to_do(violation: Violation) -> None:
    assert violation.message.fr.endswith(".")
    assert violation.message.en.endswith(".")
    assert violation.message.fr != violation.message.en
    assert violation.source


def test_the_table_is_large_and_every_rule_is_broken_in_it() -> None:
    assert len(TABLE) >= 40
    assert len({jury.name for jury in TABLE}) == len(TABLE)
    codes = {code for jury in TABLE for code, _who in (*jury.wrong, *(jury.on_the_day or ()))}
    conflicts = {f"conflict_{code}" for code in (*CONFLICTS, "other")}
    assert codes == conflicts | NEVER_WAIVED | {
        "fewer_than_asked", "too_few_externals", "too_few_qualified", "no_quorum"
    }  # fmt: skip
    assert sum(jury.wrong == () for jury in TABLE) >= 10


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


Check = Callable[..., tuple[Violation, ...]]
CODES = sorted(CONFLICTS)
JURIES = st.lists(
    st.builds(
        Seat,
        person=st.sampled_from([f"Jury {number}" for number in range(1, 7)]),
        is_president=st.booleans(),
        is_external=st.booleans(),
        conflicts=st.just(frozenset()) | st.frozensets(st.sampled_from([*CODES, "other"]), max_size=2),
        has_declared=st.booleans(),
        is_reserve=st.sampled_from([False, False, True]),
        is_qualified=st.booleans(),
        gender=st.sampled_from(["F", "M", ""]),
        is_present=st.sampled_from([True, True, False]),
    ),
    max_size=6,
    unique_by=lambda one: one.person,
)
RULES = st.builds(
    JuryRules,
    fewest_members=st.integers(2, 5),
    external_percent=st.integers(0, 100),
    quorum=st.integers(2, 4),
    vae_qualified=st.integers(1, 3),
    blocking=st.frozensets(st.sampled_from(SETTABLE_CONFLICTS)),
)
CHECKS = st.sampled_from([check_composition, check_quorum])
WHO = st.none() | st.sampled_from([f"Jury {number}" for number in range(1, 7)])
RULE_CODES = st.sampled_from(sorted({f"conflict_{code}" for code in CODES} | NEVER_WAIVED | {"too_few_externals"}))
IDEAL = seat("Jury 9", is_qualified=True)


@given(check=CHECKS, seats=JURIES, rules=RULES, is_vae=st.booleans(), link=st.sampled_from([*CODES, "other"]))
def test_a_linked_member_who_joins_mends_no_jury_unless_the_certification_lets_the_link_pass(
    check: Check, seats: list[Seat], rules: JuryRules, is_vae: bool, link: str
) -> None:
    after = told(check([*seats, replace(IDEAL, conflicts=frozenset({link}))], rules, is_vae=is_vae))
    passes = not is_vae and link in SETTABLE_CONFLICTS and link not in rules.blocking
    assert ((f"conflict_{link}", "Jury 9") in after) is not passes
    links = [one for one in after if one[0].startswith("conflict_") and one[1] != "Jury 9"]
    assert links == [one for one in told(check(seats, rules, is_vae=is_vae)) if one[0].startswith("conflict_")]


@given(check=CHECKS, seats=JURIES, rules=RULES, is_vae=st.booleans(), data=st.data())
def test_taking_away_a_link_never_breaks_a_rule(
    check: Check, seats: list[Seat], rules: JuryRules, is_vae: bool, data: st.DataObject
) -> None:
    freed = [
        replace(one, conflicts=data.draw(st.frozensets(st.sampled_from(sorted(one.conflicts)))))
        if one.conflicts
        else one
        for one in seats
    ]
    before, after = (told(check(these, rules, is_vae=is_vae)) for these in (seats, freed))
    assert set(after) <= set(before)


@given(
    check=CHECKS, seats=JURIES, rules=RULES, is_vae=st.booleans(),
    waived=st.frozensets(st.tuples(RULE_CODES, WHO)), data=st.data(),
)  # fmt: skip
def test_a_derogation_sets_aside_its_own_violation_and_nothing_else(
    check: Check, seats: list[Seat], rules: JuryRules, is_vae: bool,
    waived: frozenset[tuple[str, str | None]], data: st.DataObject,
) -> None:  # fmt: skip
    whole = check(seats, rules, is_vae=is_vae)
    if whole:
        waived |= data.draw(st.frozensets(st.sampled_from(told(whole))))
    left = check(seats, rules, is_vae=is_vae, waived=waived)
    assert left == tuple(one for one in whole if (one.code, one.who) not in waived or not may_be_waived(one))
    assert {code for code, _who in told(whole)} & NEVER_WAIVED == {code for code, _who in told(left)} & NEVER_WAIVED


@given(check=CHECKS, seats=JURIES, rules=RULES, is_vae=st.booleans(), data=st.data())
def test_who_is_named_first_changes_nothing(
    check: Check, seats: list[Seat], rules: JuryRules, is_vae: bool, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(seats))
    assert set(check(shuffled, rules, is_vae=is_vae)) == set(check(seats, rules, is_vae=is_vae))
    assert balance(shuffled) == balance(seats)


@given(seats=JURIES, rules=RULES, is_vae=st.booleans())
def test_a_reserve_counts_for_nothing_before_they_sit(seats: list[Seat], rules: JuryRules, is_vae: bool) -> None:
    members = [one for one in seats if not one.is_reserve]
    called_off = [replace(one, is_present=one.is_present and not one.is_reserve) for one in seats]
    assert check_composition(seats, rules, is_vae=is_vae) == check_composition(members, rules, is_vae=is_vae)
    assert check_quorum(called_off, rules, is_vae=is_vae) == check_quorum(members, rules, is_vae=is_vae)
    assert balance(seats) == balance(members)


@given(seats=JURIES, rules=RULES, is_vae=st.booleans(), is_reserve=st.booleans())
def test_one_more_independent_and_qualified_member_present_never_undoes_the_quorum(
    seats: list[Seat], rules: JuryRules, is_vae: bool, is_reserve: bool
) -> None:
    before = told(check_quorum(seats, rules, is_vae=is_vae))
    after = told(check_quorum([*seats, replace(IDEAL, is_reserve=is_reserve)], rules, is_vae=is_vae))
    # From one to two people present, what the certification asks beyond two begins to be told.
    assert set(after) - {("no_quorum", None)} <= set(before)
    assert ("no_quorum", None) not in after or {("no_quorum", None), ("too_few_present", None)} & set(before)


@given(check=CHECKS, seats=JURIES, rules=RULES, is_vae=st.booleans(), stricter=RULES)
def test_stricter_rules_never_mend_a_jury(
    check: Check, seats: list[Seat], rules: JuryRules, is_vae: bool, stricter: JuryRules
) -> None:
    figures = ("fewest_members", "external_percent", "quorum", "vae_qualified")
    most = {name: max(getattr(rules, name), getattr(stricter, name)) for name in figures}
    both = replace(rules, **most, blocking=rules.blocking | stricter.blocking)
    loose = set(told(check(seats, rules, is_vae=is_vae)))
    assert loose <= set(told(check(seats, both, is_vae=is_vae)))
    assert set(told(check(seats, rules))) <= set(told(check(seats, rules, is_vae=True)))


@given(seats=JURIES, rules=RULES, is_vae=st.booleans())
def test_those_present_may_decide_exactly_when_they_are_enough_presided_independent_and_have_declared(
    seats: list[Seat], rules: JuryRules, is_vae: bool
) -> None:
    there = [one for one in seats if one.is_present]
    passing = frozenset() if is_vae else frozenset(SETTABLE_CONFLICTS) - rules.blocking
    may_decide = (
        len(there) >= rules.quorum
        and any(one.is_president for one in there)
        and 100 * sum(one.is_external for one in there) >= rules.external_percent * len(there)
        and (not is_vae or sum(one.is_qualified for one in there) >= rules.vae_qualified)
        and all(one.conflicts <= passing and one.has_declared for one in there)
    )
    assert (check_quorum(seats, rules, is_vae=is_vae) == ()) == may_decide


@given(seats=JURIES, rules=RULES, is_vae=st.booleans())
def test_whoever_stands_aside_takes_their_links_with_them(seats: list[Seat], rules: JuryRules, is_vae: bool) -> None:
    linked = {one.who for one in check_links(seats, rules, is_vae=is_vae)}
    there = [replace(one, is_present=one.is_present and one.person not in linked) for one in seats]
    found = told(check_quorum(there, rules, is_vae=is_vae))
    assert not [code for code, _who in found if code.startswith("conflict_")]
    assert {one.person for one in sitting(there)} == {one.person for one in seats if one.is_present} - linked


@given(seats=JURIES)
def test_the_balance_counts_each_member_once(seats: list[Seat]) -> None:
    counted = balance(sitting(seats))
    assert counted.women + counted.men + counted.unsaid == len(sitting(seats))
    assert balance([*seats, *seats]) == balance(seats)
    assert balance([]) == Balance(0, 0, 0)


def test_nobody_is_presumed_qualified_and_a_jury_for_training_needs_nobody_who_is() -> None:
    for check in (check_composition, check_quorum):
        assert check(JURY) == ()
        assert told(check(JURY, is_vae=True)) == (("too_few_qualified", None),)


def test_a_link_is_sourced_by_the_law_for_vae_and_by_its_extension_for_the_others() -> None:
    tied = seat("Jury 4", conflicts=frozenset({"trained", "is_candidate"}))
    by_vae, by_training = check_links([tied], is_vae=True), check_links([tied])
    assert {one.code: one.source for one in by_vae} == {
        "conflict_trained": jury_words.VAE_LAW,
        "conflict_is_candidate": jury_words.IMPARTIALITY,
    }
    assert {one.source for one in by_training} == {jury_words.VAE_LAW_FOR_ALL, jury_words.IMPARTIALITY}
