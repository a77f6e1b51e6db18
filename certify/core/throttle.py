"""Slowing down whoever asks too often: a class behind one network address passes, a flood does not.

Kept in the memory of each process: it protects the database, and needs no more than a rough count.
"""

import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from threading import Lock

_ADDRESSES = 10_000


class Throttle:
    """Counts what each address asked in the current minute, or minutes; the oldest addresses are forgotten first."""

    def __init__(self, per_minute: int, *, minutes: int = 1) -> None:
        self._per_minute, self._seconds = per_minute, 60 * minutes
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = Lock()

    def lets_in(self, address: str) -> bool:
        """Count one request of an address and return whether it may pass."""
        minute = int(time.monotonic() // self._seconds)
        with self._lock:
            since, count = self._counts.pop(address, (minute, 0))
            count = count + 1 if since == minute else 1
            self._counts[address] = (minute, count)
            if len(self._counts) > _ADDRESSES:
                self._counts.popitem(last=False)
        return count <= self._per_minute

    def is_over(self, address: str) -> bool:
        """Tell, without counting, whether an address has used up what it may ask for now."""
        with self._lock:
            since, count = self._counts.get(address, (-1, 0))
        return since == int(time.monotonic() // self._seconds) and count >= self._per_minute

    def forget(self) -> None:
        """Begin again from nothing."""
        with self._lock:
            self._counts.clear()


def network_of(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, or the /64 that one connection has in IPv6 (RFC 6177)."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(read) >> 64 << 64)) if isinstance(read, IPv6Address) else address
