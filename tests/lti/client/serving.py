"""Small platforms for these tests: real HTTP servers on the loopback, each answer a function of the request."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from requests.structures import CaseInsensitiveDict


@dataclass(frozen=True)
class Asked:
    """A request received."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def bearer(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Reply:
    """What to answer; a document becomes JSON."""

    document: Any = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None

    @property
    def octets(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.document is None else json.dumps(self.document).encode()


Answering = Callable[[Asked], Reply]


@dataclass
class Server:
    """A server of the tests, what it was asked, and the answers a test gave it by path."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Answering] = field(default_factory=dict)
    connections: int = 0

    def at(self, path: str) -> str:
        return self.url + path

    def calls(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]


@contextmanager
def serving(*, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Give a server that answers with `answers`, over TLS when a context is given."""
    open_sockets: list[socket.socket] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without these, the second part of an answer waits until the first one is acknowledged.
        wbufsize = -1
        disable_nagle_algorithm = True

        def answer(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, query, CaseInsensitiveDict(self.headers.items()), body)
            server.asked.append(asked)
            reply = server.answers.get(parts.path, lambda _asked: Reply(status=404))(asked)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.octets)))
            self.end_headers()
            self.wfile.write(reply.octets)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    class Threaded(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def get_request(self) -> tuple[socket.socket, Any]:
            accepted, address = super().get_request()
            server.connections += 1
            if context is not None:
                accepted = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            open_sockets.append(accepted)
            return accepted, address

        def handle_error(self, *_args: Any) -> None:
            """A client that hangs up is part of the tests."""

    with Threaded(("127.0.0.1", 0), Handler) as http:
        server = Server(f"{'https' if context else 'http'}://127.0.0.1:{http.server_port}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        http.shutdown()
        for one in open_sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextmanager
def raw_server(behave: Callable[[socket.socket], object]) -> Iterator[tuple[str, list[bytes]]]:
    """Give the address of a server that does anything with a connection, and the requests it read."""
    received: list[bytes] = []
    threads: list[threading.Thread] = []

    def talk(accepted: socket.socket) -> None:
        with accepted, suppress(OSError):
            accepted.settimeout(10)
            received.append(accepted.recv(65536))
            behave(accepted)

    def listen() -> None:
        with suppress(OSError):
            while True:
                accepted, _address = listening.accept()
                threads.append(threading.Thread(target=talk, args=(accepted,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", received
        listening.shutdown(socket.SHUT_RDWR)
        listener.join()
        for one in threads:
            one.join()
