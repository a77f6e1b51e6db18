"""Workbooks for people: every cell is text or a number, never a formula, whatever somebody typed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

HEAD = {"bold": True, "bg_color": "#E3F0EE", "font_color": "#084640", "bottom": 1, "text_wrap": True, "valign": "top"}
_LONGEST_CELL = 32_000
_NOTHING_RUNS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def opened_workbook(out: BytesIO, title: str) -> Iterator[Workbook]:
    """Open a workbook that keeps one row in memory at a time: each sheet is written from its top to its bottom."""
    workbook = xlsxwriter.Workbook(out, {"constant_memory": True, **_NOTHING_RUNS})
    workbook.set_properties({"title": title, "author": "certify"})
    try:
        yield workbook
    finally:
        workbook.close()


def write_row(sheet: Worksheet, row: int, values: Sequence[Any], style: Format | None = None) -> None:
    """Write a row: numbers as numbers, everything else as text."""
    for column, value in enumerate(values):
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, value, style)
        elif value not in (None, ""):
            sheet.write_string(row, column, str(value)[:_LONGEST_CELL], style)


def write_table(
    workbook: Workbook, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[int] = ()
) -> None:
    """Write a sheet that is one table: its head stays in view and filters."""
    sheet = workbook.add_worksheet(name[:31])
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 1)
    write_row(sheet, 0, head, workbook.add_format(HEAD))
    for number, row in enumerate(rows, 1):
        write_row(sheet, number, row)
    sheet.autofilter(0, 0, max(len(rows), 1), len(head) - 1)
