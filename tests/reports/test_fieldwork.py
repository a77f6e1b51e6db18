"""What groups ask of people on their home page."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.groups.models import GroupFidelity, MeetingState
from certify.organisations.models import Organisation
from certify.reports.fieldwork import groups_to_watch, own_groups
from tests.factories.cohorts import make_enrolment
from tests.factories.fieldwork import make_group_of
from tests.factories.meetings import make_meeting
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import visit, words


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    """Make a trainee."""
    return make_enrolment(session)


def test_a_meeting_over_whose_attendance_nobody_noted_waits_on_the_home_page(
    app: Flask, session: Session, enrolment: Enrolment
) -> None:
    group = make_group_of(session, enrolment)
    day = clock.today()
    past = make_meeting(session, group, day - timedelta(days=3))
    make_meeting(session, group, day - timedelta(days=10), state=MeetingState.HELD)
    make_meeting(session, group, day - timedelta(days=17), state=MeetingState.CANCELLED)
    coming = make_meeting(session, group, day + timedelta(days=11))
    [shown] = own_groups(session, enrolment.id)
    assert (shown.group, list(shown.to_note), shown.next_meeting) == (group, [past], coming)
    session.commit()
    page = visit(signed_in_client(app, session.get_one(User, enrolment.user_id)), "/")
    todo = page.select_one(f'#todo a[href="/meetings/{past.id}/attendance"]')
    assert todo is not None
    assert todo.find_parent("li")["class"] == ["is-late"]
    assert f"Groupe {group.code}" in words(page)


def test_groups_closed_or_left_are_not_shown_as_ones_own(session: Session, enrolment: Enrolment) -> None:
    closed = make_group_of(session, enrolment)
    closed.closed_on = clock.today()
    session.flush()
    assert own_groups(session, enrolment.id) == []
    other = make_enrolment(session)
    make_group_of(session, other)
    assert own_groups(session, enrolment.id) == []


def test_who_steers_groups_is_told_how_many_no_longer_keep_to_the_programme(
    app: Flask, session: Session, enrolment: Enrolment
) -> None:
    body = session.get_one(Organisation, enrolment.training_body_id)
    coordinator = make_member(session, body, Role.COORDINATOR)
    for worst in ("not_met", "at_risk", "met"):
        group = make_group_of(session, enrolment)
        row = session.get(GroupFidelity, group.id) or GroupFidelity(group_id=group.id, training_body_id=body.id)
        row.worst, row.verdicts, row.computed_on = worst, {}, clock.today()
        session.add(row)
    session.flush()
    assert groups_to_watch(session, actor_of(session, coordinator)) == {"not_met": 1, "at_risk": 1, "met": 1}
    trainer = make_member(session, body, Role.TRAINER)
    assert groups_to_watch(session, actor_of(session, trainer)) == {}
    session.commit()
    page = visit(signed_in_client(app, coordinator), "/")
    assert page.select_one('#todo a[href="/groups?verdict=not_met"]') is not None
    assert page.select_one('#todo a[href="/groups?verdict=at_risk"]') is not None


def test_a_home_page_takes_as_many_statements_whatever_the_groups(
    app: Flask, session: Session, enrolment: Enrolment
) -> None:
    make_meeting(session, make_group_of(session, enrolment), clock.today() - timedelta(days=2))
    session.commit()
    client = signed_in_client(app, session.get_one(User, enrolment.user_id))
    visit(client, "/")
    with count_statements(db.engine) as few:
        visit(client, "/")
    for _ in range(4):
        group = make_group_of(session, enrolment)
        for week in range(1, 6):
            make_meeting(session, group, clock.today() - timedelta(weeks=week))
    session.commit()
    with count_statements(db.engine) as many:
        visit(client, "/")
    assert len(many) == len(few), f"{many}"
