"""The fidelity of groups as it is kept: made again at each change and each day, and told once when it turns."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cli import groups as command
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.db import db
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.groups import tasks
from certify.groups.models import ClosingReason, Closure, GroupFidelity, PeerGroup
from certify.groups.queries import pages, records
from certify.groups.services import groups
from certify.groups.services.fidelity import TURNED, refresh, refresh_all
from certify.organisations.models import Organisation
from tests.factories.groups import at_noon, lived_group, make_coordinator, open_one, trainee_of_group
from tests.factories.people import make_member
from tests.services.statements import count_statements

TODAY = clock.today()


@pytest.fixture
def staff(session: Session) -> tuple[Actor, Organisation]:
    """Give somebody who coordinates, and their training body."""
    return make_coordinator(session)


def _lived(session: Session, staff: tuple[Actor, Organisation], *, since: int, **values: object) -> PeerGroup:
    actor, body = staff
    referent = make_member(session, body, Role.REFERENT)
    opened = TODAY - timedelta(days=since)
    with clock.at(at_noon(opened)):
        group = open_one(session, actor, body, opened_on=opened, referent_id=referent.id)
    lived_group(session, actor, group, **values)
    session.commit()
    return group


def _sent(session: Session) -> list[dict[str, str]]:
    query = select(OutboxMessage).where(OutboxMessage.topic == TURNED).order_by(OutboxMessage.created_at)
    return [message.payload["rules"] for message in session.scalars(query)]


def test_the_read_model_says_what_the_page_of_the_group_says(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    group = _lived(session, staff, since=260, meetings=19)

    row = refresh(session, group.id)

    page = pages.page_of(session, group)
    assert row.verdicts == {rule.code: rule.verdict for rule in page.rules}
    assert (row.held, row.late, row.members) == (19, page.fidelity.clock.late, len(page.here))
    assert row.worst == page.fidelity.worst.value == "met"
    assert row.eight_months_on == page.last_day_for_minimum
    assert row.computed_on == TODAY


def test_a_correction_of_attendance_is_what_the_rules_read(session: Session, staff: tuple[Actor, Organisation]) -> None:
    group = _lived(session, staff, since=20, meetings=2, size=4)

    record = records.records_of(session, [group.id])[group.id]

    assert [len(one.present) for one in record.meetings] == [3, 3]
    assert record.meetings[0].present != record.meetings[1].present
    assert all(one.facilitator_present for one in record.meetings)


def test_time_alone_turns_a_rule_and_it_is_told_once_to_trainee_and_referent(
    app: Flask, session: Session, staff: tuple[Actor, Organisation], run_jobs: Callable[[], int]
) -> None:
    group = _lived(session, staff, since=28, meetings=3)
    trainee = trainee_of_group(session, group)
    assert _sent(session) == []
    session.commit()

    with clock.at(at_noon(TODAY + timedelta(days=31))):
        assert tasks.follow_calendar() == 1
        assert tasks.follow_calendar() == 0
        turned = _sent(session)
        refresh(session, group.id)
        assert _sent(session) == turned
        run_jobs()

    assert turned == [{"rhythm": "at_risk"}]
    mails = session.scalars(select(MailMessage).where(MailMessage.subject.like(f"%{group.code}%"))).all()
    assert {one.recipient for one in mails} >= {trainee.email}
    assert len(mails) == 2
    assert "Le rythme des rencontres" in mails[0].text
    assert f"/groups/{group.id}" in mails[0].text


def test_a_rule_that_gets_worse_is_told_again_and_one_that_recovers_may_turn_anew(
    session: Session, staff: tuple[Actor, Organisation]
) -> None:
    group = _lived(session, staff, since=28, meetings=3)
    for days in (31, 80, 80):
        with clock.at(at_noon(TODAY + timedelta(days=days))):
            refresh(session, group.id)

    assert [one.get("rhythm") for one in _sent(session)] == ["at_risk", "not_met"]
    alerted = session.get_one(GroupFidelity, group.id).alerted
    assert alerted["rhythm"]["verdict"] == "not_met"

    refresh(session, group.id)

    assert session.get_one(GroupFidelity, group.id).alerted == {}


def test_a_closed_group_alerts_nobody_any_more(session: Session, staff: tuple[Actor, Organisation]) -> None:
    group = _lived(session, staff, since=60, meetings=2)
    before = len(_sent(session))

    groups.close(session, staff[0], group, closed_on=TODAY, reason=ClosingReason.TOO_FEW)

    assert session.get_one(GroupFidelity, group.id).worst == "not_met"
    assert len(_sent(session)) == before
    session.commit()
    with clock.at(at_noon(TODAY + timedelta(days=9))):
        assert tasks.follow_calendar() == 0


def test_closures_make_nothing_late(session: Session, staff: tuple[Actor, Organisation]) -> None:
    group = _lived(session, staff, since=60, meetings=2)
    late = refresh(session, group.id).late
    session.add(
        Closure(
            training_body_id=group.training_body_id, group_id=None, starts_on=TODAY - timedelta(days=45),
            ends_on=TODAY, created_at=clock.now(),
        )
    )  # fmt: skip

    row = refresh(session, group.id)

    assert late > row.late == 0


def test_a_hundred_groups_take_as_many_statements_as_two(
    app: Flask, session: Session, staff: tuple[Actor, Organisation]
) -> None:
    made = [
        open_one(session, *staff, code=f"G-{n}", opened_on=TODAY - timedelta(days=9)) for n in range(12)
    ]  # fmt: skip
    lived_group(session, staff[0], made[0], size=3, meetings=1)
    session.commit()

    counts = []
    for number, days in ((2, 1), (12, 2)):
        some = session.scalars(select(PeerGroup).order_by(PeerGroup.id).limit(number)).all()
        with clock.at(at_noon(TODAY + timedelta(days=days))), count_statements(db.engine) as statements:
            refresh_all(session, some)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 9


def test_a_page_takes_as_many_statements_whatever_happened_in_the_group(
    app: Flask, session: Session, staff: tuple[Actor, Organisation]
) -> None:
    young = open_one(session, *staff, code="JEUNE")
    old = _lived(session, staff, since=100, meetings=7)

    counts = []
    for group in (young, old):
        session.expire_all()
        session.refresh(group)
        with count_statements(db.engine) as statements:
            pages.page_of(session, group)
        counts.append(len(statements))

    assert abs(counts[0] - counts[1]) <= 1
    assert max(counts) <= 12


def test_every_group_is_a_line_of_json_and_the_rate_is_said_aside(
    session: Session, staff: tuple[Actor, Organisation], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(command, "_AT_ONCE", 2)
    codes = {open_one(session, *staff, code=f"G-{n}").code for n in range(5)}
    open_one(session, *make_coordinator(session), code="AILLEURS")
    session.commit()

    command.recompute(staff[1].id, as_json=True)

    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert {line["code"] for line in lines} == codes
    assert lines[0]["worst"] == "unknown"
    assert set(lines[0]["rules"]) == {"same_parents", "size", "age_spread", "rhythm", "duration", "facilitator"}
    assert said.err.startswith("5 groupe(s) en ")
    assert "groupes par seconde" in said.err
