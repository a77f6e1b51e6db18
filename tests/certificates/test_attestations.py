"""Attestations of attendance: what the sheets say, issued by the training body, and nothing of what is acquired."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import services
from certify.certificates.models import CertificateKind, CertificateState
from certify.certificates.services import attendance
from certify.cohorts.models import Attendance, Cohort, Enrolment, Presence
from certify.core import clock, files
from certify.core.access import Role
from certify.core.db import db
from certify.core.errors import Conflict
from certify.organisations.models import Organisation
from tests.documents.reading_back import words_of
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.following import make_half_day
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words


def _enrolment(session: Session, presences: str) -> Enrolment:
    """Make somebody with one half-day a letter: p, e (excused) or a (absent)."""
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort, make_user(session, given_name="Stagiaire", family_name="07"))
    _record(session, enrolment, presences)
    return enrolment


def _record(session: Session, enrolment: Enrolment, presences: str, since: int = 30) -> None:
    kinds = {"p": Presence.PRESENT, "e": Presence.EXCUSED, "a": Presence.ABSENT}
    cohort = session.get_one(type(make_cohort(session)), enrolment.cohort_id)
    enrolment.entered_on = clock.today() - timedelta(days=60)
    for number, letter in enumerate(presences):
        half_day = make_half_day(session, cohort, clock.today() - timedelta(days=since - number), minutes=210)
        session.add(
            Attendance(
                session_id=half_day.id, enrolment_id=enrolment.id, presence=kinds[letter], recorded_at=clock.now()
            )
        )
    session.flush()


def test_an_attestation_counts_half_days_and_speaks_of_nothing_else(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    enrolment = _enrolment(session, "pppea")
    body = session.get_one(Organisation, enrolment.training_body_id)
    actor = actor_of(session, make_member(session, body, Role.COORDINATOR))
    certificate = services.attest(session, actor, enrolment)
    assert certificate.kind is CertificateKind.ATTENDANCE
    assert (certificate.decision_id, certificate.certifying_body_id) == (None, body.id)
    assert certificate.number == f"A-{certificate.issued_at.year}-000001"
    said = certificate.facts["attendance"]
    assert (said["present"], said["excused"], said["absent"], said["expected"], said["minutes"]) == (3, 1, 1, 5, 630)
    assert services.attest(session, actor, enrolment).id == certificate.id
    run_jobs()
    session.expire_all()
    text = words_of(files.read(certificate.storage_key))
    for words_said in ("Attestation d’assiduité", "Stagiaire 07", "3 sur 5", "60 %", "10 h 30", body.name):
        assert words_said in text
    assert "jury réuni" not in text
    _record(session, enrolment, "pp", since=10)
    again = services.attest(session, actor, enrolment)
    assert (again.edition, again.replaces_id, certificate.state) == (2, certificate.id, CertificateState.REPLACED)
    with pytest.raises(Conflict, match="ne se corrige pas"):
        services.correct(session, actor, again, reason="Une raison assez longue.")


def test_an_attestation_is_given_again_when_anything_it_says_was_wrong(session: Session) -> None:
    enrolment = _enrolment(session, "pp")
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    body = session.get_one(Organisation, enrolment.training_body_id)
    actor, other = (actor_of(session, make_member(session, body, Role.COORDINATOR)) for _ in range(2))
    assert attendance.due(session, cohort, [enrolment]) == {enrolment.id}
    first = services.attest(session, actor, enrolment)
    # Whoever asks, and however often the fields are saved, the same words are the same attestation.
    assert attendance.due(session, cohort, [enrolment]) == set()
    assert services.attest(session, other, enrolment).id == first.id
    session.get_one(User, enrolment.user_id).family_name = "Exact"
    session.flush()
    assert attendance.due(session, cohort, [enrolment]) == {enrolment.id}
    second = services.attest(session, actor, enrolment)
    assert (second.replaces_id, second.holder_name) == (first.id, "Stagiaire Exact")
    body.city = "Ailleurs"
    session.flush()
    services.suspend(session, actor, second, reason="Une feuille est en cours d’examen.")
    assert attendance.due(session, cohort, [enrolment]) == set()
    with pytest.raises(Conflict, match="suspendue"):
        services.attest(session, actor, enrolment)
    services.revoke(session, actor, second, reason="La feuille était fausse.")
    third = services.attest(session, actor, enrolment)
    assert (third.replaces_id, third.facts["place"]) == (None, "Ailleurs")
    with pytest.raises(Conflict, match=third.number):
        services.reinstate(session, actor, second, reason="La feuille était juste.")


def test_nothing_is_attested_of_somebody_nobody_saw(session: Session) -> None:
    enrolment = _enrolment(session, "ea")
    body = session.get_one(Organisation, enrolment.training_body_id)
    actor = actor_of(session, make_member(session, body, Role.COORDINATOR))
    with pytest.raises(Conflict, match="rien à attester"):
        services.attest(session, actor, enrolment)


def test_a_coordinator_attests_a_cohort_at_once(session: Session, sign_in: SignIn, run_jobs: Callable[[], int]) -> None:
    enrolment = _enrolment(session, "pp")
    cohort = session.get_one(type(make_cohort(session)), enrolment.cohort_id)
    for number in range(4):
        _record(session, make_enrolment(session, cohort), "p", since=20 - number)
    make_enrolment(session, cohort)
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = sign_in(make_member(session, body, Role.COORDINATOR))
    address = f"/cohorts/{cohort.id}/attestations"
    page = visit(client, address)
    assert "aucune présence relevée" in words(page)
    page = follow(client, submit(client, page, "td form"))
    assert "1 attestation est délivrée" in words(page)
    page = follow(client, submit(client, page, f'.page-actions form[action="{address}"]'))
    assert "4 attestations sont délivrées" in words(page)
    run_jobs()
    page = visit(client, address)
    assert page.select_one(".page-actions form") is None
    with count_statements(db.engine) as many:
        visit(client, address)
    for number in range(5):
        _record(session, make_enrolment(session, cohort), "p", since=12 - number)
    session.commit()
    with count_statements(db.engine) as more:
        visit(client, address)
    assert len(more) == len(many)
    holder = sign_in(session.get_one(User, enrolment.user_id))
    assert "Attestation d’assiduité" in words(visit(holder, "/my-certificates"))
    stranger = make_member(session, make_organisation(session), Role.COORDINATOR)
    assert sign_in(stranger).get(address).status_code == 404
