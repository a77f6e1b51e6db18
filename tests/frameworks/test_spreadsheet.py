"""The workbook of a framework: read back without loss, refused with sheet, row and column, safe to open and to read."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certify.frameworks import exchange, spreadsheet, spreadsheet_reading
from competencies import Framework, Text, demo, from_document, to_document
from competencies.exchange import Origin
from tests.competencies.strategies import frameworks

Rows = dict[str, list[list[Any]]]
SMALL = replace(demo(), blocks=demo().blocks[:1])
ORIGIN = Origin("https://certify.example.org", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")
properties = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rows_of(content: bytes) -> Rows:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def workbook(rows: Rows) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, lines in rows.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                for column, value in enumerate(line):
                    sheet.write(number, column, value)
    return out.getvalue()


def changed(change: Callable[[Rows], object], framework: Framework = SMALL) -> bytes:
    rows = rows_of(spreadsheet.write(framework))
    change(rows)
    return workbook(rows)


@properties
@given(framework=frameworks())
def test_a_workbook_gives_back_the_very_same_framework(framework: Framework) -> None:
    reading = spreadsheet_reading.read(spreadsheet.write(framework))
    assert (reading.faults, reading.notes) == ((), ())
    assert reading.framework == framework
    assert exchange.FORMATS["xlsx"].losses(framework, "fr") == []


def test_the_shipped_framework_comes_back_whole_on_three_sheets() -> None:
    content = spreadsheet.write(demo())
    rows = rows_of(content)
    assert list(rows) == ["Référentiel", "Échelles", "Indicateurs"]
    assert len(rows["Indicateurs"]) == 1 + len(demo().indicators)
    assert "non acquis [certification › not_acquired] (fr)" in rows["Indicateurs"][0]
    assert spreadsheet_reading.read(content).framework == demo()


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    title = Text('=HYPERLINK("https://example.org")', "+1")
    content = spreadsheet.write(replace(SMALL, title=title))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = b"".join(archive.read(name) for name in archive.namelist() if "worksheets/" in name)
    assert b"<f>" not in sheets
    read = spreadsheet_reading.read(content).framework
    assert read is not None
    assert read.title == title


def test_headings_stay_in_sight_and_texts_wrap() -> None:
    with zipfile.ZipFile(io.BytesIO(spreadsheet.write(SMALL))) as archive:
        sheet, styles = archive.read("xl/worksheets/sheet3.xml"), archive.read("xl/styles.xml")
    assert b'state="frozen"' in sheet
    assert b"customWidth" in sheet
    assert b'wrapText="1"' in styles


def test_columns_may_be_moved_added_and_rows_left_empty() -> None:
    def shuffle(rows: Rows) -> None:
        for lines in rows.values():
            for line in lines:
                line.reverse()
                line.append("")
            lines.append([""] * len(lines[0]))
        rows["Référentiel"][0][-1] = "Remarques"

    assert spreadsheet_reading.read(changed(shuffle)).framework == SMALL


def test_a_code_or_a_version_taken_for_a_number_is_read_as_it_was_typed() -> None:
    def typed(rows: Rows) -> None:
        rows["Référentiel"][1][3] = 2026
        rows["Référentiel"][2][1] = 1
        rows["Référentiel"][3][1] = 1.1

    assert spreadsheet_reading.read(changed(typed)).framework == SMALL


def test_missing_english_takes_the_french_and_says_so() -> None:
    def french_only(rows: Rows) -> None:
        for line in rows["Indicateurs"][1:]:
            line[3] = ""

    reading = spreadsheet_reading.read(changed(french_only))
    assert reading.framework is not None
    assert all(part.wording.fr == part.wording.en for part in reading.framework.indicators)
    count = len(SMALL.indicators)
    assert reading.notes == (f"Une formulation anglaise manque : la française la remplace ({count}).",)


def put(sheet: str, line: int, column: int, value: object) -> Callable[[Rows], object]:
    def change(rows: Rows) -> None:
        rows[sheet][line - 1][column - 1] = value

    return change


REFUSED = [
    (lambda rows: rows.pop("Échelles"), "feuille « Échelles », ligne 1, colonne A : cette feuille est attendue"),
    (put("Indicateurs", 1, 2, "Clé"), "feuille « Indicateurs », ligne 1, colonne B : la colonne « Code » est attendue"),
    (put("Référentiel", 2, 1, "bloc"), "colonne A (« Élément ») : une seule ligne « référentiel » est attendue ; 0"),
    (put("Référentiel", 3, 1, "chose"), "feuille « Référentiel », ligne 3, colonne A (« Élément ») : « bloc », puis"),
    (put("Référentiel", 3, 3, "un"), "ligne 3, colonne C (« Numéro ») : un nombre entier est attendu ; « un » lu"),
    (put("Référentiel", 4, 5, ""), "feuille « Référentiel », ligne 4, colonne E (« Titre (fr) »)"),
    (put("Référentiel", 4, 11, "autre"), "colonne K (« Échelle ») : « autre » n’est pas décrite dans « Échelles »"),
    (put("Référentiel", 4, 12, "parfois"), "colonne L (« Règle ») : une règle parmi"),
    (put("Référentiel", 4, 12, "au moins"), "ligne 4, colonne M (« Minimum ») : un nombre entier est attendu"),
    (put("Échelles", 2, 4, "zéro"), "feuille « Échelles », ligne 2, colonne D (« Rang ») : un nombre entier"),
    (put("Échelles", 2, 5, " "), "feuille « Échelles », ligne 2, colonne E (« Signe ») : un signe est attendu"),
    (put("Échelles", 2, 8, "x"), "feuille « Échelles », ligne 2, colonne H (« Seuil ») : un seul « x »"),
    (put("Échelles", 2, 2, "essai"), "colonne H (« Seuil ») : un seul « x »"),
    (put("Indicateurs", 2, 1, "9.9"), "feuille « Indicateurs », ligne 2, colonne A (« Compétence ») : « 9.9 »"),
    (put("Indicateurs", 2, 2, "é"), "feuille « Indicateurs », ligne 2, colonne B (« Code »)"),
    (put("Indicateurs", 2, 3, ""), "feuille « Indicateurs », ligne 2, colonne C (« Formulation (fr) »)"),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED)
def test_a_fault_names_the_sheet_the_row_and_the_column(change: Callable[[Rows], object], expected: str) -> None:
    reading = spreadsheet_reading.read(changed(change))
    assert reading.framework is None
    assert expected in "\n".join(str(fault) for fault in reading.faults)


def with_member(name: str, text: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(spreadsheet.write(SMALL))) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for member in archive.namelist():
            copy.writestr(member, text if member == name else archive.read(member))
    return out.getvalue()


FAR = b'<worksheet><sheetData><row r="1"><c r="A1"/></row><row r="2"><c r="XFD1048576" t="n"><v>1</v></c></row>'
HOSTILE = [
    (b"", "abîmé"),
    (b"PK\x03\x04 tronqu\xc3\xa9", "abîmé"),
    (spreadsheet.write(SMALL)[:4000], "abîmé"),
    (with_member("xl/worksheets/sheet1.xml", b" " * (30 * 1024 * 1024)), "démesuré"),
    (with_member("xl/worksheets/sheet1.xml", FAR + b"</sheetData></worksheet>"), "une cellule est trop loin"),
    (with_member("xl/worksheets/sheet1.xml", "<worksheet/>".encode("utf-16")), "enregistrez-le de nouveau"),
    (with_member("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), "abîmé"),
]


@pytest.mark.parametrize(("content", "expected"), HOSTILE)
def test_a_workbook_made_to_harm_is_refused(content: bytes, expected: str) -> None:
    reading = spreadsheet_reading.read(content)
    assert reading.framework is None
    assert expected in "\n".join(str(fault) for fault in reading.faults)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(0), flipped=st.binary(min_size=1, max_size=6))
def test_a_workbook_with_other_bytes_is_read_or_refused_and_never_breaks(at: int, flipped: bytes) -> None:
    content = spreadsheet.write(SMALL)
    start = at % len(content)
    reading = spreadsheet_reading.read(content[:start] + flipped + content[start + len(flipped) :])
    assert (reading.framework is None) == bool(reading.faults)


SHEET_JUNK = st.sampled_from(["", " ", "é", "=1+1", 3, -2.5, True, "x" * 400, "1.1 = 2", "au moins", "points", "\x07"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    place=st.tuples(st.sampled_from(list(rows_of(spreadsheet.write(SMALL)))), st.integers(0), st.integers(0)),
    junk=SHEET_JUNK,
)
def test_a_workbook_with_a_wrong_cell_is_read_or_refused_with_its_place(
    place: tuple[str, int, int], junk: object
) -> None:
    sheet, line, column = place

    def spoil(rows: Rows) -> None:
        lines = rows[sheet]
        lines[line % len(lines)][column % len(lines[0])] = junk

    reading = spreadsheet_reading.read(changed(spoil))
    assert (reading.framework is None) == bool(reading.faults)
    assert all(fault.where.startswith("feuille « ") for fault in reading.faults)


def test_rules_and_scales_are_words_a_person_reads() -> None:
    framework = demo()
    first = framework.blocks[0]
    codes = [part.code for part in first.competencies]
    document = to_document(framework)
    blocks: Any = document["blocks"]
    blocks[0]["completion"] = {
        "kind": "points",
        "least": 3,
        "required": codes[:1],
        "points": {codes[0]: 2, codes[1]: 1},
    }
    reading = spreadsheet_reading.read(spreadsheet.write(from_document(document)))
    assert reading.framework == from_document(document)
    line = rows_of(spreadsheet.write(from_document(document)))["Référentiel"][2]
    assert line[11:] == ["points", 3, codes[0], f"{codes[0]} = 2, {codes[1]} = 1"]
