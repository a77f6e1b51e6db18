"""Answers that go wrong, on demand: a learning platform has bad days."""

import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SERVICES = ("token", "roster", "line_items", "line_item", "scores", "results")
"""What a fault without a named service may hit, by the name under which requests are counted."""

Kind = Literal["answer", "pass", "timeout", "drop", "lost"]


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of what should.

    `answer` answers this status; `pass` lets the request through; `timeout` says nothing until the client goes away;
    `drop` closes the connection at once; `lost` does what was asked, then closes the connection.
    """

    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"<html><body>Service unavailable</body></html>"
    kind: Kind = "answer"


NAMED: Mapping[str, Fault] = {
    "ok": Fault(kind="pass"),
    "timeout": Fault(kind="timeout"),
    "drop": Fault(kind="drop"),
    "lost": Fault(kind="lost"),
    "garbage": Fault(200, {"Content-Type": "application/json"}, b"<html>not what was asked"),
    "huge": Fault(200, {"Content-Type": "application/json"}, b"[" + b" " * 16 * 1024 * 1024 + b"]"),
}

Wanted = int | str | Fault | tuple[int, Mapping[str, str]]


class Faults:
    """Faults to come, by service, in order."""

    def __init__(self) -> None:
        self._coming: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()

    def add(self, wanted: tuple[Wanted, ...], service: str) -> None:
        """Have the next requests to a service (or to any) go wrong."""
        with self._lock:
            self._coming[service].extend(_fault(one) for one in wanted)

    def clear(self) -> None:
        """Forget those that did not happen."""
        with self._lock:
            self._coming.clear()

    def take(self, service: str) -> Fault:
        """Return what happens to this request."""
        with self._lock:
            for name in (service, *([""] if service in SERVICES else [])):
                if self._coming[name]:
                    return self._coming[name].popleft()
        return NAMED["ok"]


def _fault(wanted: Wanted) -> Fault:
    if isinstance(wanted, Fault):
        return wanted
    if isinstance(wanted, str):
        return NAMED[wanted]
    if isinstance(wanted, int):
        return Fault(wanted)
    return Fault(wanted[0], wanted[1])
