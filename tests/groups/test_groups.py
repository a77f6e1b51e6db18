"""Opening a group, changing it, saying who facilitates it, closing it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid
from certify.groups.models import ClosingReason, GroupFidelity, PeerGroup
from certify.groups.queries import groups as queries
from certify.groups.services import groups as services
from certify.groups.services import members
from certify.organisations.models import Organisation, OrganisationKind
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.groups import make_coordinator, month_of, open_one
from tests.factories.people import make_member, make_organisation, make_user

TODAY = clock.today()


@pytest.fixture
def staff(session: Session) -> tuple[Actor, Organisation]:
    """Give somebody who coordinates, and their training body."""
    return make_coordinator(session)


def _amend(session: Session, actor: Actor, group: PeerGroup, **values: object) -> PeerGroup:
    now = {
        "revision": group.revision, "code": group.code, "opened_on": group.opened_on, "place": group.place,
        "house_id": group.house_id, "referent_id": group.referent_id,
    }  # fmt: skip
    return services.amend(session, actor, group, **now | values)


def test_a_group_opens_with_its_code_in_capitals_its_facilitator_and_its_fidelity(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    actor, body = staff
    house = make_organisation(session, OrganisationKind.HOUSE)
    referent = make_member(session, body, Role.REFERENT)

    group = open_one(session, actor, body, code=" roubaix - 3 ", house_id=house.id, referent_id=referent.id)
    session.commit()

    assert (group.code, group.house_id, group.referent_id) == ("ROUBAIX-3", house.id, referent.id)
    assert [row.facilitator.starts_on for row in queries.facilitators_of(session, [group.id])[group.id]] == [TODAY]
    assert session.get_one(GroupFidelity, group.id).worst == "unknown"
    assert "groups:group:opened" in session.scalars(select(AuditEvent.tag)).all()


@pytest.mark.parametrize("code", ["", "GROUPE DE LA CRÈCHE", "A" * 21, "-A"])
def test_a_code_that_is_no_code_is_refused(session: Session, staff: tuple[Actor, Organisation], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_one(session, *staff, code=code)

    assert refused.value.field == "code"


def test_two_groups_of_a_training_body_never_share_a_code(session: Session, staff: tuple[Actor, Organisation]) -> None:
    open_one(session, *staff, code="LILLE-1")
    other = make_coordinator(session)

    with pytest.raises(Invalid) as refused:
        open_one(session, *staff, code="lille-1")

    assert refused.value.field == "code"
    assert open_one(session, *other, code="LILLE-1").code == "LILLE-1"


def test_a_place_that_names_somebody_is_refused(session: Session, staff: tuple[Actor, Organisation]) -> None:
    with pytest.raises(Invalid) as refused:
        open_one(session, *staff, place="chez Mme Durand, 06 12 34 56 78")

    assert refused.value.field == "place"


def test_a_group_needs_somebody_enrolled_in_the_training_body(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    elsewhere = make_enrolment(session)

    for facilitators in ([], [elsewhere.id]):
        with pytest.raises(Invalid) as refused:
            open_one(session, *staff, facilitators=facilitators)
        assert refused.value.field == "facilitators"


def test_those_who_facilitate_one_group_prepare_one_certification(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    _actor, body = staff
    two = [make_enrolment(session, make_cohort(session, body)).id for _n in range(2)]

    with pytest.raises(Invalid) as refused:
        open_one(session, *staff, facilitators=two)

    assert refused.value.field == "facilitators"


def test_a_referent_belongs_to_the_training_body_or_the_house(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    stranger = make_member(session, make_organisation(session), Role.REFERENT)

    with pytest.raises(Invalid) as refused:
        open_one(session, *staff, referent_id=stranger.id)

    assert refused.value.field == "referent_id"


def test_two_people_who_change_a_group_at_once_do_not_overwrite_each_other(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    actor, _body = staff
    group = open_one(session, *staff)
    _amend(session, actor, group, place="Centre social")

    with pytest.raises(Conflict):
        _amend(session, actor, group, revision=1, place="PMI")

    assert group.place == "Centre social"


def test_a_group_does_not_open_after_somebody_joined_it(session: Session, staff: tuple[Actor, Organisation]) -> None:
    actor, _body = staff
    group = open_one(session, *staff, opened_on=TODAY - timedelta(days=20))
    members.add(session, actor, group, month=month_of(TODAY, -1), is_due=False, joined_on=TODAY - timedelta(days=15))

    with pytest.raises(Invalid) as refused:
        _amend(session, actor, group, opened_on=TODAY - timedelta(days=14))

    assert refused.value.field == "opened_on"
    assert _amend(session, actor, group, opened_on=TODAY - timedelta(days=15)).opened_on < TODAY


def test_a_group_closes_once_not_in_the_future_and_may_be_opened_again(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    actor, _body = staff
    group = open_one(session, *staff, opened_on=TODAY - timedelta(days=5))
    for days in (1, -6):
        with pytest.raises(Invalid):
            services.close(
                session, actor, group, closed_on=TODAY + timedelta(days=days), reason=ClosingReason.COMPLETED
            )
    services.close(session, actor, group, closed_on=TODAY, reason=ClosingReason.TOO_FEW)
    with pytest.raises(Conflict):
        services.close(session, actor, group, closed_on=TODAY, reason=ClosingReason.TOO_FEW)

    services.reopen(session, actor, group)

    assert (group.closed_on, group.closing_reason) == (None, None)
    with pytest.raises(Conflict):
        services.reopen(session, actor, group)


def test_somebody_facilitates_a_group_between_two_days(session: Session, staff: tuple[Actor, Organisation]) -> None:
    actor, body = staff
    cohort = make_cohort(session, body)
    first, second = (make_enrolment(session, cohort, make_user(session)) for _n in range(2))
    group = open_one(session, *staff, opened_on=TODAY - timedelta(days=50), facilitators=[first.id])
    row = queries.facilitators_of(session, [group.id])[group.id][0]
    with pytest.raises(Invalid):
        services.add_facilitator(session, actor, group, enrolment_id=first.id, starts_on=TODAY)
    with pytest.raises(Invalid):
        services.end_facilitator(session, actor, group, row.facilitator, ends_on=group.opened_on)
    services.end_facilitator(session, actor, group, row.facilitator, ends_on=TODAY - timedelta(days=10))
    services.add_facilitator(session, actor, group, enrolment_id=second.id, starts_on=TODAY - timedelta(days=10))
    services.add_facilitator(session, actor, group, enrolment_id=first.id, starts_on=TODAY)

    rows = queries.facilitators_of(session, [group.id])[group.id]

    assert [[one.is_current(TODAY - timedelta(days=days)) for days in (11, 10, 0)] for one in rows] == [
        [True, False, False], [False, True, True], [False, False, True],
    ]  # fmt: skip
    with pytest.raises(Conflict):
        services.end_facilitator(session, actor, group, row.facilitator, ends_on=TODAY)
    with pytest.raises(Invalid):
        services.add_facilitator(
            session, actor, group, enrolment_id=second.id, starts_on=group.opened_on - timedelta(days=1)
        )
