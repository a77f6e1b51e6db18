"""The antivirus port, against a small server that speaks clamd's INSTREAM: nothing doubtful is ever kept."""

import io
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from certify.core import files, i18n, scanning
from certify.core.errors import Invalid, Unavailable
from tests.factories.logbook import pdf

Answering = Callable[[bytes], bytes]


@contextmanager
def clamd(answer: Answering, *, path: Path | None = None) -> Iterator[str]:
    """Answer each INSTREAM with what `answer` makes of the bytes received; b"" hangs up without a word."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            content = b""
            while (size := struct.unpack("!I", self.rfile.read(4))[0]) > 0:
                content += self.rfile.read(size)
            self.wfile.write(answer(content))

    kind = socketserver.TCPServer if path is None else socketserver.UnixStreamServer
    with kind(str(path) if path else ("127.0.0.1", 0), Conversation) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def fine(_content: bytes) -> bytes:
    return b"stream: OK\0"


@pytest.fixture
def wording() -> Iterator[None]:
    """Give the wording of refusals a language, without a database."""
    app = Flask("words")
    i18n.init_app(app)
    with app.app_context():
        yield


def test_without_an_antivirus_nothing_is_asked() -> None:
    assert scanning.finds_virus(b"anything", "") is False


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])
def test_every_byte_of_a_file_reaches_the_antivirus(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    received: list[bytes] = []

    def keep(given: bytes) -> bytes:
        received.append(given)
        return fine(given)

    with clamd(keep) as url:
        assert scanning.finds_virus(content, url) is False
    assert received == [content]


def test_an_antivirus_on_a_socket_of_the_machine_is_asked_too(tmp_path: Path) -> None:
    with clamd(lambda content: b"stream: Win.Test FOUND\0", path=tmp_path / "clamd") as url:
        assert scanning.finds_virus(b"virus", url) is True


@pytest.mark.engines("sqlite")
def test_a_deposit_with_a_virus_is_refused_and_leaves_nothing_in_the_store(app: Flask) -> None:
    with clamd(lambda content: b"stream: Win.Test-1 FOUND\0") as url, app.app_context():
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"clamd_url": url})
        with pytest.raises(Invalid, match="contient un virus"):
            files.deposit(io.BytesIO(pdf()), "affiche.pdf")
        assert [item for page in files.store().list() for item in page] == []


@pytest.mark.engines("sqlite")
def test_a_clean_deposit_is_kept(app: Flask) -> None:
    with clamd(fine) as url, app.app_context():
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"clamd_url": url})
        assert files.read(files.deposit(io.BytesIO(pdf()), "affiche.pdf").key) == pdf()


@pytest.mark.parametrize("words", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"UNKNOWN COMMAND\0"])
def test_an_antivirus_that_gives_no_verdict_has_the_file_refused_for_now(wording: None, words: bytes) -> None:
    with clamd(lambda content: words) as url, pytest.raises(Unavailable, match="n’a pas pu lire"):
        scanning.finds_virus(b"content", url)


def test_an_antivirus_that_hangs_up_while_it_is_read_to_has_the_file_refused_for_now(wording: None) -> None:
    class Rude(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4)

    with socketserver.TCPServer(("127.0.0.1", 0), Rude) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with pytest.raises(Unavailable):
            scanning.finds_virus(bytes(5_000_000), f"tcp://127.0.0.1:{server.server_address[1]}")
        server.shutdown()


def test_an_antivirus_that_never_answers_does_not_keep_a_person_waiting_for_ever(
    wording: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_TIMEOUT", 0.2)
    silent = threading.Event()

    def wait(_content: bytes) -> bytes:
        silent.wait(10)
        return b""

    with clamd(wait) as url:
        with pytest.raises(Unavailable, match="ne répond pas"):
            scanning.finds_virus(b"content", url)
        silent.set()


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:9", "unix:///nowhere/clamd"])
def test_an_antivirus_that_is_not_there_has_the_file_refused_for_now(wording: None, url: str) -> None:
    with pytest.raises(Unavailable, match="ne répond pas"):
        scanning.finds_virus(b"content", url)
