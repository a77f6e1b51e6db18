"""What proves an indicator: kinds, recency, authorship; never worse for one more accepted piece, whatever the order."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import Piece, PieceKind, UnknownCode, demo, tally
from competencies.coverage import months_before

CODES = [indicator.code for indicator in demo().indicators]
TODAY = date(2026, 6, 15)
PIECES = st.builds(
    Piece,
    indicator=st.sampled_from(CODES[:6]),
    kind=st.sampled_from([kind.value for kind in PieceKind]),
    on=st.dates(date(2024, 1, 1), TODAY),
    is_accepted=st.booleans(),
)


def piece(kind: str, on: date = date(2026, 6, 1), *, is_accepted: bool = True) -> Piece:
    return Piece("1.1.1", kind, on, is_accepted)


def test_pieces_are_counted_by_kind_in_one_order_with_the_latest_day() -> None:
    pieces = [piece("prior", date(2020, 1, 1)), piece("logbook"), piece("logbook"), piece("observation")]
    one = tally(demo(), pieces, today=TODAY)["1.1.1"]
    assert dict(one.kinds) == {"observation": 1, "logbook": 2, "prior": 1}
    assert list(one.kinds) == ["observation", "logbook", "prior"]
    assert (one.total, one.own, one.others, one.latest) == (4, 3, 1, date(2026, 6, 1))


def test_an_indicator_proved_by_ones_own_writing_alone_says_so_until_somebody_else_speaks() -> None:
    own = [piece("logbook"), piece("document"), piece("prior")]
    assert tally(demo(), own, today=TODAY)["1.1.1"].is_only_own_writing
    for kind in ("observation", "group_data"):
        assert not tally(demo(), [*own, piece(kind)], today=TODAY)["1.1.1"].is_only_own_writing
    assert not tally(demo(), [], today=TODAY)["1.1.1"].is_only_own_writing


def test_an_indicator_seen_without_anything_in_the_file_says_so() -> None:
    assert tally(demo(), [piece("observation")], today=TODAY)["1.1.1"].is_only_observed
    assert not tally(demo(), [piece("observation"), piece("logbook")], today=TODAY)["1.1.1"].is_only_observed
    assert not tally(demo(), [], today=TODAY)["1.1.1"].is_only_observed


@pytest.mark.parametrize(
    ("on", "is_stale"),
    [(date(2025, 12, 15), False), (date(2025, 12, 14), True), (date(2026, 6, 15), False)],
)
def test_evidence_of_a_block_with_a_freshness_becomes_too_old(on: date, is_stale: bool) -> None:
    told = tally(demo(), [piece("logbook", on)], today=TODAY, freshness={"1": 6})
    assert told["1.1.1"].is_stale is is_stale


def test_nothing_is_too_old_without_a_freshness_nor_without_evidence() -> None:
    old = piece("logbook", date(2001, 1, 1))
    assert not tally(demo(), [old], today=TODAY, freshness={"2": 1})["1.1.1"].is_stale
    assert not any(one.is_stale for one in tally(demo(), [], today=TODAY, freshness={"1": 1}).values())


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 2, date(2025, 11, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 12, 5), 0, date(2026, 12, 5)),
        (date(2, 1, 1), 240, date(1, 1, 1)),
    ],
)
def test_months_are_counted_from_date_to_date(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_a_piece_for_an_indicator_of_another_framework_is_refused() -> None:
    with pytest.raises(UnknownCode, match=r"9\.9\.9"):
        tally(demo(), [Piece("9.9.9", "logbook", TODAY, True)], today=TODAY)


@given(pieces=st.lists(PIECES, max_size=40), added=PIECES)
def test_one_more_accepted_piece_never_makes_anything_worse(pieces: list[Piece], added: Piece) -> None:
    freshness = {"1": 6}
    before = tally(demo(), pieces, today=TODAY, freshness=freshness)
    after = tally(demo(), [*pieces, replace(added, is_accepted=True)], today=TODAY, freshness=freshness)
    for code in CODES:
        assert after[code].total >= before[code].total
        assert after[code].others >= before[code].others
        assert (after[code].latest or date.min) >= (before[code].latest or date.min)
        assert before[code].is_stale or not after[code].is_stale or not before[code].total


@given(pieces=st.lists(PIECES, max_size=40), data=st.data())
def test_the_order_of_pieces_does_not_matter(pieces: list[Piece], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(pieces))
    assert tally(demo(), shuffled, today=TODAY) == tally(demo(), pieces, today=TODAY)


@given(pieces=st.lists(PIECES, max_size=40))
def test_a_piece_that_nobody_accepted_proves_nothing(pieces: list[Piece]) -> None:
    accepted = [one for one in pieces if one.is_accepted]
    assert tally(demo(), pieces, today=TODAY) == tally(demo(), accepted, today=TODAY)
