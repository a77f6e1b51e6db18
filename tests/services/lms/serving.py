"""Serving a platform over real HTTP, or HTTPS, on this machine."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import make_server

from tests.services.lms.certificate import Certificate
from tests.services.lms.platform import Platform
from tests.services.lms.web import application_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Hosted:
    """Stands for the application until the port, and so the address, is known."""

    def __init__(self) -> None:
        self.application: WSGIApplication | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        assert self.application is not None
        return self.application(environ, start_response)


@contextmanager
def running_platform(
    *, host: str = "localhost", certificate: Certificate | None = None, **options: Any
) -> Iterator[Platform]:
    """Run a platform for as long as the block lasts; to a browser, `localhost` and `127.0.0.1` are different sites."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    hosted = _Hosted()
    context = certificate.context() if certificate else None
    server = make_server("127.0.0.1", 0, hosted, threaded=True, ssl_context=context)
    platform = Platform(f"{'https' if certificate else 'http'}://{host}:{server.server_port}", **options)
    hosted.application = application_of(platform)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="platform", daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        platform.close()
        server.shutdown()
        thread.join(10)
        server.server_close()
