"""Who is to be declared: from which registration, until when, and what a correction of a certificate changes."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.certificates.models import Certificate, CertificateState
from certify.cohorts.models import AccessRoute, Enrolment, VaeStep, VaeStepKind
from certify.core import clock
from certify.core.types import new_id
from certify.declarations import policies, queries, services
from certify.frameworks.models import RegistrationState
from tests.declarations.test_deposits import answer, items
from tests.factories.declarations import (
    make_declared,
    make_deposit,
    make_depositor,
    make_identity,
    make_recognition,
    report,
    whole_report,
)

TODAY = clock.today()


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


def test_what_counts_is_a_registration_on_the_day_of_the_decision_or_of_entry(session: Session) -> None:
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
    said = queries.overviews(session, [declared.body.id])[declared.body.id]
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
    assert list(items(session, deposit)) == [holder.technical_id]
    _corrected(session, declared.certificates[2])
    assert queries.holders_of(session, declared.body.id) == []


def _corrected(session: Session, certificate_id: uuid.UUID) -> Certificate:
    """Issue the next edition of a certificate, now, as a correction does."""
    original = session.get_one(Certificate, certificate_id)
    values = {one.key: getattr(original, one.key) for one in Certificate.__mapper__.column_attrs}
    again = {
        "id": new_id(), "edition": original.edition + 1, "replaces_id": original.id, "number": f"{original.number}b",
        "code": new_id().hex[-20:], "issued_at": clock.now(), "state": CertificateState.VALID,
    }  # fmt: skip
    row = Certificate(**values | again)
    session.add(row)
    original.state = CertificateState.REPLACED
    session.flush()
    return row


def test_a_correction_is_declared_as_issued_the_first_day_and_keeps_its_deadline_and_rejection(
    session: Session,
) -> None:
    declared = make_declared(session, 1)
    with clock.at(clock.now() + timedelta(days=80)):
        _corrected(session, declared.certificates[0])
        [holder] = queries.holders_of(session, declared.body.id)
        assert (holder.award.issued_on, holder.due_on) == (TODAY, policies.due_on(TODAY))
        deposit = make_deposit(session, declared)
        [name] = items(session, deposit)
        answer(session, declared, deposit, report(deposit, [], {name: "Plusieurs titulaires"}))
    with clock.at(clock.now() + timedelta(days=90)):
        _corrected(session, holder.certificate_id)
        [holder] = queries.holders_of(session, declared.body.id)
        assert (holder.technical_id, holder.rejection) == (name, "Plusieurs titulaires")
        assert holder.due_on == policies.due_on(TODAY + timedelta(days=80))


def test_a_certificate_decided_before_a_registration_is_not_declared_once_corrected(session: Session) -> None:
    declared = make_declared(session, 1, is_registered=False)
    soon = TODAY + timedelta(days=10)
    make_recognition(session, declared.body.id, declared.framework, decided_on=soon, starts_on=soon)
    with clock.at(clock.now() + timedelta(days=20)):
        assert queries.holders_of(session, declared.body.id) == []
        _corrected(session, declared.certificates[0])
        assert queries.holders_of(session, declared.body.id) == []


def test_a_file_refused_as_a_whole_moves_no_deadline(session: Session) -> None:
    declared = make_declared(session, 1)
    with clock.at(clock.now() + timedelta(days=60)):
        deposit = make_deposit(session, declared)
        answer(session, declared, deposit, whole_report(deposit))
        [holder] = queries.holders_of(session, declared.body.id)
        assert (holder.rejection, holder.due_on) == ("XSD (1) balise", policies.due_on(TODAY))
