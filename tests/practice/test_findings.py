"""What a trainee's records show, what is proposed of it, and to whom coded actions are told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment, Presence
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.db import db
from certify.core.errors import Conflict, Forbidden, NotFound
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.fragility import services as fragility
from certify.fragility.models import ActionKind, FollowUpKind
from certify.frameworks.models import FrameworkVersion
from certify.groups.models import MeetingState
from certify.logbook.models import Activity, EntryState, EntryVersion, LogbookEntry
from certify.organisations.models import Organisation
from certify.practice import queries, services
from certify.supervision import services as supervision
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.fieldwork import make_group_of, make_held_meeting, make_supervision
from tests.factories.people import actor_of, make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words

TODAY = clock.today()


def _person(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def _actor(session: Session, enrolment: Enrolment) -> Actor:
    return actor_of(session, _person(session, enrolment))


def _trainer(session: Session, enrolment: Enrolment) -> User:
    return make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.TRAINER)


def _entry(session: Session, enrolment: Enrolment, activity: Activity, on: date, **values: object) -> LogbookEntry:
    defaults = {
        "enrolment_id": enrolment.id, "training_body_id": enrolment.training_body_id, "activity": activity,
        "title": "Une fiche", "happened_on": on, "state": EntryState.ACCEPTED, "created_at": clock.now(),
        "saved_at": clock.now(),
    }  # fmt: skip
    entry = LogbookEntry(**defaults | values)
    session.add(entry)
    session.flush()
    return entry


def _found(session: Session, enrolment: Enrolment) -> dict[str, int]:
    session.flush()
    return {one.proposal.rule: one.proposal.count for one in queries.findings_of(session, enrolment)}


def test_meetings_count_when_held_with_the_facilitator_while_they_facilitated(session: Session) -> None:
    enrolment = make_enrolment(session)
    group = make_group_of(session, enrolment, opened_on=TODAY - timedelta(days=100))
    make_held_meeting(session, group, TODAY - timedelta(days=40))
    make_held_meeting(session, group, TODAY - timedelta(days=5))
    make_held_meeting(session, group, TODAY - timedelta(days=20), facilitator_present=False)
    make_held_meeting(session, group, TODAY - timedelta(days=19), facilitator_present=None)
    make_held_meeting(session, group, TODAY - timedelta(days=18), state=MeetingState.CANCELLED)
    make_held_meeting(session, group, TODAY - timedelta(days=150))
    make_held_meeting(session, make_group_of(session, make_enrolment(session)), TODAY)
    found = _found(session, enrolment)
    assert (found["meetings_held"], found["months_run"]) == (2, 2)


def test_a_partner_counts_once_and_only_accepted_entries_count(session: Session) -> None:
    enrolment = make_enrolment(session)
    for place, kind, state in (
        ("PMI du centre", "pmi", EntryState.ACCEPTED),
        ("Pmi du Centre", "pmi", EntryState.ACCEPTED),
        ("PMI du centre", "social", EntryState.ACCEPTED),
        ("Crèche du port", "childcare", EntryState.ACCEPTED),
        ("Mairie", "town", EntryState.SUBMITTED),
    ):
        _entry(
            session, enrolment, Activity.PARTNER_MEETING, TODAY, place=place, values={"partner_kind": kind}, state=state
        )
    _entry(session, enrolment, Activity.WATCH, TODAY)
    found = _found(session, enrolment)
    assert (found["partners_met"], found["watch_entries"]) == (3, 1)


def test_an_entry_is_in_time_when_first_submitted_within_seven_days(session: Session) -> None:
    enrolment = make_enrolment(session)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    for days in (3, 30):
        entry = _entry(session, enrolment, Activity.GROUP_MEETING, TODAY - timedelta(days=days))
        session.add(
            EntryVersion(
                entry_id=entry.id,
                framework_version_id=version.id,
                number=1,
                content={},
                submitted_at=clock.now(),
                submitted_by_id=enrolment.user_id,
            )
        )
    assert _found(session, enrolment)["written_in_time"] == 1


def test_coded_actions_count_by_their_month_without_their_group(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor, group = _actor(session, enrolment), make_group_of(session, enrolment)
    on = TODAY - timedelta(days=40)
    referred = fragility.record(session, actor, enrolment, kind=ActionKind.PMI, on=on, group_id=group.id)
    fragility.follow_up(session, actor, referred, kind=FollowUpKind.TAKEN_UP, on=TODAY)
    declined = fragility.record(session, actor, enrolment, kind=ActionKind.DOCTOR, on=on)
    fragility.follow_up(session, actor, declined, kind=FollowUpKind.TAKEN_UP, on=TODAY)
    fragility.follow_up(session, actor, declined, kind=FollowUpKind.DECLINED, on=TODAY)
    for kind in (ActionKind.INDIVIDUAL_MEETING, ActionKind.SUPERVISION):
        fragility.record(session, actor, enrolment, kind=kind, on=on)
    mistaken = fragility.record(session, actor, enrolment, kind=ActionKind.PMI, on=on)
    fragility.strike(session, actor, mistaken)
    found = _found(session, enrolment)
    expected = {"referrals": 2, "relays_followed": 1, "individual_meetings": 1, "support_asked": 1}
    assert {rule: found[rule] for rule in expected} == expected
    lines = [line for one in queries.findings_of(session, enrolment) for line in one.proposal.lines]
    assert all(line.is_month and line.on.day == 1 and not line.group for line in lines)
    assert not any(group.code in line.label for line in lines)


def test_half_days_of_practice_analysis_count_once_both_sides_signed(session: Session) -> None:
    enrolment = make_enrolment(session)
    leader = actor_of(session, _trainer(session, enrolment))
    held = make_supervision(session, leader.user_id, enrolment)
    supervision.record_presence(session, leader, held, presences={enrolment.id: Presence.PRESENT}, revision=1)
    supervision.sign_as_supervisor(session, leader, held, revision=held.revision)
    assert _found(session, enrolment)["practice_half_days"] == 0
    supervision.sign_as_trainee(session, _actor(session, enrolment), held, enrolment, revision=held.revision)
    assert _found(session, enrolment)["practice_half_days"] == 1


def _watch(session: Session, enrolment: Enrolment, times: int) -> None:
    for n in range(times):
        _entry(session, enrolment, Activity.WATCH, TODAY - timedelta(days=n), title=f"Source {n}")


def test_a_count_is_proposed_with_its_lines_frozen_and_waits_for_a_trainer(session: Session) -> None:
    enrolment = make_enrolment(session)
    _watch(session, enrolment, 6)
    item = services.propose_finding(session, _actor(session, enrolment), enrolment, rule="watch_entries")
    session.flush()
    assert (item.kind, item.state) == (EvidenceKind.COMPUTED, EvidenceState.SUBMITTED)
    assert item.facts["count"] == len(item.facts["lines"]) == 6
    assert [link.indicator for link in item.links] == ["1.1.1"]
    assert session.get_one(Enrolment, enrolment.id).covered == 0
    with pytest.raises(Conflict, match="déjà proposé"):
        services.propose_finding(session, _actor(session, enrolment), enrolment, rule="watch_entries")


def test_a_larger_count_is_another_piece_and_the_first_stays_as_it_was_read(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    _watch(session, enrolment, 6)
    first = services.propose_finding(session, actor, enrolment, rule="watch_entries")
    _watch(session, enrolment, 2)
    second = services.propose_finding(session, actor, enrolment, rule="watch_entries")
    session.flush()
    assert first.id != second.id
    assert (first.facts["count"], second.facts["count"]) == (6, 8)
    assert (first.state, second.replaces_id) == (EvidenceState.SUBMITTED, None)


def test_a_count_that_was_returned_may_be_proposed_again(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    _watch(session, enrolment, 6)
    first = services.propose_finding(session, actor, enrolment, rule="watch_entries")
    first.state = EvidenceState.RETURNED
    session.flush()
    second = services.propose_finding(session, actor, enrolment, rule="watch_entries")
    session.flush()
    assert second.id != first.id
    assert second.state is EvidenceState.SUBMITTED


def test_what_is_too_small_or_unknown_or_reserved_is_not_proposed(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    _watch(session, enrolment, 5)
    with pytest.raises(Conflict, match="assez grand"):
        services.propose_finding(session, actor, enrolment, rule="watch_entries")
    with pytest.raises(NotFound):
        services.propose_finding(session, actor, enrolment, rule="stars")
    for _ in range(3):
        fragility.record(session, actor, enrolment, kind=ActionKind.PMI, on=TODAY)
    session.flush()
    trainer = actor_of(session, _trainer(session, enrolment))
    with pytest.raises(Forbidden):
        services.propose_finding(session, trainer, enrolment, rule="referrals")
    assert services.propose_finding(session, actor, enrolment, rule="referrals").facts["count"] == 3


def test_in_another_framework_nothing_is_proposed_and_the_page_says_so(session: Session, sign_in: SignIn) -> None:
    framework = replace(competencies.demo(), code="autre")
    version = FrameworkVersion(
        certifying_body_id=make_certifying_body(session).id, code=framework.code, version=framework.version,
        title_fr=framework.title.fr, title_en=framework.title.en, content=competencies.to_document(framework),
        digest=competencies.digest(framework), created_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    enrolment = make_enrolment(session, make_cohort(session, version=version))
    _watch(session, enrolment, 6)
    session.commit()
    page = visit(sign_in(_person(session, enrolment)), "/practice")
    assert "n’existe pas dans ce référentiel" in words(page)
    assert not page.select("main form")
    assert not any(one.may_propose for one in queries.findings_of(session, enrolment))


def test_a_trainee_reads_the_lines_and_proposes_a_count(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    _watch(session, enrolment, 7)
    visitor = sign_in(_person(session, enrolment))
    page = visit(visitor, "/practice")
    assert "Source 3" in words(page)
    assert len(page.select("main form")) == 1
    page = follow(visitor, submit(visitor, page))
    assert "en attente de réponse" in words(page)
    assert not page.select("main form")


def test_a_trainer_proposes_for_a_trainee_and_never_sees_their_coded_actions(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)
    for _ in range(3):
        fragility.record(session, actor, enrolment, kind=ActionKind.PMI, on=TODAY)
    _watch(session, enrolment, 6)
    visitor = sign_in(_trainer(session, enrolment))
    page = visit(visitor, f"/trainees/{enrolment.id}/computed")
    assert "J’ai orienté" not in words(page)
    assert "repose sur des actions codées" in words(page)
    follow(visitor, submit(visitor, page))
    (item,) = session.scalars(select(EvidenceItem).where(EvidenceItem.enrolment_id == enrolment.id))
    assert item.facts["rule"] == "watch_entries"
    elsewhere = sign_in(_trainer(session, make_enrolment(session, make_cohort(session))))
    assert elsewhere.get(f"/trainees/{enrolment.id}/computed").status_code == 404


def test_the_page_asks_the_database_as_much_for_long_records_as_for_short(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    enrolment = make_enrolment(session)
    actor = _actor(session, enrolment)

    def add(times: int) -> None:
        group = make_group_of(session, enrolment)
        for n in range(times):
            make_held_meeting(session, group, TODAY - timedelta(days=n))
            fragility.record(session, actor, enrolment, kind=ActionKind.PMI, on=TODAY)
            make_supervision(session, _trainer(session, enrolment).id, enrolment)
        _watch(session, enrolment, times)
        session.commit()

    add(1)
    visitor = sign_in(_person(session, enrolment))
    visit(visitor, "/practice")
    with count_statements(db.engine) as few:
        visit(visitor, "/practice")
    add(12)
    add(3)
    with count_statements(db.engine) as many:
        visit(visitor, "/practice")
    assert len(few) == len(many), str(many)
