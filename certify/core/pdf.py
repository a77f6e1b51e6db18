"""HTML to PDF: xhtml2pdf in processes of their own, bounded in memory and time, reading nothing but our own fonts."""

import io
import logging
import multiprocessing
import resource
import threading
from base64 import b64encode
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import segno
from flask import current_app, render_template

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.settings import Settings

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
EXTENSION = "certify.pdf"
_DOCUMENTS_PER_PROCESS = 500
_starting = threading.Lock()


class MissingGlyph(Exception):
    """The document's font cannot draw a character of the text."""


class _GlyphAlarm(logging.Handler):
    """Collects the library's complaints about characters no font can draw."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one complaint."""
        message = record.getMessage()
        if "can draw" in message:
            self.complaints.append(message)


def _bound_process(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _render(html: str, fonts: str, seconds: int) -> bytes:
    """Make the document; runs in a process of its own."""
    from xhtml2pdf import pisa
    from xhtml2pdf.files import ResourceAccessPolicy

    alarm = _GlyphAlarm()
    logger = logging.getLogger("xhtml2pdf")
    logger.addHandler(alarm)
    try:
        out = io.BytesIO()
        policy = ResourceAccessPolicy.server(fonts, allow_remote=False, max_render_seconds=seconds)
        status = pisa.CreatePDF(html, dest=out, encoding="utf-8", path=fonts + "/", resource_policy=policy)
        if status.err:
            raise ValueError(f"xhtml2pdf: {status.err} errors")
        if alarm.complaints:
            raise MissingGlyph(alarm.complaints[0])
        return out.getvalue()
    finally:
        logger.removeHandler(alarm)


def _pool() -> ProcessPoolExecutor:
    with _starting:
        extensions = current_app.extensions
        if EXTENSION not in extensions:
            settings: Settings = current_app.config["SETTINGS"]
            extensions[EXTENSION] = ProcessPoolExecutor(
                max_workers=2, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=_DOCUMENTS_PER_PROCESS,
                initializer=_bound_process, initargs=(settings.pdf_memory_bytes,),
            )  # fmt: skip
        pool: ProcessPoolExecutor = extensions[EXTENSION]
        return pool


def _drop_pool() -> None:
    pool: ProcessPoolExecutor | None = current_app.extensions.pop(EXTENSION, None)
    if pool is not None:
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def render_html(html: str) -> bytes:
    """Return the PDF of an HTML document. Raises Unavailable when it takes too long or too much memory, MissingGlyph."""
    settings: Settings = current_app.config["SETTINGS"]
    future = _pool().submit(_render, html, str(FONTS), settings.pdf_timeout_seconds)
    try:
        return future.result(timeout=settings.pdf_timeout_seconds * 2)
    except (TimeoutError, BrokenProcessPool, MemoryError) as error:
        _drop_pool()
        raise Unavailable(_l("Ce document demande trop de temps ou de mémoire : il n’a pas été fabriqué.")) from error


def render_document(name: str, **facts: Any) -> bytes:
    """Return the PDF of `templates/documents/<name>/document.html`, filled with facts (escaped)."""
    return render_html(render_template(f"documents/{name}/document.html", **facts))


def qr_data_uri(text: str) -> str:
    """Return a QR code as a PNG data address: mask fixed and error level kept, four modules of margin."""
    out = io.BytesIO()
    segno.make(text, error="m", mask=3, boost_error=False, micro=False).save(out, kind="png", scale=6, border=4)
    return "data:image/png;base64," + b64encode(out.getvalue()).decode("ascii")
