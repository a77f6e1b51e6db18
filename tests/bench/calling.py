"""Calling a web application with nothing around it: what is timed is the application, not a client."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.test import EnvironBuilder

SITE = "https://certify.test"
"""Over TLS, as cookies of frames want it."""
_ADDRESSES = iter(ip_network("10.0.0.0/8"))


@dataclass(frozen=True)
class Called:
    """An answer, and the processor time it took in seconds."""

    status: int
    headers: list[tuple[str, str]]
    seconds: float

    @property
    def location(self) -> str:
        """Where the answer sends the browser."""
        return dict(self.headers)["Location"]

    @property
    def cookies(self) -> str:
        """What a browser that had none would send back."""
        given = (value.partition(";")[0] for name, value in self.headers if name == "Set-Cookie")
        return "; ".join(one for one in given if not one.endswith("="))


def call(
    application: WSGIApplication,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    cookies: str = "",
) -> Called:
    """Send one request, GET or the form posted, from an address nobody used before, and return the answer."""
    environ = EnvironBuilder(
        path, base_url=SITE, method="GET" if form is None else "POST", query_string=urlencode(query or {}), data=form,
        headers={"Cookie": cookies} if cookies else None,
    ).get_environ()  # fmt: skip
    environ["REMOTE_ADDR"] = str(next(_ADDRESSES))
    answered: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        answered.extend((status, headers))

    begin = time.process_time()
    _read(application(environ, start_response))
    spent = time.process_time() - begin
    return Called(int(answered[0][:3]), answered[1], spent)


def empty_application() -> Flask:
    """Return an application of one view that does nothing: what Flask itself takes."""
    empty = Flask("empty")
    empty.add_url_rule("/", "page", lambda: "ok", methods=["GET", "POST"])
    return empty


def _read(body: Iterable[bytes]) -> None:
    for _part in body:
        pass
    close = getattr(body, "close", None)
    if close is not None:
        close()
