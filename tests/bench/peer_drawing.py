"""The same parchemin drawn by other programs, run by the peer's interpreter: WeasyPrint, fpdf2, reportlab's canvas.

Each line read is a JSON object, each answered by one. The first holds what is drawn, the others ask a program to draw
so many: `{"with": "weasyprint", "count": 10}`. Every program gets what it needs to be fast: fonts read once, templates
compiled once, the QR code made as we make ours.
"""

import io
import json
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import segno

Draw = Callable[[dict[str, Any]], bytes]
MM = 72 / 25.4
GREY, INK, LIGHT = "#52606d", "#1c2733", "#f4f1eb"
BLOCKS = ("#1d4e89", "#6d3b8e", "#0b5d57", "#a8402c")
_PAGE = """<html lang="fr"><head><title>{{ number }}</title><style>
@font-face { font-family: NotoSans; src: url(file://{{ fonts }}/NotoSans-Regular.ttf); }
@font-face { font-family: NotoSans; font-weight: bold; src: url(file://{{ fonts }}/NotoSans-Bold.ttf); }
@font-face { font-family: Display; src: url(file://{{ fonts }}/NotoSerif-SemiBold.ttf); }
@page { size: A4 landscape; margin: 0; }
body { margin: 0; font: 10pt NotoSans; color: #1c2733; text-align: center; }
.frame { position: absolute; left: 0; top: 0; width: 297mm; height: 210mm; }
.sheet { position: absolute; left: 30mm; top: 20mm; width: 237mm; }
.title, .certification, .holder { font-family: Display; }
.title { font-size: 38pt; color: {{ accent }}; margin-top: 3.5mm; line-height: 1.2; }
.certification { font-size: 17pt; margin-top: 1.2mm; } .holder { font-size: 31pt; line-height: 1.2; }
.certifier { font-size: 11.5pt; font-weight: bold; color: #3d4852; } .small { font-size: 11pt; color: #52606d; }
.rule { width: 30mm; border-top: 0.5mm solid {{ second }}; margin: 3.5mm auto 1mm; }
.decision { font-size: 10.5pt; line-height: 1.45; margin-top: 3mm; }
.blocks-title { font-size: 9.5pt; margin: 5mm 0 2mm; }
.blocks { width: 237mm; border-spacing: 3mm 0; } .n { width: 9mm; color: #fff; font-size: 13pt; font-weight: bold; }
.t { font-size: 9pt; background: #f4f1eb; padding: 1.4mm 2.4mm; text-align: left; }
.foot { position: absolute; left: 27mm; top: 160mm; width: 210mm; text-align: left; font-size: 8.5pt; }
.foot td { vertical-align: top; width: 25%; } .foot b { font-size: 9.5pt; }
.qr { position: absolute; left: 240mm; top: 160.5mm; width: 30mm; height: 30mm; }
</style></head><body><img class="frame" src="{{ frame }}"><div class="sheet">
<div class="certifier">{{ certifier }}</div><div class="title">{{ title }}</div>
<div class="certification">{{ certification }}</div><div class="rule"></div><div class="small">décerné à</div>
<div class="holder">{{ holder }}</div><div class="decision">{% for one in decision %}{{ one }}<br>{% endfor %}</div>
<div class="blocks-title">{{ "Blocs de compétences acquis" }}</div><table class="blocks"><tr>{% for block in blocks %}
<td class="n" style="background: {{ colours[loop.index0] }}">{{ loop.index }}</td><td class="t">{{ block }}</td>
{% endfor %}</tr></table></div><table class="foot"><tr>{% for cell in foot %}
<td>{% for line in cell %}{% if loop.index == 2 %}<b>{{ line }}</b>{% else %}{{ line }}{% endif %}<br>{% endfor %}</td>
{% endfor %}</tr></table><img class="qr" src="{{ qr }}"></body></html>"""


def qr_png(text: str) -> bytes:
    """Draw the code as we draw ours."""
    out = io.BytesIO()
    segno.make(text, error="m", mask=3, boost_error=False, micro=False).save(out, kind="png", scale=4, border=4)
    return out.getvalue()


def with_weasyprint(given: dict[str, Any]) -> Draw:
    """Return WeasyPrint, its fonts and the frame kept from one document to the next."""
    from jinja2 import Environment
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    page = Environment(autoescape=True).from_string(_PAGE)
    fonts, pictures = FontConfiguration(), {}  # type: ignore[var-annotated]

    def draw(facts: dict[str, Any]) -> bytes:
        qr = Path(given["folder"]) / "qr.png"
        qr.write_bytes(qr_png(facts["address"]))
        pictures.pop(qr.as_uri(), None)
        html = page.render(**given, **facts, qr=qr.as_uri(), colours=BLOCKS)
        content: bytes = HTML(string=html).write_pdf(font_config=fonts, cache=pictures)
        return content

    return draw


def with_fpdf2(given: dict[str, Any]) -> Draw:
    """Return fpdf2; a document of its own must read its fonts anew."""
    from fpdf import FPDF

    frame = io.BytesIO(b64decode(given["frame"].partition(",")[2]))

    def draw(facts: dict[str, Any]) -> bytes:
        pdf = FPDF("L", "mm", "A4")
        for family, style, name in (
            ("sans", "", "Sans-Regular"),
            ("sans", "B", "Sans-Bold"),
            ("serif", "", "Serif-SemiBold"),
        ):
            pdf.add_font(family, style, f"{given['fonts']}/Noto{name}.ttf")
        pdf.set_auto_page_break(False)
        pdf.add_page()
        frame.seek(0)
        pdf.image(frame, 0, 0, 297, 210)
        for family, style, size, colour, y, text in _lines(given, facts):
            pdf.set_font(family, style, size)
            pdf.set_text_color(colour)
            pdf.set_xy(30, y)
            pdf.cell(237, size / 2, text, align="C")
        for place, title in enumerate(given["blocks"]):
            x = 30 + place * 60
            pdf.set_fill_color(BLOCKS[place])
            pdf.rect(x, 128, 9, 14, "F")
            pdf.set_fill_color(LIGHT)
            pdf.rect(x + 9, 128, 47, 14, "F")
            pdf.set_font("sans", "", 9)
            pdf.set_xy(x + 11, 130)
            pdf.multi_cell(44, 4, title, align="L")
        pdf.set_font("sans", "", 8.5)
        for place, cell in enumerate(facts["foot"]):
            pdf.set_xy(27 + place * 52, 160)
            pdf.multi_cell(50, 4.2, "\n".join(cell), align="L")
        pdf.image(io.BytesIO(qr_png(facts["address"])), 240, 160.5, 30, 30)
        return bytes(pdf.output())

    return draw


def with_reportlab(given: dict[str, Any]) -> Draw:
    """Return reportlab's canvas: every place given, no layout at all, and a plain frame; nothing draws with less."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    names = {("sans", ""): "Sans-Regular", ("sans", "B"): "Sans-Bold", ("serif", ""): "Serif-SemiBold"}
    for name in names.values():
        pdfmetrics.registerFont(TTFont(name, f"{given['fonts']}/Noto{name}.ttf"))

    def draw(facts: dict[str, Any]) -> bytes:
        out = io.BytesIO()
        page = Canvas(out, pagesize=(297 * MM, 210 * MM))
        page.setStrokeColor(HexColor(given["accent"]))
        page.rect(10 * MM, 10 * MM, 277 * MM, 190 * MM)
        for family, style, size, colour, y, text in _lines(given, facts):
            page.setFont(names[family, style], size)
            page.setFillColor(HexColor(colour))
            page.drawCentredString(148.5 * MM, (210 - y) * MM - size, text)
        for place, title in enumerate(given["blocks"]):
            page.setFillColor(HexColor(BLOCKS[place]))
            page.rect((30 + place * 60) * MM, 68 * MM, 9 * MM, 14 * MM, stroke=0, fill=1)
            page.setFont("Sans-Regular", 9)
            page.drawString((41 + place * 60) * MM, 76 * MM, title[:32])
        page.setFillColor(HexColor(INK))
        for place, cell in enumerate(facts["foot"]):
            text = page.beginText((27 + place * 52) * MM, 48 * MM)
            text.textLines(cell)
            page.drawText(text)
        page.drawImage(ImageReader(io.BytesIO(qr_png(facts["address"]))), 240 * MM, 19.5 * MM, 30 * MM, 30 * MM)
        page.save()
        return out.getvalue()

    return draw


def _lines(given: dict[str, Any], facts: dict[str, Any]) -> list[tuple[str, str, float, str, float, str]]:
    placed = [
        ("sans", "B", 11.5, "#3d4852", 20, given["certifier"]), ("serif", "", 38, given["accent"], 28, given["title"]),
        ("serif", "", 17, INK, 50, given["certification"]), ("sans", "", 11, GREY, 66, "décerné à"),
        ("serif", "", 31, INK, 74, facts["holder"]), ("sans", "", 9.5, GREY, 118, "Blocs de compétences acquis"),
    ]  # fmt: skip
    return placed + [("sans", "", 10.5, INK, 94 + 6 * place, line) for place, line in enumerate(facts["decision"])]


PROGRAMS = {"weasyprint": with_weasyprint, "fpdf2": with_fpdf2, "reportlab": with_reportlab}


def main() -> None:
    """Answer until nothing more is asked."""
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    _answer({"ready": True})
    opened: dict[str, Draw] = {}
    for line in sys.stdin:
        wanted = json.loads(line)
        name = wanted["with"]
        if name not in opened:
            opened[name] = PROGRAMS[name](given)
        begin, spent = perf_counter(), process_time()
        made = [opened[name](facts) for facts in wanted["facts"]]
        answer = {"seconds": perf_counter() - begin, "cpu": process_time() - spent, "size": len(made[-1])}
        if "keep" in wanted:
            Path(wanted["keep"]).write_bytes(made[-1])
        _answer(answer)


def _answer(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
