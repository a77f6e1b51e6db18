"""Reads about the votes on a candidate: one's own, then everybody's once they are open; and their count."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.juries.models import Candidacy, JurySeat, Vote
from certify.juries.queries import Member
from certify.juries.sitting import Sitting

NO_VOTES: Mapping[str, Vote] = {}


@dataclass(frozen=True)
class Ballot:
    """The votes on one candidate, as one person may see them."""

    voters: Sequence[Member]
    """Who decides on this candidate."""
    blocks: tuple[str, ...]
    """Those that are voted on: not those acquired already."""
    own: Mapping[str, Vote]
    """The reader's votes, by block."""
    is_begun: bool
    """Whether somebody who decides has voted."""
    is_open: bool
    """Whether everybody's votes are shown: all have voted, or the president opened them."""
    given: Mapping[uuid.UUID, Mapping[str, Vote]]
    """By seat then block; empty until the votes are open."""
    counts: Mapping[str, competencies.VoteTally]
    """By block; empty until the votes are open."""
    waiting: Sequence[Member]
    """Who has not voted on every block."""

    @property
    def outcomes(self) -> dict[str, competencies.BlockOutcome]:
        """What the votes lead to, for the blocks where they do."""
        return {code: one.outcome for code, one in self.counts.items() if one.outcome is not None}

    def vote(self, seat: JurySeat, block: str) -> Vote | None:
        """Return what one member said of one block, when votes are open."""
        return self.given.get(seat.id, NO_VOTES).get(block)


def ballot_of(
    session: Session, candidacy: Candidacy, sitting: Sitting, blocks: Iterable[str], seat: JurySeat | None
) -> Ballot:
    """Return the votes on a candidate, as the member of this seat may see them, in one statement."""
    codes, voters = tuple(blocks), sitting.voters(candidacy.id)
    given = last_votes(session, candidacy.id)
    waiting = [one for one in voters if not set(codes) <= set(given.get(one.seat.id, NO_VOTES))]
    is_open = candidacy.votes_opened_at is not None or (bool(voters) and not waiting)
    return Ballot(
        voters=voters,
        blocks=codes,
        own=given.get(seat.id, NO_VOTES) if seat is not None else NO_VOTES,
        is_begun=any(given.get(one.seat.id) for one in voters),
        is_open=is_open,
        given={one.seat.id: given.get(one.seat.id, NO_VOTES) for one in voters} if is_open else {},
        counts=tallies(given, voters, codes) if is_open else {},
        waiting=waiting,
    )


def last_votes(session: Session, candidacy_id: uuid.UUID) -> dict[uuid.UUID, dict[str, Vote]]:
    """Return the vote of each seat on each block: the last one."""
    found: dict[uuid.UUID, dict[str, Vote]] = {}
    for row in session.scalars(select(Vote).where(Vote.candidacy_id == candidacy_id).order_by(Vote.number)):
        found.setdefault(row.seat_id, {})[row.block] = row
    return found


def tallies(
    given: Mapping[uuid.UUID, Mapping[str, Vote]], voters: Sequence[Member], blocks: Iterable[str]
) -> dict[str, competencies.VoteTally]:
    """Count the votes of those who decide on each block; the president's breaks a tie. Who said nothing abstains."""
    president = next((one.seat.id for one in voters if one.seat.is_president), None)
    return {
        code: competencies.tally_votes(
            {one.seat.id: _said(given.get(one.seat.id, NO_VOTES).get(code)) for one in voters}, president
        )
        for code in blocks
    }


def _said(vote: Vote | None) -> competencies.BlockOutcome | None:
    return competencies.BlockOutcome(vote.outcome) if vote is not None and vote.outcome else None
