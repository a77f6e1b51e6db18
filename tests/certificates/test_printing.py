"""What was typed and no font draws: refused before anything is issued, and never what stops a document for ever."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from certify.certificates import queries, services
from certify.certificates.models import Certificate, CertificateEvent, RegisterExtract
from certify.certificates.services import extracts
from certify.certificates.services.previewing import preview
from certify.core import clock, files, pdf
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.organisations.models import Organisation
from tests.documents.reading_back import words_of
from tests.factories.closed_juries import ClosedJury, make_closed_jury
from tests.factories.people import actor_of

pytestmark = pytest.mark.engines("sqlite")
ODD = "Original perdu, dit-il en riant 😀"


@pytest.fixture
def jury(session: Session) -> ClosedJury:
    return make_closed_jury(session, 2)


@pytest.fixture
def registrar(session: Session, jury: ClosedJury) -> Actor:
    return actor_of(session, jury.registrar)


def test_reasons_that_cannot_be_printed_are_refused_and_their_characters_named(
    session: Session, jury: ClosedJury, registrar: Actor, run_jobs: Callable[[], int]
) -> None:
    certificate = services.issue(session, registrar, jury.decisions[0])
    run_jobs()
    session.expire_all()
    for verb in (services.suspend, services.revoke, services.correct, services.duplicate):
        with pytest.raises(Invalid, match=r"ne s’impriment pas\s: 😀") as refused:
            verb(session, registrar, certificate, reason=ODD)  # type: ignore[operator]
        assert refused.value.field == "reason"
    event = services.duplicate(session, registrar, certificate, reason="Original \ufeffper\u00addu en voy\u200bage.")
    assert event.reason == "Original perdu en voyage."
    event = services.suspend(session, registrar, certificate, reason="Un point\u00ad est en examen.")
    assert event.reason == "Un point est en examen."


def test_whatever_a_document_prints_is_checked_before_it_is_issued(
    session: Session, jury: ClosedJury, registrar: Actor
) -> None:
    body = session.get_one(Organisation, jury.jury.certifying_body_id)
    body.city = "Lille 王"
    session.flush()
    with pytest.raises(Conflict, match=r"«\sLille \?\s» contient .* 王"):
        services.issue(session, registrar, jury.decisions[0])
    assert services.issue_all(session, registrar, jury.jury) == []
    shown = preview(session, registrar, jury.jury, queries.progress_of(session, jury.jury))
    assert (len(shown.blocking), shown.ready) == (2, 0)
    body.city = "Lil\u00adle"
    session.flush()
    assert [one.facts["place"] for one in services.issue_all(session, registrar, jury.jury)] == ["Lille", "Lille"]


def test_marks_that_nobody_sees_are_named_by_their_code() -> None:
    assert pdf.named("王\u202e") == "王 U+202E"
    assert pdf.drawable("a\u00adb 王\u202e c") == "ab ?? c"


def test_an_extract_is_made_whatever_was_typed_before(
    session: Session, jury: ClosedJury, registrar: Actor, run_jobs: Callable[[], int]
) -> None:
    certificate = services.issue(session, registrar, jury.decisions[0])
    services.suspend(session, registrar, certificate, reason="Un point du dossier est en examen.")
    month = clock.today().replace(day=1)
    values = {"reason": ODD}
    session.connection().execute(update(CertificateEvent.__table__).values(**values))  # type: ignore[arg-type]
    session.connection().execute(update(Certificate.__table__).values(holder_name="Stagiaire 王"))  # type: ignore[arg-type]
    session.expire_all()
    written = extracts.write(session, certificate.certifying_body_id, month)
    assert written is not None
    extract_id = written.id
    run_jobs()
    session.expire_all()
    extract = session.get_one(RegisterExtract, extract_id)
    text = words_of(files.read(extract.storage_key))
    assert "Stagiaire ?" in text
    assert "en riant ?" in text
