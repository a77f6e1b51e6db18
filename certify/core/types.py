"""Column types and identifiers shared by every table."""

import base64
import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)


class _Randomness:
    """Random bytes of the system, asked for by the page: asking each time takes longer than anything done with them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        # A child process must not repeat what its parent is about to say.
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._lock, self._bytes = threading.Lock(), b""

    def take(self, count: int) -> bytes:
        """Return bytes that were never given before, and are kept nowhere after."""
        with self._lock:
            if len(self._bytes) < count:
                self._bytes = os.urandom(max(4096, count))
            taken, self._bytes = self._bytes[:count], self._bytes[count:]
        return taken


random_bytes = _Randomness().take


def random_token(count: int) -> str:
    """Return a secret of that many random bytes, fit for an address (base64url)."""
    return base64.urlsafe_b64encode(random_bytes(count)).rstrip(b"=").decode("ascii")


def new_id() -> uuid.UUID:
    """Return a time-ordered identifier (UUID version 7, RFC 9562 section 5.7)."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(random_bytes(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every engine; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Write moments for SQLite as its own type does, in a fifth of the time."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a naive datetime cannot be stored")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class EnumText(TypeDecorator[E], Generic[E]):
    """A `StrEnum` stored as its text: adding a value needs no migration."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Store the text, refusing what the enumeration does not know."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """Give back the member."""
        return None if value is None else self.kind(value)
