"""Giving the stored bytes of a document: never made again, never kept by anybody on the way."""

import io

from flask import Response, send_file

from certify.core import files
from certify.core.kept_documents import KeptBytes


def as_answer(kept: KeptBytes, name: str) -> Response:
    """Return the stored bytes of a PDF under a name of file."""
    content = io.BytesIO(files.read(kept.storage_key))
    answer = send_file(content, mimetype="application/pdf", download_name=name, etag=kept.sha256)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
