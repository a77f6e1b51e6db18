"""The store itself: made from its address, asked for bytes, and left alone for a moment once it stops answering."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import obstore
from flask import Flask, current_app
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

EXTENSION = "certify.files"
_SILENT_UNTIL = EXTENSION + ".silent_until"
_SECONDS_LEFT_ALONE = 5.0
CHUNK = 5 * 1024 * 1024
"""What is held in memory of a big file: the least S3 accepts as a part."""
_AT_ONCE = 2


class Silent(Unavailable):
    """The store does not answer."""

    def __init__(self) -> None:
        super().__init__(
            _l("Le stockage des fichiers ne répond pas. Rien n’est perdu : réessayez dans quelques minutes.")
        )


class Missing(Unavailable):
    """The store answers, and has no such file."""

    def __init__(self) -> None:
        super().__init__(_l("Ce fichier ne peut pas être lu pour le moment. Réessayez dans quelques minutes."))


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


def is_silent() -> bool:
    """Whether the store was found silent a moment ago: whoever can do without it does not wait for it again."""
    return bool(current_app.extensions.get(_SILENT_UNTIL, 0.0) > time.monotonic())


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except AlreadyExistsError:
        raise
    except FileNotFoundError as error:
        raise Missing from error
    except (BaseError, OSError) as error:
        current_app.extensions[_SILENT_UNTIL] = time.monotonic() + _SECONDS_LEFT_ALONE
        raise Silent from error
    current_app.extensions.pop(_SILENT_UNTIL, None)


def put_once(key: str, content: bytes) -> bool:
    """Store bytes under a key that has none yet; return whether they were stored, false when others are there."""
    try:
        with _asking():
            obstore.put(store(), key, content, mode="create")
    except AlreadyExistsError:
        return False
    except Missing as error:
        raise Silent from error
    return True


def put_stream(key: str, chunks: Iterable[bytes]) -> None:
    """Store bytes as they come, holding a few chunks at a time; nothing shows of those that break off."""
    try:
        with _asking():
            writer = obstore.open_writer(store(), key, buffer_size=CHUNK, max_concurrency=_AT_ONCE)
        # Not as an iterator given to the store, whose own loop could not ask it for the parts meanwhile.
        for chunk in chunks:
            with _asking():
                writer.write(chunk)
        with _asking():
            writer.close()
    except Missing as error:
        raise Silent from error


def get(key: str) -> bytes:
    """Return the bytes kept under a key; Missing or Silent otherwise."""
    with _asking():
        return bytes(obstore.get(store(), key).bytes())


def get_range(key: str, start: int, length: int) -> bytes:
    """Return some of the bytes kept under a key; Missing or Silent otherwise."""
    with _asking():
        return bytes(obstore.get_range(store(), key, start=start, length=length))


def get_stream(key: str, start: int, end: int, chunk: int = 1024 * 1024) -> Iterator[bytes]:
    """Return the bytes from `start` to before `end`, as they come; the store was reached when this returns."""
    if start >= end:
        return iter(())
    with _asking():
        found = obstore.get(store(), key, options={"range": (start, end)})
    return (bytes(piece) for piece in found.stream(min_chunk_size=chunk))


def delete(keys: list[str]) -> None:
    """Remove what is kept under some keys; what is already gone is no fault."""
    try:
        with _asking():
            obstore.delete(store(), keys)
    except Missing:
        return
