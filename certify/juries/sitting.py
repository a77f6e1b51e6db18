"""Reads about who sits on the day: present or not, recused for whom; and who may therefore vote on whom."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.juries.models import JurySeat, JurySession, Recusal, SeatPresence
from certify.juries.queries import Member, members_of


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
        """Return who decides on a candidate: those who are there and do not stand aside."""
        aside = self.recused.get(candidacy_id, frozenset())
        return [one for one in self.there if one.seat.id not in aside]

    def is_voter(self, seat: JurySeat | None, candidacy_id: uuid.UUID) -> bool:
        """Whether the member of this seat decides on a candidate."""
        return seat is not None and any(one.seat.id == seat.id for one in self.voters(candidacy_id))

    def president(self) -> Member | None:
        """Return who presides, if they are there."""
        return next((one for one in self.there if one.seat.is_president), None)


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


def recusals_for(session: Session, candidacy_id: uuid.UUID) -> list[Recusal]:
    """Return who stands aside for one candidate, the first first."""
    query = select(Recusal).where(Recusal.candidacy_id == candidacy_id)
    return list(session.scalars(query.order_by(Recusal.at, Recusal.id)))
