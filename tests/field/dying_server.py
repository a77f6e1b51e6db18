"""The application as gunicorn serves it, with a process that dies in the middle of a sync when a file says so."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from certify.core.db import db
from certify.wsgi import app as application
from tests.field.deaths import TAKING, order

_FOLDER = Path(os.environ["CERTIFY_DATA_DIR"])


def _die_if_told(way: str, address: str) -> None:
    file = order(_FOLDER, way, address)
    if file.exists():
        file.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _dies_before(_session: Session) -> None:
    if has_request_context() and request.path in TAKING:
        _die_if_told("before", request.path)


with application.app_context():
    event.listen(db.session, "before_commit", _dies_before)


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer, or die instead: the effect is committed by then, and nobody is told."""
    answer: Any = application(environ, start_response)
    if environ["PATH_INFO"] in TAKING:
        _die_if_told("after", environ["PATH_INFO"])
    return answer  # type: ignore[no-any-return]
