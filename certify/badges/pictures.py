"""The picture of a badge, drawn here: a medal with the title, the same bytes for the same words."""

import io
from collections.abc import Sequence
from functools import lru_cache
from math import cos, hypot, pi, sin

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from certify.core.pdf import FONTS

SIZE = 600
_SCALE = 3
"""Drawn three times larger, then reduced: edges come out smooth."""
_PINE, _DEEP, _AMBER, _PAPER, _INK = "#0b5d57", "#084640", "#f2b04b", "#fffdf8", "#1c2733"
_LARGEST, _SMALLEST, _LINES = 52, 24, 6
_COLOURS = 96


@lru_cache(maxsize=128)
def drawn(title: str, issuer: str) -> bytes:
    """Return the PNG of a badge: its title on a medal, who issues it below."""
    side = SIZE * _SCALE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    centre = side / 2
    _medal(pen, centre)
    _words(pen, centre, title, issuer)
    out = io.BytesIO()
    small = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    # Few colours: a badge is kept for each person, and a quarter of the bytes shows the same.
    small.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return out.getvalue()


def _disc(pen: ImageDraw.ImageDraw, centre: float, radius: float, colour: str) -> None:
    pen.ellipse((centre - radius, centre - radius, centre + radius, centre + radius), fill=colour)


def _medal(pen: ImageDraw.ImageDraw, centre: float) -> None:
    edge = centre * 0.98
    points = []
    for step in range(96):
        reach = edge if step % 2 == 0 else edge * 0.965
        angle = 2 * pi * step / 96
        points.append((centre + reach * cos(angle), centre + reach * sin(angle)))
    pen.polygon(points, fill=_DEEP)
    for share, colour in ((0.90, _PINE), (0.845, _AMBER), (0.83, _PINE), (0.74, _PAPER)):
        _disc(pen, centre, centre * share, colour)
    for step in range(-2, 3):
        # Five beads above: what the mark of the application ends with.
        angle = -pi / 2 + step * pi / 22
        x, y = centre + centre * 0.785 * cos(angle), centre + centre * 0.785 * sin(angle)
        radius = centre * (0.024 if step == 0 else 0.016)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_AMBER)


def _font(size: int, *, bold: bool) -> FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"NotoSans-{'Bold' if bold else 'Regular'}.ttf"), size * _SCALE)


def _words(pen: ImageDraw.ImageDraw, centre: float, title: str, issuer: str) -> None:
    below, small = _fitted(pen, issuer, centre * 0.86, largest=24, most=2, bold=False)
    foot = centre * 0.12 + small.size * 1.25 * len(below)
    lines, font = _fitted(pen, title, centre * 1.14, largest=_LARGEST, most=_LINES, bold=True, round_=centre, foot=foot)
    step = font.size * 1.22
    y = centre - (step * len(lines) + foot) / 2 + step / 2
    for line in lines:
        pen.text((centre, y), line, font=font, fill=_INK, anchor="mm")
        y += step
    y += centre * 0.06 - step / 2
    pen.line((centre - centre * 0.16, y, centre + centre * 0.16, y), fill=_AMBER, width=round(centre * 0.014))
    y += centre * 0.06 + small.size * 0.62
    for line in below:
        pen.text((centre, y), line, font=small, fill=_PINE, anchor="mm")
        y += small.size * 1.25


def _fitted(
    pen: ImageDraw.ImageDraw, text: str, width: float, *, largest: int, most: int, bold: bool, round_: float = 0.0,
    foot: float = 0.0,
) -> tuple[list[str], FreeTypeFont]:  # fmt: skip
    """Return the text in lines and the largest font with which they hold; the end is left out as a last resort.

    With `round_`, the lines and what stands below them must hold in the disc of the medal.
    """
    for size in range(largest, _SMALLEST - 7, -2):
        font = _font(size, bold=bold)
        lines = _wrapped(pen, text, font, width)
        widths = [pen.textlength(line, font=font) for line in lines]
        if len(lines) <= most and max(widths) <= width and (not round_ or _holds(widths, font.size, round_, foot)):
            return lines, font
    kept = lines[:most]
    kept[-1] = kept[-1][:24].rstrip() + "…"
    return kept, font


def _holds(widths: Sequence[float], size: float, centre: float, foot: float) -> bool:
    step = size * 1.22
    y = -(step * len(widths) + foot) / 2
    return all(hypot(width / 2, y + step * row) <= centre * 0.69 for row, width in enumerate(widths))


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: FreeTypeFont, width: float) -> list[str]:
    lines: list[str] = [""]
    # Not at every space: a mark of punctuation stays with its word.
    for word in " ".join(text.splitlines()).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, font=font) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
