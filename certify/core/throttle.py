"""Slowing down whoever asks too often: a class behind one network address passes, a flood does not.

Kept in the memory of each process: it protects the database, and needs no more than a rough count.
"""

import time
from collections import OrderedDict
from threading import Lock

_ADDRESSES = 10_000


class Throttle:
    """Counts what each address asked in the current minute; the oldest addresses are forgotten first."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = Lock()

    def lets_in(self, address: str) -> bool:
        """Count one request of an address and return whether it may pass."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            since, count = self._counts.pop(address, (minute, 0))
            count = count + 1 if since == minute else 1
            self._counts[address] = (minute, count)
            if len(self._counts) > _ADDRESSES:
                self._counts.popitem(last=False)
        return count <= self._per_minute
