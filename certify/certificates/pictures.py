"""Logos and signatures printed on documents: what comes in is drawn anew, or refused; what goes out fits a box."""

import io
import re
import struct
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from markupsafe import escape
from PIL import Image

from certify.core import pdf, sniffing
from certify.core.errors import Invalid, TooLarge
from certify.core.i18n import lazy as _l

LARGEST = 200 * 1024
"""Bytes of a picture as it is sent."""
SVG = "image/svg+xml"
_PIXELS_SIDE = 1200
_MOST_PIXELS = 40_000_000
_MOST_SHAPES = 400
_DEEPEST = 12
_NAMESPACE = "http://www.w3.org/2000/svg"
_SHAPES = frozenset({"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
_IGNORED = frozenset({"title", "desc", "metadata"})
_ATTRIBUTES = frozenset(
    (
        "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "points", "transform",
        "fill", "stroke", "viewBox", "fill-rule", "clip-rule", "stroke-width", "stroke-linecap", "stroke-linejoin",
        "stroke-miterlimit", "fill-opacity", "stroke-opacity", "opacity",
    )
)  # fmt: skip
_VALUE = re.compile(r"[-+\w\s.,#%()]*")
_PX_OF_MM = 96 / 25.4


@dataclass(frozen=True)
class Picture:
    """A picture as a document shows it: its data and its size in a box, in CSS pixels."""

    address: str
    width: int
    height: int


def drawn_anew(content: bytes, filename: str) -> tuple[bytes, str]:
    """Return a picture made again from what it shows, with its type; raises Invalid for what cannot be.

    PNG and JPEG are decoded and encoded again; of an SVG only plain shapes are kept: no link, script, style sheet,
    picture, text, entity nor reference (lab report §1.5).
    """
    if len(content) > LARGEST:
        raise TooLarge(_l("Cette image dépasse 200 ko : réduisez-la."), "file")
    if filename.lower().endswith(".svg") or content.lstrip()[:5] in (b"<?xml", b"<svg ", b"<svg>"):
        return _plain_svg(content), SVG
    sniffing.media_type(content, filename, frozenset({"image/png", "image/jpeg"}))
    bare, media_type = sniffing.clean_image(content, _MOST_PIXELS)
    return _reduced(bare, media_type), media_type


def _reduced(content: bytes, media_type: str) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        if max(image.size) <= _PIXELS_SIDE:
            return content
        image.thumbnail((_PIXELS_SIDE, _PIXELS_SIDE))
        out = io.BytesIO()
        image.save(out, "PNG" if media_type == "image/png" else "JPEG", quality=90)
        return out.getvalue()


def _plain_svg(content: bytes) -> bytes:
    if b"<!" in content.replace(b"<!--", b"").replace(b"<![CDATA[", b"") or b"<?xml-stylesheet" in content:
        raise _not_plain("<!DOCTYPE>")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(_l("Ce fichier SVG est illisible : enregistrez le logo en PNG."), "file") from error
    if etree.QName(root).localname != "svg":
        raise Invalid(_l("Ce fichier SVG est illisible : enregistrez le logo en PNG."), "file")
    width, height = _size_of_svg(root)
    lines = list(_rewritten(root, width, height, 0))
    if len(lines) > 2 * _MOST_SHAPES:
        raise Invalid(_l("Ce dessin a trop de formes : enregistrez le logo en PNG."), "file")
    return "".join(lines).encode()


def _size_of_svg(root: etree._Element) -> tuple[float, float]:
    box = (root.get("viewBox") or "").replace(",", " ").split()
    try:
        width, height = (
            (float(box[2]), float(box[3])) if len(box) == 4 else (_length(root, "width"), _length(root, "height"))
        )
    except ValueError:
        width = height = 0.0
    if not (0 < width < 1e5 and 0 < height < 1e5 and 0.02 < width / height < 50):
        raise Invalid(_l("Ce dessin ne dit pas sa taille (viewBox) : enregistrez le logo en PNG."), "file")
    return width, height


def _length(root: etree._Element, name: str) -> float:
    return float((root.get(name) or "0").removesuffix("px").removesuffix("pt"))


def _rewritten(node: etree._Element, width: float, height: float, depth: int) -> Iterator[str]:
    if not isinstance(node.tag, str):
        return
    name = etree.QName(node)
    if name.localname in _IGNORED:
        return
    if name.localname not in _SHAPES or name.namespace not in (None, _NAMESPACE) or depth > _DEEPEST:
        raise _not_plain(name.localname)
    given = {key: value for key, value in node.attrib.items() if not key.startswith("{")} | _styled(node)
    kept = {key: value for key, value in given.items() if key in _ATTRIBUTES}
    for key, value in kept.items():
        if not _VALUE.fullmatch(value) or "url" in value.lower():
            raise _not_plain(key)
    if depth == 0:
        kept = {
            "viewBox": kept.get("viewBox") or f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "height": f"{height:g}",
        }
    written = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
    yield f'<svg xmlns="{_NAMESPACE}"{written}>' if depth == 0 else f"<{name.localname}{written}>"
    for child in node:
        yield from _rewritten(child, width, height, depth + 1)
    yield f"</{name.localname}>"


def _styled(node: etree._Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in (node.get("style") or "").split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _colon, value in pairs}


def _not_plain(what: str) -> Invalid:
    return Invalid(
        _l(
            "Ce dessin contient autre chose que des formes simples (%(what)s) : enregistrez le logo en PNG.",
            what=what[:40],
        ),
        "file",
    )


def check_it_prints(content: bytes, media_type: str) -> None:
    """Draw a picture once where documents are drawn, bounded in time and memory; raises Invalid when it cannot be."""
    picture = fitted(content, media_type, 60, 20)
    try:
        pdf.render_html(f'<html><body><img src="{picture.address}" width="{picture.width}"></body></html>', pages=1)
    except (pdf.BrokenDocument, ZeroDivisionError, ValueError) as error:
        raise Invalid(
            _l("Cette image ne s’imprime pas : enregistrez-la autrement, en PNG par exemple."), "file"
        ) from error


def fitted(content: bytes, media_type: str, most_width: float, most_height: float) -> Picture:
    """Return a picture as large as a box of so many millimetres allows, its proportions kept."""
    width, height = _proportions(content, media_type)
    scale = min(most_width / width, most_height / height) * _PX_OF_MM
    address = f"data:{media_type};base64,{b64encode(content).decode('ascii')}"
    return Picture(address, max(1, round(width * scale)), max(1, round(height * scale)))


def _proportions(content: bytes, media_type: str) -> tuple[float, float]:
    if media_type == "image/png":
        width, height = struct.unpack(">II", content[16:24])
        return float(width), float(height)
    if media_type == SVG:
        return _size_of_svg(etree.fromstring(content))
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        return float(image.width), float(image.height)
