"""Coverage: accepted evidence only, never lowered by more evidence, whatever the order."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import Coverage, Piece, Share, UnknownCode, cover, demo

CODES = [indicator.code for indicator in demo().indicators]
PIECES = st.builds(
    Piece,
    indicator=st.sampled_from(CODES),
    kind=st.sampled_from(["entry", "file", "observation"]),
    on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    is_accepted=st.booleans(),
)


def piece(indicator: str, *, is_accepted: bool = True) -> Piece:
    return Piece(indicator, "entry", date(2026, 6, 12), is_accepted)


def shares(coverage: Coverage) -> list[int]:
    parts = [coverage.block(block.code) for block in demo().blocks]
    parts += [coverage.competency(competency.code) for competency in demo().competencies]
    return [share.covered for share in [*parts, coverage.whole]]


def test_nothing_is_covered_without_evidence() -> None:
    coverage = cover(demo(), [])
    assert coverage.covered == frozenset()
    assert coverage.missing == tuple(CODES)
    assert coverage.whole == Share(0, 46)
    assert coverage.whole.ratio == 0


def test_accepted_evidence_covers_its_indicator_in_its_competency_and_block() -> None:
    coverage = cover(demo(), [piece("1.1.2"), piece("1.1.2"), piece("3.4.4")])
    assert coverage.covered == {"1.1.2", "3.4.4"}
    assert coverage.counts["1.1.2"] == 2
    assert coverage.block("1") == Share(1, 11)
    assert coverage.block("2") == Share(0, 12)
    assert coverage.competency("3.4") == Share(1, 4)
    assert coverage.competency("3.4").ratio == 0.25


def test_everything_is_covered_when_each_indicator_has_one_accepted_piece() -> None:
    coverage = cover(demo(), [piece(code) for code in CODES])
    assert coverage.missing == ()
    assert coverage.whole.is_whole
    assert coverage.whole.ratio == 1


def test_what_is_missing_follows_the_order_of_the_framework() -> None:
    coverage = cover(demo(), [piece(code) for code in CODES if code not in ("4.4.2", "1.2.1", "3.1.3")])
    assert coverage.missing == ("1.2.1", "3.1.3", "4.4.2")


@pytest.mark.parametrize("is_accepted", [True, False])
def test_evidence_for_an_indicator_of_another_framework_is_refused(is_accepted: bool) -> None:
    with pytest.raises(UnknownCode, match=r"9\.9\.9"):
        cover(demo(), [piece("9.9.9", is_accepted=is_accepted)])


def test_the_share_of_an_unknown_block_is_refused() -> None:
    with pytest.raises(UnknownCode):
        cover(demo(), []).block("9")


@given(pieces=st.lists(PIECES, max_size=60), added=PIECES)
def test_one_more_accepted_piece_never_lowers_anything(pieces: list[Piece], added: Piece) -> None:
    before, after = cover(demo(), pieces), cover(demo(), [*pieces, replace(added, is_accepted=True)])
    assert before.covered <= after.covered
    assert added.indicator in after.covered
    assert all(after.counts[code] >= before.counts[code] for code in CODES)
    assert all(more >= less for more, less in zip(shares(after), shares(before), strict=True))


@given(pieces=st.lists(PIECES, max_size=60), data=st.data())
def test_the_order_of_evidence_does_not_matter(pieces: list[Piece], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(pieces))
    assert cover(demo(), shuffled) == cover(demo(), pieces)


@given(pieces=st.lists(PIECES, max_size=60))
def test_evidence_that_nobody_accepted_counts_for_nothing(pieces: list[Piece]) -> None:
    assert cover(demo(), pieces) == cover(demo(), [item for item in pieces if item.is_accepted])
    assert cover(demo(), [replace(item, is_accepted=False) for item in pieces]) == cover(demo(), [])


@given(pieces=st.lists(PIECES, max_size=60))
def test_covered_and_missing_share_out_the_whole_framework(pieces: list[Piece]) -> None:
    coverage = cover(demo(), pieces)
    assert coverage.covered.isdisjoint(coverage.missing)
    assert coverage.covered | set(coverage.missing) == set(CODES)
    assert sum(coverage.block(block.code).covered for block in demo().blocks) == coverage.whole.covered
    assert coverage.whole == Share(len(coverage.covered), len(CODES))
