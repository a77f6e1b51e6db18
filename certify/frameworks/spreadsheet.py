"""A framework as a workbook for people: one sheet for its parts, one for its scales, one row per indicator.

Read back without loss. Every fault names the sheet, the row and the column; missing English wordings take the French.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from competencies import CompletionKind, Framework, Scale
from competencies.exchange.losses import Loss, compare

PARTS, SCALES, INDICATORS = "Référentiel", "Échelles", "Indicateurs"
PART_COLUMNS = (
    "Élément", "Code", "Numéro", "Version", "Titre (fr)", "Titre (en)", "Titre court (fr)", "Titre court (en)",
    "Mention (fr)", "Mention (en)", "Échelle", "Règle", "Minimum", "Obligatoires", "Points",
)  # fmt: skip
SCALE_COLUMNS = ("Échelle", "Usage", "Niveau", "Rang", "Signe", "Libellé (fr)", "Libellé (en)", "Seuil")
INDICATOR_COLUMNS = ("Compétence", "Code", "Formulation (fr)", "Formulation (en)")
WHOLE, BLOCK, COMPETENCY = "référentiel", "bloc", "compétence"
CERTIFICATION, TRAINING, OWN = "certification", "formation", "compétence"
RULES: Mapping[str, CompletionKind] = {
    "toutes": CompletionKind.ALL,
    "au moins": CompletionKind.AT_LEAST,
    "points": CompletionKind.POINTS,
}
_WORDS = {kind: word for word, kind in RULES.items()}
_WIDTHS = {
    "Élément": 14, "Code": 16, "Numéro": 9, "Version": 12, "Rang": 8, "Signe": 8, "Seuil": 8, "Minimum": 10,
    "Échelle": 18, "Usage": 14, "Niveau": 18, "Règle": 11, "Obligatoires": 18, "Points": 18, "Compétence": 14,
}  # fmt: skip
_WIDE = 44


def write(framework: Framework) -> bytes:
    """Write a framework in both languages; texts are texts, never formulas."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": framework.title.fr, "comments": framework.notice.fr})
        _sheet(book, PARTS, PART_COLUMNS, _parts(framework))
        _sheet(book, SCALES, SCALE_COLUMNS, _scales(framework))
        columns = level_columns(framework)
        headings = (*INDICATOR_COLUMNS, *(heading for heading, _ in columns))
        _sheet(book, INDICATORS, headings, _indicators(framework, columns))
    return out.getvalue()


def losses(framework: Framework, read: Any) -> list[Loss]:
    """Say what a workbook does not hold of this framework: nothing but texts longer than a cell."""
    return compare(framework, read(write(framework)).framework, "fr")


def _sheet(book: xlsxwriter.Workbook, name: str, headings: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7", "bottom": 1})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    count = 0
    for at, heading in enumerate(headings):
        sheet.set_column(at, at, _WIDTHS.get(heading, _WIDE))
        sheet.write_string(0, at, heading, head)
    for count, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(count, at, value, body)
            elif value:
                sheet.write_string(count, at, str(value), body)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(count, 1), len(headings) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _parts(framework: Framework) -> Iterator[Sequence[object]]:
    root = {
        "Élément": WHOLE, "Code": framework.code, "Version": framework.version, "Échelle": framework.scale.code,
        **_text("Titre", framework.title), **_text("Mention", framework.notice),
    }  # fmt: skip
    yield _row(root)
    for block in framework.blocks:
        short = _text("Titre court", block.short_title)
        named = {"Élément": BLOCK, "Code": block.code, "Numéro": block.number, **_text("Titre", block.title), **short}
        yield _row({**named, **_rule(block.completion)})
        for part in block.competencies:
            own = {} if part.scale is None else {"Échelle": part.scale.code}
            named = {"Élément": COMPETENCY, "Code": part.code, **_text("Titre", part.title), **own}
            yield _row({**named, **_rule(part.completion)})


def _row(cells: Mapping[str, object]) -> Sequence[object]:
    return [cells.get(column, "") for column in PART_COLUMNS]


def _text(column: str, text: Any) -> dict[str, object]:
    return {f"{column} (fr)": text.fr, f"{column} (en)": text.en}


def _rule(completion: Any) -> dict[str, object]:
    if completion.kind is CompletionKind.ALL:
        return {"Règle": _WORDS[CompletionKind.ALL]}
    return {
        "Règle": _WORDS[completion.kind],
        "Minimum": completion.least,
        "Obligatoires": ", ".join(sorted(completion.required)),
        "Points": ", ".join(f"{code} = {points}" for code, points in sorted(completion.points.items())),
    }


def scales_of(framework: Framework) -> list[tuple[str, Scale]]:
    """Give each scale once, with what it is used for: the certification's first, then the training's."""
    found = {framework.scale: CERTIFICATION}
    if framework.formative is not None:
        found.setdefault(framework.formative, TRAINING)
    for competency in framework.competencies:
        if competency.scale is not None:
            found.setdefault(competency.scale, OWN)
    usages = [(usage, scale) for scale, usage in found.items()]
    # One scale may be used for both: it is then written twice, once for each use.
    if framework.formative == framework.scale:
        usages.insert(1, (TRAINING, framework.scale))
    return usages


def _scales(framework: Framework) -> Iterator[Sequence[object]]:
    for usage, scale in scales_of(framework):
        for level in scale.levels:
            reached = "x" if level.code == scale.threshold else ""
            yield [scale.code, usage, level.code, level.rank, level.sign, level.label.fr, level.label.en, reached]


def level_columns(framework: Framework) -> list[tuple[str, tuple[str, str, str]]]:
    """Give the columns of descriptors: heading, then scale, level and language."""
    used = {framework.scale_of(competency.code) for competency in framework.competencies}
    scales = dict.fromkeys(scale for _, scale in scales_of(framework) if scale in used)
    return [
        (f"{level.label.to('fr').strip()} [{scale.code} › {level.code}] ({tongue})", (scale.code, level.code, tongue))
        for scale in scales
        for level in scale.levels
        for tongue in ("fr", "en")
    ]


def _indicators(
    framework: Framework, columns: Sequence[tuple[str, tuple[str, str, str]]]
) -> Iterator[Sequence[object]]:
    for competency in framework.competencies:
        scale = framework.scale_of(competency.code)
        for part in competency.indicators:
            texts = {(scale.code, level, "fr"): text.fr for level, text in part.descriptors.items()}
            texts |= {(scale.code, level, "en"): text.en for level, text in part.descriptors.items()}
            described = [texts.get(place, "") for _, place in columns]
            yield [competency.code, part.code, part.wording.fr, part.wording.en, *described]


def column_name(position: int) -> str:
    """Name a column as a spreadsheet does: A, B, … AA."""
    return str(xl_col_to_name(position))
