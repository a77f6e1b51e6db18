"""The votes of a jury on one block: each counts once, the president's breaks a tie."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from competencies.award import BlockOutcome

P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many said what, and what follows; it is proposed to the president, who records the collegial decision."""

    acquired: int
    partly: int
    not_acquired: int
    abstentions: int
    outcome: BlockOutcome | None
    """None when nobody said anything, or when a tie is not broken."""
    is_tie: bool
    """Whether several outcomes got the most votes."""
    by_casting_vote: bool
    """Whether the president's vote broke the tie."""

    @property
    def written(self) -> str:
        """The count without names, as it is kept with a decision: « 2/1/0/0 », and « * » on a tie."""
        counts = f"{self.acquired}/{self.partly}/{self.not_acquired}/{self.abstentions}"
        return f"{counts} *" if self.is_tie else counts


def tally(votes: Mapping[P, BlockOutcome | None], president: P | None = None) -> Tally:
    """Count the votes on a block, None being an abstention; the outcome said most often wins.

    On a tie the president's vote is decisive when it is one of those tied (Code du travail, art. D6412-6).
    """
    said = Counter(outcome for outcome in votes.values() if outcome is not None)
    most = max(said.values(), default=0)
    first = {outcome for outcome, count in said.items() if count == most}
    casting = votes.get(president) if president is not None else None
    is_tie = len(first) > 1
    by_casting_vote = is_tie and casting in first
    outcome = casting if by_casting_vote else next(iter(first)) if len(first) == 1 else None
    return Tally(
        said[BlockOutcome.ACQUIRED],
        said[BlockOutcome.PARTLY_ACQUIRED],
        said[BlockOutcome.NOT_ACQUIRED],
        len(votes) - said.total(),
        outcome,
        is_tie,
        by_casting_vote,
    )
