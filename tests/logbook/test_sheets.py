"""Sheets to write on by hand: printed, filled in, and back as a photo."""

import io

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.evidence import queries as evidence
from certify.logbook.models import Activity, EntrySource, EntryState, LogbookEntry
from certify.logbook.sheets import fields_of
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import pdf, photo, trainee_of
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, read, submit, visit, words


@pytest.mark.engines("sqlite")
def test_the_sheet_of_each_activity_holds_on_one_page(app: Flask, session: Session) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    links = [str(link["href"]) for link in visit(client, "/logbook/sheets").select("a.tile")]
    assert len(links) == len(Activity)
    for activity, link in zip(Activity, links, strict=True):
        answer = client.get(link)
        assert answer.mimetype == "application/pdf"
        reader = PdfReader(io.BytesIO(answer.data))
        text = " ".join(reader.pages[0].extract_text().split())
        assert len(reader.pages) == 1, activity
        assert str(activity.label) in text
        assert "Aucun nom de famille ni prénom" in text
        for field in competencies.shipped_form(activity.value).fields:
            if field.kind is not competencies.FieldKind.FILES:
                assert field.label.fr[:20] in text.replace("\u202f", " "), (activity, field.code)


def test_long_texts_share_the_height_that_is_left() -> None:
    for activity in Activity:
        sheet = fields_of(competencies.shipped_form(activity.value))
        lines = [one.lines for one in sheet if one.field.kind is competencies.FieldKind.LONG_TEXT]
        assert min(lines) >= 2
        assert max(lines) - min(lines) <= 1


@pytest.mark.engines("sqlite")
def test_the_sheet_of_no_activity_is_not_found(app: Flask, session: Session) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    assert client.get("/logbook/sheet.pdf?activity=gardening").status_code == 404


@pytest.mark.parametrize(("content", "name"), [(photo(), "feuille.jpg"), (pdf(), "feuille.pdf")])
def test_a_filled_sheet_begins_an_entry_with_it(app: Flask, session: Session, content: bytes, name: str) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    page = visit(client, "/logbook/scan")
    page = follow(
        client, submit(client, page, press="Créer le brouillon", activity="watch", file=(io.BytesIO(content), name))
    )
    assert "Feuille manuscrite" in words(page)
    entry = session.scalars(select(LogbookEntry)).one()
    assert (entry.activity, entry.source, entry.state) == (Activity.WATCH, EntrySource.SCANNED, EntryState.DRAFT)
    assert [item.filename for item in evidence.attached_to(session, entry.id).files] == [name]


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("content", "name"), [(b"", "x.jpg"), (b"MZ not a picture", "x.jpg")])
def test_a_sheet_that_cannot_be_kept_leaves_no_draft(app: Flask, session: Session, content: bytes, name: str) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    page = visit(client, "/logbook/scan")
    sent = {"activity": "watch", "file": (io.BytesIO(content), name)}
    page = read(submit(client, page, press="Créer le brouillon", **sent), status=422)
    assert page.select_one("#file-error") is not None
    assert session.scalars(select(LogbookEntry)).all() == []
