"""A server of this machine that notes what is asked of it, to show that nothing is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass
class Listener:
    """A running server, and the addresses asked of it."""

    port: int = 0
    asked: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Listener]:
    """Run a server for as long as the block lasts; it answers anything with a line of CSS."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"body { color: #ff0000 }")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_values: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
