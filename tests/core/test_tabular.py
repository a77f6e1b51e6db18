"""Tables people send, whatever a spreadsheet made of them."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.core import tabular
from certify.core.errors import Invalid
from tests.factories.spreadsheets import HEAD, ROWS, csv_of, workbook_of

LIMITS = {"max_bytes": 100_000, "max_rows": 20}


def read(content: bytes) -> tabular.Table:
    return tabular.read_table(content, **LIMITS)


def outcome(content: bytes) -> tabular.Table | str:
    """Return the table, or the words of the refusal."""
    try:
        return read(content)
    except Invalid as refusal:
        return str(refusal.message)


@pytest.mark.parametrize(
    ("codec", "name"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 (BOM)"), ("cp1252", "Windows-1252")]
)
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_every_encoding_and_separator_gives_the_same_table(codec: str, name: str, mark: str) -> None:
    table = read(csv_of(mark=mark).encode(codec))
    assert (table.encoding, table.separator, table.headings) == (name, mark, HEAD)
    assert [line.cells for line in table.lines] == list(ROWS)
    assert [line.number for line in table.lines] == [2, 3, 4]


def test_a_workbook_gives_what_somebody_would_have_typed() -> None:
    day, length = date(2026, 6, 12), timedelta(hours=1, minutes=30)
    table = read(workbook_of([("Date", "Durée", "Heures", "Fait"), (day, length, 1.5, True), ("", 90, "", "")]))
    assert table.encoding == tabular.WORKBOOK
    assert [line.cells for line in table.lines] == [("12/06/2026", "1 h 30", "1,5", "oui"), ("", "90", "", "")]


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (None, ""),
        (False, "non"),
        (datetime(2026, 6, 12, 14, 2), "12/06/2026 14:02"),  # noqa: DTZ001
        (time(1, 5), "1 h 05"),
        (timedelta(hours=26), "26 h 00"),
        (0.1 + 0.2, "0,3"),
        ("_x000D_", "\r"),
    ],
)
def test_a_cell_is_given_as_typed(value: Any, typed: str) -> None:
    assert tabular.as_typed(value) == typed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "est vide"),
        (b"Date;Titre\n", "n’a que des titres"),
        (b"\xd0\xcf\x11\xe0\x00\x00", "n’est pas du texte"),
        (b"PK\x03\x04 broken", "ne peut pas être lu"),
        (b"a;b\n" + b"1;2\n" * 21, "plus de 20 lignes"),
        (b"a" * 100_001, "dépasse"),
        (b'a;b\n"ouvert;' + b"x" * 5, ""),
        (b"a;b\n" + b";" * 500 + b"x", "plus de 400 colonnes"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, message: str) -> None:
    if not message:
        assert read(content).lines[0].cells[0].startswith("ouvert")
        return
    with pytest.raises(Invalid, match=message):
        read(content)


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (41 * 1024 * 1024))
    with pytest.raises(Invalid, match="ne peut pas être lu"):
        tabular.read_table(out.getvalue(), max_bytes=10_000_000, max_rows=20)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    found = outcome(content)
    assert found
    if isinstance(found, tabular.Table):
        assert all(len(line.cells) == len(found.headings) for line in found.lines)


@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[list[str]]) -> None:
    kept = [[tabular.readable(cell) for cell in row] for row in rows]
    found = outcome(csv_of(("Un", "Deux"), kept).encode())
    expected = [[tabular.readable(cell) for cell in row] for row in kept if any(cell.strip() for cell in row)]
    assert isinstance(found, tabular.Table) == bool(expected)
    if isinstance(found, tabular.Table):
        assert [list(line.cells) for line in found.lines] == expected
