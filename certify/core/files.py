"""The object store: what people deposit and what the application makes, never named by what they typed."""

import hashlib
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

import obstore
from flask import Flask, current_app
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from certify.core import scanning, sniffing
from certify.core.errors import Invalid, Unavailable
from certify.core.i18n import lazy as _l
from certify.core.templating import filesize
from certify.core.types import new_id
from certify.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

EXTENSION = "certify.files"
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


def make_store(url: str) -> Any:
    """Return the store named by `CERTIFY_FILES_URL`: file://, memory:// or s3://bucket/prefix?endpoint=…&region=…."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = Path(parts.path)
        path.mkdir(parents=True, exist_ok=True)
        return LocalStore(path)
    if parts.scheme == "memory":
        return MemoryStore()
    if parts.scheme == "s3":
        return _s3(
            parts.netloc, parts.path.strip("/"), {key: values[0] for key, values in parse_qs(parts.query).items()}
        )
    raise ValueError(f"CERTIFY_FILES_URL : « {parts.scheme} » n’est pas un magasin connu (file, s3, memory)")


def _s3(bucket: str, prefix: str, options: dict[str, str]) -> S3Store:
    # Keys of the account come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as for every S3 client.
    config: S3Config = {"region": options.get("region", "us-east-1")}
    client: ClientConfig = {"timeout": "30s"}
    # Somebody is waiting for the answer: better to be told soon than after the library's three minutes of tries.
    retries: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
    if "endpoint" in options:
        config["endpoint"] = options["endpoint"]
        config["virtual_hosted_style_request"] = False
        client["allow_http"] = options["endpoint"].startswith("http://")
    return S3Store(bucket, prefix=prefix or None, config=config, client_options=client, retry_config=retries)


def init_app(app: Flask, settings: Settings) -> None:
    """Remember the address; the store itself is made at first use, after the server has forked."""
    app.config["FILES_URL"] = settings.effective_files_url


def store() -> Any:
    """Return this process's store."""
    extensions = current_app.extensions
    if EXTENSION not in extensions:
        extensions[EXTENSION] = make_store(current_app.config["FILES_URL"])
    return extensions[EXTENSION]


def deposit(
    stream: BinaryIO, filename: str, *, allowed: frozenset[str] = sniffing.EVIDENCE, folder: str = "evidence"
) -> StoredFile:
    """Check a deposited file (size, then type by content, then antivirus), clean it, and store it under a new key.

    Raises Invalid with the reason in words, Unavailable when the store does not answer.
    """
    settings: Settings = current_app.config["SETTINGS"]
    content = _read_bounded(stream, settings.upload_max_bytes)
    name = safe_name(filename)
    media_type = sniffing.media_type(content, name, allowed)
    if scanning.finds_virus(content, settings.clamd_url):
        raise Invalid(_l("Ce fichier contient un virus : il n’a pas été gardé."), "file")
    if media_type in sniffing.IMAGES:
        content, media_type = sniffing.clean_image(content, settings.image_max_pixels)
    return keep(content, name, media_type, folder=folder)


def keep(
    content: bytes, filename: str, media_type: str, *, folder: str, identity: uuid.UUID | None = None
) -> StoredFile:
    """Store bytes the application vouches for, create-only, under a new key.

    With the identity of the thing they belong to, they are stored once, however often a killed job begins again: bytes
    already there are the ones kept.
    """
    key = f"{folder}/{(identity or new_id()).hex}"
    try:
        obstore.put(store(), key, content, mode="create")
    except AlreadyExistsError:
        content = read(key)
    except (BaseError, FileNotFoundError) as error:
        raise Unavailable(
            _l("Le stockage des fichiers ne répond pas. Rien n’est perdu : réessayez dans quelques minutes.")
        ) from error
    return StoredFile(key, filename, media_type, len(content), hashlib.sha256(content).hexdigest())


def read(key: str) -> bytes:
    """Return the bytes of a stored file; Unavailable when the store does not answer."""
    try:
        return bytes(obstore.get(store(), key).bytes())
    except (BaseError, FileNotFoundError) as error:
        raise Unavailable(
            _l("Ce fichier ne peut pas être lu pour le moment. Réessayez dans quelques minutes.")
        ) from error


def remove(key: str) -> None:
    """Remove bytes the application made and can make again; those already gone are no fault.

    What people deposited is never removed this way.
    """
    try:
        obstore.delete(store(), key)
    except FileNotFoundError:
        return
    except BaseError as error:
        raise Unavailable(
            _l("Le stockage des fichiers ne répond pas. Rien n’est perdu : réessayez dans quelques minutes.")
        ) from error


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
