"""Files as they are sent and served."""

import io
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from certify.cohorts.models import Enrolment
from certify.core import audit, files
from certify.evidence import queries
from certify.logbook.models import LogbookEntry
from tests.factories.logbook import docx, make_entry, make_file, make_trainer, pdf, photo, trainee_of
from tests.factories.logbook import submit as submit_entry
from tests.services.signing_in import signed_in_client
from tests.services.visiting import Page, follow, read, submit, visit
from tests.services.visiting import words as words_of

FORM = "form#entry"
pytestmark = pytest.mark.engines("sqlite")


def author_of(app: Flask, session: Session, entry: LogbookEntry) -> FlaskClient:
    return signed_in_client(app, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))


def field_error(page: Page) -> str:
    message = page.select_one("#evidence_file-error")
    assert message is not None
    return " ".join(message.get_text(" ").split())


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<!doctype html><script>alert(1)</script>", "compte-rendu.pdf", "n’est pas un PDF"),
        (docx(**{"word/media/a.bmp": bytes(40 * 1024 * 1024)}), "bombe.docx", "démesuré"),
        (b"", "vide.pdf", "vide"),
        (b"MZ", "programme.exe", "n’est pas accepté"),
        (photo(1200, 900)[:3000], "coupee.jpg", "illisible"),
    ],
    ids=["HTML named .pdf", "zip bomb .docx", "empty", "wrong type", "cut photo"],
)
def test_a_refused_file_is_told_beside_its_field_and_the_text_is_kept(
    app: Flask, session: Session, content: bytes, name: str, words: str
) -> None:
    entry = make_entry(session, account="Avant.")
    client = author_of(app, session, entry)
    page = visit(client, f"/logbook/{entry.id}/edit")
    typed = {"account": "Tapé avant de joindre.", "evidence_title": "Salle prête", "evidence_indicators": ["3.3.1"]}
    page = read(submit(client, page, FORM, evidence_file=(io.BytesIO(content), name), **typed), status=422)
    assert words in field_error(page)
    assert "Tapé avant de joindre." in page.select_one("[name=account]").get_text()  # type: ignore[union-attr]
    assert page.select_one("[name=evidence_title]")["value"] == "Salle prête"  # type: ignore[index]
    session.expire_all()
    assert entry.account == "Tapé avant de joindre."
    assert queries.attached_to(session, entry.id).files == ()
    again = follow(client, submit(client, page, FORM, press="Enregistrer", account="Puis repris."))
    assert "La fiche est enregistrée" in again.get_text()


def test_a_photo_of_thirty_megabytes_is_refused_and_the_text_is_kept(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = author_of(app, session, entry)
    page = visit(client, f"/logbook/{entry.id}/edit")
    token = page.select_one(f"{FORM} [name=csrf_token]")
    assert token is not None
    data = {
        "csrf_token": str(token["value"]),
        "revision": str(entry.revision),
        "activity": "watch",
        "account": "Tapé avant de joindre.",
        "evidence_file": FileStorage(io.BytesIO(bytes(30 * 1024 * 1024)), "IMG_0001.jpg"),
    }
    # Sent from memory: the test client would leave a file of its own open.
    body, length, boundary = stream_encode_multipart(data, use_tempfile=False)
    kind = f'multipart/form-data; boundary="{boundary}"'
    answer = client.post(f"/logbook/{entry.id}/evidence", input_stream=body, content_length=length, content_type=kind)
    page = read(answer, status=422)
    assert "dépasse la taille acceptée" in field_error(page)
    session.expire_all()
    assert entry.account == "Tapé avant de joindre."


def test_a_store_that_is_down_loses_neither_the_text_nor_the_file(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry(session)
    client = author_of(app, session, entry)
    page = visit(client, f"/logbook/{entry.id}/edit")
    _break_store(app)
    chosen = (io.BytesIO(pdf()), "affiche.pdf")
    shown = follow(client, submit(client, page, FORM, account="Tapé pendant la panne.", evidence_file=chosen))
    assert "sera rangée dès que le stockage répond" in words_of(shown)
    session.expire_all()
    assert entry.account == "Tapé pendant la panne."
    (item,) = queries.attached_to(session, entry.id).files
    assert queries.not_stored(session, [item]) == {item.id}
    assert client.get(f"/evidence/{item.id}/file").get_data() == pdf()


def test_submitting_asks_to_look_at_each_picture_and_keeps_that_somebody_did(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry, content=photo(), filename="salle.jpg")
    client = author_of(app, session, entry)
    page = visit(client, f"/logbook/{entry.id}/submit")
    assert "Regardez encore cette image" in words_of(page)
    assert submit(client, page, "main form").status_code == 422
    assert submit(client, page, "main form", has_checked=True).status_code == 303
    session.expire_all()
    assert item.faces_checked_at is not None


def test_a_file_that_cannot_be_read_now_says_so(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    client = author_of(app, session, entry)
    _break_store(app)
    page = read(client.get(f"/evidence/{item.id}/file"), status=503)
    assert "ne peut pas être lu pour le moment" in page.get_text()


def test_attaching_without_choosing_a_file_says_what_to_do(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    client = author_of(app, session, entry)
    page = visit(client, f"/logbook/{entry.id}/edit")
    form = page.select_one(FORM)
    assert form is not None
    form["action"] = f"/logbook/{entry.id}/evidence"
    assert "Choisissez d’abord un fichier" in field_error(read(submit(client, page, FORM), status=422))


@pytest.mark.parametrize(
    ("content", "name", "disposition", "media_type"),
    [
        (photo(), "salle.jpg", "inline", "image/jpeg"),
        (pdf(), "affiche été.pdf", "inline", "application/pdf"),
        (docx(), "compte-rendu.docx", "attachment", "application/vnd.openxmlformats"),
    ],
)
def test_a_file_is_served_so_that_nothing_in_it_can_run(
    app: Flask, session: Session, content: bytes, name: str, disposition: str, media_type: str
) -> None:
    entry = make_entry(session)
    item = make_file(session, entry, content, name)
    answer = author_of(app, session, entry).get(f"/evidence/{item.id}/file")
    assert answer.status_code == 200
    assert answer.data == files.read(item.storage_key)
    assert answer.headers["Content-Disposition"].startswith(disposition)
    assert name in unquote(answer.headers["Content-Disposition"])
    assert answer.mimetype.startswith(media_type)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_each_reading_by_the_staff_leaves_a_trace_and_the_authors_none(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    submit_entry(session, entry)
    trainer = make_trainer(session, session.get_one(Enrolment, entry.enrolment_id))
    reader = signed_in_client(app, trainer)
    assert author_of(app, session, entry).get(f"/evidence/{item.id}/file").status_code == 200
    for _ in range(2):
        assert reader.get(f"/evidence/{item.id}/file").status_code == 200
    session.expire_all()
    query = select(audit.AuditEvent).where(audit.AuditEvent.tag == "evidence:item:read")
    traces = session.scalars(query).all()
    assert [(trace.actor_id, trace.object_id, trace.organisation_id) for trace in traces] == [
        (trainer.id, item.id, entry.training_body_id)
    ] * 2
    assert list(audit.verify(session)) == []


def test_a_piece_is_described_then_removed(app: Flask, session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    client = author_of(app, session, entry)
    form = f"form[action='/evidence/{item.id}/indicators']"
    page = visit(client, f"/evidence/{item.id}/indicators")
    refused = read(submit(client, page, form, title=""), status=422)
    assert "Donnez un titre" in refused.get_text()
    page = follow(client, submit(client, page, form, title="Affiche bilingue", indicators=["1.1.1"]))
    assert "Affiche bilingue" in page.get_text()
    page = visit(client, f"/evidence/{item.id}/indicators")
    page = follow(client, submit(client, page, f"form[action='/evidence/{item.id}/remove']"))
    assert "Affiche bilingue" not in page.get_text()
    assert client.get(f"/evidence/{item.id}/file").status_code == 404


def _break_store(app: Flask) -> None:
    """Have the folder of evidence be a file: nothing can be written or read there any more."""
    folder = Path(app.config["FILES_URL"].removeprefix("file://")) / "evidence"
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("", encoding="ascii")
