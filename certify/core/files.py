"""The object store: what people deposit and what the application makes, never named by what they typed."""

import hashlib
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from flask import current_app
from sqlalchemy.orm import Session

from certify.core import media, object_store, scanning, sniffing, waiting_files
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.core.object_store import EXTENSION, init_app, make_store, store
from certify.core.templating import filesize
from certify.core.types import new_id
from certify.settings import Settings

__all__ = [
    "EXTENSION",
    "StoredFile",
    "deposit",
    "deposit_bytes",
    "init_app",
    "keep",
    "limits",
    "make_store",
    "read",
    "remove",
    "safe_name",
    "store",
    "stream",
]

_NEVER_IN_NAMES = '<>:"|?*'
_LONGEST_NAME = 120
_LONGEST_EXTENSION = 12


@dataclass(frozen=True)
class StoredFile:
    """What is known of one stored file."""

    key: str
    filename: str
    media_type: str
    size: int
    sha256: str
    """Hexadecimal digest of the stored bytes."""
    is_waiting: bool = False
    """Whether the store does not have it yet."""


def limits() -> Settings:
    """Return the settings that say how much may be deposited."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def deposit(
    stream: BinaryIO,
    filename: str,
    *,
    allowed: frozenset[str] = sniffing.EVIDENCE,
    folder: str = "evidence",
    session: Session | None = None,
) -> StoredFile:
    """Check a deposited file (size, then type by content, then antivirus), clean it, and store it under a new key.

    With a session, a store that does not answer is no reason to refuse: see `keep`. Raises Invalid with the reason in
    words, Unavailable when nothing can keep the file.
    """
    content = _read_bounded(stream, limits().upload_max_bytes)
    return deposit_bytes(content, filename, allowed=allowed, folder=folder, session=session)


def deposit_bytes(
    content: bytes,
    filename: str,
    *,
    allowed: frozenset[str],
    folder: str = "evidence",
    session: Session | None = None,
    identity: uuid.UUID | None = None,
) -> StoredFile:
    """Do the same for bytes already in hand."""
    settings = limits()
    name = safe_name(filename)
    media_type = sniffing.media_type(content, name, allowed)
    if scanning.finds_virus(content, settings.clamd_url):
        raise Invalid(_l("Ce fichier contient un virus : il n’a pas été gardé."), "file")
    if media_type in sniffing.IMAGES:
        content, media_type = sniffing.clean_image(content, settings.image_max_pixels)
    elif media_type in media.TYPES:
        content = media.without_place(content, media_type)
    return keep(content, name, media_type, folder=folder, identity=identity, session=session)


def keep(
    content: bytes,
    filename: str,
    media_type: str,
    *,
    folder: str,
    identity: uuid.UUID | None = None,
    session: Session | None = None,
) -> StoredFile:
    """Store bytes the application vouches for, create-only, under a new key.

    With the identity of the thing they belong to, they are stored once, however often a killed job begins again: bytes
    already there are the ones kept. With a session, what a silent store cannot take waits in the database, in the
    transaction that speaks of it.
    """
    key = f"{folder}/{(identity or new_id()).hex}"
    is_waiting = False
    if session is not None and object_store.is_silent():
        is_waiting = True
    else:
        try:
            if not object_store.put_once(key, content):
                content = read(key)
        except object_store.Silent:
            if session is None:
                raise
            is_waiting = True
    if is_waiting and session is not None:
        waiting_files.hold(session, key, content)
    return StoredFile(key, filename, media_type, len(content), hashlib.sha256(content).hexdigest(), is_waiting)


def read(key: str) -> bytes:
    """Return the bytes of a file, from the store or from what waits for it; Unavailable when neither has them."""
    if object_store.is_silent() and (content := waiting_files.held(key)) is not None:
        return content
    try:
        return object_store.get(key)
    except (object_store.Missing, object_store.Silent) as error:
        if (content := waiting_files.held(key)) is not None:
            return content
        raise object_store.Missing from error


def stream(key: str, start: int, end: int) -> Iterator[bytes]:
    """Return the bytes of a file from `start` to before `end`, as they come; Unavailable when nobody has them."""
    try:
        return object_store.get_stream(key, start, end)
    except (object_store.Missing, object_store.Silent) as error:
        if (content := waiting_files.held(key)) is not None:
            return iter((content[start:end],))
        raise object_store.Missing from error


def remove(key: str) -> None:
    """Remove bytes the application made and can make again; those already gone are no fault.

    What people deposited is never removed this way.
    """
    object_store.delete([key])


def _read_bounded(stream: BinaryIO, limit: int) -> bytes:
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise Invalid(
            _l(
                "Ce fichier dépasse la taille acceptée (%(size)s). Réduisez-le ou choisissez-en un autre.",
                size=filesize(limit),
            ),
            "file",
        )
    if not content:
        raise Invalid(_l("Ce fichier est vide."), "file")
    return content


def safe_name(filename: str) -> str:
    """Return what is kept of a file's name, for display only: no folder, no control character, 120 characters."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        character for character in name if character.isprintable() and character not in _NEVER_IN_NAMES
    ).strip(" .")
    if len(name) > _LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        keeps_extension = bool(dot) and len(extension) <= _LONGEST_EXTENSION
        name = (
            f"{stem[: _LONGEST_NAME - 1 - len(extension)]}.{extension}"
            if keeps_extension
            else name[:_LONGEST_NAME].rstrip(" .")
        )
    return name or f"fichier-{uuid.uuid4().hex[:8]}"
