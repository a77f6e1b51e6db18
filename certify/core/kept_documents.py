"""Columns of what the application makes once and keeps: where the bytes are, and what proves that they are the same."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from certify.core import clock
from certify.core.types import UTCDateTime

if TYPE_CHECKING:
    from certify.core.files import StoredFile

BYTES = frozenset({"storage_key", "sha256", "size"})
"""What a sealed row of `KeptBytes` may still be told, once."""
DOCUMENT = BYTES | {"rendered_at"}
"""The same for `KeptDocument`."""


class KeptBytes:
    """Mixin: bytes in the store; an empty key until they are made."""

    storage_key: Mapped[str] = mapped_column(String(120), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)

    def keep(self, stored: "StoredFile") -> None:
        """Note where the bytes are."""
        self.storage_key, self.sha256, self.size = stored.key, stored.sha256, stored.size


class KeptDocument(KeptBytes):
    """Mixin: a document made from frozen facts."""

    rendered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    def keep(self, stored: "StoredFile") -> None:
        """Note where the bytes are, and when they were made."""
        super().keep(stored)
        self.rendered_at = clock.now()
