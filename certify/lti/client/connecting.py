"""Connections to platforms: towards public addresses only, and never for longer than allowed."""

import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util import connection
from urllib3.util.ssl_ import create_urllib3_context

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_MOST_ADDRESSES = 4
_current: ContextVar["Deadline | None"] = ContextVar("deadline", default=None)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class PrivateAddress(Exception):
    """A host of a platform leads to this machine or to a private network."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet, also when it wraps an IPv4 address."""
    try:
        reached = _reached(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return reached.is_global and not reached.is_multicast and not reached.is_reserved


def _reached(address: Address) -> Address:
    """Return where packets go in the end: mapped (RFC 4291), translated (RFC 6052) or tunnelled (RFC 3056)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class Deadline:
    """The moment when an exchange ends, whatever arrives: a timeout alone starts anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: Any, _trace: TracebackType | None) -> None:
        _current.reset(self._token)
        self._timer.cancel()
        with self._lock:
            for one in self._watched:
                one.close()
            self._watched.clear()

    def watch(self, connected: socket.socket) -> None:
        """End this connection too when the time has come."""
        # Another handle on it, which stays good when encryption takes the first one over.
        handle = socket.socket(connected.family, connected.type, connected.proto, os.dup(connected.fileno()))
        with self._lock:
            self._watched.append(handle)

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            for one in self._watched:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection that the deadline of the exchange under way ends."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _watch(connected)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request, perhaps on a connection kept from an earlier exchange."""
        if self.sock is not None:
            _watch(self.sock)
        super().request(*args, **kwargs)


def _watch(connected: socket.socket) -> None:
    deadline = _current.get()
    if deadline is not None:
        deadline.watch(connected)


class _Guarded(_Watched):
    """A connection to public addresses only.

    The name is resolved once and what was checked is what is called, so that a name cannot change its mind in between;
    the other end is looked at again once connected, before anything is sent.
    """

    def _new_conn(self) -> socket.socket:
        fault: OSError | None = None
        for address in _public_addresses(self.host, self.port, self):
            try:
                connected = connection.create_connection(
                    (address, self.port), self.timeout, socket_options=self.socket_options
                )
            except OSError as error:
                fault = error
                continue
            peer = connected.getpeername()[0]
            if not is_public(peer):
                connected.close()
                raise PrivateAddress(peer)
            _watch(connected)
            return connected
        if isinstance(fault, TimeoutError):
            raise fault
        raise NewConnectionError(self, f"no address answers: {fault}") from fault


def _public_addresses(host: str, port: int, asked: HTTPConnection) -> list[str]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(asked, f"{host} has no address") from error
    addresses = [str(one[4][0]) for one in found]
    public = [one for one in dict.fromkeys(addresses) if is_public(one)]
    if not public:
        raise PrivateAddress(", ".join(_few(addresses)))
    return _few(public)


def _few(addresses: Iterable[str]) -> list[str]:
    return list(addresses)[:_MOST_ADDRESSES]


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _GuardedTLS(_Guarded, HTTPSConnection):
    pass


class Adapter(HTTPAdapter):
    """Makes connections for `requests`: guarded ones, or any when private addresses are allowed."""

    def __init__(self, *, allow_private: bool) -> None:
        self._plain = _Watched if allow_private else _Guarded
        self._encrypted = _WatchedTLS if allow_private else _GuardedTLS
        super().__init__(pool_connections=20, pool_maxsize=20, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections, each of our own kind."""
        super().init_poolmanager(*args, ssl_context=_trust(), **kwargs)
        plain = type("Plain", (HTTPConnectionPool,), {"ConnectionCls": self._plain})
        encrypted = type("Encrypted", (HTTPSConnectionPool,), {"ConnectionCls": self._encrypted})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": encrypted}


def _trust() -> ssl.SSLContext:
    """Return whom we trust: the machine's authorities (SSL_CERT_FILE adds some), besides those `requests` brings."""
    context = create_urllib3_context()
    context.load_default_certs()
    return context
