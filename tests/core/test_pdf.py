import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from certify.core import pdf
from certify.core.errors import Unavailable

pytestmark = pytest.mark.engines("sqlite")
FACE = "@font-face { font-family: NotoSans; src: url(NotoSans-Regular.ttf); }"
ENDLESS = "<table>" + "<tr><td>ligne</td></tr>" * 60_000 + "</table>"
FACES = f"<style>{FACE} body {{ font-family: NotoSans; }}</style>"


def document(body: str, head: str = FACES) -> str:
    return f"<html lang='fr'><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"


def words_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_document_keeps_french_typography(app: Flask) -> None:
    with app.app_context():
        content = pdf.render_html(document("<p>« Œuvre d’été\u202f: n° 3 · ça »</p>"))
    assert re.sub(r"\s", " ", words_of(content)).strip() == "« Œuvre d’été : n° 3 · ça »"


def test_pages_are_counted_as_a_reader_counts_them(app: Flask) -> None:
    with app.app_context():
        content = pdf.render_html(document("".join(f"<p>Ligne {number}</p>" for number in range(150))))
    assert pdf.page_count(content) == len(PdfReader(io.BytesIO(content)).pages) > 1


def test_a_document_that_does_not_fit_is_refused(app: Flask) -> None:
    lines = "".join(f"<p>Ligne {number}</p>" for number in range(150))
    with app.app_context(), pytest.raises(pdf.BrokenDocument, match="instead of 1"):
        pdf.render_html(document(lines), pages=1)


def test_a_missing_font_is_refused_rather_than_replaced(app: Flask) -> None:
    head = "<style>@font-face { font-family: Absente; src: url(Absente.ttf); } body { font-family: Absente; }</style>"
    with app.app_context(), pytest.raises(pdf.BrokenDocument):
        pdf.render_html(document("<p>Texte</p>", head))


def test_a_character_no_font_has_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(pdf.MissingGlyph):
        pdf.render_html(document("<p>王小明</p>"))


@pytest.mark.parametrize("where", ["/etc/hostname", "../../../pyproject.toml", "file:///etc/hostname"])
def test_a_document_reads_nothing_but_its_fonts(app: Flask, where: str) -> None:
    assert Path("/etc/hostname").exists()
    with app.app_context(), pytest.raises(pdf.BrokenDocument):
        pdf.render_html(document("<p>Texte</p>", f"<style>@font-face {{ font-family: F; src: url({where}); }}</style>"))


@pytest.mark.parametrize("attribute", ['colspan="100000000"', "ROWSPAN = 100000000", "colspan='51'"])
def test_a_cell_may_not_span_the_memory(app: Flask, attribute: str) -> None:
    table = f"<table><tr><td {attribute}>x</td></tr></table>"
    with app.app_context(), pytest.raises(pdf.BrokenDocument, match="spans"):
        pdf.render_html(document(table))


@pytest.mark.settings(pdf_timeout_seconds=1, pdf_memory_bytes=1200 * 1024 * 1024)
def test_a_document_that_takes_too_long_is_stopped_and_the_next_one_made(app: Flask) -> None:
    with app.app_context():
        with pytest.raises((Unavailable, pdf.BrokenDocument)):
            pdf.render_html(document(ENDLESS))
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"pdf_timeout_seconds": 60})
        assert pdf.render_html(document("<p>Suivant</p>")).startswith(b"%PDF")


@pytest.mark.settings(pdf_timeout_seconds=30)
def test_one_document_that_ends_its_processes_costs_the_others_nothing(app: Flask) -> None:
    def made(_number: int) -> bool:
        with app.app_context():
            return pdf.render_html(document("<p>Texte</p>")).startswith(b"%PDF")

    def stuck() -> None:
        with app.app_context(), pytest.raises(Unavailable):
            pdf.apart(pdf._render, document(ENDLESS), str(pdf.FONTS), 60, seconds=2)

    with ThreadPoolExecutor(8) as threads:
        ends = threads.submit(stuck)
        results = list(threads.map(made, range(24)))
        ends.result()
    assert results == [True] * 24


def test_time_is_counted_once_a_process_is_free_and_files_of_strangers_have_their_own(app: Flask) -> None:
    def waited(seconds: float) -> float:
        with app.app_context():
            return pdf.apart(_slept, seconds, seconds=8)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(waited, [0.5] * 2))
        assert list(threads.map(waited, [3.0] * 6)) == [3.0] * 6
    with app.app_context():
        pdf.render_html(document("<p>Texte</p>"))
    kinds = {kind for _process, _memory, kind in pdf._pools}
    assert {_slept.__module__, "certify.core.pdf"} <= kinds


def _slept(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def test_a_qr_code_is_drawn_the_same_each_time() -> None:
    first = pdf.qr_data_uri("https://certify.invalid/verify/0")
    assert first == pdf.qr_data_uri("https://certify.invalid/verify/0")
    assert first.startswith("data:image/png;base64,")
