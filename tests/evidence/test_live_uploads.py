"""Uploads over a real network: the line is cut, a whole class sends at once, and nothing is lost."""

import base64
import hashlib
import http.client
import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import media
from certify.evidence import queries
from certify.evidence.models import EvidenceItem
from certify.settings import Settings
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import PLACE, video
from tests.factories.logbook import photo, trainee_of
from tests.services.live_server import environment_of, running_web
from tests.services.processes import Process, wait_for
from tests.services.signing_in import signed_in_client

MIB = 1024 * 1024
PIECE = 5 * MIB
SIZE = int(os.environ.get("CERTIFY_TEST_VIDEO_BYTES", "200000000"))
CLASS = 100
CUTS = {3: 2 * MIB, 4: 100, 20: 5 * MIB - 1}
"""At which part the line is cut, and after how many bytes of it."""
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
RECEIPT = re.compile(r'name="_receipt"[^>]*value="([^"]+)"')


@dataclass
class Line:
    """Somebody's browser and the server, over a network that can be cut."""

    url: str
    cookie: str
    token: str = ""
    receipt: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def open(self) -> "Line":
        """Open the page of the form."""
        page = self.ask("GET", "/evidence/new/file")[1].decode()
        self.token, self.receipt = TOKEN.search(page)[1], RECEIPT.search(page)[1]  # type: ignore[index]
        self.headers = {"X-CSRFToken": self.token, "Accept": "application/json", "Tus-Resumable": "1.0.0"}
        return self

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request; return the answer and its body."""
        with closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)) as connection:
            connection.request(method, path, body, {"Cookie": self.cookie, **self.headers, **headers})
            answer = connection.getresponse()
            content = answer.read()
        renewed = answer.headers["Set-Cookie"]
        self.cookie = renewed.partition(";")[0] if renewed and not self.token else self.cookie
        return answer, content

    def cut_while_sending(self, path: str, offset: int, content: bytes, after: int) -> None:
        """Begin to send a part, and cut the line after some bytes."""
        place = urlsplit(self.url)
        head = {
            **self.headers, "Host": place.netloc, "Cookie": self.cookie, "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream", "Content-Length": str(len(content)),
        }  # fmt: skip
        lines = [f"PATCH {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        with socket.create_connection((place.hostname, place.port)) as cut:
            cut.sendall("\r\n".join(lines).encode() + content[:after])

    def where(self, path: str) -> int:
        """Ask how far it has come."""
        return int(self.ask("HEAD", path)[0].headers["Upload-Offset"])

    def is_at(self, path: str, offset: int) -> bool:
        """Whether the server has so many bytes."""
        return self.where(path) == offset

    def send(self, path: str, offset: int, content: bytes) -> int:
        """Send a part; return how far it has come."""
        answer, _body = self.ask(
            "PATCH", path, content,
            **{"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
        )  # fmt: skip
        assert answer.status == 204
        return int(answer.headers["Upload-Offset"])


@pytest.fixture
def web(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    with running_web("web", env=environment_of(settings), folder=tmp_path) as served:
        yield served


def line_of(app: Flask, url: str, person: User) -> Line:
    cookie = signed_in_client(app, person).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return Line(url, f"{app.config['SESSION_COOKIE_NAME']}={cookie.value}")


def peak_memory(process: Process) -> int:
    """Return the most memory that a web server and its workers ever held, in bytes."""
    tree = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout.split()[2:]
    pids = {process.keeper.pid}
    for pid, parent in sorted(zip(map(int, tree[::2]), map(int, tree[1::2]), strict=True)):
        if parent in pids:
            pids.add(pid)
    peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in pids]
    return max(int(peak[1]) for peak in peaks if peak) * 1024


@pytest.mark.engines("sqlite")
def test_a_video_of_200_megabytes_goes_on_after_the_line_is_cut(
    app: Flask, session: Session, web: tuple[Process, str], run_jobs: Callable[[], int]
) -> None:
    process, url = web
    line = line_of(app, url, trainee_of(session, make_enrolment(session)))
    session.commit()
    line.open()
    before = peak_memory(process)
    content = video(SIZE)
    said = f"filename {base64.b64encode(b'rencontre.mp4').decode()}"
    answer, _body = line.ask("POST", "/uploads", **{"Upload-Length": str(SIZE), "Upload-Metadata": said})
    address = str(answer.headers["Location"])
    offset, turn = 0, 0
    while offset < SIZE:
        part, turn = content[offset : offset + PIECE], turn + 1
        if turn in CUTS:
            line.cut_while_sending(address, offset, part, CUTS[turn])
            reached = offset = offset + CUTS[turn]
            wait_for(process, partial(line.is_at, address, reached))
        else:
            offset = line.send(address, offset, part)
    assert peak_memory(process) - before < 100 * MIB
    run_jobs()
    session.expire_all()
    item = session.scalars(select(EvidenceItem)).one()
    kept = queries.file_bytes(item)
    assert (len(kept), PLACE in kept[: 64 * 1024]) == (SIZE, False)
    assert hashlib.sha256(kept).hexdigest() == item.sha256
    assert kept[-MIB:] == content[-MIB:]
    assert media.is_announced(kept[:64], item.media_type)


def test_a_hundred_photos_sent_at_once_are_all_kept(app: Flask, session: Session, web: tuple[Process, str]) -> None:
    people = [trainee_of(session, make_enrolment(session)) for _ in range(20)]
    session.flush()
    lines = [line_of(app, web[1], person).open() for person in people]
    photos = [photo(200 + number, 150) for number in range(CLASS)]

    def send(number: int) -> tuple[int, str]:
        line = lines[number % len(lines)]
        edge = "certify-tests-edge"
        fields = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"csrf_token": line.token, "title": f"Photo {number}"}.items()
        )
        name = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="photo-{number}.jpg"\r\n\r\n'
        body = fields.encode() + name.encode() + photos[number] + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}", "Referer": line.url}
        answer, content = line.ask("POST", "/evidence/new/file", body, **kind)
        return answer.status, content.decode(errors="replace")[:300]

    with ThreadPoolExecutor(CLASS) as crowd:
        answers = list(crowd.map(send, range(CLASS)))
    assert [answer for answer in answers if answer[0] != 303] == []
    session.expire_all()
    items = list(session.scalars(select(EvidenceItem)))
    assert {item.title for item in items} == {f"Photo {number}" for number in range(CLASS)}
    assert len({item.sha256 for item in items}) == CLASS
    assert all(hashlib.sha256(queries.file_bytes(item)).hexdigest() == item.sha256 for item in items)
