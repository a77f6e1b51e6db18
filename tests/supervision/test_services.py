"""Supervision: who is expected, who came, what both sides keep of it and sign, and what a later change does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, HalfDay, Presence
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.mail import MailMessage
from certify.core.sealing import Sealed
from certify.organisations.models import Organisation, OrganisationKind
from certify.supervision import queries, services
from certify.supervision.models import Side, SupervisionKind, SupervisionPresence, SupervisionSession
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.fieldwork import make_group_of, make_supervision
from tests.factories.people import actor_of, make_member, make_organisation

TODAY = clock.today()


def _supervisor(session: Session, cohort: Cohort, role: Role = Role.TRAINER) -> Actor:
    return actor_of(session, make_member(session, session.get_one(Organisation, cohort.training_body_id), role))


def _trainee(session: Session, enrolment: Enrolment) -> Actor:
    return actor_of(session, session.get_one(User, enrolment.user_id))


def _held(session: Session, count: int = 2) -> tuple[Actor, SupervisionSession, list[Enrolment]]:
    cohort = make_cohort(session)
    actor = _supervisor(session, cohort)
    enrolments = [make_enrolment(session, cohort) for _ in range(count)]
    return actor, make_supervision(session, actor.user_id, *enrolments), enrolments


def _come(session: Session, actor: Actor, held: SupervisionSession, *enrolments: Enrolment) -> None:
    services.record_presence(
        session, actor, held, presences={one.id: Presence.PRESENT for one in enrolments}, revision=held.revision
    )
    session.flush()


def _subjects(session: Session, enrolment: Enrolment) -> list[str]:
    address = session.get_one(User, enrolment.user_id).address
    query = select(MailMessage.subject).where(MailMessage.recipient == address).order_by(MailMessage.created_at)
    return list(session.scalars(query))


def test_those_expected_are_told_when_to_come_and_when_not_to(session: Session, run_jobs: Callable[[], int]) -> None:
    cohort = make_cohort(session)
    actor, enrolment = _supervisor(session, cohort), make_enrolment(session, cohort)
    held = services.plan(
        session, actor, kind=SupervisionKind.PRACTICE_ANALYSIS, on=TODAY + timedelta(days=8), half=HalfDay.MORNING,
        enrolments=[enrolment], place="Salle des fêtes",
    )  # fmt: skip
    said = {"on": held.on, "half": HalfDay.AFTERNOON, "minutes": held.minutes, "place": held.place}
    services.amend(session, actor, held, revision=held.revision, theme="", enrolments=[enrolment], **said)
    services.amend(session, actor, held, revision=held.revision, theme="La parole", enrolments=[enrolment], **said)
    services.cancel(session, actor, held)
    session.commit()
    run_jobs()
    assert [subject.rpartition(" ")[2] for subject in _subjects(session, enrolment)[-2:]] == ["modifiée", "annulée"]
    assert len(_subjects(session, enrolment)) == 3


def test_a_session_is_planned_for_people_of_one_training_body(session: Session) -> None:
    cohort = make_cohort(session)
    actor, enrolment = _supervisor(session, cohort), make_enrolment(session, cohort)
    held = services.plan(
        session, actor, kind=SupervisionKind.PRACTICE_ANALYSIS, on=TODAY, half=HalfDay.MORNING, enrolments=[enrolment]
    )
    assert queries.expected_ids(session, held) == {enrolment.id}
    (one,) = queries.attendees_of(session, held)
    assert (one.presence, one.came, one.is_signed) == (None, False, False)
    with pytest.raises(Invalid, match="même organisme"):
        services.plan(
            session, actor, kind=SupervisionKind.PRACTICE_ANALYSIS, on=TODAY, half=HalfDay.MORNING,
            enrolments=[enrolment, make_enrolment(session)],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": SupervisionKind.OBSERVATION}, "groupe"),
        ({"enrolments": []}, "au moins une personne"),
        ({"minutes": 5}, "dure de"),
        ({"minutes": 301}, "dure de"),
        ({"theme": "Appeler le 06 12 34 56 78"}, "reconnaître"),
    ],
)
def test_what_makes_no_session_is_refused(session: Session, values: dict[str, object], said: str) -> None:
    cohort = make_cohort(session)
    plain = {
        "kind": SupervisionKind.PRACTICE_ANALYSIS, "on": TODAY, "half": HalfDay.MORNING,
        "enrolments": [make_enrolment(session, cohort)],
    }  # fmt: skip
    with pytest.raises(Invalid, match=said):
        services.plan(session, _supervisor(session, cohort), **plain | values)


def test_presence_is_recorded_from_the_day_on_and_corrected_by_new_rows(session: Session) -> None:
    actor, held, (one, other) = _held(session)
    _come(session, actor, held, one, other)
    services.record_presence(session, actor, held, presences={other.id: Presence.ABSENT}, revision=held.revision)
    session.flush()
    found = {row.enrolment.id: row for row in queries.attendees_of(session, held)}
    assert found[one.id].came
    assert found[other.id].presence is Presence.ABSENT
    assert [mark.presence for mark in found[other.id].marks] == [Presence.PRESENT, Presence.ABSENT]
    held.on = TODAY + timedelta(days=1)
    session.flush()
    with pytest.raises(Invalid, match="pas encore eu lieu"):
        services.record_presence(session, actor, held, presences={one.id: Presence.ABSENT}, revision=held.revision)


def test_what_was_recorded_of_somebody_is_never_written_over(session: Session) -> None:
    actor, held, (one,) = _held(session, 1)
    _come(session, actor, held, one)
    row = session.scalars(select(SupervisionPresence).where(SupervisionPresence.presence.is_not(None))).one()
    row.presence = Presence.ABSENT
    with pytest.raises(Sealed):
        session.flush()
    session.rollback()


def test_both_sides_sign_what_they_read_with_its_facts_frozen(session: Session) -> None:
    actor, held, (one, other) = _held(session)
    services.write_notes(session, actor, held, notes="Laisser plus de silence.", revision=held.revision)
    _come(session, actor, held, one)
    trainee = _trainee(session, one)
    by_trainee = services.sign_as_trainee(session, trainee, held, one, revision=held.revision)
    (by_supervisor,) = services.sign_as_supervisor(session, actor, held, revision=held.revision)
    assert (by_trainee.side, by_supervisor.side) == (Side.TRAINEE, Side.SUPERVISOR)
    assert by_trainee.facts["notes"] == "Laisser plus de silence."
    assert by_trainee.facts["presence"] == "present"
    session.flush()
    found = {row.enrolment.id: row.is_signed for row in queries.attendees_of(session, held)}
    assert found == {one.id: True, other.id: False}
    for again in (
        lambda: services.sign_as_trainee(session, trainee, held, one, revision=held.revision),
        lambda: services.sign_as_supervisor(session, actor, held, revision=held.revision),
    ):
        with pytest.raises(Conflict):
            again()


def test_a_change_asks_to_sign_again_and_keeps_the_older_signatures_readable(session: Session) -> None:
    actor, held, (one,) = _held(session, 1)
    _come(session, actor, held, one)
    services.sign_as_trainee(session, _trainee(session, one), held, one, revision=held.revision)
    services.sign_as_supervisor(session, actor, held, revision=held.revision)
    services.write_notes(session, actor, held, notes="Autre chose.", revision=held.revision)
    session.flush()
    (row,) = queries.attendees_of(session, held)
    assert not row.is_signed
    assert {signature.facts["notes"] for signature in row.older} == {""}
    services.sign_as_trainee(session, _trainee(session, one), held, one, revision=held.revision)
    services.sign_as_supervisor(session, actor, held, revision=held.revision)
    session.flush()
    (row,) = queries.attendees_of(session, held)
    assert row.is_signed
    assert len(row.older) == 2


def test_nobody_signs_what_they_have_not_read_nor_for_somebody_else(session: Session) -> None:
    actor, held, (one, absent) = _held(session)
    _come(session, actor, held, one)
    trainee = _trainee(session, one)
    with pytest.raises(Conflict, match="modifiée"):
        services.sign_as_trainee(session, trainee, held, one, revision=held.revision - 1)
    with pytest.raises(Forbidden):
        services.sign_as_trainee(session, actor, held, one, revision=held.revision)
    with pytest.raises(Forbidden):
        services.sign_as_supervisor(session, trainee, held, revision=held.revision)
    with pytest.raises(Invalid, match="présentes"):
        services.sign_as_trainee(session, _trainee(session, absent), held, absent, revision=held.revision)
    services.cancel(session, actor, held)
    with pytest.raises(Conflict):
        services.sign_as_trainee(session, trainee, held, one, revision=held.revision)
    assert not any(row.is_signed for row in queries.attendees_of(session, held))


def test_two_people_writing_notes_at_once_lose_nothing(session: Session) -> None:
    actor, held, (one,) = _held(session, 1)
    read = held.revision
    services.write_notes(session, actor, held, notes="Le premier texte.", revision=read)
    with pytest.raises(Conflict):
        services.write_notes(session, _trainee(session, one), held, notes="Le second.", revision=read)
    assert held.notes == "Le premier texte."


def test_notes_that_would_let_somebody_be_recognised_are_refused(session: Session) -> None:
    actor, held, _enrolments = _held(session, 1)
    with pytest.raises(Invalid) as refused:
        services.write_notes(session, actor, held, notes="Écrire à parent@exemple.fr.", revision=held.revision)
    assert refused.value.field == "notes"
    assert held.notes == ""


def test_hours_count_practice_analysis_attended_and_among_it_what_both_sides_signed(session: Session) -> None:
    actor, held, (one, other) = _held(session)
    second = make_supervision(session, actor.user_id, one, on=TODAY - timedelta(days=7), minutes=120)
    group = make_group_of(session, one)
    observed = make_supervision(
        session, actor.user_id, one, kind=SupervisionKind.OBSERVATION, group_id=group.id, on=TODAY - timedelta(days=9)
    )
    cancelled = make_supervision(session, actor.user_id, one, on=TODAY - timedelta(days=8))
    for each in (held, second, observed, cancelled):
        _come(session, actor, each, one)
    services.cancel(session, actor, cancelled)
    services.sign_as_trainee(session, _trainee(session, one), second, one, revision=second.revision)
    services.sign_as_supervisor(session, actor, second, revision=second.revision)
    session.flush()
    hours = queries.hours_of(session, [one.id, other.id])
    assert hours[one.id] == queries.Hours(2, 300, 1, 120)
    assert hours[other.id] == queries.Hours()
    attended = queries.attended_half_days(session, one.id)
    assert [(row.held.id, row.is_signed) for row in attended] == [(second.id, True), (held.id, False)]


def test_a_session_is_seen_by_its_body_its_house_its_leader_and_its_trainees_alone(session: Session) -> None:
    actor, held, (one, _other) = _held(session)
    house = make_organisation(session, OrganisationKind.HOUSE)
    group = make_group_of(session, one, house_id=house.id)
    held.group_id = group.id
    session.flush()
    cohort = session.get_one(Cohort, one.cohort_id)
    seen_by = [actor, _supervisor(session, cohort, Role.AUDITOR), _trainee(session, one)]
    seen_by.append(actor_of(session, make_member(session, house, Role.REFERENT)))
    for reader in seen_by:
        assert queries.held_for(session, reader, held.id).id == held.id
    strangers = [_supervisor(session, make_cohort(session)), _trainee(session, make_enrolment(session, cohort))]
    for stranger in strangers:
        with pytest.raises(NotFound):
            queries.held_for(session, stranger, held.id)
    assert [queries.may_write(session, reader, held) for reader in seen_by] == [True, False, False, True]


def test_what_was_planned_is_changed_once_read_and_more_people_are_expected(session: Session) -> None:
    actor, held, (one,) = _held(session, 1)
    more = make_enrolment(session, session.get_one(Cohort, one.cohort_id))
    same = {"on": held.on, "half": held.half, "minutes": held.minutes, "place": held.place, "theme": held.theme}
    assert not services.amend(session, actor, held, revision=held.revision, **same)
    assert services.amend(
        session, actor, held, revision=held.revision, **same | {"theme": "Écouter"}, enrolments=[more]
    )
    session.flush()
    assert (held.theme, held.revision) == ("Écouter", 2)
    assert queries.expected_ids(session, held) == {one.id, more.id}
    with pytest.raises(Conflict):
        services.amend(session, actor, held, revision=1, **same)
    services.cancel(session, actor, held)
    with pytest.raises(Conflict):
        services.cancel(session, actor, held)
    with pytest.raises(Conflict):
        services.amend(session, actor, held, revision=held.revision, **same)
