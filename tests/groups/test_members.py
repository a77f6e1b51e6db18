"""Who is in a group: joining under a drawn pseudonym, leaving, coming back, striking out a mistake."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, Refusal
from certify.core.sealing import Sealed
from certify.groups.models import ClosingReason, GroupFidelity, LeavingReason, PeerGroup
from certify.groups.queries import rosters
from certify.groups.services import groups, members
from competencies.pseudonyms import draw_pseudonym, pseudonyms
from tests.factories.groups import make_coordinator, month_of, open_one

TODAY = clock.today()
BORN = {"month": month_of(TODAY, -2), "is_due": False}


@pytest.fixture
def actor(session: Session) -> Actor:
    """Give somebody who coordinates."""
    return make_coordinator(session)[0]


@pytest.fixture
def group(session: Session, actor: Actor) -> PeerGroup:
    """Give a group that opened a hundred days ago."""
    coordinator, body = make_coordinator(session)
    return open_one(session, coordinator, body, opened_on=TODAY - timedelta(days=100))


def _names(session: Session, group: PeerGroup, days_ago: int) -> list[str]:
    return [seat.pseudonym for seat in rosters.roster_on(session, group.id, TODAY - timedelta(days=days_ago))]


def test_somebody_joins_under_a_pseudonym_of_the_list_with_a_month_and_nothing_else(
    session: Session, actor: Actor, group: PeerGroup
) -> None:
    one = members.add(session, actor, group, month=TODAY, is_due=False, joined_on=TODAY)

    assert one.pseudonym in pseudonyms()
    assert one.month == TODAY.replace(day=1)
    assert _names(session, group, 0) == [one.pseudonym]
    assert session.get_one(GroupFidelity, group.id).members == 1


def test_nobody_of_a_group_has_the_pseudonym_of_another_even_of_one_who_left(
    session: Session, actor: Actor, group: PeerGroup
) -> None:
    first = members.add(session, actor, group, **BORN, joined_on=group.opened_on)
    members.leave(session, actor, group, first, left_on=TODAY, reason=LeavingReason.MOVED)

    others = [members.add(session, actor, group, **BORN, joined_on=TODAY) for _n in range(20)]

    assert len({first.pseudonym, *(one.pseudonym for one in others)}) == 21


def test_a_list_of_names_that_is_used_up_begins_again_with_numbers() -> None:
    taken = set(pseudonyms())

    assert draw_pseudonym(taken, lambda names: names[0]) == f"{pseudonyms()[0]} 2"
    assert len(pseudonyms()) == len(set(pseudonyms())) > 180


def test_the_roster_of_a_day_follows_the_intervals(session: Session, actor: Actor, group: PeerGroup) -> None:
    one = members.add(session, actor, group, **BORN, joined_on=TODAY - timedelta(days=90))
    members.leave(session, actor, group, one, left_on=TODAY - timedelta(days=60), reason=LeavingReason.WORK)
    members.join_again(session, actor, group, one, joined_on=TODAY - timedelta(days=30))

    found = {days: bool(_names(session, group, days)) for days in (91, 90, 61, 60, 31, 30, 0)}

    assert found == {91: False, 90: True, 61: True, 60: False, 31: False, 30: True, 0: True}


def test_somebody_who_is_there_does_not_join_again_nor_before_having_left(
    session: Session, actor: Actor, group: PeerGroup
) -> None:
    one = members.add(session, actor, group, **BORN, joined_on=TODAY - timedelta(days=90))
    with pytest.raises(Conflict):
        members.join_again(session, actor, group, one, joined_on=TODAY)
    members.leave(session, actor, group, one, left_on=TODAY - timedelta(days=10), reason=LeavingReason.NO_NEWS)

    with pytest.raises(Invalid) as refused:
        members.join_again(session, actor, group, one, joined_on=TODAY - timedelta(days=20))

    assert refused.value.field == "joined_on"


@pytest.mark.parametrize(("joined", "field"), [(-101, "joined_on"), (1, "joined_on")])
def test_nobody_joins_before_the_group_opens_nor_in_the_future(
    session: Session, actor: Actor, group: PeerGroup, joined: int, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        members.add(session, actor, group, **BORN, joined_on=TODAY + timedelta(days=joined))

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("months", "is_due"), [(1, False), (-60, False), (14, True), (-3, True)],
    ids=["born in the future", "too old", "due too late", "due long ago"],
)  # fmt: skip
def test_a_month_that_cannot_be_is_refused(
    session: Session, actor: Actor, group: PeerGroup, months: int, is_due: bool
) -> None:
    with pytest.raises(Invalid) as refused:
        members.add(session, actor, group, month=month_of(TODAY, months), is_due=is_due, joined_on=TODAY)

    assert refused.value.field == "month"


def test_a_month_can_be_corrected_once_the_child_is_born(session: Session, actor: Actor, group: PeerGroup) -> None:
    one = members.add(session, actor, group, month=TODAY, is_due=True, joined_on=TODAY)

    members.amend_month(session, actor, group, one, month=TODAY, is_due=False)

    assert not rosters.roster_on(session, group.id, TODAY)[0].is_due


def test_the_day_somebody_left_is_written_once(session: Session, actor: Actor, group: PeerGroup) -> None:
    one = members.add(session, actor, group, **BORN, joined_on=group.opened_on)
    stay = members.leave(session, actor, group, one, left_on=TODAY, reason=LeavingReason.MOVED)
    session.commit()
    stay.left_on = TODAY - timedelta(days=3)

    with pytest.raises(Sealed):
        session.flush()
    session.rollback()

    with pytest.raises(Conflict):
        members.leave(session, actor, group, one, left_on=TODAY, reason=LeavingReason.MOVED)


def test_leaving_comes_after_joining_and_not_in_the_future(session: Session, actor: Actor, group: PeerGroup) -> None:
    one = members.add(session, actor, group, **BORN, joined_on=TODAY - timedelta(days=10))

    for days in (10, 20, -1):
        with pytest.raises(Invalid) as refused:
            members.leave(session, actor, group, one, left_on=TODAY - timedelta(days=days), reason=LeavingReason.MOVED)
        assert refused.value.field == "left_on"


def test_a_stay_struck_out_counts_nowhere_and_stays_to_be_read(
    session: Session, actor: Actor, group: PeerGroup
) -> None:
    one = members.add(session, actor, group, **BORN, joined_on=TODAY - timedelta(days=10))
    stay = rosters.members_of(session, [group.id])[group.id][0].stays[0]

    members.strike(session, actor, group, stay)

    assert _names(session, group, 0) == _names(session, group, 5) == []
    known = rosters.members_of(session, [group.id])[group.id]
    assert [(member.participant.id, len(member.stays), member.counted) for member in known] == [(one.id, 1, ())]
    assert session.get_one(GroupFidelity, group.id).members == 0
    with pytest.raises(Conflict):
        members.strike(session, actor, group, stay)


def test_nobody_joins_a_closed_group_and_nobody_has_to_leave_it(
    session: Session, actor: Actor, group: PeerGroup
) -> None:
    members.add(session, actor, group, **BORN, joined_on=group.opened_on)
    groups.close(session, actor, group, closed_on=TODAY, reason=ClosingReason.COMPLETED)

    with pytest.raises(Refusal):
        members.add(session, actor, group, **BORN, joined_on=TODAY)

    assert len(_names(session, group, 0)) == 1


def test_a_group_has_an_end_to_how_many_it_ever_had(
    session: Session, actor: Actor, group: PeerGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST", 2)
    for _n in range(2):
        members.add(session, actor, group, **BORN, joined_on=TODAY)

    with pytest.raises(Invalid):
        members.add(session, actor, group, **BORN, joined_on=TODAY)

    assert len(_names(session, group, 0)) == 2
