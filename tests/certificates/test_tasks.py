from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from certify.certificates import queries, services, tasks
from certify.certificates.models import Certificate
from certify.core import clock, files, outbox
from certify.core.errors import Conflict
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.organisations.models import Organisation
from certify.seals.checking import check
from certify.seals.models import SealKey
from certify.seals.queries import trusted_roots
from tests.factories.juries import make_certificate, make_published_jury

KEEPER = "certify.certificates.tasks.keep_certificate"


def mails(session: Session) -> list[MailMessage]:
    return list(session.scalars(select(MailMessage).where(MailMessage.subject.contains("est prêt"))))


def test_a_document_is_made_once_and_its_holder_told_once(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate = make_certificate(session)
    run_jobs()
    session.refresh(certificate)
    first = (certificate.storage_key, certificate.sha256, certificate.rendered_at)
    assert files.read(certificate.storage_key).startswith(b"%PDF")
    assert len(mails(session)) == 1
    assert f"/verify/{certificate.code}" in mails(session)[0].text
    _deliver_again(session, run_jobs)
    session.refresh(certificate)
    assert (certificate.storage_key, certificate.sha256, certificate.rendered_at) == first
    assert len(mails(session)) == 1


def _deliver_again(session: Session, run_jobs: Callable[[], int]) -> None:
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.subscriber == KEEPER)).one()
    message.done_at = None
    session.commit()
    run_jobs()


def test_a_document_prepared_twice_at_once_is_kept_once(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate = make_certificate(session)
    session.commit()
    first = tasks.print_certificate(session, str(certificate.id))
    run_jobs()
    tasks.keep_certificate(session, str(certificate.id), prepared=first)
    session.commit()
    assert first is not None
    assert (certificate.storage_key, certificate.sha256) == (first.key, first.sha256)
    assert len(mails(session)) == 1


def test_a_name_that_documents_cannot_write_stops_the_issue_and_names_its_characters(session: Session) -> None:
    with pytest.raises(Conflict, match=r"ne s’impriment pas\s: 王 小 明"):
        make_certificate(session, given_name="王", family_name="小明")
    assert session.scalars(select(Certificate)).all() == []


def test_a_document_that_cannot_be_made_says_why(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate = make_certificate(session)
    session.execute(update(SealKey).values(not_after=clock.now()).execution_options(keeps_seals=True))
    run_jobs()
    session.refresh(certificate)
    assert (certificate.storage_key, certificate.sealed_at, mails(session)) == ("", None, [])
    assert "NoSeal" in queries.troubles(session)[certificate.id]


def test_what_is_kept_is_sealed_by_its_body(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate = make_certificate(session)
    run_jobs()
    session.refresh(certificate)
    assert certificate.sealed_at is not None
    content = files.read(certificate.storage_key)
    verdict = check(content, trusted=trusted_roots(session))
    assert (verdict.is_valid, verdict.covers_whole, verdict.is_unchanged) == (True, True, True)
    body = session.get_one(Organisation, certificate.certifying_body_id)
    assert body.name in str(verdict.signer)
    changed = content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
    assert not check(changed, trusted=trusted_roots(session)).is_valid


def test_the_progress_of_a_session_counts_certificates(session: Session, run_jobs: Callable[[], int]) -> None:
    made = make_published_jury(session, 3)
    progress = queries.progress_of(session, made.jury)
    assert (progress.due, progress.issued, progress.made) == (3, 0, 0)
    services.issue_all(session, made.actor(session), made.jury)
    progress = queries.progress_of(session, made.jury)
    assert (progress.due, progress.issued, progress.made, progress.is_running) == (0, 3, 0, True)
    run_jobs()
    session.expire_all()
    progress = queries.progress_of(session, made.jury)
    assert (progress.due, progress.issued, progress.made, progress.is_running) == (0, 3, 3, False)


def test_every_topic_of_these_rooms_has_a_subscriber() -> None:
    assert KEEPER in outbox.topics()["certificate.issued"]
    assert outbox.topics()["certificate.duplicated"] == ["certify.certificates.tasks.keep_duplicate"]
    assert outbox.topics()["jury.closed"]


@pytest.mark.engines("sqlite")
def test_the_register_row_keeps_the_size_of_its_document(session: Session, run_jobs: Callable[[], int]) -> None:
    certificate = make_certificate(session)
    run_jobs()
    found = session.scalars(select(Certificate).where(Certificate.id == certificate.id)).one()
    session.refresh(found)
    assert found.size == len(files.read(found.storage_key))
