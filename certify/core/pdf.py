"""HTML to PDF: xhtml2pdf in processes of their own, bounded in memory and time, reading nothing but our own fonts."""

import copy
import gc
import io
import logging
import multiprocessing
import os
import re
import resource
import threading
import unicodedata
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import segno
from flask import current_app

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.settings import Settings

T = TypeVar("T")
FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
_PROCESSES = 2
_DOCUMENTS_PER_PROCESS = 500
_LARGEST_SPAN = 50
_LARGEST_KEPT_DRAWING = 64 * 1024
_KEPT_SHEETS = 16
_CELL = re.compile(r"<t[dh]\b(?:\"[^\"]*\"|'[^']*'|[^'\">])*>?", re.IGNORECASE)
_SPAN = re.compile(r"(?:col|row)span\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]*)", re.IGNORECASE)
_SMALL_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)
_BETWEEN_BOXES = re.compile(
    r"(</?(?:html|head|body|meta|title|style|div|p|table|tr|td|th|h[1-6]|ul|ol|li)\b[^>]*>)\s+(?=<)", re.IGNORECASE
)
_NEVER_DRAWN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_starting = threading.Lock()
_pools: dict[tuple[int, int, str], "_Pool"] = {}


class BrokenDocument(Exception):
    """The document cannot be made as it should: something it needs was left out, or it does not fit."""


class MissingGlyph(BrokenDocument):
    """The document's font cannot draw a character of the text."""


class _Alarm(logging.Handler):
    """Collects what the library only complains of, and goes on without: a character, a font, a picture."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.undrawable: list[str] = []
        self.left_out: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one complaint."""
        message = record.getMessage()
        if "can draw" in message:
            self.undrawable.append(message)
        elif "is not embedded" in message or "Blocked by the resource policy" in message or "Cannot use" in message:
            self.left_out.append(message)


def _bound_process(memory_bytes: int) -> None:
    _make_ready()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


@cache
def _make_ready() -> None:
    """Set the libraries once in a process: safe, then quick."""
    from html5lib._inputstream import HTMLUnicodeInputStream
    from reportlab import rl_config
    from xhtml2pdf import context, xhtml2pdf_reportlab

    # Colours are words or numbers, never expressions to evaluate.
    rl_config.toColorCanUse = None
    # Streams as bytes: text of 85 characters is for mail of another century, longer to write and to store.
    rl_config.useA85 = 0
    xhtml2pdf_reportlab.svg2rlg = _read_once(xhtml2pdf_reportlab.svg2rlg)
    context.pisaContext._parseCSSSource = _parse_once(context.pisaContext._parseCSSSource)
    # Only lists faults of the text, which nobody reads: a character without a glyph is told by its font.
    HTMLUnicodeInputStream.characterErrorsUCS4 = lambda _self, _data: None
    # Fonts are files of ours, that do not change while a process lives.
    context._file_digest = cache(context._file_digest)
    # What is imported by now stays: no use in looking through it at each collection.
    gc.collect()
    gc.freeze()


def _read_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the last drawings read: the library reads the same frame twice a document, and documents share theirs."""

    @lru_cache(maxsize=8)
    def drawing(content: bytes, resolve_entities: bool) -> Any:
        made = read(io.BytesIO(content), resolve_entities=resolve_entities)
        if made is not None:
            # Asked of each copy before it is scaled, and as long to find as the drawing has curves.
            bounds = made.getBounds()
            made.__dict__["getBounds"] = lambda: bounds
        return made

    def again(source: io.BytesIO, resolve_entities: bool = False) -> Any:
        content = source.getvalue()
        if len(content) > _LARGEST_KEPT_DRAWING:
            return read(io.BytesIO(content), resolve_entities=resolve_entities)
        # The library scales what it is given, by a new matrix: each copy has its own, and shares what is drawn.
        return copy.copy(drawing(content, resolve_entities))

    return again


def _parse_once(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the last style sheets of plain rules: the library reads them anew for each document.

    A sheet with at-rules tells the document its fonts and pages, and is always read. So is a second sheet of rules:
    which of two rules wins depends on which was read first.
    """
    from xhtml2pdf.parser import DEFAULT_CSS_SOURCE

    kept: OrderedDict[str, Any] = OrderedDict()

    def again(self: Any, text: str, source: str) -> Any:
        plain = [sheet for sheet, _name in self.cssSources if "@" not in sheet]
        if source != DEFAULT_CSS_SOURCE and plain != [text]:
            return parse(self, text, source)
        if text not in kept:
            kept[text] = parse(self, text, source)
        kept.move_to_end(text)
        if len(kept) > _KEPT_SHEETS:
            kept.popitem(last=False)
        return kept[text]

    return again


def _end_with_parent() -> None:
    # A killed worker tells its processes nothing: they would wait for documents until the machine stops.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _render(html: str, fonts: str, seconds: int) -> bytes:
    """Make the document; runs in a process of its own."""
    from xhtml2pdf import pisa
    from xhtml2pdf.files import ResourceAccessPolicy

    _make_ready()
    alarm = _Alarm()
    logger = logging.getLogger("xhtml2pdf")
    logger.addHandler(alarm)
    # One collection a document, after it, instead of hundreds while it is made.
    gc.disable()
    try:
        out = io.BytesIO()
        policy = ResourceAccessPolicy.server(fonts, allow_remote=False, max_render_seconds=seconds)
        # The base is a file of the folder, or the library takes the folder above for it.
        status = pisa.CreatePDF(html, dest=out, encoding="utf-8", path=f"{fonts}/document.html", resource_policy=policy)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 — said just below
        # Odd input makes the library fail in many ways; some of its exceptions do not even come back from a process.
        raise BrokenDocument(f"{type(error).__name__}: {error}"[:500]) from None
    finally:
        gc.enable()
        logger.removeHandler(alarm)
    if alarm.undrawable:
        raise MissingGlyph(alarm.undrawable[0])
    if status.err or alarm.left_out:
        raise BrokenDocument(alarm.left_out[0] if alarm.left_out else f"{status.err} errors")
    return out.getvalue()


def page_count(content: bytes) -> int:
    """Return how many pages a document made here has."""
    return len(_PAGE.findall(content))


@dataclass(frozen=True)
class _Pool:
    """Processes for one kind of work, and as many turns: what is handed over starts at once."""

    executor: ProcessPoolExecutor
    turns: threading.BoundedSemaphore


def _pool(settings: Settings, kind: str) -> _Pool:
    with _starting:
        # A server that forks must not share its parent's processes.
        key = (os.getpid(), settings.pdf_memory_bytes, kind)
        if key not in _pools:
            executor = ProcessPoolExecutor(
                max_workers=_PROCESSES, mp_context=multiprocessing.get_context("spawn"),
                max_tasks_per_child=_DOCUMENTS_PER_PROCESS, initializer=_bound_process,
                initargs=(settings.pdf_memory_bytes,),
            )  # fmt: skip
            _pools[key] = _Pool(executor, threading.BoundedSemaphore(_PROCESSES))
        return _pools[key]


def _drop(pool: _Pool) -> None:
    with _starting:
        for key in [key for key, known in _pools.items() if known is pool]:
            del _pools[key]
    for process in list((pool.executor._processes or {}).values()):
        process.kill()
    pool.executor.shutdown(wait=False, cancel_futures=True)


def apart(work: Callable[..., T], *values: Any, seconds: float) -> T:
    """Return what a function of a module gives, run in one of the bounded processes; a refusal of it comes back.

    Each module has processes of its own: what strangers send is not examined where documents are made. The time counts
    from the moment a process is free, for which it waits as long at most. Raises Unavailable when it takes longer than
    this, or too much memory.
    """
    for _once_more in range(2):
        pool = _pool(current_app.config["SETTINGS"], work.__module__)
        if not pool.turns.acquire(timeout=seconds):
            break
        try:
            if (waited := _handed_over(pool, work, values)) is not None:
                return waited.result(timeout=seconds)
        except (TimeoutError, MemoryError):
            _drop(pool)
            break
        except (BrokenProcessPool, CancelledError):
            # Perhaps by another document, which took the processes with it: once more, in new ones.
            _drop(pool)
        finally:
            pool.turns.release()
    raise Unavailable(_l("Ce document demande trop de temps ou de mémoire : il n’a pas été fabriqué."))


def _handed_over(pool: _Pool, work: Callable[..., T], values: Sequence[Any]) -> Future[T] | None:
    try:
        return pool.executor.submit(work, *values)
    except RuntimeError:
        # Ended between the moment it was found and this one.
        _drop(pool)
        return None


def _is_small(span: str) -> bool:
    # Written plainly or not at all: the library also reads « +100 », « 1_000 » and references to characters.
    value = span.strip("\"' ")
    return bool(_SMALL_NUMBER.fullmatch(value)) and int(value) <= _LARGEST_SPAN


@cache
def _drawable() -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFace

    return frozenset[int].intersection(*(frozenset(TTFontFace(str(font)).charToGlyph) for font in FONTS.glob("*.ttf")))


def undrawable(text: str) -> str:
    """Return the characters of a text that documents cannot show, each once, in order; nothing when all is well.

    What no font draws, and what draws nothing but changes how the rest reads (directions, invisible marks).
    """
    kept = {char: None for char in text if not char.isspace() and not _is_drawn(char)}
    return "".join(kept)


def named(characters: str) -> str:
    """Write characters so that a reader can find them: as they are, or by their code when nothing would show."""
    return " ".join(f"U+{ord(one):04X}" if unicodedata.category(one) in _NEVER_DRAWN else one for one in characters)


def without_invisible(text: str) -> str:
    """Return a text without the marks that word processors leave and nobody sees: soft hyphens, joins, zero widths."""
    return text.translate(_INVISIBLE)


def drawable(text: str) -> str:
    """Return a text as documents can show it: a question mark stands for each character that they cannot."""
    kept = without_invisible(text)
    missing = undrawable(kept)
    return kept.translate({ord(one): "?" for one in missing}) if missing else kept


def _is_drawn(char: str) -> bool:
    return unicodedata.category(char) not in _NEVER_DRAWN and ord(char) in _drawable()


def render_html(html: str, *, pages: int | None = None) -> bytes:
    """Return the PDF of an HTML document, checked to have so many pages when `pages` is given.

    Raises Unavailable when it takes too long or too much memory, MissingGlyph when the font lacks a character,
    BrokenDocument when something is left out or it does not fit.
    """
    if any(not _is_small(span) for cell in _CELL.findall(html) for span in _SPAN.findall(cell)):
        # The library makes that many cells before it looks at the clock.
        raise BrokenDocument(f"a cell spans more than {_LARGEST_SPAN} others")
    settings: Settings = current_app.config["SETTINGS"]
    content: bytes = apart(
        _render, html, str(FONTS), settings.pdf_timeout_seconds, seconds=settings.pdf_timeout_seconds * 2
    )
    if pages is not None and page_count(content) != pages:
        raise BrokenDocument(f"{page_count(content)} pages instead of {pages}")
    return content


def render_document(name: str, *, pages: int | None = None, **facts: Any) -> bytes:
    """Return the PDF of `templates/documents/<name>/document.html`, filled with facts (escaped)."""
    # Rendered without what pages know of their visitor: a document is made by a job, for nobody in particular.
    template = current_app.jinja_env.get_template(f"documents/{name}/document.html")
    # The indents of a template are as many pieces of text to lay out, for nothing to show.
    return render_html(_BETWEEN_BOXES.sub(r"\1", template.render(**facts)), pages=pages)


def qr_data_uri(text: str) -> str:
    """Return a QR code as a PNG data address: mask fixed and error level kept, four modules of margin."""
    out = io.BytesIO()
    segno.make(text, error="m", mask=3, boost_error=False, micro=False).save(out, kind="png", scale=2, border=4)
    return "data:image/png;base64," + b64encode(out.getvalue()).decode("ascii")
