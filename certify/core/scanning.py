"""The antivirus port: clamd's INSTREAM command when an address is set; otherwise nothing, and a page says so."""

import socket
import struct
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l

_CHUNK = 64 * 1024
_TIMEOUT = 30.0


def finds_virus(content: bytes, clamd_url: str) -> bool:
    """Ask clamd about some bytes; False when no antivirus is set, Unavailable when it is and does not answer."""
    return finds_virus_in((content,), clamd_url)


def finds_virus_in(pieces: Iterable[bytes], clamd_url: str) -> bool:
    """Do the same for a big file, a piece at a time; clamd's own limit (`StreamMaxLength`) must be as large."""
    if not clamd_url:
        return False
    try:
        with _connect(clamd_url) as connection:
            connection.sendall(b"zINSTREAM\0")
            for chunk in _small(pieces):
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            answer = connection.makefile("rb").read(4096)
    except OSError as error:
        raise Unavailable(
            _l("L’antivirus ne répond pas : le fichier n’a pas été gardé. Réessayez dans quelques minutes.")
        ) from error
    if b"FOUND" in answer:
        return True
    if b"OK" not in answer:
        raise Unavailable(_l("L’antivirus n’a pas pu lire ce fichier : il n’a pas été gardé."))
    return False


def _small(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return (piece[start : start + _CHUNK] for piece in pieces for start in range(0, len(piece), _CHUNK))


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_TIMEOUT)
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), timeout=_TIMEOUT)
