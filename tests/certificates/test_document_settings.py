"""What an organisation sets of its documents: versions, refusals, pictures, and the page with its preview."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.certificates import documents, fields, pictures, services, tasks
from certify.certificates.models import DocumentSettings
from certify.certificates.services import settings
from certify.certificates.services.settings import Upload
from certify.core import files
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid, NotFound, TooLarge
from certify.core.pdf import BrokenDocument
from certify.organisations.models import Organisation
from tests.documents.reading_back import words_of
from tests.factories.juries import awards, make_certificate, make_published_jury
from tests.factories.people import actor_of, make_certifying_body, make_member, make_organisation
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit, words

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><title>Logo</title>'
    b'<g fill="#0b5d57"><path d="M0 0h60v20z"/></g></svg>'
)
USUAL = fields.template("certificate").defaults()


def png(width: int = 120, height: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def save(session: Session, body: Organisation, known: int = 0, **given: Any) -> DocumentSettings | None:
    registrar = make_member(session, body, Role.REGISTRAR)
    pictures_sent = {key: Upload(*value) for key, value in given.pop("uploads", {}).items()}
    template, removed = given.pop("template", "certificate"), given.pop("removed", ())
    texts = {key: value for key, value in fields.template(template).defaults().items() if isinstance(value, str)}
    return services.save_document(
        session, actor_of(session, registrar), body, template, texts=texts | given, uploads=pictures_sent,
        removed=removed, known=known,
    )  # fmt: skip


def test_each_save_is_a_version_and_what_was_issued_keeps_its_own(session: Session) -> None:
    made = make_published_jury(session, 2)
    first, second = awards(session, made)
    before = services.issue(session, made.actor(session), first)
    row = save(session, made.body, signatory="Directrice A", accent="#123456", uploads={"logo": (png(), "logo.png")})
    assert row is not None
    assert save(session, made.body, 1, signatory="Directrice A", accent="#123456") is row
    after = services.issue(session, made.actor(session), second)
    assert (before.facts["document"]["settings"], after.facts["document"]["settings"]) == (0, 1)
    assert after.facts["document"]["fields"]["signatory"] == "Directrice A"
    assert before.facts["document"]["fields"] == USUAL
    kept = after.facts["document"]["fields"]["logo"]
    assert files.read(kept["key"]).startswith(b"\x89PNG")
    assert "Directrice A" in words_of(tasks.render(after.facts))
    without = save(session, made.body, 1, removed=("logo",))
    assert without is not None
    assert without.fields["logo"] is None
    with pytest.raises(Conflict):
        save(session, made.body, 1, signatory="Directrice B")
    session.commit()
    tags = list(session.scalars(select(AuditEvent.tag).where(AuditEvent.tag == "certificate:document:saved")))
    assert len(tags) == session.scalar(select(func.count(DocumentSettings.id))) == 2


def test_attestations_of_blocks_follow_the_certificate(session: Session) -> None:
    body = make_certifying_body(session)
    save(session, body, accent="#123456", signatory="Directrice A", mention="Pour le certificat.")
    save(session, body, template="blocks", mention="Pour les blocs.", heading="Attestation")
    number, values = settings.in_force(session, body.id, "blocks")
    assert (number, values["accent"], values["signatory"]) == (1, "#123456", "Directrice A")
    assert (values["mention"], values["heading"]) == ("Pour les blocs.", "Attestation")
    save(session, body, 1, accent="#654321")
    assert settings.in_force(session, body.id, "blocks")[1]["accent"] == "#654321"


@pytest.mark.engines("sqlite")
def test_what_a_document_may_not_say_is_refused_in_words(session: Session) -> None:
    body = make_certifying_body(session)
    refused = (
        ("mention", "Certification enregistrée au RNCP", "ne s’écrit pas ici"),
        ("heading", "Titre professionnel", "ne s’écrit pas ici"),
        ("mention", "Éligible au CPF, de niveau 5", "ne s’écrit pas ici"),
        ("trade_name", "Reconnu par France compétences", "ne s’écrit pas ici"),
        ("signatory", "王小明", "ne s’impriment pas"),
        ("heading", "C" * 41, "40 caractères"),
        ("accent", "#fefefe", "trop claire"),
        ("accent", "red; } body { color: blue", "une couleur comme"),
        ("second", "#0B5D57;", "une couleur comme"),
    )
    for field, value, reason in refused:
        given: dict[str, Any] = {field: value}
        with pytest.raises(Invalid, match=reason) as caught:
            save(session, body, **given)
        assert caught.value.field == field
    with pytest.raises(NotFound):
        fields.template("../minutes")


@pytest.mark.engines("sqlite")
def test_a_picture_is_drawn_anew_or_refused(session: Session) -> None:
    plain, media_type = pictures.drawn_anew(SVG, "logo.svg")
    assert media_type == "image/svg+xml"
    assert b"title" not in plain
    jpeg = io.BytesIO()
    Image.new("RGB", (3000, 500), (1, 2, 3)).save(jpeg, "JPEG", comment=b"secret place")
    drawn, media_type = pictures.drawn_anew(jpeg.getvalue(), "logo.jpg")
    assert (media_type, b"secret" in drawn) == ("image/jpeg", False)
    assert Image.open(io.BytesIO(drawn)).size == (1200, 200)
    wrong: list[tuple[bytes, str]] = [
        (SVG.replace(b"<title>Logo</title>", tricks), "logo.svg")
        for tricks in (
            b"<script>alert(1)</script>", b'<image href="http://127.0.0.1/x.png"/>', b'<image href="file:///etc/passwd"/>',
            b'<use href="#a"/>', b"<style>*{fill:url(http://127.0.0.1)}</style>", b'<path d="M0 0" fill="url(#a)"/>',
            b"<text>RNCP</text>", b'<foreignObject xmlns="http://www.w3.org/1999/xhtml"/>',
            b"<g>" * 20 + b"</g>" * 20, b'<path d="M0 0h1"/>' * 900,
        )
    ]  # fmt: skip
    wrong += [
        (b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG, "logo.svg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>', "logo.svg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"/>', "logo.svg"),
        (b"<svg", "logo.svg"), (b"GIF89a", "logo.gif"), (b"not a picture", "logo.png"), (SVG, "logo.png.exe"),
    ]  # fmt: skip
    for content, name in wrong[:-1]:
        with pytest.raises(Invalid):
            pictures.drawn_anew(content, name)
    with pytest.raises(TooLarge):
        pictures.drawn_anew(b"\x89PNG" + b"0" * pictures.LARGEST, "logo.png")
    save(session, make_certifying_body(session), uploads={"logo": (SVG, "logo.svg")})
    pictures.check_it_prints(plain, "image/svg+xml")
    pictures.check_it_prints(drawn, media_type)


def test_a_colour_that_is_none_never_enters_a_style_sheet() -> None:
    with pytest.raises(BrokenDocument):
        documents.styles("certificate", "#0b5d57; } p { color: red", "#c08a2b")
    assert "@accent@" not in documents.styles("certificate", "#0b5d57", "#c08a2b")


def test_a_registrar_sets_a_document_and_looks_at_it(session: Session, sign_in: SignIn) -> None:
    certificate = make_certificate(session)
    body = session.get_one(Organisation, certificate.certifying_body_id)
    client = sign_in(make_member(session, body, Role.REGISTRAR))
    index = visit(client, "/documents", follow=True)
    assert {"Certificat", "Attestation de blocs", "Feuille de duplicata"} <= {
        tag.get_text() for tag in index.select("h2")
    }
    address = f"/organisations/{body.id}/documents/certificate"
    page = visit(client, address)
    assert "frame-src 'self'" in client.get(address).headers["Content-Security-Policy"]
    shown = client.post(
        f"{address}/preview", data=_sent(page, signatory="Directrice A", logo=(io.BytesIO(png()), "logo.png"))
    )
    assert (shown.status_code, shown.mimetype) == (200, "application/pdf")
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    text = words_of(shown.data)
    assert "Directrice A" in text
    assert "Aperçu : ce document n’atteste rien." in text
    assert session.scalar(select(func.count(DocumentSettings.id))) == 0
    wrong = client.post(f"{address}/preview", data=_sent(page, mention="Reconnu par l’État"))
    assert "ne s’écrit pas ici" in words(read(wrong, status=422))
    refused = read(submit(client, page, "#document", mention="Inscrit au RNCP"), status=422)
    assert "ne s’écrit pas ici" in words(refused)
    saved = submit(client, page, "#document", signatory="Directrice A", logo=(io.BytesIO(png()), "logo.png"))
    after = follow(client, saved)
    assert "logo.png" in words(after)
    assert "Version 1" in words(after)
    follow(client, submit(client, after, "#document", no_logo=True))
    assert settings.in_force(session, body.id, "certificate")[1]["logo"] is None
    other = make_organisation(session)
    session.commit()
    assert client.get(f"/organisations/{other.id}/documents").status_code == 404
    assert client.get(f"/organisations/{body.id}/documents/attendance").status_code == 404


def _sent(page: Any, **values: Any) -> dict[str, Any]:
    sent = {
        tag["name"]: tag.get("value", "") for tag in page.select("#document input[name]") if tag["type"] != "checkbox"
    }
    return {key: value for key, value in sent.items() if key not in ("logo", "signature")} | {"case": "long"} | values
