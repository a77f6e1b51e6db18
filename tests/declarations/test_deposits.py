"""Deposits: who goes in, what becomes of each line, what a file may never hold."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.certificates.models import Certificate, CertificateState
from certify.cohorts.models import AccessRoute, Enrolment, VaeStep, VaeStepKind
from certify.core import clock
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid
from certify.core.outbox import OutboxMessage
from certify.core.types import new_id
from certify.declarations import policies, queries, reading, services, tasks
from certify.declarations.models import Deposit, DepositItem, DepositState, ItemState, Receipt
from certify.declarations.passages import SchemaVersion
from certify.frameworks.models import RegistrationState
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
)
from tests.factories.people import actor_of

TODAY = clock.today()
Run = Callable[[], int]


def _items(session: Session, deposit: Deposit) -> dict[str, DepositItem]:
    query = select(DepositItem).where(DepositItem.deposit_id == deposit.id).execution_options(populate_existing=True)
    return {item.technical_id: item for item in session.scalars(query)}


def _answer(session: Session, declared: Declared, deposit: Deposit, content: bytes) -> Receipt:
    actor = declared.actor(session)
    return services.import_receipt(session, actor, deposit, filename="retour.xml", content=content)


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
    a, b, c, d = sorted(_items(session, first))
    why = {b: "Aucun titulaire ne correspond aux critères obligatoires", c: "l’id technique Y existe déjà en base"}
    row = _answer(session, declared, first, report(first, [a, d], why))
    assert row.figures == {"delivered": 3, "rejected": 1}
    states = {name: item.state for name, item in _items(session, first).items()}
    assert states == {a: ItemState.DELIVERED, b: ItemState.REJECTED, c: ItemState.DELIVERED, d: ItemState.DELIVERED}
    assert (first.state, first.treatment_id) == (DepositState.PARTLY_REJECTED, "67598")
    [left] = queries.holders_of(session, declared.body.id)
    assert (left.technical_id, left.rejection) == (b, why[b])
    second = services.prepare(session, actor, declared.body.id)
    assert (second.number, list(_items(session, second))) == (2, [b])
    assert second.flow_id != first.flow_id


def test_a_report_is_applied_once_and_to_the_deposit_it_speaks_of(session: Session) -> None:
    declared = make_declared(session, 2)
    deposit = make_deposit(session, declared)
    a, b = sorted(_items(session, deposit))
    for content in (
        report(deposit, [a], flow="autre"),
        report(deposit, [a, "inconnu"]),
        report(deposit, [a, a]),
        report(deposit, [a], {a: "refusé"}),
        report(deposit, []),
        b"<rapport></rapport>",
    ):
        with pytest.raises(Invalid):
            _answer(session, declared, deposit, content)
    assert {item.state for item in _items(session, deposit).values()} == {ItemState.PENDING}
    content = report(deposit, [a])
    assert _answer(session, declared, deposit, content).figures == {"delivered": 1, "rejected": 0, "waiting": 1}
    with pytest.raises(Conflict):
        _answer(session, declared, deposit, content)
    assert deposit.state is DepositState.SUBMITTED
    _answer(session, declared, deposit, report(deposit, [a, b]))
    assert deposit.state is DepositState.ACCEPTED
    with pytest.raises(Conflict):
        _answer(session, declared, deposit, report(deposit, [b, a]))


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
    error = b"<erreur><type>XSD</type><message>balise</message><ligne>1</ligne></erreur>"
    whole = b"<rapport><erreurs>" + error + b"</erreurs></rapport>"
    _answer(session, declared, again, whole)
    assert (again.state, again.message) == (DepositState.REJECTED, "XSD (1) balise")
    assert len(queries.holders_of(session, declared.body.id)) == 2


def _situations() -> list[tuple[str, dict[str, Any], dict[str, Any], bool]]:
    day = timedelta(days=1)
    return [
        ("registered now", {}, {}, True),
        ("registered tomorrow", {"decided_on": TODAY + day, "starts_on": TODAY + day}, {}, False),
        ("over, but in force on entry", {"ends_on": TODAY - day}, {"entered_on": TODAY - 90 * day}, True),
        ("over before entry", {"ends_on": TODAY - 100 * day}, {"entered_on": TODAY - 90 * day}, False),
        (
            "decided since, with effect before entry",
            {"decided_on": TODAY - day, "starts_on": TODAY - 200 * day, "ends_on": TODAY - day},
            {"entered_on": TODAY - 90 * day}, True,
        ),
        ("withdrawn from the record", {"state": RegistrationState.NOT_REGISTERED, "reference": ""}, {}, False),
        ("a VAE never admitted, over since", {"ends_on": TODAY - day},
         {"access_route": AccessRoute.PRIOR_EXPERIENCE, "entered_on": TODAY - 90 * day}, False),
    ]  # fmt: skip


def test_what_counts_is_a_registration_on_the_day_of_issue_or_of_entry(session: Session) -> None:
    for name, registration, enrolment, is_declared in _situations():
        declared = make_declared(session, 1, is_registered=False, **enrolment)
        assert queries.holders_of(session, declared.body.id) == []
        make_recognition(session, declared.body.id, declared.framework, **registration)
        assert bool(queries.holders_of(session, declared.body.id)) is is_declared, name
        assert queries.is_open(session, declared.body.id) is (name != "withdrawn from the record")


def test_a_vae_counts_from_its_admission_and_says_its_route(session: Session) -> None:
    declared = make_declared(session, 1, is_registered=False, access_route=AccessRoute.PRIOR_EXPERIENCE)
    make_recognition(session, declared.body.id, declared.framework, ends_on=TODAY - timedelta(days=30))
    [enrolment] = session.scalars(select(Enrolment).where(Enrolment.user_id == declared.holders[0]))
    session.add(
        VaeStep(
            id=new_id(),
            enrolment_id=enrolment.id,
            kind=VaeStepKind.ADMITTED,
            on=TODAY - timedelta(days=40),
            recorded_at=clock.now(),
        )
    )
    session.flush()
    [holder] = queries.holders_of(session, declared.body.id)
    assert (holder.award.access, holder.award.vae_route) == ("VAE", "VAE_CLASSIQUE")


def test_what_is_missing_and_the_deadline_are_told_for_each_holder(session: Session) -> None:
    declared = make_declared(session, 3, has_identities=False)
    make_depositor(session, declared)
    make_identity(session, declared.holders[1], checked_at=None, checked_by_id=None)
    make_identity(session, declared.holders[2])
    found = {one.user_id: one for one in queries.holders_of(session, declared.body.id)}
    assert [found[one].missing for one in declared.holders] == ["identity", "check", ""]
    assert {one.due_on for one in found.values()} == {policies.due_on(TODAY)}
    assert {one.urgency for one in found.values()} == {"calm"}
    for later, urgency in ((70, "soon"), (100, "late")):
        with clock.at(clock.now() + timedelta(days=later)):
            assert {one.urgency for one in queries.holders_of(session, declared.body.id)} == {urgency}
    said = queries.overview(session, declared.body.id)
    assert (said.ready, said.incomplete, said.late, said.rejected) == (1, 2, 0, 0)
    assert services.prepare(session, declared.actor(session), declared.body.id).count == 1


def test_certificates_that_do_not_stand_are_left_out_and_a_correction_is_not_declared_twice(
    session: Session,
) -> None:
    declared = make_declared(session, 3)
    rows = [session.get_one(Certificate, one) for one in declared.certificates]
    rows[0].state, rows[1].state = CertificateState.REVOKED, CertificateState.SUSPENDED
    session.flush()
    [holder] = queries.holders_of(session, declared.body.id)
    deposit = make_deposit(session, declared)
    assert list(_items(session, deposit)) == [holder.technical_id]
    original = rows[2]
    values = {one.key: getattr(original, one.key) for one in Certificate.__mapper__.column_attrs}
    again = values | {"id": new_id(), "edition": 2, "replaces_id": original.id, "number": "C-2", "code": "ENCORE"}
    session.add(Certificate(**again))
    original.state = CertificateState.REPLACED
    session.flush()
    assert queries.holders_of(session, declared.body.id) == []


def test_a_file_is_remade_the_same_whatever_happens_since_and_its_lines_are_frozen(session: Session) -> None:
    declared = make_declared(session, 3)
    deposit = make_deposit(session, declared)
    content = services.take(session, deposit)
    assert hashlib.sha256(content).hexdigest() == deposit.sha256
    assert len(content) == deposit.size
    make_identity(session, declared.holders[0], replace(STATUS, birth_name="Autre"), number=2)
    for enrolment in session.scalars(select(Enrolment).where(Enrolment.user_id.in_(declared.holders))):
        enrolment.access_route = AccessRoute.INDIVIDUAL
    make_recognition(session, declared.body.id, declared.framework, number=2, reference="RNCP54321")
    with clock.at(clock.now() + timedelta(days=400)):
        assert services.take(session, deposit) == content
    if SCHEMA.is_file():
        assert reading.schema_faults(content, SCHEMA) == []


def test_a_file_that_is_refused_is_cancelled_and_says_which_fields(session: Session, tmp_path: Any) -> None:
    declared = make_declared(session, 1, has_identities=False)
    make_identity(session, declared.holders[0], replace(STATUS, sex=None))
    deposit = make_deposit(session, declared)
    assert (deposit.state, deposit.sha256) == (DepositState.CANCELLED, "")
    assert "sex" in deposit.message
    assert "Essai" not in deposit.message
    with pytest.raises(Conflict):
        services.take(session, deposit)
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
    assert NUMBER[:13].encode() not in services.take(session, older)
    services.cancel(session, declared.actor(session), older)
    deposit = make_deposit(session, declared, SchemaVersion.V115)
    content = services.take(session, deposit)
    assert content.count(b"<cpf:nir>" + NUMBER[:13].encode()) == 1
    session.commit()
    assert tasks.purge_numbers() == 0
    _answer(session, declared, deposit, report(deposit, list(_items(session, deposit))))
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
        services.take(session, deposit)
    run_jobs()
    kept = [json.dumps(one.detail) for one in session.scalars(select(AuditEvent))]
    kept += [json.dumps(one.payload) + one.last_error for one in session.scalars(select(OutboxMessage))]
    kept += [json.dumps(one.facts) + one.message for one in session.scalars(select(DepositItem))]
    assert not [text for text in kept if "2921159" in text or "Essai" in text]


@pytest.mark.engines("sqlite")
def test_ten_thousand_holders_go_in_one_file_and_come_back_in_one_report(session: Session) -> None:
    declared = make_declared(session, 10_000)
    deposit = make_deposit(session, declared)
    content = services.take(session, deposit)
    assert (deposit.count, deposit.state) == (10_000, DepositState.GENERATED)
    assert sum(1 for _ in reading.passages_in(content)) == 10_000
    names = sorted(_items(session, deposit))
    row = _answer(session, declared, deposit, report(deposit, names[1:], {names[0]: "Plusieurs titulaires"}))
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
    assert actor == actor_of(session, declared.registrar)
    assert session.scalar(select(func.count()).select_from(CivilIdentity)) == 1
