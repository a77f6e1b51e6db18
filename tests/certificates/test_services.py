import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.certificates import codes, policies, queries, services
from certify.certificates.models import Certificate, CertificateKind
from certify.core import access
from certify.core.access import Actor
from certify.core.db import db, separate_session
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.mail import MailMessage
from certify.juries import queries as jury_queries
from certify.juries import services as juries
from tests.factories.juries import (
    NOT_ACQUIRED,
    awards,
    closed,
    grant,
    make_certificate,
    make_jury,
    make_published_jury,
    opened,
    published,
)


def reread(session: Session, certificate: Certificate) -> Certificate:
    session.commit()
    found = queries.by_code(session, certificate.code)
    assert found is not None
    return found


def test_a_certificate_freezes_what_the_jury_decided(session: Session) -> None:
    made = make_published_jury(session)
    award = awards(session, made)[0]
    certificate = services.issue(session, made.actor(session), award)
    assert certificate.kind is CertificateKind.WHOLE
    assert certificate.number == f"C-{certificate.issued_at.year}-000001"
    assert codes.read(certificate.code) == certificate.code
    facts = certificate.facts
    assert facts["holder"]["name"] == award.holder.name == certificate.holder_name
    assert facts["minutes"] == made.jury.reference
    assert [block["code"] for block in facts["blocks"]] == ["1", "2", "3", "4"]
    assert len(facts["framework"]["digest"]) == 64


def test_a_change_of_name_afterwards_changes_no_certificate(session: Session) -> None:
    made = make_published_jury(session)
    award = awards(session, made)[0]
    before = award.holder.name
    certificate = services.issue(session, made.actor(session), award)
    award.holder.family_name = "Renommée"
    session.flush()
    assert services.issue(session, made.actor(session), award).facts["holder"]["name"] == before
    certificate.facts = certificate.facts | {"certifier": "Autre"}
    with pytest.raises(Conflict):
        session.flush()
    session.rollback()


def test_issuing_again_gives_the_same_certificate(session: Session) -> None:
    made = make_published_jury(session)
    award = awards(session, made)[0]
    first = services.issue(session, made.actor(session), award)
    assert services.issue(session, made.actor(session), award).id == first.id
    assert services.issue_all(session, made.actor(session), made.jury) == []
    assert session.scalar(select(func.count(Certificate.id))) == 1


def test_a_partial_decision_gives_an_attestation_of_the_acquired_blocks(session: Session) -> None:
    made = make_published_jury(session, b1=NOT_ACQUIRED, b4=NOT_ACQUIRED)
    certificate = services.issue(session, made.actor(session), awards(session, made)[0])
    assert certificate.kind is CertificateKind.BLOCKS
    assert certificate.facts["title"] == "Attestation de blocs de compétences"
    assert [block["code"] for block in certificate.facts["blocks"]] == ["2", "3"]


def test_a_refusal_and_an_adjournment_give_nothing(session: Session) -> None:
    refused = make_published_jury(session, b1=NOT_ACQUIRED, b2=NOT_ACQUIRED, b3=NOT_ACQUIRED, b4=NOT_ACQUIRED)
    adjourned = make_published_jury(session, whole="adjourned")
    for made in (refused, adjourned):
        with pytest.raises(Conflict, match="aucun certificat"):
            services.issue(session, made.actor(session), awards(session, made)[0])
        assert services.issue_all(session, made.actor(session), made.jury) == []


def test_nothing_is_issued_before_the_results_are_published_nor_from_a_replaced_decision(session: Session) -> None:
    made = opened(session, make_jury(session))
    first = grant(session, made, made.candidacies[0])
    with pytest.raises(NotFound):
        services.issue(session, made.actor(session), first)
    grant(session, made, made.candidacies[0], b1=NOT_ACQUIRED)
    juries.close(session, made.actor(session, made.president), made.jury)
    published(session, made)
    with pytest.raises(NotFound):
        services.issue(session, made.actor(session), first)


def test_numbers_follow_one_another_without_a_hole_in_each_body(session: Session) -> None:
    made, other = make_published_jury(session, 3), make_published_jury(session, 2)
    for prepared in (made, other):
        services.issue_all(session, prepared.actor(session), session.merge(prepared.jury))
    numbers = [
        [
            one.number[-6:]
            for one in session.scalars(select(Certificate).where(Certificate.certifying_body_id == body.id))
        ]
        for body in (made.body, other.body)
    ]
    assert [sorted(found) for found in numbers] == [["000001", "000002", "000003"], ["000001", "000002"]]


def test_a_number_taken_by_an_issue_that_failed_is_given_again(session: Session) -> None:
    made = make_published_jury(session, 2)
    first, second = awards(session, made)
    actor = made.actor(session)
    session.commit()
    services.issue(session, actor, first)
    session.rollback()
    assert services.issue(session, actor, second).number.endswith("-000001")


def test_two_issues_at_once_give_one_certificate_each_and_no_hole(app: Flask, session: Session) -> None:
    made = make_published_jury(session, 4)
    found, actor = awards(session, made), made.actor(session)
    session.commit()
    ids = [award.id for award in found]
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def run(order: list[int]) -> None:
        with app.app_context():
            start.wait()
            for index in order:
                with separate_session() as own:
                    try:
                        services.issue(own, actor, jury_queries.award(own, ids[index]))
                        own.commit()
                    except BaseException as error:  # noqa: BLE001 - shown by the test
                        failures.append(error)
            db.session.remove()  # type: ignore[attr-defined]

    threads = [
        threading.Thread(target=run, args=(order,)) for order in ([0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [1, 0])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    session.rollback()
    numbers = sorted(session.scalars(select(Certificate.number)))
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003", "000004"]


def test_a_revoked_certificate_stays_and_says_so(session: Session) -> None:
    certificate = make_certificate(session)
    actor = _registrar(session, certificate)
    services.revoke(session, actor, certificate, reason="Délivré par erreur à une autre personne.")
    found = reread(session, certificate)
    assert not policies.state_of(found).is_valid
    assert [event.kind.value for event in found.events] == ["issued", "revoked"]
    assert session.scalar(select(MailMessage.text).where(MailMessage.subject.contains("révoqué")))


def test_a_certificate_is_revoked_once_and_may_be_reinstated(session: Session) -> None:
    certificate = make_certificate(session)
    actor = _registrar(session, certificate)
    with pytest.raises(Conflict):
        services.reinstate(session, actor, certificate, reason="Rien à rétablir.")
    services.revoke(session, actor, certificate, reason="Délivré par erreur.")
    with pytest.raises(Conflict, match="déjà changé"):
        services.revoke(session, actor, certificate, reason="Délivré par erreur.")
    services.reinstate(session, actor, certificate, reason="L’erreur venait de nous.")
    found = reread(session, certificate)
    assert policies.state_of(found).is_valid
    assert len(found.events) == 3


def test_a_revocation_says_why(session: Session) -> None:
    certificate = make_certificate(session)
    with pytest.raises(Invalid, match="10 caractères"):
        services.revoke(session, _registrar(session, certificate), certificate, reason="  erreur  ")


def test_a_demonstration_body_marks_its_certificates(session: Session) -> None:
    made = make_jury(session)
    made.body.is_demo = True
    published(session, closed(session, made))
    assert services.issue(session, made.actor(session), awards(session, made)[0]).facts["is_demo"] is True


def _registrar(session: Session, certificate: Certificate):  # type: ignore[no-untyped-def]
    grants = access.load_grants(session, certificate.issued_by_id)
    return Actor(certificate.issued_by_id, "Responsable A", grants)
