"""Votes of a jury: the outcome said most often, the president on a tie, and never otherwise."""

from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competencies import BlockOutcome, VoteTally, tally_votes

YES, PART, NO = BlockOutcome
PEOPLE = st.sampled_from([f"Jury {number}" for number in range(1, 8)])
VOTES = st.dictionaries(PEOPLE, st.none() | st.sampled_from(BlockOutcome), max_size=7)


@pytest.mark.parametrize(
    ("votes", "president", "outcome", "written", "by_casting_vote"),
    [
        ([YES, YES, YES], "Jury 1", YES, "3/0/0/0", False),
        ([NO, YES, YES], "Jury 1", YES, "2/0/1/0", False),
        ([YES, NO], "Jury 1", YES, "1/0/1/0 *", True),
        ([YES, NO], "Jury 2", NO, "1/0/1/0 *", True),
        ([YES, NO], None, None, "1/0/1/0 *", False),
        ([YES, NO, None], "Jury 3", None, "1/0/1/1 *", False),
        ([YES, PART, NO], "Jury 2", PART, "1/1/1/0 *", True),
        ([YES, YES, NO, NO, PART], "Jury 5", None, "2/1/2/0 *", False),
        ([YES, YES, NO, NO, None], "Jury 1", YES, "2/0/2/1 *", True),
        ([None, None, PART], "Jury 1", PART, "0/1/0/2", False),
        ([None, None], "Jury 1", None, "0/0/0/2", False),
        ([], "Jury 1", None, "0/0/0/0", False),
        ([YES, NO], "Jury 9", None, "1/0/1/0 *", False),
    ],
)
def test_the_votes_on_a_block_make_an_outcome(
    votes: list[BlockOutcome | None], president: str | None, outcome: BlockOutcome | None, written: str,
    by_casting_vote: bool,
) -> None:  # fmt: skip
    found = tally_votes({f"Jury {number}": vote for number, vote in enumerate(votes, start=1)}, president)
    assert (found.outcome, found.written, found.by_casting_vote) == (outcome, written, by_casting_vote)
    assert found.is_tie == written.endswith("*")


def counts(found: VoteTally) -> Mapping[BlockOutcome, int]:
    return {YES: found.acquired, PART: found.partly, NO: found.not_acquired}


@given(votes=VOTES, president=st.none() | PEOPLE, data=st.data())
def test_who_votes_first_changes_nothing(
    votes: dict[str, BlockOutcome | None], president: str | None, data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(votes.items()))))
    assert tally_votes(shuffled, president) == tally_votes(votes, president)


@given(votes=VOTES, president=PEOPLE)
def test_the_president_weighs_no_more_than_anybody_unless_there_is_a_tie(
    votes: dict[str, BlockOutcome | None], president: str
) -> None:
    found, without = tally_votes(votes, president), tally_votes(votes)
    assert (found.is_tie, counts(found)) == (without.is_tie, counts(without))
    if not found.is_tie:
        assert found == without
    assert without.outcome is None or not without.is_tie
    assert not found.by_casting_vote or (found.is_tie and found.outcome is votes[president])


@given(votes=VOTES, president=st.none() | PEOPLE)
def test_every_vote_is_counted_once_and_the_outcome_is_one_of_the_most_said(
    votes: dict[str, BlockOutcome | None], president: str | None
) -> None:
    found = tally_votes(votes, president)
    said = counts(found)
    assert sum(said.values()) + found.abstentions == len(votes)
    assert [said[outcome] for outcome in BlockOutcome] == [list(votes.values()).count(one) for one in BlockOutcome]
    most = max(said.values())
    assert found.is_tie == (most > 0 and list(said.values()).count(most) > 1)
    assert found.outcome is None or said[found.outcome] == most > 0


@given(votes=VOTES, president=PEOPLE)
def test_an_abstention_of_somebody_else_changes_no_outcome(
    votes: dict[str, BlockOutcome | None], president: str
) -> None:
    before = tally_votes(votes, president)
    after = tally_votes({**votes, "Jury 9": None}, president)
    assert (after.outcome, after.is_tie, after.abstentions) == (before.outcome, before.is_tie, before.abstentions + 1)


@given(votes=VOTES, president=PEOPLE)
def test_one_more_voice_for_what_wins_never_makes_it_lose(
    votes: dict[str, BlockOutcome | None], president: str
) -> None:
    before = tally_votes(votes, president)
    assume(before.outcome is not None)
    after = tally_votes({**votes, "Jury 9": before.outcome}, president)
    assert after.outcome is before.outcome
    assert not after.is_tie
