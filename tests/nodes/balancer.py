"""People's browsers in front of several nodes: each request goes to another node than the one before."""

import http.client
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from werkzeug.test import Client, TestResponse

PUBLIC_URL = "https://certify.exemple.test"
_OWN = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}
_HOPS = frozenset({"connection", "transfer-encoding", "keep-alive", "server", "date"})

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Balancer:
    """A reverse proxy as a WSGI application: it ends HTTPS and takes the nodes in turn."""

    def __init__(self, nodes: Sequence[str]) -> None:
        self.nodes = list(nodes)
        self.served = dict.fromkeys(self.nodes, 0)
        self._turns = itertools.cycle(self.nodes)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Pass one request on to the node whose turn it is."""
        node = next(self._turns)
        self.served[node] += 1
        connection = http.client.HTTPConnection(str(urlsplit(node).hostname), urlsplit(node).port, timeout=60)
        try:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            connection.request(environ["REQUEST_METHOD"], _target(environ), body=body, headers=_headers(environ))
            answer = connection.getresponse()
            headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOPS]
            start_response(f"{answer.status} {answer.reason}", headers)
            return [answer.read()]
        finally:
            connection.close()


def _target(environ: dict[str, Any]) -> str:
    path = quote(environ["PATH_INFO"].encode("latin-1"))
    return f"{path}?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else path


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    sent = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    sent |= {name: str(environ[key]) for key, name in _OWN.items() if environ.get(key)}
    return sent | {"X-Forwarded-For": "192.0.2.10", "X-Forwarded-Proto": environ["wsgi.url_scheme"]}


class Browser(Client):
    """One person's browser: it keeps cookies, and types the public address."""

    def __init__(self, balancer: Balancer, base_url: str = PUBLIC_URL) -> None:
        super().__init__(balancer, TestResponse)
        self.base_url = base_url

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request."""
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", self.base_url)
        return super().open(*args, **kwargs)
