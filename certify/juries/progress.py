"""How far a jury has got with each candidate: who votes, who has voted, what is decided, what stands in the way."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.core.i18n import current_locale
from certify.frameworks.queries import framework_of
from certify.juries.candidates import Candidate
from certify.juries.composition import Composition
from certify.juries.models import Candidacy, Vote
from certify.juries.sitting import Sitting


@dataclass(frozen=True)
class CandidateLine:
    """One candidate on the page of the day."""

    candidate: Candidate
    candidacy: Candidacy
    voters: frozenset[uuid.UUID]
    """Seats of those who decide."""
    voted: frozenset[uuid.UUID]
    """Those of them who have voted on every block."""
    recused: Sequence[str]
    """Names of those who stand aside."""
    lacking: Sequence[competencies.Violation]
    """Why those present may not decide."""

    @property
    def why_not(self) -> str:
        """The first thing that keeps them from deciding, in words."""
        return self.lacking[0].message.to(current_locale()) if self.lacking else ""


def lines_of(
    session: Session, presented: Sequence[Candidate], sitting: Sitting, composition: Composition
) -> list[CandidateLine]:
    """Return each candidate with what is done and what is missing, in two statements."""
    ids = [one.candidacy_id for one in presented]
    rows = {row.id: row for row in session.scalars(select(Candidacy).where(Candidacy.id.in_(ids)))}
    given = _blocks_voted(session, ids)
    names = {one.seat.id: one.user.name for one in sitting.members}
    lines = []
    for one in presented:
        candidacy = rows[one.candidacy_id]
        voters = frozenset(member.seat.id for member in sitting.voters(one.candidacy_id))
        asked = {block.code for block in framework_of(session, one.enrolment.framework_version_id).blocks}
        asked -= set(candidacy.acquired)
        voted = frozenset(seat for seat in voters if asked <= given.get((one.candidacy_id, seat), set()))
        aside = [names[seat] for seat in sitting.recused.get(one.candidacy_id, frozenset())]
        lacking = composition.check_present(one.enrolment.id, voters)
        lines.append(CandidateLine(one, candidacy, voters, voted, aside, lacking))
    return lines


def _blocks_voted(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[Any, set[str]]:
    query = select(Vote.candidacy_id, Vote.seat_id, Vote.block).where(Vote.candidacy_id.in_(ids)).distinct()
    found: defaultdict[tuple[uuid.UUID, uuid.UUID], set[str]] = defaultdict(set)
    for candidacy_id, seat_id, block in session.execute(query):
        found[candidacy_id, seat_id].add(block)
    return found
