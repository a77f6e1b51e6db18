"""The antivirus port: clamd's INSTREAM command when an address is set; otherwise nothing, and a page says so."""

import socket
import struct
from urllib.parse import urlsplit

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l

_CHUNK = 64 * 1024
_TIMEOUT = 30.0


def finds_virus(content: bytes, clamd_url: str) -> bool:
    """Ask clamd about some bytes; False when no antivirus is set, Unavailable when it is and does not answer."""
    if not clamd_url:
        return False
    try:
        with _connect(clamd_url) as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
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
