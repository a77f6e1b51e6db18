"""The object store and its checks, with a real folder and a real S3."""

import io
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from certify.core import files
from certify.core.errors import Invalid, Unavailable
from certify.settings import Settings
from tests.factories.logbook import docx, pdf, photo
from tests.services.s3_server import Bucket

EICAR = b"%PDF-1.4 a virus of the tests %%EOF"


class Clamd(socketserver.StreamRequestHandler):
    """A fake antivirus that finds one virus, and gives up on files of more than 1,000 bytes."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while (size := struct.unpack("!I", self.rfile.read(4))[0]) > 0:
            content += self.rfile.read(size)
        if len(content) > 1000:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.wfile.write(b"stream: Win.Test FOUND\0" if EICAR in content else b"stream: OK\0")


@contextmanager
def antivirus() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), Clamd) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.engines("sqlite")
def test_a_deposited_file_is_read_back_byte_for_byte(app: Flask) -> None:
    with app.app_context():
        stored = files.deposit(io.BytesIO(pdf()), "Affiche de juin.pdf")
        assert files.read(stored.key) == pdf()
    assert (stored.filename, stored.media_type, stored.size) == ("Affiche de juin.pdf", "application/pdf", len(pdf()))
    assert "Affiche" not in stored.key


@pytest.mark.engines("sqlite")
def test_a_photo_is_stored_without_what_it_said_of_the_place(app: Flask) -> None:
    with app.app_context():
        stored = files.deposit(io.BytesIO(photo(comment=b"48.8566 N")), "salle.jpg")
        assert b"48.8566" not in files.read(stored.key)


@pytest.mark.engines("sqlite")
@pytest.mark.settings(upload_max_bytes=2000)
@pytest.mark.parametrize(
    ("content", "words"), [(b"", "vide"), (b"%PDF-" + bytes(2000), "dépasse la taille acceptée (2 ko)")]
)
def test_an_empty_or_heavy_file_is_refused(app: Flask, content: bytes, words: str) -> None:
    with app.app_context(), pytest.raises(Invalid) as refusal:
        files.deposit(io.BytesIO(content), "affiche.pdf")
    assert words in str(refusal.value.message).replace("\u00a0", " ")


@pytest.mark.engines("sqlite")
def test_a_file_as_large_as_the_limit_is_accepted(app: Flask) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"upload_max_bytes": len(pdf())})
    with app.app_context():
        assert files.deposit(io.BytesIO(pdf()), "affiche.pdf").size == len(pdf())


@pytest.mark.engines("sqlite")
def test_two_files_of_the_same_name_do_not_meet(app: Flask) -> None:
    with app.app_context():
        one, two = (files.deposit(io.BytesIO(pdf(text)), "affiche.pdf") for text in ("un", "deux"))
        assert files.read(one.key) != files.read(two.key)


@pytest.mark.engines("sqlite")
def test_a_store_that_does_not_answer_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    app.config["FILES_URL"] = "s3://bucket?endpoint=http://127.0.0.1:9"
    with app.app_context():
        with pytest.raises(Unavailable, match="Rien n’est perdu"):
            files.deposit(io.BytesIO(pdf()), "affiche.pdf")
        with pytest.raises(Unavailable):
            files.read("evidence/absent")


@pytest.mark.engines("sqlite")
def test_a_file_that_is_missing_from_the_store_says_so(app: Flask) -> None:
    with app.app_context(), pytest.raises(Unavailable):
        files.read("evidence/absent")


@pytest.mark.engines("sqlite")
def test_files_are_kept_on_s3_as_in_a_folder(
    settings: Settings, s3: Bucket, make_app: Callable[[Settings], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    app = make_app(settings.model_copy(update={"files_url": s3.url}))
    with app.app_context():
        stored = files.deposit(io.BytesIO(docx()), "compte-rendu.docx")
        assert files.read(stored.key) == docx()


@pytest.mark.engines("sqlite")
def test_an_infected_file_is_refused_and_a_clean_one_kept(app: Flask) -> None:
    with antivirus() as url:
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"clamd_url": url})
        with app.app_context():
            with pytest.raises(Invalid, match="virus"):
                files.deposit(io.BytesIO(EICAR), "facture.pdf")
            with pytest.raises(Unavailable, match="n’a pas pu lire"):
                files.deposit(io.BytesIO(pdf("x" * 1200)), "longue.pdf")
            assert files.deposit(io.BytesIO(pdf()), "affiche.pdf").size


@pytest.mark.engines("sqlite")
def test_an_antivirus_that_does_not_answer_keeps_nothing(app: Flask) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"clamd_url": "tcp://127.0.0.1:9"})
    with app.app_context(), pytest.raises(Unavailable, match="antivirus ne répond pas"):
        files.deposit(io.BytesIO(pdf()), "affiche.pdf")


@pytest.mark.parametrize("url", ["ftp://exemple.test/depot", "magasin"])
def test_an_unknown_store_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="CERTIFY_FILES_URL"):
        files.make_store(url)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("affiche.pdf", "affiche.pdf"),
        ("C:\\Photos\\salle.jpg", "salle.jpg"),
        ("../../etc/passwd", "passwd"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("صورة الغرفة.jpg", "صورة الغرفة.jpg"),
        ("salle 🧸.jpg", "salle 🧸.jpg"),
        (" .. ", None),
        ("", None),
    ],
)
def test_a_name_keeps_what_a_person_reads_in_it(given_name: str, kept: str | None) -> None:
    name = files.safe_name(given_name)
    assert name == kept if kept else name.startswith("fichier-")


@given(st.text(max_size=400))
@example("a." + "b" * 300)
@example("x" * 300 + ".pdf")
@example("." * 300)
def test_any_name_becomes_a_short_harmless_one(given_name: str) -> None:
    name = files.safe_name(given_name)
    assert 0 < len(name) <= 120
    assert not set(name) & set('/\\<>:"|?*')
    assert name.isprintable()
    assert name not in (".", "..")
    assert files.safe_name(name) == name


def test_a_long_name_keeps_its_extension() -> None:
    assert files.safe_name("x" * 300 + ".docx").endswith("x.docx")
    assert len(files.safe_name("x" * 300 + ".docx")) == 120
