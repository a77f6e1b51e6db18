"""Reads about who belongs to a group on a day: a question put to the intervals, never to what was recorded since."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core.errors import NotFound
from certify.groups.models import Meeting, Participant, PeerGroup, Stay


@dataclass(frozen=True)
class Seat:
    """Somebody who belongs to a group on a day."""

    participant_id: uuid.UUID
    pseudonym: str
    month: date
    is_due: bool
    joined_on: date


@dataclass(frozen=True)
class Member:
    """A participant of a group with every stay of theirs, oldest first; those struck out too."""

    participant: Participant
    stays: tuple[Stay, ...]

    @property
    def counted(self) -> tuple[Stay, ...]:
        """The stays that count."""
        return tuple(stay for stay in self.stays if stay.struck_at is None)

    def stay_on(self, day: date) -> Stay | None:
        """Return the stay that covers a day, if any."""
        covers = (one for one in self.counted if one.joined_on <= day and (one.left_on is None or one.left_on > day))
        return next(covers, None)

    @property
    def open_stay(self) -> Stay | None:
        """The stay that has no end yet, if any."""
        return next((stay for stay in self.counted if stay.left_on is None), None)


def belongs_on(day: ColumnElement[date] | date) -> ColumnElement[bool]:
    """The condition of a stay that covers a day and was not struck out."""
    return and_(Stay.struck_at.is_(None), Stay.joined_on <= day, or_(Stay.left_on.is_(None), Stay.left_on > day))


def roster_on(session: Session, group_id: uuid.UUID, day: date) -> list[Seat]:
    """Return who belongs to a group on a day, by pseudonym; one statement."""
    query = (
        select(Participant, Stay.joined_on)
        .join(Stay, Stay.participant_id == Participant.id)
        .where(Stay.group_id == group_id, belongs_on(day))
        .order_by(Participant.pseudonym, Participant.id, Stay.joined_on)
    )
    return [_seat(participant, joined_on) for participant, joined_on in session.execute(query)]


def rosters_of(session: Session, days: Mapping[uuid.UUID, date]) -> dict[uuid.UUID, list[Seat]]:
    """Return who belongs to the group of each meeting on the day given for it; one statement for all of them."""
    rosters: dict[uuid.UUID, list[Seat]] = {meeting_id: [] for meeting_id in days}
    if not rosters:
        return rosters
    query = (
        select(Meeting.id, Participant, Stay)
        .join(Stay, Stay.group_id == Meeting.group_id)
        .join(Participant, Participant.id == Stay.participant_id)
        .where(Meeting.id.in_(rosters), Stay.struck_at.is_(None))
        .order_by(Participant.pseudonym, Participant.id)
    )
    for meeting_id, participant, stay in session.execute(query):
        if stay.joined_on <= days[meeting_id] and (stay.left_on is None or stay.left_on > days[meeting_id]):
            rosters[meeting_id].append(_seat(participant, stay.joined_on))
    return rosters


def _seat(participant: Participant, joined_on: date) -> Seat:
    return Seat(participant.id, participant.pseudonym, participant.month, participant.is_due, joined_on)


def members_of(session: Session, group_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Member]]:
    """Return everybody who was ever of some groups, by pseudonym, with their stays; one statement."""
    stays: dict[uuid.UUID, dict[uuid.UUID, list[Stay]]] = {group_id: defaultdict(list) for group_id in group_ids}
    participants: dict[uuid.UUID, Participant] = {}
    query = (
        select(Participant, Stay)
        .join(Stay, Stay.participant_id == Participant.id)
        .where(Participant.group_id.in_(stays))
        .order_by(Participant.pseudonym, Participant.id, Stay.joined_on, Stay.id)
    )
    for participant, stay in session.execute(query):
        participants[participant.id] = participant
        stays[participant.group_id][participant.id].append(stay)
    return {
        group_id: [Member(participants[one], tuple(found)) for one, found in of_group.items()]
        for group_id, of_group in stays.items()
    }


def participant_for(session: Session, group: PeerGroup, participant_id: uuid.UUID) -> Participant:
    """Return a participant of a group; raise NotFound otherwise."""
    query = select(Participant).where(Participant.id == participant_id, Participant.group_id == group.id)
    participant = session.scalars(query).one_or_none()
    if participant is None:
        raise NotFound()
    return participant


def stay_for(session: Session, group: PeerGroup, stay_id: uuid.UUID) -> Stay:
    """Return a stay in a group; raise NotFound otherwise."""
    query = select(Stay).where(Stay.id == stay_id, Stay.group_id == group.id)
    stay = session.scalars(query).one_or_none()
    if stay is None:
        raise NotFound()
    return stay


def pseudonyms_of(session: Session, group_id: uuid.UUID) -> frozenset[str]:
    """Return every pseudonym ever drawn for a group."""
    return frozenset(session.scalars(select(Participant.pseudonym).where(Participant.group_id == group_id)))


def names_of(session: Session, user_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
    """Return the name of each account, in one statement."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    found: dict[uuid.UUID | None, str] = {None: ""}
    if wanted:
        found |= {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(wanted)))}
    return found
