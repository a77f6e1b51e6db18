"""What somebody who could write into a document would try: reach addresses, read files, exhaust the machine."""

import base64
import io
import itertools
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import requests
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from certify.certificates import documents, tasks
from certify.core import pdf
from certify.core.errors import Unavailable
from tests.seals.making import plain_pdf
from tests.services.listening import Listener, listening

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="90">'
SECRET = "rien-que-nous-ne-sachions"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def document(body: str, head: str = "") -> str:
    face = "@font-face { font-family: NotoSans; src: url(NotoSans-Regular.ttf); } body { font-family: NotoSans; }"
    return f"<html lang='fr'><head><meta charset='utf-8'><style>{face}</style>{head}</head><body>{body}</body></html>"


def data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def drawn(html: str, folder: Path = pdf.FONTS) -> PdfReader | None:
    """Return the document, or nothing when it is refused; it may read a folder and nothing else."""
    try:
        return PdfReader(io.BytesIO(pdf._render(html, str(folder), 10)))
    except pdf.BrokenDocument:
        return None


def fetching(address: str) -> dict[str, str]:
    """Return a document for each way of naming an address in HTML, CSS and SVG."""
    svg = SVG + "{}</svg>"
    within = {
        "svg image": f'<image width="80" height="80" xlink:href="{address}"/><rect width="9" height="9"/>',
        "svg use": f'<use xlink:href="{address}#a"/><rect width="9" height="9"/>',
        "svg style": f'<style>@import url("{address}");</style><rect width="9" height="9" fill="url({address}#g)"/>',
    }
    doctype = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "{address}">]>'
    entity = doctype + svg.format('<text x="1" y="20">&e;</text><rect width="9" height="9"/>')
    pictures = {name: svg.format(inside) for name, inside in within.items()} | {"svg entity": entity}
    return {
        "picture": document(f'<img src="{address}" width="50" height="50">'),
        "style sheet": document("x", f'<link rel="stylesheet" type="text/css" href="{address}">'),
        "import": document("x", f'<style>@import url("{address}");</style>'),
        "font": document(
            '<p style="font-family: Autre">x</p>',
            f"<style>@font-face {{ font-family: Autre; src: url({address}); }}</style>",
        ),
        "page background": document("x", f"<style>@page {{ background-image: url({address}); }}</style>"),
        "background": document(f'<div style="background-image: url({address})">x</div>'),
        "list mark": document(f'<ul style="list-style-image: url({address})"><li>x</li></ul>'),
        "barcode": document(f'<img src="{address}"><object data="{address}"></object><embed src="{address}">'),
        "frame": document(f'<iframe src="{address}"></iframe><pdf:include src="{address}" />'),
    } | {name: document(f'<img src="{data("image/svg+xml", svg.encode())}">') for name, svg in pictures.items()}


def test_no_way_of_writing_an_address_reaches_it(listener: Listener) -> None:
    requests.get(f"http://127.0.0.1:{listener.port}/essai", timeout=5)
    assert listener.asked == ["/essai"], "the server listens"
    hosts = ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "127.1")
    for host in hosts:
        address = f"http://{host}:{listener.port}/lu"
        for way, html in fetching(address).items() if host == hosts[0] else list(fetching(address).items())[:2]:
            drawn(html)
            assert listener.asked == ["/essai"], f"{way} of {host}"


def test_no_file_of_the_machine_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text(f'p::before {{ content: "{SECRET}"; }} body::before {{ content: "{SECRET}" }}')
    (tmp_path / "secret.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text x="2" y="20">{SECRET}</text></svg>'
    )
    Image.new("RGB", (7, 11), (1, 2, 3)).save(tmp_path / "secret.png")
    (tmp_path / "secret.pdf").write_bytes(plain_pdf())
    (folder := tmp_path / "fonts").mkdir()
    (folder / "NotoSans-Regular.ttf").write_bytes((pdf.FONTS / "NotoSans-Regular.ttf").read_bytes())
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    up = "/".join([".."] * 12)
    addresses = ["link.png", "/etc/passwd"]
    for name in ("secret.css", "secret.png", "secret.svg", "secret.pdf"):
        where = tmp_path / name
        addresses += [f"../{name}", str(where), f"file://{where}", f"{up}{where}"]
    for address in addresses:
        for way, html in fetching(address).items():
            reader = drawn(html, folder)
            if reader is None:
                continue
            text = "".join(one.extract_text() for one in reader.pages)
            assert SECRET not in text, f"{way} of {address}"
            assert "root:" not in text, f"{way} of {address}"
            sizes = [one.image.size for one in reader.pages[0].images if one.image]
            assert (7, 11) not in sizes, f"{way} of {address}"


def test_a_picture_inside_is_drawn(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (7, 11), (1, 2, 3)).save(out, "PNG")
    reader = drawn(document(f'<img src="{data("image/png", out.getvalue())}" width="70" height="110">'))
    assert reader is not None
    assert [one.image.size for one in reader.pages[0].images if one.image] == [(7, 11)]
    (tmp_path / "inside.png").write_bytes(out.getvalue())
    (tmp_path / "NotoSans-Regular.ttf").write_bytes((pdf.FONTS / "NotoSans-Regular.ttf").read_bytes())
    reader = drawn(document('<img src="inside.png" width="70" height="110">'), tmp_path)
    assert reader is not None
    assert [one.image.size for one in reader.pages[0].images if one.image] == [(7, 11)]


def test_a_cell_spans_little_or_the_document_is_refused() -> None:
    refused = (
        '<td colspan="100000000">', "<TH ROWSPAN = 100000000>", "<td colspan='51'>", '<td colspan="+99999999">',
        '<td colspan="1_000_000">', '<td colspan="&#49;00000000">', '<td class=">" colspan=51>', "<td/colspan=99>",
        '<td colspan="١٠٠٠">', '<td\ncolspan\n=\n"99"', '<td colspan="-1">', "<td colspan=>",
    )  # fmt: skip
    for cell in refused:
        with pytest.raises(pdf.BrokenDocument, match="spans"):
            pdf.render_html(document(f"<table><tr>{cell}x</td></tr></table>"))
    assert pdf._SPAN.findall(pdf._CELL.findall('<td colspan="3">colspan=9999</td>')[0]) == ['"3"']


def _png_bomb(side: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    content = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def _laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
    return f'<?xml version="1.0"?><!DOCTYPE svg [{entities}]>{SVG}<text>&a10;</text></svg>'.encode()


def _nested_uses() -> bytes:
    groups = ""
    for n in range(1, 12):
        groups += f'<g id="g{n}">' + f'<use xlink:href="#g{n - 1}"/>' * 10 + "</g>"
    return f'{SVG}<g id="g0"><rect width="1" height="1"/></g>{groups}<use xlink:href="#g11"/></svg>'.encode()


@pytest.mark.engines("sqlite")
@pytest.mark.settings(pdf_timeout_seconds=2, pdf_memory_bytes=700 * 1024 * 1024)
def test_what_would_exhaust_the_machine_is_stopped_and_the_next_document_made(app: Flask) -> None:
    attacks = {
        "picture of 2 500 million pixels": f'<img src="{data("image/png", _png_bomb(50_000))}">',
        "entities in an SVG": f'<img src="{data("image/svg+xml", _laughs())}">',
        "uses in an SVG": f'<img src="{data("image/svg+xml", _nested_uses())}">',
        "boxes in boxes": "<div>" * 3000 + "x" + "</div>" * 3000,
    }
    with app.app_context():
        for name, body in attacks.items():
            begin = perf_counter()
            try:
                content = pdf.render_html(document(body))
            except (Unavailable, pdf.BrokenDocument):
                content = b""
            assert perf_counter() - begin < 15, name
            assert len(content) < 50_000, name
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"pdf_timeout_seconds": 60})
        assert pdf.render_html(document("<p>Suivant</p>")).startswith(b"%PDF")


def test_colours_are_never_expressions(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    run = f"getattr(pow, Word('__globals__'))['os'].system('touch {trace}')"
    payload = f"[[[{run} for Word in [str]] for none in [[]]] and 'red']"
    for html in (f'<font color="{payload}">x</font>', f'<p style="color: {payload}">x</p>'):
        drawn(document(html))
    assert not trace.exists()


def test_every_character_documents_cannot_show_is_named() -> None:
    assert pdf.undrawable("Łukasz Nguyễn, O’Brien-d’Été, Œdipe «\u202fn° 3\u00a0»") == ""
    assert pdf.undrawable("王 小 王") == "王小"
    assert pdf.undrawable("Personne\u202e A \u200f") == "\u202e\u200f"
    assert pdf.undrawable("ع😀\x07") == "ع😀\x07"


NOT_TYPED = {"code", "kind", "template", "key", "media_type", "state", "sha256", "digest", "accent", "second", "level"}


def _with_tags(value: Any, count: Iterator[int], key: str = "") -> Any:
    """Put a numbered tag in everything that somebody types."""
    if isinstance(value, dict):
        return {name: _with_tags(one, count, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_tags(one, count, key) for one in value]
    if not isinstance(value, str) or key in NOT_TYPED or key.endswith(("_on", "_at")):
        return value
    return f"{value} <i>{next(count)}</i>"


@pytest.mark.engines("sqlite")
def test_html_in_any_field_is_printed_as_text(app: Flask) -> None:
    with app.app_context():
        for name in ("certificate", "blocks", "attendance", "duplicate"):
            facts = documents.sample(name)
            typed = dict.fromkeys(("trade_name", "mention", "signatory", "signatory_title"), "Texte")
            facts["document"] = {"template": name, "fields": typed}
            count = itertools.count(100)
            content = tasks.render(_with_tags(facts, count))
            words = " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())
            printed = re.findall(r"<\s?i\s?>\s?1\d\d\s?<\s?/\s?i\s?>", words)
            assert len(set(printed)) >= 8, (name, words)
