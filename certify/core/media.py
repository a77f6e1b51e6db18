"""Sound and moving pictures: told by their first bytes, and emptied of what they say of a place, a day, a device.

Words: MP4, MOV and M4A files are boxes within boxes (ISO/IEC 14496-12, « ISO base media file format »); what phones
note of the place stands in boxes of metadata, which players do without.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l

ISO = frozenset({"video/mp4", "video/quicktime", "audio/mp4"})
TYPES = ISO | {"video/webm", "audio/mpeg", "audio/ogg", "audio/wav"}
BY_EXTENSION = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
}
HEAD = 4096
"""How many first bytes tell the type."""

_STILL_PICTURES = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ")
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_METADATA = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip"})
_MOST_BOXES = 20_000
_HANDLER_AT = 16

Read = Callable[[int, int], bytes]
"""Gives so many bytes from some place of a file, wherever it is kept."""


@dataclass(frozen=True)
class Blank:
    """A stretch of a file to write over: with these bytes, or with nothing but zeros."""

    start: int
    end: int
    fill: bytes = b""


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


def is_announced(head: bytes, media_type: str) -> bool:
    """Whether the first bytes of a file are those of the type its name announces."""
    if media_type in ISO:
        return head[4:8] in _FIRST_BOXES and head[8:12] not in _STILL_PICTURES
    if media_type == "video/webm":
        return head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]
    if media_type == "audio/ogg":
        return head.startswith(b"OggS")
    if media_type == "audio/wav":
        return head.startswith(b"RIFF") and head[8:12] == b"WAVE"
    has_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)
    return head.startswith(b"ID3") or has_frame


def place_of(read: Read, size: int, media_type: str) -> tuple[Blank, ...]:
    """Return what to write over so that a file no longer tells where, when and with what it was taken.

    The boxes of metadata become free space of the same length, so that nothing else moves. Raises Invalid when the
    boxes do not reach the end of the file, which was then cut on its way.
    """
    return tuple(_blanks(read, size)) if media_type in ISO else ()


def without_place(content: bytes, media_type: str) -> bytes:
    """Return a file in hand without what it says of the place; see `place_of`."""
    blanks = place_of(lambda start, length: content[start : start + length], len(content), media_type)
    return b"".join(written_over((content,), blanks)) if blanks else content


def written_over(chunks: Iterable[bytes], blanks: tuple[Blank, ...]) -> Iterator[bytes]:
    """Write over some stretches of a file as it passes, chunk after chunk."""
    position = 0
    for chunk in chunks:
        end = position + len(chunk)
        touched = [blank for blank in blanks if blank.start < end and blank.end > position]
        if touched:
            copy = bytearray(chunk)
            for blank in touched:
                first, last = max(blank.start, position), min(blank.end, end)
                given = blank.fill[first - blank.start : last - blank.start]
                copy[first - position : last - position] = given or bytes(last - first)
            chunk = bytes(copy)
        yield chunk
        position = end


def _blanks(read: Read, size: int) -> Iterator[Blank]:
    has_index = False
    for box in _boxes(read, 0, size):
        if box.kind in _METADATA:
            yield from _freed(box)
        elif box.kind == b"moov":
            has_index = True
            for inner in _boxes(read, box.body, box.end):
                yield from _blanks_of_index(read, inner)
    if not has_index:
        raise _cut()


def _blanks_of_index(read: Read, box: _Box) -> Iterator[Blank]:
    if box.kind in _METADATA:
        yield from _freed(box)
    elif box.kind == b"trak":
        inside = list(_boxes(read, box.body, box.end))
        if any(inner.kind == b"mdia" and _tells_of_the_rest(read, inner) for inner in inside):
            yield from _freed(box)
            return
        for inner in inside:
            if inner.kind in _METADATA:
                yield from _freed(inner)


def _tells_of_the_rest(read: Read, media: _Box) -> bool:
    """Whether a track holds neither pictures nor sound but timed metadata, such as a path on a map."""
    for box in _boxes(read, media.body, media.end):
        if box.kind == b"hdlr":
            return read(box.start + _HANDLER_AT, 4) == b"meta"
    return False


def _freed(box: _Box) -> Iterator[Blank]:
    yield Blank(box.start + 4, box.start + 8, b"free")
    if box.body < box.end:
        yield Blank(box.body, box.end)


def _boxes(read: Read, start: int, end: int) -> Iterator[_Box]:
    for _turn in range(_MOST_BOXES):
        # QuickTime may close a list of boxes with four zeros.
        if end - start < 8:
            return
        header = read(start, 16)
        if len(header) < 8:
            raise _cut()
        length, kind = struct.unpack(">I4s", header[:8])
        body = start + 8
        if length == 1 and len(header) == 16:
            (length,), body = struct.unpack(">Q", header[8:16]), start + 16
        stop = end if length == 0 else start + length
        if stop < body or stop > end:
            raise _cut()
        yield _Box(kind, start, body, stop)
        start = stop
    raise _cut()


def _cut() -> Invalid:
    return Invalid(
        _l("Cet enregistrement est incomplet : il a été coupé en chemin, ou abîmé. Envoyez-le de nouveau."), "file"
    )
