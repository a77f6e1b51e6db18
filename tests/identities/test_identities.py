"""Civil identities: given, checked, corrected with a trace, encrypted; numbers kept only when the law allows it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Actor, Permission, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.outbox import OutboxMessage
from certify.core.sealing import Sealed
from certify.core.types import new_id
from certify.frameworks.models import FrameworkVersion
from certify.identities import policies, queries, services
from certify.identities.ciphers import closed_text
from certify.identities.models import CivilIdentity, ProofKind, RegistrationNumber
from certify.organisations.models import Organisation
from certify.retention import services as retention
from certify.retention.classes import class_of
from competencies.civil_status import Sex
from tests.factories.cohorts import make_enrolment
from tests.factories.declarations import NUMBER, STATUS, make_identity, make_recognition
from tests.factories.people import actor_of, make_member, make_organisation, make_user

CARD = ProofKind.IDENTITY_CARD
OTHER = replace(STATUS, birth_name="Autre")


def _trainee(session: Session) -> tuple[Enrolment, Actor]:
    enrolment = make_enrolment(session)
    return enrolment, actor_of(session, session.get_one(User, enrolment.user_id))


def _coordinator(session: Session, enrolment: Enrolment) -> Actor:
    body = session.get_one(Organisation, enrolment.training_body_id)
    return actor_of(session, make_member(session, body, Role.COORDINATOR))


def _registered(session: Session, enrolment: Enrolment) -> None:
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    make_recognition(session, version.certifying_body_id, version.code)


def test_a_certificate_carries_the_civil_name_once_it_was_checked(session: Session) -> None:
    enrolment, actor = _trainee(session)
    given = replace(STATUS, usage_name="Usage")
    row = services.give(session, actor, status=given, proof=CARD)
    assert queries.civil_name(session, actor.user_id) is None
    services.check(session, _coordinator(session, enrolment), enrolment, row.number)
    name = queries.civil_name(session, actor.user_id)
    assert name is not None
    assert (name.given_names, name.birth_name) == (("Prénom", "Second"), "Essai")
    assert name.printed == "Prénom Second Essai, nom d’usage Usage"
    assert b"Essai" not in row.content


def test_an_identity_is_given_again_until_it_is_checked_then_corrected_with_the_document(session: Session) -> None:
    enrolment, actor = _trainee(session)
    first = services.give(session, actor, status=STATUS, proof=CARD)
    assert services.give(session, actor, status=STATUS, proof=CARD) is first
    second = services.give(session, actor, status=OTHER, proof=CARD)
    staff = _coordinator(session, enrolment)
    with pytest.raises(Conflict):
        services.check(session, staff, enrolment, first.number)
    services.check(session, staff, enrolment, second.number)
    with pytest.raises(Forbidden):
        services.give(session, actor, status=STATUS, proof=CARD)
    with pytest.raises(Conflict):
        services.correct(session, staff, enrolment, status=STATUS, proof=CARD, known=first.number)
    with pytest.raises(Invalid):
        services.correct(session, staff, enrolment, status=replace(STATUS, sex=None), proof=CARD, known=2)
    third = services.correct(session, staff, enrolment, status=STATUS, proof=ProofKind.BIRTH_CERTIFICATE, known=2)
    assert (third.number, third.checked_by_id) == (3, staff.user_id)
    assert [one.row.number for one in queries.known_of(session, actor.user_id).versions] == [3, 2, 1]
    session.commit()
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.at, AuditEvent.position)).all()
    [corrected] = [one for one in events if one.tag == "identities:identity:corrected"]
    assert corrected.detail["fields"] == ["birth_name"]
    assert not [one for one in events if "Autre" in json.dumps(one.detail) or "1992" in json.dumps(one.detail)]
    third.proof = CARD
    with pytest.raises(Sealed):
        session.flush()


def test_nobody_checks_their_own_document_nor_that_of_another_organisation(session: Session) -> None:
    enrolment, actor = _trainee(session)
    services.give(session, actor, status=STATUS, proof=CARD)
    body = session.get_one(Organisation, enrolment.training_body_id)
    make_member(session, body, Role.COORDINATOR, session.get_one(User, enrolment.user_id))
    own = actor_of(session, session.get_one(User, enrolment.user_id))
    for refused in (
        lambda: services.check(session, own, enrolment, 1),
        lambda: services.correct(session, own, enrolment, status=OTHER, proof=CARD, known=1),
    ):
        with pytest.raises(Forbidden):
            refused()
    elsewhere = actor_of(session, make_member(session, make_organisation(session), Role.COORDINATOR))
    with pytest.raises(NotFound):
        queries.enrolment_for(session, elsewhere, enrolment.id, Permission.IDENTITY_READ)
    certifier = session.get_one(Organisation, session.get_one(Cohort, enrolment.cohort_id).certifying_body_id)
    registrar = actor_of(session, make_member(session, certifier, Role.REGISTRAR))
    assert queries.enrolment_for(session, registrar, enrolment.id, Permission.IDENTITY_WRITE)[0] is enrolment


def test_a_number_is_asked_only_once_the_certification_is_registered(session: Session) -> None:
    enrolment, actor = _trainee(session)
    make_identity(session, actor.user_id)
    assert not queries.asks_for_number(session, actor.user_id)
    with pytest.raises(Forbidden):
        services.keep_number(session, actor, actor.user_id, number=NUMBER)
    _registered(session, enrolment)
    row = services.keep_number(session, actor, actor.user_id, number="2 92 11 59 350 123 36")
    assert queries.numbers_of(session, [actor.user_id]) == {actor.user_id: NUMBER}
    assert NUMBER.encode() not in (row.content or b"")
    services.forget_number(session, actor, row)
    assert (row.content, queries.numbers_of(session, [actor.user_id])) == (None, {})
    assert row.purged_at is not None
    assert services.keep_number(session, actor, actor.user_id, number=NUMBER) is row
    assert session.scalars(select(RegistrationNumber)).one().purged_at is None


def test_a_number_is_in_no_log_no_audit_detail_no_message_and_no_error(
    session: Session, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    enrolment, actor = _trainee(session)
    make_identity(session, actor.user_id)
    _registered(session, enrolment)
    services.keep_number(session, actor, actor.user_id, number=NUMBER)
    refusals = []
    for wrong in (NUMBER[:-1], NUMBER[:-2] + "11", "1" + NUMBER[1:], "x" * 15):
        with pytest.raises(Invalid) as refused:
            services.keep_number(session, actor, actor.user_id, number=wrong)
        refusals.append(str(refused.value) + repr(refused.value.__dict__))
    session.commit()
    kept = [json.dumps(one.detail) for one in session.scalars(select(AuditEvent))]
    sent = [json.dumps(one.payload) + one.last_error for one in session.scalars(select(OutboxMessage))]
    output = capsys.readouterr()
    for text in (*kept, *sent, *refusals, output.out, output.err, caplog.text):
        assert NUMBER[:13] not in text
        assert "2921159" not in text


def test_a_number_is_checked_by_its_key_and_by_what_it_says() -> None:
    women = replace(STATUS, birth_month=None, birth_day=None)
    assert policies.number_fault(NUMBER, STATUS) is None
    assert policies.number_fault("1 80 01 2A 123 456 20", None) is None
    for number, status in (
        (NUMBER, replace(STATUS, sex=Sex.MALE)),
        (NUMBER, replace(STATUS, birth_year=1991)),
        (NUMBER, replace(STATUS, birth_month=10)),
        (NUMBER[:-2] + "35", STATUS),
        (NUMBER[:-2], STATUS),
        ("292115935O12336", STATUS),
        ("792115935012312", None),
        ("", None),
    ):
        assert policies.number_fault(number, status) is not None
    assert policies.number_fault(NUMBER, women) is None


def test_an_identity_emptied_by_retention_counts_for_nothing(session: Session) -> None:
    _enrolment, actor = _trainee(session)
    make_identity(session, actor.user_id, content=b"")
    assert queries.civil_name(session, actor.user_id) is None
    known = queries.known_of(session, actor.user_id)
    assert (known.last, known.status, known.is_checked) == (None, None, False)
    row = services.give(session, actor, status=STATUS, proof=CARD)
    assert row.number == 2
    assert session.scalars(select(CivilIdentity)).all()


def test_an_identity_is_emptied_years_after_training_and_its_row_stays(session: Session) -> None:
    long_ago = clock.today() - timedelta(days=6 * 365)
    gone = make_identity(session, make_enrolment(session, ended_on=long_ago).user_id)
    still = make_identity(session, make_enrolment(session).user_id)
    never = make_identity(session, make_user(session), recorded_at=clock.now() - timedelta(days=6 * 365))
    new = make_identity(session, make_user(session))
    kind = class_of("civil_identities")
    assert kind is not None
    before = clock.now() - timedelta(days=kind.days)
    assert retention.purge_some(session, kind, before) == 2
    assert retention.purge_some(session, kind, before) == 0
    session.expire_all()
    assert [bool(one.content) for one in (gone, never, still, new)] == [False, False, True, True]


def test_the_staff_asks_for_a_number_through_an_enrolment_that_is_registered(session: Session) -> None:
    enrolment, actor = _trainee(session)
    other = make_enrolment(session, user=session.get_one(User, enrolment.user_id))
    _registered(session, other)
    staff = _coordinator(session, enrolment)
    assert queries.asks_for_number(session, actor.user_id)
    assert queries.asks_for_number(session, actor.user_id, other.id)
    assert not queries.asks_for_number(session, actor.user_id, enrolment.id)
    with pytest.raises(Forbidden):
        services.keep_number(session, staff, actor.user_id, number=NUMBER, enrolment_id=enrolment.id)


def test_what_is_known_of_a_person_follows_them_into_the_account_they_join(session: Session) -> None:
    person, account = make_user(session), make_user(session)
    theirs = make_identity(session, person)
    number = RegistrationNumber(id=new_id(), user_id=person.id, content=closed_text(NUMBER), recorded_at=clock.now())
    purged = RegistrationNumber(id=new_id(), user_id=account.id, recorded_at=clock.now(), purged_at=clock.now())
    session.add_all([number, purged])
    session.flush()
    services.move(session, person.id, account.id)
    session.expire_all()
    assert theirs.user_id == account.id
    assert queries.numbers_of(session, [account.id]) == {account.id: NUMBER}
    other = make_user(session)
    kept = make_identity(session, other, OTHER)
    services.move(session, other.id, account.id)
    session.expire_all()
    assert (kept.user_id, theirs.user_id) == (other.id, account.id)
