"""What a file is: byte for byte a document of the register, sealed by us but something else, altered, or unknown."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader, PdfWriter
from sqlalchemy.orm import Session

from certify.certificates import services
from certify.certificates.models import Certificate
from certify.certificates.services.checking import Finding, _finding, check_file
from certify.certificates.views import public
from certify.core import clock, files
from certify.core.access import Actor
from certify.core.errors import Invalid
from certify.seals import sealing
from certify.seals.checking import Fault, SealVerdict
from certify.seals.queries import Examined
from certify.settings import Settings
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of
from tests.services.live_server import environment_of
from tests.services.visiting import read, visit

REASON = "Un point du dossier est en cours d’examen."


@pytest.fixture
def made(session: Session, run_jobs: Callable[[], int]) -> tuple[Certificate, Actor, bytes]:
    """A certificate whose document is made and sealed, whoever keeps the register, and the bytes."""
    jury = make_closed_jury(session, 1)
    registrar = actor_of(session, jury.registrar)
    certificate = services.issue(session, registrar, jury.decisions[0])
    run_jobs()
    session.refresh(certificate)
    return certificate, registrar, files.read(certificate.storage_key)


def flipped(content: bytes) -> bytes:
    """Change one byte that the seal covers, without breaking the file."""
    place = content.index(b"/Producer") if b"/Producer" in content else content.index(b"/CreationDate")
    place = content.index(b"(", place) + 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def with_a_page_more(content: bytes) -> bytes:
    """Add a page the way an editor that respects signatures does: after them, in an increment."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.writer import PageObject

    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    stream = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
    writer.insert_page(PageObject(contents=stream, media_box=box))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def without_seal(content: bytes) -> bytes:
    """Print the document again, as a browser does."""
    out, writer = io.BytesIO(), PdfWriter()
    writer.add_page(PdfReader(io.BytesIO(content)).pages[0])
    writer.write(out)
    return out.getvalue()


def test_a_file_is_told_by_the_register_and_by_its_seal(
    session: Session, made: tuple[Certificate, Actor, bytes]
) -> None:
    certificate, registrar, content = made
    verdict = check_file(session, content)
    assert (verdict.finding, verdict.is_good, verdict.seal.is_valid) == (Finding.ISSUED, True, True)
    assert verdict.certificate is not None
    assert (verdict.certificate.id, verdict.sha256) == (certificate.id, certificate.sha256)
    plain = without_seal(content)
    sealed = sealing.sealed(session, certificate.certifying_body_id, plain, reason="Procès-verbal", location="Lille")
    cases = {
        "one byte flipped": (flipped(content), Finding.ALTERED),
        "a page added": (with_a_page_more(content), Finding.ALTERED),
        "printed again": (plain, Finding.UNKNOWN),
        "something else we sealed": (sealed, Finding.SEALED),
        "cut short": (content[:2000], Finding.UNKNOWN),
    }
    for name, (given, expected) in cases.items():
        verdict = check_file(session, given)
        assert (verdict.finding, verdict.certificate, verdict.is_good) == (expected, None, False), name
        assert verdict.seal.is_valid is (expected is Finding.SEALED), name
    for given in (b"", b"\x89PNG", b"%PDF-" + b"0" * (5 * 1024 * 1024)):
        with pytest.raises(Invalid):
            check_file(session, given)
    services.revoke(session, registrar, certificate, reason=REASON)
    session.flush()
    session.expire_all()
    verdict = check_file(session, content)
    assert (verdict.finding, verdict.is_good, verdict.seal.is_valid) == (Finding.ISSUED, False, True)


def test_a_whole_file_whose_seal_has_no_sure_date_is_not_called_altered(
    session: Session, client: FlaskClient, made: tuple[Certificate, Actor, bytes]
) -> None:
    certificate, _registrar, content = made
    plain = without_seal(content)
    sealed = sealing.sealed(session, certificate.certifying_body_id, plain, reason="Procès-verbal", location="Lille")
    session.commit()
    with clock.at(clock.now() + timedelta(days=40 * 365)):
        verdict = check_file(session, sealed)
        assert (verdict.finding, verdict.seal.verdict.faults) == (Finding.UNPROVED, (Fault.OUTDATED,))
        assert check_file(session, flipped(sealed)).finding is Finding.ALTERED
        public.files_given.forget()
        page = visit(client, "/verify")
        token = page.select_one("#file-check input[name=csrf_token]")
        assert token is not None
        data = {"csrf_token": token["value"], "file": (io.BytesIO(sealed), "minutes.pdf")}
        said = read(client.post("/verify/file", data=data, content_type="multipart/form-data")).get_text(" ")
    assert "date du sceau non prouvée" in said
    assert "Ne vous fiez pas" not in said


def test_a_file_too_heavy_to_examine_is_not_said_to_bear_no_seal() -> None:
    seal = Examined(SealVerdict(is_valid=False, faults=(Fault.TOO_LONG,)), None)
    assert _finding(None, seal) is Finding.UNREAD


def test_a_document_of_before_seals_is_still_ours(session: Session, made: tuple[Certificate, Actor, bytes]) -> None:
    certificate, _registrar, content = made
    plain = without_seal(content)
    stored = files.keep(plain, "old.pdf", "application/pdf", folder="certificates")
    table = Certificate.__table__
    values = {"storage_key": stored.key, "sha256": stored.sha256, "size": stored.size, "sealed_at": None}
    session.connection().execute(table.update().where(table.c.id == certificate.id).values(**values))
    session.expire_all()
    verdict = check_file(session, plain)
    assert (verdict.finding, verdict.is_good, verdict.is_before_seals) == (Finding.ISSUED, True, True)


def test_the_upload_box_answers_in_words(
    session: Session, client: FlaskClient, made: tuple[Certificate, Actor, bytes]
) -> None:
    certificate, registrar, content = made
    public.files_given.forget()
    session.commit()
    assert visit(client, "/verify").select_one("#file-check form[enctype]")

    def titled(given: bytes | None, name: str = "certificat.pdf", status: int = 200) -> str:
        page = visit(client, "/verify")
        token = page.select_one("#file-check input[name=csrf_token]")
        data: dict[str, object] = {"csrf_token": token["value"]} if token else {}
        if given is not None:
            data["file"] = (io.BytesIO(given), name)
        answer = client.post("/verify/file", data=data, content_type="multipart/form-data")
        assert "noindex" in answer.headers["X-Robots-Tag"]
        return read(answer, status=status).get_text(" ")

    said = titled(content)
    for words in ("Fichier authentique et valide", certificate.holder_name, "Le sceau tient", certificate.sha256):
        assert words in said
    assert "Ne vous fiez pas à ce fichier" in titled(flipped(content))
    assert "Fichier inconnu" in titled(without_seal(content))
    assert "n’est pas un PDF" in titled(b"GIF89a", status=422)
    assert "Choisissez le fichier" in titled(None, status=422)
    services.suspend(session, registrar, certificate, reason=REASON)
    session.commit()
    said = titled(content)
    assert "Fichier authentique, mais suspendu" in said
    assert REASON not in said


@pytest.mark.engines("sqlite")
def test_the_command_line_says_the_same_and_answers_with_its_status(
    session: Session, settings: Settings, made: tuple[Certificate, Actor, bytes], tmp_path: Path
) -> None:
    certificate, _registrar, content = made
    number = certificate.number
    session.commit()
    (tmp_path / "good.pdf").write_bytes(content)
    (tmp_path / "bad.pdf").write_bytes(flipped(content))

    def certify(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from certify.cli import main; main()", "certificates", *words]
        environment = environment_of(settings)
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
        )

    good = certify("verify", "good.pdf")
    assert (good.returncode, good.stdout) == (0, "")
    assert "à l’octet près" in good.stderr
    assert number in good.stderr
    bad = certify("verify", "bad.pdf", "--json")
    assert (bad.returncode, bad.stderr) == (1, "")
    document = json.loads(bad.stdout)
    assert (document["finding"], document["number"], document["seal"]["is_valid"]) == ("altered", None, False)
    assert "1 document(s) relu(s), 0 abîmé(s)" in certify("reread").stderr
