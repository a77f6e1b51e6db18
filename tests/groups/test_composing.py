"""The waiting list, and the groups made from it: nothing ties a family's number to a pseudonym."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, NotFound
from certify.groups import policies
from certify.groups.models import PeerGroup, WaitingFamily, WaitingOutcome
from certify.groups.queries import rosters, waiting
from certify.groups.services import composing
from certify.organisations.models import Organisation
from competencies.thresholds import USUAL_THRESHOLDS
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.groups import make_coordinator, month_of

TODAY = clock.today()


@pytest.fixture
def staff(session: Session) -> tuple[Actor, Organisation]:
    """Give somebody who coordinates, and their training body."""
    return make_coordinator(session)


def _wait(session: Session, staff: tuple[Actor, Organisation], **values: object) -> WaitingFamily:
    actor, body = staff
    named = {"place": "Crèche des Lilas", "month": month_of(TODAY, -2), "is_due": False, "since": TODAY} | values
    return composing.wait(session, actor, body.id, **named)


def _place(
    session: Session, staff: tuple[Actor, Organisation], families: list[WaitingFamily], **values: object
) -> PeerGroup:
    actor, body = staff
    facilitators = [make_enrolment(session, make_cohort(session, body)).id]
    named = {"code": "LILLE-7", "opened_on": TODAY, "facilitators": facilitators} | values
    return composing.place(session, actor, body.id, families, **named)


def test_each_training_body_numbers_its_own_families(session: Session, staff: tuple[Actor, Organisation]) -> None:
    first, second = _wait(session, staff), _wait(session, staff)
    other = _wait(session, make_coordinator(session))

    assert (first.number, second.number, other.number) == (1, 2, 1)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"month": month_of(TODAY, 2)}, "month"), ({"since": TODAY + timedelta(days=1)}, "since"),
     ({"place": "chez M. Martin"}, "place")],
)  # fmt: skip
def test_what_cannot_be_or_names_somebody_is_refused(
    session: Session, staff: tuple[Actor, Organisation], values: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _wait(session, staff, **values)

    assert refused.value.field == field


def test_a_family_stops_waiting_once(session: Session, staff: tuple[Actor, Organisation]) -> None:
    family = _wait(session, staff)
    composing.stop_waiting(session, staff[0], family, outcome=WaitingOutcome.NO_NEWS)

    with pytest.raises(Conflict):
        composing.stop_waiting(session, staff[0], family, outcome=WaitingOutcome.WITHDRAWN)

    assert (family.closed_on, family.outcome) == (TODAY, WaitingOutcome.NO_NEWS)
    assert waiting.waiting_of(session, staff[1].id) == []


def test_groups_are_proposed_by_place_and_month(session: Session, staff: tuple[Actor, Organisation]) -> None:
    for n in range(9):
        _wait(session, staff, month=month_of(TODAY, -(n % 3) - 1))
    _wait(session, staff, place="PMI du Pile")
    families = waiting.waiting_of(session, staff[1].id)

    found = waiting.proposals(families, waiting.thresholds_for(session, staff[1].id))

    assert [(one.proposal.place, one.proposal.size, one.proposal.is_complete) for one in found] == [
        ("Crèche des Lilas", 9, True)
    ]
    assert sorted(int(number) for number in found[0].numbers.split(",")) == list(range(1, 10))
    assert [one.month for one in found[0].families] == sorted(one.month for one in found[0].families)
    assert waiting.thresholds_for(session, staff[1].id) == USUAL_THRESHOLDS


def test_placed_families_enter_the_group_and_no_row_ties_them_to_a_pseudonym(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    families = [_wait(session, staff, month=month_of(TODAY, -(n % 3))) for n in range(9)]

    group = _place(session, staff, families)
    session.commit()

    people = rosters.members_of(session, [group.id])[group.id]
    assert sorted(one.participant.month for one in people) == sorted(one.month for one in families)
    assert {one.participant.recorded_at for one in people} != set()
    assert {stay.recorded_at for one in people for stay in one.stays} == {people[0].stays[0].recorded_at}
    assert {(one.outcome, one.closed_on, one.group_id) for one in families} == {
        (WaitingOutcome.PLACED, TODAY, group.id)
    }
    columns = {column.name for one in people for column in type(one.participant).__table__.columns}
    assert not any("family" in name or "number" in name for name in columns)


def test_members_are_made_in_an_order_drawn_by_chance() -> None:
    months = [(month_of(TODAY, -n), False) for n in range(30)]

    orders = {tuple(policies.shuffled(months)) for _n in range(5)}

    assert all(sorted(order) == sorted(months) for order in orders)
    assert len(orders) > 1


def test_a_family_is_placed_once(session: Session, staff: tuple[Actor, Organisation]) -> None:
    families = [_wait(session, staff) for _n in range(2)]
    _place(session, staff, families)

    with pytest.raises(Conflict):
        _place(session, staff, families, code="LILLE-8")
    with pytest.raises(NotFound):
        waiting.with_numbers(waiting.waiting_of(session, staff[1].id), [1])

    assert len(session.scalars(select(PeerGroup)).all()) == 1


def test_a_family_of_another_training_body_is_not_found(session: Session, staff: tuple[Actor, Organisation]) -> None:
    family = _wait(session, make_coordinator(session))

    with pytest.raises(NotFound):
        waiting.family_for(session, staff[0], family.id)

    assert family.closed_on is None
