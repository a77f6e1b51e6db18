"""Deposited files on their way to a browser: as they come from the store, in part when asked, and never trusted."""

import unicodedata
from urllib.parse import quote

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.http import dump_options_header

from certify.core import files

_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; sandbox; frame-ancestors 'none'"
"""A browser shows a sound or a video by itself in a page of its own, which plays it from the same address."""


def served(key: str, *, filename: str, media_type: str, size: int, sha256: str, is_shown: bool) -> Response:
    """Answer with the bytes of a stored file, or the part asked for (RFC 9110, section 14); saved unless shown."""
    if sha256 and sha256 in request.if_none_match:
        answer = Response(status=304)
    else:
        span = _span(size, sha256)
        if span == ():
            answer = Response(status=416)
            answer.content_range = ContentRange("bytes", None, None, size)
        else:
            answer = _bytes(key, size, span or None)
        answer.mimetype = media_type
        # Both forms of the name (RFC 6266): the plain one for what reads nothing else.
        names = {"filename": unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()}
        if names["filename"] != filename:
            names["filename*"] = f"UTF-8''{quote(filename, safe='')}"
        answer.headers["Content-Disposition"] = dump_options_header("inline" if is_shown else "attachment", names)
    return _guarded(answer, sha256)


def _bytes(key: str, size: int, span: tuple[int, int] | None) -> Response:
    start, end = span or (0, size)
    answer = Response(files.stream(key, start, end), status=206 if span else 200, direct_passthrough=True)
    answer.content_length = end - start
    if span:
        answer.content_range = ContentRange("bytes", start, end, size)
    return answer


def _span(size: int, sha256: str) -> tuple[int, int] | tuple[()] | None:
    """Return the part asked for; nothing for the whole, an empty one when it lies outside the file."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    condition = request.if_range
    if (condition.etag or condition.date) and condition.etag != sha256:
        return None
    return wanted.range_for_length(size) or ()


def _guarded(answer: Response, sha256: str) -> Response:
    if sha256:
        answer.set_etag(sha256)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Security-Policy"] = _SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
