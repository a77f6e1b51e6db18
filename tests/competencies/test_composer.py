"""Groups proposed from the waiting list: one place, close ages, about ten, as many families as can be."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from competencies import Thresholds, Waiting, add_months, compose_groups

_JANUARY = date(2026, 1, 1)


def _families(place: str, *months: int) -> list[Waiting]:
    return [Waiting(f"{place} {at}", place, add_months(_JANUARY, month)) for at, month in enumerate(months)]


def test_ten_families_of_two_months_make_one_group() -> None:
    (proposal,) = compose_groups(_families("Crèche du Parc", *[0] * 4, *[1] * 6))
    assert (proposal.size, proposal.spread_months, proposal.is_complete) == (10, 1, True)
    assert (proposal.first_month, proposal.last_month) == (_JANUARY, date(2026, 2, 1))
    assert proposal.place == "Crèche du Parc"


def test_twenty_families_are_cut_where_the_babies_are_closest() -> None:
    found = compose_groups(_families("PMI", *[0] * 9, *[5] * 11))
    assert [(one.size, one.spread_months) for one in found] == [(9, 0), (11, 0)]


def test_families_of_different_places_are_never_put_together() -> None:
    found = compose_groups(_families("PMI nord", *[0] * 5) + _families("PMI sud", *[0] * 5))
    assert [(one.place, one.size, one.is_complete) for one in found] == [("PMI nord", 5, False), ("PMI sud", 5, False)]


def test_the_same_place_typed_otherwise_is_the_same_place() -> None:
    (proposal,) = compose_groups(_families("Crèche  du Parc", *[0] * 4) + _families("crèche du parc ", *[0] * 4))
    assert proposal.size == 8


def test_somebody_whom_no_other_matches_is_in_no_proposal() -> None:
    found = compose_groups(_families("PMI", *[0] * 8, 9))
    assert [one.size for one in found] == [8]


def test_nobody_is_left_out_for_the_sake_of_a_larger_group() -> None:
    # Twelve then four: cut in two groups of eight, all sixteen are placed.
    found = compose_groups(_families("PMI", *[0] * 12, *[1] * 4))
    assert sorted(one.size for one in found) == [8, 8]


def test_an_empty_waiting_list_proposes_nothing() -> None:
    assert compose_groups([]) == ()


_waiting = st.lists(
    st.builds(
        Waiting,
        key=st.uuids().map(str),
        place=st.sampled_from(["PMI", "pmi ", "Crèche"]),
        month=st.integers(0, 14).map(lambda number: add_months(_JANUARY, number)),
    ),
    max_size=60,
    unique_by=lambda one: one.key,
)
_asked = st.builds(
    lambda least, more, spread: Thresholds(size_min=least, size_max=least + more, spread_months=spread),
    st.integers(2, 9), st.integers(0, 6), st.integers(0, 5),
)  # fmt: skip


@given(waiting=_waiting, asked=_asked)
def test_every_proposal_keeps_to_the_rules_and_nobody_is_in_two(waiting: list[Waiting], asked: Thresholds) -> None:
    found = compose_groups(waiting, asked)
    by_key = {one.key: one for one in waiting}
    keys = [key for proposal in found for key in proposal.keys]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set(by_key)
    for proposal in found:
        months = [by_key[key].month for key in proposal.keys]
        assert (min(months), max(months)) == (proposal.first_month, proposal.last_month)
        assert proposal.spread_months <= asked.spread_months
        assert proposal.size == len(proposal.keys) <= asked.size_max
        assert len({by_key[key].place.strip().casefold() for key in proposal.keys}) == 1
        assert not proposal.is_complete or proposal.size >= asked.size_min
    assert all(before.is_complete >= after.is_complete for before, after in pairwise(found))


@given(waiting=_waiting, asked=_asked, data=st.data())
def test_the_order_of_the_list_does_not_change_the_proposals(
    waiting: list[Waiting], asked: Thresholds, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(waiting))
    placed = [{key for one in compose_groups(each, asked) for key in one.keys} for each in (waiting, shuffled)]
    assert placed[0] == placed[1]


@given(waiting=_waiting, asked=_asked)
def test_no_complete_group_could_be_made_of_those_who_are_left(waiting: list[Waiting], asked: Thresholds) -> None:
    placed = {key for one in compose_groups(waiting, asked) if one.is_complete for key in one.keys}
    left = [one for one in waiting if one.key not in placed]
    assert [one for one in compose_groups(left, asked) if one.is_complete] == []
