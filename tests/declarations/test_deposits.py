"""Deposits: who goes in, what becomes of each line, what a file may never hold."""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from certify.certificates.models import Certificate, CertificateState
from certify.cohorts.models import AccessRoute, Enrolment
from certify.core import clock
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid
from certify.core.outbox import OutboxMessage
from certify.core.types import new_id
from certify.declarations import queries, reading, services, tasks
from certify.declarations.models import Deposit, DepositItem, DepositState, ItemState, Receipt
from certify.declarations.passages import SchemaVersion
from certify.identities import services as identities
from certify.identities.models import CivilIdentity, RegistrationNumber
from tests.declarations.test_files import SCHEMA
from tests.factories.declarations import (
    NUMBER,
    STATUS,
    Declared,
    make_declared,
    make_deposit,
    make_depositor,
    make_identity,
    make_recognition,
    report,
    whole_report,
)
from tests.factories.people import actor_of

Run = Callable[[], int]


def items(session: Session, deposit: Deposit) -> dict[str, DepositItem]:
    query = select(DepositItem).where(DepositItem.deposit_id == deposit.id).execution_options(populate_existing=True)
    return {item.technical_id: item for item in session.scalars(query)}


def answer(session: Session, declared: Declared, deposit: Deposit, content: bytes) -> Receipt:
    actor = declared.actor(session)
    return services.import_receipt(session, actor, deposit, filename="retour.xml", content=content)


def taken(session: Session, declared: Declared, deposit: Deposit) -> bytes:
    with services.take(session, declared.actor(session), deposit) as file:
        return file.read()


def test_only_the_rejected_go_in_the_next_deposit(session: Session, run_jobs: Run) -> None:
    declared = make_declared(session, 4)
    make_depositor(session, declared)
    actor = declared.actor(session)
    first = services.prepare(session, actor, declared.body.id)
    assert queries.holders_of(session, declared.body.id) == []
    with pytest.raises(Conflict):
        services.prepare(session, actor, declared.body.id)
    session.commit()
    run_jobs()
    session.expire_all()
    assert (first.state, first.count, first.done, len(first.sha256)) == (DepositState.GENERATED, 4, 4, 64)
    services.submit(session, actor, first)
    a, b, c, d = sorted(items(session, first))
    why = {b: "Aucun titulaire ne correspond aux critères obligatoires", c: "l’id technique Y existe déjà en base"}
    row = answer(session, declared, first, report(first, [a, d], why))
    assert row.figures == {"delivered": 3, "rejected": 1}
    states = {name: item.state for name, item in items(session, first).items()}
    assert states == {a: ItemState.DELIVERED, b: ItemState.REJECTED, c: ItemState.DELIVERED, d: ItemState.DELIVERED}
    assert (first.state, first.treatment_id) == (DepositState.PARTLY_REJECTED, "67598")
    [left] = queries.holders_of(session, declared.body.id)
    assert (left.technical_id, left.rejection) == (b, why[b])
    second = services.prepare(session, actor, declared.body.id)
    assert (second.number, list(items(session, second))) == (2, [b])
    assert second.flow_id != first.flow_id


def test_a_report_is_applied_once_and_to_the_deposit_it_speaks_of(session: Session) -> None:
    declared = make_declared(session, 2)
    deposit = make_deposit(session, declared)
    a, b = sorted(items(session, deposit))
    for content in (
        report(deposit, [a], flow="autre"),
        report(deposit, [a, "inconnu"]),
        report(deposit, [a, a]),
        report(deposit, [a], {a: "refusé"}),
        report(deposit, []),
        b"<rapport></rapport>",
        report(deposit, [a], flow=" "),
        whole_report(deposit, "autre.xml"),
        whole_report(deposit).replace(b"nomFichier", b"autre"),
        whole_report(deposit, more=f"<PassagesOK><idTechnique>{a}</idTechnique></PassagesOK>"),
    ):
        with pytest.raises(Invalid):
            answer(session, declared, deposit, content)
    assert {item.state for item in items(session, deposit).values()} == {ItemState.PENDING}
    content = report(deposit, [a])
    assert answer(session, declared, deposit, content).figures == {"delivered": 1, "rejected": 0, "waiting": 1}
    with pytest.raises(Conflict):
        answer(session, declared, deposit, content)
    assert deposit.state is DepositState.SUBMITTED
    answer(session, declared, deposit, report(deposit, [a, b]))
    assert deposit.state is DepositState.ACCEPTED
    with pytest.raises(Conflict):
        answer(session, declared, deposit, report(deposit, [b, a]))


def test_a_report_that_contradicts_what_is_settled_is_refused_and_the_deposit_agrees_with_its_lines(
    session: Session,
) -> None:
    declared = make_declared(session, 3)
    deposit = make_deposit(session, declared)
    a, b, c = sorted(items(session, deposit))
    answer(session, declared, deposit, report(deposit, [a], {b: "Plusieurs titulaires"}))
    for content in (report(deposit, [b]), report(deposit, [c], {a: "refusé"}), whole_report(deposit)):
        with pytest.raises(Invalid):
            answer(session, declared, deposit, content)
    states = {name: item.state for name, item in items(session, deposit).items()}
    assert states == {a: ItemState.DELIVERED, b: ItemState.REJECTED, c: ItemState.PENDING}
    assert (deposit.state, deposit.message) == (DepositState.PARTLY_REJECTED, "")
    row = answer(session, declared, deposit, report(deposit, [a, c], {b: "Plusieurs titulaires, encore"}))
    assert row.figures == {"delivered": 2, "rejected": 1}
    assert items(session, deposit)[b].message == "Plusieurs titulaires"
    assert deposit.state is DepositState.PARTLY_REJECTED


def test_an_error_of_the_file_leaves_alone_the_lines_the_report_names(session: Session) -> None:
    declared = make_declared(session, 2)
    deposit = make_deposit(session, declared)
    a, b = sorted(items(session, deposit))
    error = b"<erreurs><erreur><type>XSD</type><message>balise</message></erreur></erreurs></rapport>"
    row = answer(session, declared, deposit, report(deposit, [a]).replace(b"</rapport>", error))
    assert row.figures == {"delivered": 1, "rejected": 1}
    assert items(session, deposit)[b].message == deposit.message == "XSD balise"
    assert deposit.state is DepositState.PARTLY_REJECTED


def test_a_file_refused_as_a_whole_frees_its_lines_and_a_cancelled_one_too(session: Session) -> None:
    declared = make_declared(session, 2)
    deposit = make_deposit(session, declared)
    services.cancel(session, declared.actor(session), deposit)
    assert len(queries.holders_of(session, declared.body.id)) == 2
    again = services.prepare(session, declared.actor(session), declared.body.id)
    made = services.make(session, again, None, lambda _done: None)
    assert made is not None
    services.note_made(session, again, made)
    services.submit(session, declared.actor(session), again)
    with pytest.raises(Conflict):
        services.cancel(session, declared.actor(session), again)
    answer(session, declared, again, whole_report(again))
    assert (again.state, again.message) == (DepositState.REJECTED, "XSD (1) balise")
    assert len(queries.holders_of(session, declared.body.id)) == 2


def test_a_file_is_remade_the_same_whatever_happens_since_and_its_lines_are_frozen(session: Session) -> None:
    declared = make_declared(session, 3)
    deposit = make_deposit(session, declared)
    content = taken(session, declared, deposit)
    assert hashlib.sha256(content).hexdigest() == deposit.sha256
    assert len(content) == deposit.size
    make_identity(session, declared.holders[0], replace(STATUS, birth_name="Autre"), number=2)
    for enrolment in session.scalars(select(Enrolment).where(Enrolment.user_id.in_(declared.holders))):
        enrolment.access_route = AccessRoute.INDIVIDUAL
    make_recognition(session, declared.body.id, declared.framework, number=2, reference="RNCP54321")
    with clock.at(clock.now() + timedelta(days=400)):
        assert taken(session, declared, deposit) == content
    if SCHEMA.is_file():
        assert reading.schema_faults(io.BytesIO(content), SCHEMA) == []


@pytest.mark.parametrize("state", [CertificateState.REVOKED, CertificateState.SUSPENDED, CertificateState.REPLACED])
def test_what_stands_no_more_does_not_leave_and_the_deposit_names_it(session: Session, state: CertificateState) -> None:
    declared = make_declared(session, 2)
    actor, deposit = declared.actor(session), make_deposit(session, declared)
    row = session.get_one(Certificate, declared.certificates[0])
    row.state = state
    session.flush()
    for verb in (services.take, services.submit):
        with pytest.raises(Conflict) as refused:
            verb(session, actor, deposit)
        assert row.number in str(refused.value.message)
        assert "nulez ce dépôt" in str(refused.value.message)
    services.cancel(session, actor, deposit)
    assert len(queries.holders_of(session, declared.body.id)) == 1
    again = make_deposit(session, declared)
    services.submit(session, actor, again)
    for one in session.scalars(select(Certificate)):
        one.state = state
    session.flush()
    assert taken(session, declared, again)


def test_one_award_has_one_line_that_waits_or_is_delivered(session: Session) -> None:
    declared = make_declared(session)
    deposit = make_deposit(session, declared)
    [item] = items(session, deposit).values()
    session.commit()
    make_depositor(session, declared)
    values = {one.key: getattr(item, one.key) for one in DepositItem.__mapper__.column_attrs}
    depositors = {one.key: getattr(deposit, one.key) for one in Deposit.__mapper__.column_attrs}
    other = Deposit(**depositors | {"id": new_id(), "number": 9, "flow_id": "autre"})
    session.add(other)
    session.flush()
    session.add(DepositItem(**values | {"id": new_id(), "deposit_id": other.id, "state": ItemState.CANCELLED}))
    session.flush()
    session.add(DepositItem(**values | {"id": new_id(), "deposit_id": other.id, "state": ItemState.DELIVERED}))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_number_given_for_a_later_certification_stays(session: Session) -> None:
    declared = make_declared(session, 2)
    actor = declared.actor(session)
    deposit = make_deposit(session, declared)
    identities.keep_number(session, actor, declared.holders[0], number=NUMBER)
    answer(session, declared, deposit, report(deposit, list(items(session, deposit))))
    with clock.at(clock.now() + timedelta(days=1)):
        identities.keep_number(session, actor, declared.holders[1], number=NUMBER)
    session.commit()
    with clock.at(clock.now() + timedelta(days=91)):
        assert tasks.purge_numbers() == 1
    session.expire_all()
    [kept] = session.scalars(select(RegistrationNumber).where(RegistrationNumber.content.is_not(None)))
    assert kept.user_id == declared.holders[1]


def test_a_file_that_is_refused_is_cancelled_and_says_which_fields(session: Session, tmp_path: Any) -> None:
    declared = make_declared(session, 1, has_identities=False)
    make_identity(session, declared.holders[0], replace(STATUS, sex=None))
    deposit = make_deposit(session, declared)
    assert (deposit.state, deposit.sha256) == (DepositState.CANCELLED, "")
    assert "sex" in deposit.message
    assert session.get_one(Certificate, declared.certificates[0]).number in deposit.message
    assert "Essai" not in deposit.message
    with pytest.raises(Conflict):
        taken(session, declared, deposit)
    strict = tmp_path / "strict.xsd"
    strict.write_text(
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="autre"/></xsd:schema>'
    )
    fine = make_declared(session)
    make_depositor(session, fine)
    row = services.prepare(session, fine.actor(session), fine.body.id)
    made = services.make(session, row, strict, lambda _done: None)
    assert made is not None
    assert "schéma" in made.trouble


def test_the_number_goes_in_the_newer_file_only_then_is_removed(session: Session, run_jobs: Run) -> None:
    declared = make_declared(session, 2)
    holder = declared.holders[0]
    identities.keep_number(session, declared.actor(session), holder, number=NUMBER)
    older = make_deposit(session, declared)
    assert NUMBER[:13].encode() not in taken(session, declared, older)
    services.cancel(session, declared.actor(session), older)
    deposit = make_deposit(session, declared, SchemaVersion.V115)
    content = taken(session, declared, deposit)
    assert content.count(b"<cpf:nir>" + NUMBER[:13].encode()) == 1
    session.commit()
    assert tasks.purge_numbers() == 0
    answer(session, declared, deposit, report(deposit, list(items(session, deposit))))
    session.commit()
    with clock.at(clock.now() + timedelta(days=89)):
        assert tasks.purge_numbers() == 0
    with clock.at(clock.now() + timedelta(days=91)):
        assert tasks.purge_numbers() == 1
        assert tasks.purge_numbers() == 0
    session.expire_all()
    row = session.scalars(select(RegistrationNumber)).one()
    assert row.content is None
    with pytest.raises(Conflict):
        taken(session, declared, deposit)
    run_jobs()
    kept = [json.dumps(one.detail) for one in session.scalars(select(AuditEvent))]
    kept += [json.dumps(one.payload) + one.last_error for one in session.scalars(select(OutboxMessage))]
    kept += [json.dumps(one.facts) + one.message for one in session.scalars(select(DepositItem))]
    assert not [text for text in kept if "2921159" in text or "Essai" in text]


@pytest.mark.engines("sqlite")
def test_ten_thousand_holders_go_in_one_file_and_come_back_in_one_report(session: Session) -> None:
    declared = make_declared(session, 10_000)
    deposit = make_deposit(session, declared)
    content = taken(session, declared, deposit)
    assert (deposit.count, deposit.state) == (10_000, DepositState.GENERATED)
    assert sum(1 for _ in reading.passages_in(io.BytesIO(content))) == 10_000
    names = sorted(items(session, deposit))
    row = answer(session, declared, deposit, report(deposit, names[1:], {names[0]: "Plusieurs titulaires"}))
    assert row.figures == {"delivered": 9_999, "rejected": 1}
    delivered = select(func.count()).where(DepositItem.state == ItemState.DELIVERED)
    assert session.scalar(delivered) == 9_999
    assert [one.technical_id for one in queries.holders_of(session, declared.body.id)] == [names[0]]


def test_identifiers_are_recorded_once_and_nobody_deposits_without_them(session: Session) -> None:
    declared = make_declared(session)
    actor = declared.actor(session)
    with pytest.raises(Conflict):
        services.prepare(session, actor, declared.body.id)
    make_depositor(session, declared)
    make_depositor(session, declared)
    row = queries.depositor_of(session, declared.body.id)
    assert row is not None
    assert (row.number, row.client_id) == (1, "ABCD1234")
    for client, contract in (("ABC", "X"), ("ABCD12345", "X"), ("ABCD1234", ""), ("ABCD1234", "X" * 21)):
        with pytest.raises(Invalid):
            services.record_depositor(
                session, actor, declared.body.id, client_id=client, contract_id=contract, is_trusted_third_party=False,
                schema_version=SchemaVersion.V112,
            )  # fmt: skip
    third: dict[str, Any] = {
        "contract_id": "MCFCER000001", "is_trusted_third_party": True, "schema_version": SchemaVersion.V112,
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        services.record_depositor(session, actor, declared.body.id, client_id="ABCD1234", **third)
    assert refused.value.field == "certifier_client_id"
    row = services.record_depositor(
        session, actor, declared.body.id, client_id="ABCD1234", certifier_client_id="wxyz5678", **third
    )
    assert (row.number, row.certifier_client_id) == (2, "WXYZ5678")
    assert actor == actor_of(session, declared.registrar)
    assert session.scalar(select(func.count()).select_from(CivilIdentity)) == 1
