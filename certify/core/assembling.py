"""Putting together a big file that came in parts, without ever holding it whole."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from certify.core import files, media, object_store, scanning, sniffing
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l


@dataclass(frozen=True)
class Part:
    """Some bytes of a big file, in the store."""

    start: int
    size: int
    key: str


@dataclass(frozen=True)
class Parts:
    """A big file in parts that follow one another, in order."""

    parts: Sequence[Part]

    @property
    def size(self) -> int:
        """What the whole weighs."""
        return sum(part.size for part in self.parts)

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes in order, a part at a time."""
        return (object_store.get(part.key) for part in self.parts)

    def read(self, start: int, length: int) -> bytes:
        """Return some bytes from some place, fewer at the end."""
        found = b""
        for part in self.parts:
            first, last = max(start, part.start), min(start + length, part.start + part.size)
            if first < last:
                found += object_store.get_range(part.key, first - part.start, last - first)
        return found


def assemble(
    parts: Parts, filename: str, *, identity: uuid.UUID, allowed: frozenset[str], folder: str = "evidence"
) -> files.StoredFile:
    """Check a big file, clean it, and store it under the key of its identity; a job killed meanwhile does it again.

    Raises Invalid with the reason in words, Unavailable when the store or the antivirus does not answer.
    """
    announced = sniffing.announced_type(filename, allowed)
    if announced not in media.TYPES:
        return files.deposit_bytes(
            b"".join(parts.chunks()), filename, allowed=allowed, folder=folder, identity=identity
        )
    sniffing.check_recording(parts.read(0, media.HEAD), announced)
    blanks = media.place_of(parts.read, parts.size, announced)
    if scanning.finds_virus_in(parts.chunks(), files.limits().clamd_url):
        raise Invalid(_l("Ce fichier contient un virus : il n’a pas été gardé."), "file")
    key, digest = f"{folder}/{identity.hex}", hashlib.sha256()
    object_store.put_stream(key, _noted(digest, media.written_over(parts.chunks(), blanks)))
    return files.StoredFile(key, files.safe_name(filename), announced, parts.size, digest.hexdigest())


def _noted(digest: "hashlib._Hash", chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
