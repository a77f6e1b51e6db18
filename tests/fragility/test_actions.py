"""Coded actions: a code and a day, a follow-up, a mistake struck out, and nothing about anybody."""

from datetime import timedelta

import pytest
from sqlalchemy import String, Text, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.types import new_id
from certify.fragility import queries, services
from certify.fragility.models import (
    ActionKind,
    Channel,
    FollowUp,
    FollowUpKind,
    FragilityAction,
    ProtectionProcedure,
)
from tests.factories.cohorts import make_enrolment
from tests.factories.fieldwork import make_group_of
from tests.factories.people import actor_of

TODAY = clock.today()


def _actor(session: Session, enrolment: Enrolment) -> Actor:
    from certify.accounts.models import User

    return actor_of(session, session.get_one(User, enrolment.user_id))


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("table", [FragilityAction, FollowUp, ProtectionProcedure])
def test_no_column_can_hold_a_text_or_a_participant(session: Session, table: type) -> None:
    columns = table.__table__.columns  # type: ignore[attr-defined]
    free = [one.name for one in columns if type(one.type) in (String, Text)]
    assert free == []
    assert not [one.name for one in columns if "participant" in one.name or "pseudonym" in one.name]


def test_an_action_is_noted_once_however_often_a_phone_sends_it(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor, group = _actor(session, enrolment), make_group_of(session, enrolment)
    identity = new_id()
    for _ in range(2):
        action = services.record(
            session, actor, enrolment, kind=ActionKind.PMI, on=TODAY, group_id=group.id, identity=identity
        )
    assert [one.id for one in queries.actions_of(session, enrolment.id)] == [action.id] == [identity]
    with pytest.raises(Conflict):
        services.record(session, actor, make_enrolment(session), kind=ActionKind.PMI, on=TODAY, identity=identity)


def test_what_makes_no_action_is_refused(session: Session) -> None:
    enrolment, other = make_enrolment(session), make_enrolment(session)
    actor, foreign = _actor(session, enrolment), make_group_of(session, other)
    with pytest.raises(Invalid, match="pas encore venu"):
        services.record(session, actor, enrolment, kind=ActionKind.PMI, on=TODAY + timedelta(days=1))
    with pytest.raises(Invalid, match="n’animez pas"):
        services.record(session, actor, enrolment, kind=ActionKind.PMI, on=TODAY, group_id=foreign.id)
    action = services.record(session, actor, enrolment, kind=ActionKind.PMI, on=TODAY)
    with pytest.raises(Invalid, match="avant l’action"):
        services.follow_up(session, actor, action, kind=FollowUpKind.ENDED, on=TODAY - timedelta(days=1))
    assert queries.actions_of(session, enrolment.id) == [action]


def test_a_struck_action_counts_no_more_and_takes_nothing_further(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    action = services.record(session, actor, enrolment, kind=ActionKind.DOCTOR, on=TODAY)
    services.strike(session, actor, action)
    session.flush()
    assert queries.actions_of(session, enrolment.id) == []
    with pytest.raises(NotFound):
        queries.action_for(session, actor, action.id)
    with pytest.raises(Conflict):
        services.strike(session, actor, action)


def test_a_procedure_keeps_its_day_and_channel_and_can_be_struck_out(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    started = services.note_procedure(session, actor, enrolment, channel=Channel.CRIP, started_on=TODAY)
    assert queries.procedure_for(session, actor, started.id) is started
    services.strike_procedure(session, actor, started)
    session.flush()
    (line,) = queries.procedures_of(session, enrolment)
    assert (line.procedure.id, line.struck_at is None) == (started.id, False)
    with pytest.raises(NotFound):
        queries.procedure_for(session, actor, started.id)
    with pytest.raises(Conflict):
        services.strike_procedure(session, actor, started)


def test_the_trail_says_that_something_was_noted_and_not_what(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    action = services.record(session, actor, enrolment, kind=ActionKind.PSYCHOLOGIST, on=TODAY)
    services.follow_up(session, actor, action, kind=FollowUpKind.DECLINED, on=TODAY)
    services.note_procedure(session, actor, enrolment, channel=Channel.EMERGENCY, started_on=TODAY)
    session.commit()
    events = list(session.scalars(select(AuditEvent).where(AuditEvent.tag.like("fragility:%"))))
    assert len(events) == 3
    assert all(event.detail == {} for event in events)
