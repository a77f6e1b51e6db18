"""Reads about who sits on the day: present or not, recused for whom; and who may therefore vote on whom."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.juries.models import JuryDecision, JurySeat, JurySession, Recusal, SeatPresence
from certify.juries.queries import Member, members_of
from competencies import WholeOutcome


@dataclass(frozen=True)
class Sitting:
    """Who sits in a session at this moment."""

    members: Sequence[Member]
    """Everybody seated, reserves included, the president first."""
    present: frozenset[uuid.UUID]
    """Seats of those who are there."""
    recused: Mapping[uuid.UUID, frozenset[uuid.UUID]]
    """By candidacy, the seats of those who stand aside."""

    @property
    def there(self) -> list[Member]:
        """Who is there."""
        return [one for one in self.members if one.seat.id in self.present]

    def voters(self, candidacy_id: uuid.UUID) -> list[Member]:
        """Return who decides on a candidate: those who are there and do not stand aside.

        A reserve does so only instead of a member who is absent or stands aside.
        """
        aside = self.recused.get(candidacy_id, frozenset())
        here = [one for one in self.there if one.seat.id not in aside]
        empty = sum(not one.seat.is_reserve for one in self.members) - sum(not one.seat.is_reserve for one in here)
        called = [one.seat.id for one in here if one.seat.is_reserve][:empty]
        return [one for one in here if not one.seat.is_reserve or one.seat.id in called]

    def took(self, candidacy_id: uuid.UUID, decision: JuryDecision) -> frozenset[uuid.UUID]:
        """Return the seats of those who took a decision; those who would today when nobody wrote it down."""
        return frozenset(one.seat.id for one in self.voters(candidacy_id)) if decision.seats is None else decision.seats

    def is_outdated(self, candidacy_id: uuid.UUID, decision: JuryDecision) -> bool:
        """Whether somebody who took a decision has stood aside for the candidate since: it is to be taken again.

        What decides nothing does not age: an adjournment, or what was taken back.
        """
        aside = self.recused.get(candidacy_id, frozenset())
        if decision.outcome == WholeOutcome.ADJOURNED or decision.kind.takes_back:
            return False
        return bool(aside) if decision.seats is None else bool(aside & decision.seats)

    def is_voter(self, seat: JurySeat | None, candidacy_id: uuid.UUID) -> bool:
        """Whether the member of this seat decides on a candidate."""
        return seat is not None and any(one.seat.id == seat.id for one in self.voters(candidacy_id))


def sitting_of(session: Session, jury: JurySession, members: Sequence[Member] | None = None) -> Sitting:
    """Return who sits, in three statements; until told otherwise members are there and reserves are not."""
    members = members_of(session, jury) if members is None else members
    return Sitting(members, _present(session, members), recusals_of(session, jury.id))


def _present(session: Session, members: Sequence[Member]) -> frozenset[uuid.UUID]:
    query = select(SeatPresence.seat_id, SeatPresence.is_present).where(
        SeatPresence.seat_id.in_([one.seat.id for one in members])
    )
    rows = session.execute(query.order_by(SeatPresence.at, SeatPresence.id))
    said = {row[0]: row[1] for row in rows}
    return frozenset(one.seat.id for one in members if said.get(one.seat.id, not one.seat.is_reserve))


def recusals_of(session: Session, jury_id: uuid.UUID) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return, by candidacy, the seats of those who stand aside."""
    query = select(Recusal).join(JurySeat, JurySeat.id == Recusal.seat_id).where(JurySeat.session_id == jury_id)
    found: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for row in session.scalars(query):
        found[row.candidacy_id].add(row.seat_id)
    return {candidacy_id: frozenset(seats) for candidacy_id, seats in found.items()}
