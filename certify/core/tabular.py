"""Tables people send: CSV as spreadsheets save it, or a workbook; any bytes in, rows of text out, or a refusal.

A spreadsheet saves CSV in several encodings, with several separators; what was understood is said on screen.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from certify.core import sniffing
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.core.sniffing import BROKEN_ARCHIVE

SEPARATORS = ";,\t"
WORKBOOK = "XLSX"
"""Encoding said of a workbook, which has none."""
_MOST_UNPACKED = 40 * 1024 * 1024
_MOST_ROWS, _MOST_COLUMNS = 20_000, 400
_CELL = re.compile(rb"""<(?:\w+:)?(?:c|row)\b[^>]*?\sr\s*=\s*["']([A-Za-z]{0,6})(\d+)["']""")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
DAMAGED: tuple[type[Exception], ...] = (*BROKEN_ARCHIVE, python_calamine.CalamineError)
"""What reading a damaged workbook raises."""
_FILE = "file"


@dataclass(frozen=True)
class Line:
    """One row that holds something, with its number in the file."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What was understood of a file: its headings and its rows."""

    encoding: str
    separator: str
    """Empty for a workbook."""
    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(content: bytes, *, max_bytes: int, max_rows: int) -> Table:
    """Read a CSV file or the first sheet of a workbook; raise Invalid, in words, when it is neither."""
    if len(content) > max_bytes:
        size = max_bytes // 1_000_000
        raise Invalid(_l("Ce fichier dépasse %(size)s Mo : partagez-le en plusieurs fichiers.", size=size), _FILE)
    if content.startswith(b"PK\x03\x04"):
        encoding, separator, rows = WORKBOOK, "", list(_workbook_rows(content))
    else:
        text, encoding = decode(content)
        text, skipped = without_hint(text)
        separator = separator_of(text, lambda cell: bool(cell.strip()))
        rows = list(csv_rows(text, separator, skipped, max_rows))
    if len(rows) > max_rows + 1:
        raise Invalid(_l("Ce fichier a plus de %(max)s lignes : partagez-le en plusieurs.", max=max_rows), _FILE)
    if not rows:
        raise Invalid(_l("Ce fichier est vide : il faut une ligne de titres, puis une ligne par fiche."), _FILE)
    (_number, titles), *others = rows
    width = max(len(cells) for _line, cells in rows)
    if width > _MOST_COLUMNS:
        raise Invalid(_l("Ce fichier a plus de %(max)s colonnes.", max=_MOST_COLUMNS), _FILE)
    headings = tuple(clean(title)[:120] for title in [*titles, *[""] * (width - len(titles))])
    if not others:
        raise Invalid(_l("Ce fichier n’a que des titres : ajoutez une ligne par fiche."), _FILE)
    lines = tuple(Line(number, tuple(_filled(cells, width))) for number, cells in others)
    return Table(encoding, separator, headings, lines)


def _filled(cells: Sequence[str], width: int) -> Iterator[str]:
    for n in range(width):
        yield readable(cells[n]) if n < len(cells) else ""


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of a CSV file with the name of its encoding; raise Invalid when it is no text."""
    for mark, codec, name in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 (BOM)"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            return _without_nulls(content.decode(codec, errors="replace")), name
    # Any bytes are Latin-1, so the last guess always answers.
    for codec, name in (("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")):
        try:
            return _without_nulls(content.decode(codec)), name
        except UnicodeDecodeError:
            continue
    raise AssertionError("unreachable")


def _without_nulls(text: str) -> str:
    if "\x00" in text:
        raise Invalid(_l("Ce fichier n’est pas du texte : enregistrez la liste au format CSV."), _FILE)
    return text


def without_hint(text: str) -> tuple[str, int]:
    """Return the text with plain line ends, without the line that Excel writes for itself, and how many were taken."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = lines.partition("\n")
    return (rest, 1) if re.fullmatch(r"sep=.", first.strip(), re.IGNORECASE) else (lines, 0)


def separator_of(text: str, is_title: Callable[[str], bool]) -> str:
    """Choose the separator that makes the most titles of the first line; a semicolon when none does."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return max(SEPARATORS, key=lambda mark: sum(1 for cell in first.split(mark) if is_title(cell)))


def csv_rows(text: str, separator: str, skipped: int, max_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that holds something, with the number of its first line in the file; two too many at most."""
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    start, count = 1 + skipped, 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                yield start, cells
                if count > max_rows + 1:
                    return
            start = reader.line_num + 1 + skipped
    except csv.Error:
        message = _l("La lecture s’arrête à la ligne %(line)s : un guillemet y est ouvert et jamais fermé.", line=start)
        raise Invalid(message, _FILE) from None


def check_extent(content: bytes) -> None:
    """Refuse a small workbook that unpacks into a huge sheet: one cell far away is enough to fill the memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > _MOST_UNPACKED:
            raise Invalid("ce classeur se déplie en un contenu démesuré.")
        for member in members:
            if not member.filename.endswith((".xml", ".bin")):
                continue
            with archive.open(member) as opened:
                text = opened.read(_MOST_UNPACKED + 1)
            if len(text) > _MOST_UNPACKED or text[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise Invalid("ce classeur n’est pas écrit comme les tableurs le font ; enregistrez-le de nouveau.")
            if any(_is_far(found[1], found[2]) for found in _CELL.finditer(text)):
                raise Invalid(f"une cellule est trop loin : {_MOST_ROWS} lignes et {_MOST_COLUMNS} colonnes au plus.")


def _is_far(letters: bytes, digits: bytes) -> bool:
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - 64
    return column > _MOST_COLUMNS or len(digits) > 6 or int(digits) > _MOST_ROWS


def unescaped(text: str) -> str:
    """Return the text of a cell of a workbook, where some signs are written by their number."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _workbook_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        sniffing.media_type(content, "classeur.xlsx", sniffing.OFFICE)
        check_extent(content)
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheet = book.get_sheet_by_index(0)
            rows = sheet.to_python(skip_empty_area=False)
    except Invalid:
        raise Invalid(
            _l("Ce classeur ne peut pas être lu : enregistrez-le de nouveau au format XLSX, ou au format CSV."), _FILE
        ) from None
    except DAMAGED:
        raise Invalid(_l("Ce classeur est illisible : il est abîmé, ou protégé par un mot de passe."), _FILE) from None
    for number, row in enumerate(rows, start=1):
        cells = [as_typed(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            yield number, cells


def as_typed(value: Any) -> str:
    """Give a cell of a workbook as somebody would have typed it: 12/06/2026, 1 h 30, 1,5."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case datetime():
            has_time = value.time() != time()
            return f"{value:%d/%m/%Y %H:%M}" if has_time else f"{value:%d/%m/%Y}"
        case date():
            return f"{value:%d/%m/%Y}"
        case time():
            return f"{value.hour} h {value.minute:02d}"
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60} h {minutes % 60:02d}"
        case float():
            return str(int(value)) if value.is_integer() else f"{value:.10g}".replace(".", ",")
        case _:
            return unescaped(str(value))


def clean(text: str) -> str:
    """Trim, join lines and drop what no person types, such as marks that turn the direction of writing round."""
    text = " ".join("".join(c if c.isprintable() or c.isspace() or c in "\u200c\u200d" else "" for c in text).split())
    return unprotected(text)


def readable(text: str) -> str:
    """Drop what no person types and keep the lines of a long text."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in plain if c in "\n\t" or c.isprintable() or c in "\u200c\u200d\u00a0\u202f")
    return unprotected(kept.strip())


def unprotected(text: str) -> str:
    """Take off the apostrophe that protects spreadsheets from what looks like a formula, as our own exports put it."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
