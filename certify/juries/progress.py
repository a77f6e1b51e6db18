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
    """Why those present may not decide; empty once a decision that stands was taken by enough."""
    is_outdated: bool = False
    """Whether the decision is to be taken again: somebody who took it stands aside since."""

    @property
    def is_decided(self) -> bool:
        """Whether a decision stands that needs not be taken again."""
        return self.candidate.decision is not None and not self.is_outdated

    @property
    def may_be_adjourned(self) -> bool:
        """Whether those there can only put the decision off."""
        return bool(self.lacking) and not self.is_decided

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
        is_outdated = one.decision is not None and sitting.is_outdated(one.candidacy_id, one.decision)
        took = sitting.took(one.candidacy_id, one.decision) if one.decision and not is_outdated else voters
        is_put_off = one.decision is not None and one.decision.outcome == competencies.WholeOutcome.ADJOURNED
        lacking = () if is_put_off else composition.check_present(one.enrolment.id, took)
        lines.append(CandidateLine(one, candidacy, voters, voted, aside, lacking, is_outdated))
    return lines


def _blocks_voted(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[Any, set[str]]:
    query = select(Vote.candidacy_id, Vote.seat_id, Vote.block).where(Vote.candidacy_id.in_(ids)).distinct()
    found: defaultdict[tuple[uuid.UUID, uuid.UUID], set[str]] = defaultdict(set)
    for candidacy_id, seat_id, block in session.execute(query):
        found[candidacy_id, seat_id].add(block)
    return found
