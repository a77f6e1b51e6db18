"""Documents given again: duplicates with their numbered sheet, corrections that replace, later decisions."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.certificates import policies, queries, services
from certify.certificates.models import Certificate, CertificateEvent, CertificateKind, CertificateState
from certify.certificates.services import rereading
from certify.core import clock, files, object_store
from certify.core.access import Role
from certify.core.errors import Conflict, Invalid
from certify.core.outbox import OutboxMessage
from certify.juries import services as juries
from certify.juries.models import DecisionKind
from certify.juries.services import Ruling
from certify.organisations.models import Organisation
from tests.documents.reading_back import words_of
from tests.factories.juries import ACQUIRED, BLOCKS, NOT_ACQUIRED, awards, make_certificate, make_published_jury
from tests.factories.people import actor_of, make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit, words

REASON = "Original perdu, déclaration du 3 mars."


def _registrar(session: Session, certificate: Certificate) -> User:
    return session.get_one(User, certificate.issued_by_id)


def _printed(session: Session, run_jobs: Callable[[], int], **holder: Any) -> Certificate:
    certificate = make_certificate(session, **holder)
    run_jobs()
    session.expire_all()
    found = queries.by_code(session, certificate.code)
    assert found is not None
    return found


def _reread(session: Session, certificate: Certificate) -> Certificate:
    found = queries.by_code(session, certificate.code)
    assert found is not None
    return found


def test_a_duplicate_is_the_same_bytes_with_a_numbered_sheet(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate = _printed(session, run_jobs)
    actor = actor_of(session, _registrar(session, certificate))
    before = (certificate.storage_key, certificate.sha256, certificate.rendered_at)
    first = services.duplicate(session, actor, certificate, reason=REASON)
    second = services.duplicate(session, actor, certificate, reason="Perdu de nouveau, en voyage.")
    assert (first.number, second.number) == (1, 2)
    run_jobs()
    session.expire_all()
    assert (certificate.storage_key, certificate.sha256, certificate.rendered_at) == before
    sheet = files.read(second.storage_key)
    text = words_of(sheet)
    for said in ("DUPLICATA n° 2", certificate.number, certificate.holder_name, "Perdu de nouveau, en voyage."):
        assert said in text
    assert certificate.sha256[:32] in text
    assert queries.certificate_of_hash(session, second.sha256) == (certificate, 2)
    kept = (second.storage_key, second.sha256)
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "certificate.duplicated")).first()
    assert message is not None
    message.done_at = None
    run_jobs()
    session.expire_all()
    assert (second.storage_key, second.sha256) == kept
    assert rereading.reread(session, certificate.id) is True
    object_store.delete([first.storage_key])
    object_store.put_once(first.storage_key, sheet)
    assert rereading.reread(session, certificate.id) is False


def test_no_duplicate_of_what_is_not_made_or_no_longer_worth_anything(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    fresh = make_certificate(session)
    actor = actor_of(session, _registrar(session, fresh))
    with pytest.raises(Conflict, match="en cours de fabrication"):
        services.duplicate(session, actor, fresh, reason=REASON)
    run_jobs()
    session.expire_all()
    with pytest.raises(Invalid):
        services.duplicate(session, actor, fresh, reason="perdu")
    services.revoke(session, actor, fresh, reason="Délivré par erreur.")
    with pytest.raises(Conflict, match="plus valide"):
        services.duplicate(session, actor, fresh, reason=REASON)
    assert session.scalars(select(CertificateEvent).where(CertificateEvent.number.is_not(None))).all() == []


def test_a_correction_replaces_and_says_so_on_both(session: Session, run_jobs: Callable[[], int]) -> None:
    old = _printed(session, run_jobs, given_name="Stagiaire", family_name="Erroné")
    actor = actor_of(session, _registrar(session, old))
    bytes_before = files.read(old.storage_key)
    holder = session.get_one(User, old.holder_id)
    holder.family_name = "Exact"
    session.flush()
    changes = services.changes(session, actor, old)
    assert [(change.before, change.after) for change in changes] == [("Stagiaire Erroné", "Stagiaire Exact")]
    new = services.correct(session, actor, old, reason="Nom mal écrit à l’inscription.")
    run_jobs()
    session.expire_all()
    old, new = (_reread(session, one) for one in (old, new))
    assert (new.edition, new.replaces_id, new.decision_id) == (2, old.id, old.decision_id)
    assert (old.state, new.state) == (CertificateState.REPLACED, CertificateState.VALID)
    assert policies.state_of(old).successor_id == new.id
    assert old.facts["holder"]["name"] == "Stagiaire Erroné"
    assert files.read(old.storage_key) == bytes_before
    text = words_of(files.read(new.storage_key))
    assert f"Annule et remplace le document n° {old.number}" in text
    assert "Stagiaire Exact" in text
    with pytest.raises(Conflict, match="déjà été révoqué ou remplacé"):
        services.correct(session, actor, old, reason="Nom mal écrit à l’inscription.")
    # Asked again from the same decision, the correction is what is found.
    assert services.issue(session, actor, _decision(old)).id == new.id


def _decision(certificate: Certificate) -> services.issuing.Decision:
    class Decision:
        id = certificate.decision_id

    return Decision()  # type: ignore[return-value]


def test_a_later_decision_replaces_what_the_earlier_one_gave_unless_it_says_the_same(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    made = make_published_jury(session, b1=NOT_ACQUIRED)
    actor = made.actor(session)
    partial = services.issue(session, actor, awards(session, made)[0])
    every_block = Ruling(
        dict.fromkeys(BLOCKS, ACQUIRED), competencies.WholeOutcome.OBTAINED, "Recours accueilli après réexamen.",
        dict.fromkeys(BLOCKS, "Motif écrit par le jury."),
    )  # fmt: skip
    for expected, kind in ((1, DecisionKind.APPEAL), (2, DecisionKind.CORRECTION)):
        juries.decide_again(
            session, actor, made.candidacies[0], kind=kind, expected=expected, decided_on=clock.today(),
            ruling=every_block,
        )  # fmt: skip
        run_jobs()
        session.expire_all()
        whole = services.issue(session, actor, awards(session, made)[0])
        assert (whole.kind, whole.edition, whole.replaces_id) == (CertificateKind.WHOLE, 2, partial.id)
    assert partial.state is CertificateState.REPLACED
    assert len(session.scalars(select(Certificate)).all()) == 2


def test_the_registrar_gives_a_duplicate_and_a_correction_from_the_pages(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    certificate = _printed(session, run_jobs, given_name="Stagiaire", family_name="Erroné")
    holder = session.get_one(User, certificate.holder_id)
    client = sign_in(_registrar(session, certificate))
    address = f"/certificates/{certificate.id}/duplicates"
    page = visit(client, address)
    assert "Aucun duplicata n’a été délivré" in words(page)
    assert "10 caractères" in words(read(submit(client, page, reason="perdu"), status=422))
    page = follow(client, submit(client, page, reason=REASON))
    assert "La feuille se prépare" in words(page)
    run_jobs()
    link = visit(client, address).select_one(f'a[href="{address}/1"]')
    assert link is not None
    assert client.get(f"{address}/1").data.startswith(b"%PDF")
    assert sign_in(holder).get(f"{address}/1").status_code == 200
    assert "Feuille du duplicata n° 1" in words(visit(sign_in(holder), "/my-certificates"))
    assert client.get(f"{address}/2").status_code == 404
    holder.family_name = "Exact"
    session.commit()
    page = visit(client, f"/certificates/{certificate.id}/correction")
    assert "Stagiaire Exact" in words(page)
    page = follow(client, submit(client, page, reason="Nom mal écrit à l’inscription."))
    assert "annule et remplace" in words(page)
    again = visit(client, f"/certificates/{certificate.id}/correction")
    assert "déjà été révoqué ou remplacé" in words(again)
    body = make_certifying_body(session, name="Ailleurs")
    stranger = sign_in(make_member(session, body, Role.REGISTRAR))
    for path in ("duplicates", "correction", "duplicates/1"):
        assert stranger.get(f"/certificates/{certificate.id}/{path}").status_code == 404
    assert session.get_one(Organisation, body.id).name == "Ailleurs"
