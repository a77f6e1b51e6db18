"""Which groups somebody sees and may write: their own, those of their training body or house, and no other."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Permission, Role
from certify.core.errors import NotFound
from certify.groups.models import PeerGroup
from certify.groups.queries import groups as queries
from certify.groups.services import groups as services
from certify.organisations.models import Organisation, OrganisationKind
from tests.factories.groups import make_coordinator, open_one, trainee_of_group
from tests.factories.people import actor_of, make_member, make_organisation, make_user

TODAY = clock.today()


@pytest.fixture
def group(session: Session) -> PeerGroup:
    """Give a group of a house and a training body."""
    house = make_organisation(session, OrganisationKind.HOUSE)
    return open_one(session, *make_coordinator(session), house_id=house.id, opened_on=TODAY - timedelta(days=30))


def _may(session: Session, actor: Actor, group: PeerGroup, permission: Permission) -> bool:
    try:
        return queries.group_for(session, actor, group.id, permission, lock=True) is group
    except NotFound:
        return False


def _rights(session: Session, actor: Actor, group: PeerGroup) -> tuple[bool, bool]:
    assert queries.may_do(session, actor, group, Permission.GROUP_WRITE) == _may(
        session, actor, group, Permission.GROUP_WRITE
    )
    return _may(session, actor, group, Permission.GROUP_READ), _may(session, actor, group, Permission.GROUP_WRITE)


@pytest.mark.parametrize(
    ("role", "rights"),
    [(Role.COORDINATOR, (True, True)), (Role.REFERENT, (True, True)), (Role.TRAINER, (True, False)),
     (Role.AUDITOR, (True, False)), (Role.ADMINISTRATOR, (False, False))],
)  # fmt: skip
def test_staff_see_the_groups_of_their_training_body(
    session: Session, group: PeerGroup, role: Role, rights: tuple[bool, bool]
) -> None:
    here = make_member(session, session.get_one(Organisation, group.training_body_id), role)
    elsewhere = make_member(session, make_organisation(session), role)

    assert _rights(session, actor_of(session, here), group) == rights
    assert _rights(session, actor_of(session, elsewhere), group) == (False, False)


def test_a_referent_of_the_house_sees_and_writes_its_groups(session: Session, group: PeerGroup) -> None:
    house = session.get_one(Organisation, group.house_id)
    referent = actor_of(session, make_member(session, house, Role.REFERENT))

    assert _rights(session, referent, group) == (True, True)
    assert queries.may_lead(referent, group)
    assert queries.led_group(session, referent, group.id) is group


def test_a_trainee_sees_only_the_groups_they_facilitate_and_leads_none(session: Session, group: PeerGroup) -> None:
    own = actor_of(session, trainee_of_group(session, group))
    other = open_one(session, *make_coordinator(session))

    assert _rights(session, own, group) == (True, True)
    assert _rights(session, own, other) == (False, False)
    assert not queries.may_lead(own, group)
    with pytest.raises(NotFound):
        queries.led_group(session, own, group.id)


def test_a_trainee_who_no_longer_facilitates_a_group_reads_it_and_writes_nothing(
    session: Session, group: PeerGroup
) -> None:
    own = actor_of(session, trainee_of_group(session, group))
    row = queries.facilitators_of(session, [group.id])[group.id][0]
    services.end_facilitator(session, own, group, row.facilitator, ends_on=TODAY)

    assert _rights(session, own, group) == (True, False)
    assert queries.own_groups(session, row.facilitator.enrolment_id) == [group]


def test_somebody_without_a_role_sees_nothing(session: Session, group: PeerGroup) -> None:
    nobody = actor_of(session, make_user(session))

    assert _rights(session, nobody, group) == (False, False)
    assert session.scalars(queries.visible(nobody)).all() == []


def test_what_an_address_asks_narrows_the_list(session: Session) -> None:
    actor, body = make_coordinator(session)
    house = make_organisation(session, OrganisationKind.HOUSE)
    for number, values in enumerate([{"place": "PMI du Pile"}, {"house_id": house.id}, {"referent_id": actor.user_id}]):
        open_one(session, actor, body, code=f"LILLE-{number}", **values)
    every = queries.visible(actor)

    def codes(**asked: object) -> list[str]:
        return sorted(one.code for one in session.scalars(queries.narrowed(every, **asked)))

    assert codes(words="pile") == ["LILLE-0"]
    assert codes(words="lille-2") == ["LILLE-2"]
    assert codes(house=str(house.id)) == ["LILLE-1"]
    assert codes(referent_id=actor.user_id) == ["LILLE-2"]
    assert codes(state="open") == codes(house="nonsense") == ["LILLE-0", "LILLE-1", "LILLE-2"]
    assert codes(state="closed") == []
    assert queries.verdict_counts(session, every) == {"unknown": 3}
    assert [one.id for one in queries.houses_of(session, every)] == [house.id]
