"""The one way to call a platform: bounded in time and size, public addresses only, nothing secret in the logs."""

import functools
import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

import requests
import structlog
from requests import exceptions as faults
from requests.cookies import RequestsCookieJar
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError, ReadTimeoutError

from certify.lti.client.connecting import Adapter, Deadline, PrivateAddress
from certify.settings import Settings

KIB = 1024
MIB = 1024 * KIB
JSON = "application/json"

_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING_STATUSES = frozenset({408, 425, 429})
_CHUNK = 64 * KIB
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd]+")
_MARKUP = re.compile(r"<[^>]*>")
_log = structlog.get_logger(__name__)


class Unreachable(Exception):
    """A platform gave no usable answer; `reason` is a code with words of its own, `detail` is for administrators."""

    def __init__(self, reason: str, detail: str = "", *, status: int | None = None, retry_after: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.status = status
        """What it answered, when it did."""
        self.retry_after = retry_after

    @property
    def is_passing(self) -> bool:
        """Whether asking again later may help without anybody changing a setting."""
        if self.status is not None:
            return self.status in _PASSING_STATUSES or self.status >= 500
        return self.reason in ("timeout", "refused")


@dataclass(frozen=True)
class Answer:
    """What a platform answered, whatever its status."""

    status: int
    headers: HTTPHeaderDict
    """Whatever the case of names; `getlist` gives a repeated one apart."""
    body: bytes
    url: str

    @property
    def is_done(self) -> bool:
        """Whether the platform did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the document it holds; Unreachable when it holds none."""
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Unreachable("not-json", f"{_place(self.url)}: {self.said() or 'empty'}") from error

    def said(self, longest: int = 160) -> str:
        """Return the beginning of the answer as a readable line, for an administrator."""
        text = self.body[: 16 * KIB].decode("utf-8", "replace")
        return " ".join(_UNPRINTABLE.sub(" ", _MARKUP.sub(" ", text)).split())[:longest]

    def refusal(self, reason: str = "status") -> Unreachable:
        """Return what to raise when this answer is not the one hoped for."""
        return Unreachable(
            reason,
            f"{_place(self.url)}: {self.status} {self.said()}".rstrip(),
            status=self.status,
            retry_after=self.headers.get("Retry-After", ""),
        )


class Client:
    """Calls platforms; one is kept for the whole process, with the connections it leaves open."""

    def __init__(
        self,
        *,
        allow_insecure: bool,
        version: str,
        connect_seconds: float = 5,
        read_seconds: float = 20,
        whole_seconds: float = 60,
    ) -> None:
        self._allow_insecure = allow_insecure
        self._timeouts = (connect_seconds, read_seconds)
        self._whole = whole_seconds
        self._session = requests.Session()
        # Neither proxies nor passwords of the surroundings, and nothing remembered between two calls.
        self._session.trust_env = False
        self._session.cookies = _NoCookies()
        # Some platforms answer 403 to callers that do not say who they are.
        self._session.headers["User-Agent"] = f"certify/{version} (+LTI 1.3 tool)"
        self._session.headers["Accept-Encoding"] = "identity"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, Adapter(allow_private=allow_insecure))

    def close(self) -> None:
        """Close the connections left open."""
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        accept: str = JSON,
        limit: int = MIB,
    ) -> Answer:
        """Return the answer to one request, whatever its status; Unreachable when there is none to be had."""
        body, kind = _body(form, json)
        sent = {"Accept": accept} | kind | dict(headers or {})
        for _ in range(_MAX_REDIRECTS + 1):
            self._check(url)
            answer = self._patiently(method, url, sent, body, limit)
            if answer.status not in _REDIRECTS:
                return answer
            url = _redirected(method, answer)
        raise Unreachable("redirect", f"more than {_MAX_REDIRECTS} from {_place(url)}")

    def _check(self, url: str) -> None:
        parts = _split(url)
        if parts is None or not parts.hostname or parts.username is not None:
            raise Unreachable("refused", "not the address of a service")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._allow_insecure):
            raise Unreachable("insecure", _place(url))

    def _patiently(self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int) -> Answer:
        if method == "GET":
            # A connection kept open may have been closed on the other side; reading twice harms nobody.
            with suppress(_Broken):
                return self._exchange(method, url, headers, body, limit)
        return self._exchange(method, url, headers, body, limit)

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int) -> Answer:
        started = time.perf_counter()
        outcome: dict[str, Any] = {}
        try:
            answer = self._answer(method, url, headers, body, limit)
            outcome["status"] = answer.status
        except Unreachable as fault:
            outcome["reason"] = fault.reason
            raise
        finally:
            parts = urlsplit(url)
            spent = round((time.perf_counter() - started) * 1000)
            _log.info("platform called", method=method, host=parts.netloc, path=parts.path, ms=spent, **outcome)
        return answer

    def _answer(self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int) -> Answer:
        with Deadline(self._whole) as deadline:
            try:
                with self._session.request(
                    method, url, data=body, headers=headers, timeout=self._timeouts, allow_redirects=False, stream=True
                ) as response:
                    content = _read(response, limit)
            except PrivateAddress as fault:
                raise Unreachable("private-address", f"{urlsplit(url).netloc} is {fault}") from fault
            except (faults.RequestException, HTTPError, OSError, ValueError) as fault:
                raise _explained(fault, url, is_late=deadline.passed) from fault
            if deadline.passed:
                raise Unreachable("timeout", _place(url))
        return Answer(response.status_code, response.raw.headers, content, url)


class _Broken(Unreachable):
    """The connection was refused, or broke before the end."""


class _NoCookies(RequestsCookieJar):
    def set_cookie(self, *_args: Any, **_kwargs: Any) -> None:
        """Forget it."""


def _body(form: Mapping[str, str] | None, document: Any) -> tuple[bytes | None, dict[str, str]]:
    if form is not None:
        return urlencode(form).encode("ascii"), {"Content-Type": "application/x-www-form-urlencoded"}
    if document is not None:
        return json.dumps(document, ensure_ascii=False, allow_nan=False).encode(), {"Content-Type": JSON}
    return None, {}


def _read(response: requests.Response, limit: int) -> bytes:
    declared = response.headers.get("Content-Length", "")
    content = bytearray()
    if not (declared.isdecimal() and int(declared) > limit):
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > limit:
                break
        else:
            return bytes(content)
    raise Unreachable("too-large", f"{_place(response.url)}: more than {limit} bytes")


def _explained(fault: Exception, url: str, *, is_late: bool) -> Unreachable:
    if is_late or isinstance(fault, faults.Timeout | TimeoutError) or _is_read_timeout(fault):
        return Unreachable("timeout", _place(url))
    if isinstance(fault, faults.SSLError):
        return Unreachable("tls", f"{_place(url)}: {_innermost(fault)}")
    if isinstance(fault, faults.InvalidURL | faults.InvalidHeader | faults.InvalidSchema):
        return Unreachable("refused", f"{_place(url)}: {type(fault).__name__}")
    return _Broken("refused", f"{_place(url)}: {_innermost(fault)}")


def _is_read_timeout(fault: Exception) -> bool:
    return any(isinstance(one, ReadTimeoutError) for one in fault.args)


def _innermost(fault: BaseException) -> str:
    while (cause := fault.__cause__ or fault.__context__) is not None:
        fault = cause
    return _UNPRINTABLE.sub(" ", str(fault) or type(fault).__name__)[:160]


def _redirected(method: str, answer: Answer) -> str:
    """Return where a redirection leads; only readings follow one, and only on the same server."""
    here = urlsplit(answer.url)
    target = urljoin(answer.url, answer.headers.get("Location", ""))
    there = _split(target)
    if method != "GET" or there is None or (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise Unreachable("redirect", f"{_place(answer.url)} to {_place(target)}", status=answer.status)
    return target


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return None
    return parts


def _place(url: str) -> str:
    """Return an address without its query, which may name somebody."""
    parts = _split(url)
    return "" if parts is None else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def client_for(settings: Settings) -> Client:
    """Return the client of this process."""
    return _kept(settings.lti_allow_insecure, os.getpid())


@functools.cache
def _kept(allow_insecure: bool, _process: int) -> Client:
    # A process that was forked must not share connections with the one it comes from: hence its number.
    try:
        ours = version("certify")
    except PackageNotFoundError:
        ours = "dev"
    return Client(allow_insecure=allow_insecure, version=ours)
