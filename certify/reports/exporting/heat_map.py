"""The matrix of a cohort as a workbook: levels in words and by colour, what they mean, how many of each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from sqlalchemy.orm import Session
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import day
from certify.frameworks.queries import framework_of
from certify.reports import cohort as cohorts
from certify.reports.cohort import Row
from certify.reports.exporting.workbooks import HEAD, opened_workbook, write_row, write_table
from certify.reports.services.exports import Order
from competencies import Framework

_FILLS = {"a": ("#CFE6DD", "#14532D"), "p": ("#FBE7C3", "#7A4B00"), "n": ("#F9DCD5", "#8F2A17")}
_HEAD_ROWS = 2
_FIXED = 3
"""Columns before those of the competencies."""


@dataclass
class _Counts:
    """How many trainees stand at each level of each competency, gathered while the rows go by."""

    levels: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    disputed: Counter[str] = field(default_factory=Counter)
    trainees: int = 0

    def add(self, row: Row, framework: Framework) -> None:
        self.trainees += 1
        for part, cell in zip(framework.competencies, row.cells, strict=True):
            self.levels[part.code, cell.level] += 1
            self.disputed[part.code] += cell.is_disputed


def heat_map_workbook(session: Session, order: Order) -> bytes:
    """Return the workbook of a cohort, written row by row."""
    cohort = session.get_one(Cohort, order.subject_id)
    framework = framework_of(session, cohort.framework_version_id)
    filters: Mapping[str, str] = order.parameters.get("filters", {})
    wanted = Wanted("", query=str(order.parameters.get("query", "")), filters=filters)
    out, counts = BytesIO(), _Counts()
    with opened_workbook(out, _("Promotion %(name)s", name=cohort.name)) as workbook:
        sheet = workbook.add_worksheet(_("Niveaux"))
        _write_head(workbook, sheet, framework)
        line = _HEAD_ROWS
        for total, rows in cohorts.every_row(session, cohort, framework, wanted):
            for row in rows:
                write_row(sheet, line, _values(row, framework))
                counts.add(row, framework)
                line += 1
            order.note(line - _HEAD_ROWS, total)
        _colour(workbook, sheet, framework, line)
        _write_legend(workbook, cohort, framework)
        _write_figures(workbook, framework, counts)
    return out.getvalue()


def _write_head(workbook: Workbook, sheet: Worksheet, framework: Framework) -> None:
    locale, style = current_locale(), workbook.add_format(HEAD)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, _FIXED - 1, 12)
    sheet.set_column(_FIXED, _FIXED + len(framework.competencies) - 1, 17)
    sheet.set_row(1, 64)
    sheet.freeze_panes(_HEAD_ROWS, 1)
    column = _FIXED
    for block in framework.blocks:
        name = f"{block.number} {block.title.to(locale)}"
        if len(block.competencies) > 1:
            sheet.merge_range(0, column, 0, column + len(block.competencies) - 1, name, style)
        else:
            sheet.write_string(0, column, name, style)
        column += len(block.competencies)
    titles = [f"{part.code} {part.title.to(locale)}" for part in framework.competencies]
    head = [_("Stagiaire"), _("Indicateurs prouvés"), _("Indicateurs en tout"), *titles, _("Évaluateurs en désaccord")]
    write_row(sheet, 1, head, style)


def _values(row: Row, framework: Framework) -> list[str | int]:
    disputed = [part.code for part, cell in zip(framework.competencies, row.cells, strict=True) if cell.is_disputed]
    words = [_said(cell.word, cell.is_disputed) for cell in row.cells]
    return [row.name, row.covered, len(framework.indicators), *words, ", ".join(disputed)]


def _said(word: str, is_disputed: bool) -> str:
    return f"{word} ({_('désaccord')})" if is_disputed else word


def _colour(workbook: Workbook, sheet: Worksheet, framework: Framework, end: int) -> None:
    """Tint the levels by their words, so that a cell corrected by hand changes its tint; the longest words first."""
    locale, last = current_locale(), _FIXED + len(framework.competencies) - 1
    if end > _HEAD_ROWS:
        sheet.autofilter(1, 0, end - 1, last + 1)
    levels = sorted(framework.scale.levels, key=lambda level: -len(level.label.to(locale)))
    for level in levels:
        rule = {"type": "text", "criteria": "begins with", "value": level.label.to(locale), "stop_if_true": True}
        style = _fill(workbook, cohorts.letter_of(framework.scale, level.code))
        sheet.conditional_format(_HEAD_ROWS, _FIXED, max(end - 1, _HEAD_ROWS), last, {**rule, "format": style})


def _fill(workbook: Workbook, letter: str) -> Format:
    background, ink = _FILLS[letter]
    return workbook.add_format({"bg_color": background, "font_color": ink})


def _write_legend(workbook: Workbook, cohort: Cohort, framework: Framework) -> None:
    locale, sheet = current_locale(), workbook.add_worksheet(_("Légende"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 70)
    bold = workbook.add_format({"bold": True})
    facts = [
        (_("Promotion"), cohort.name),
        (_("Référentiel"), f"{framework.title.to(locale)}, {framework.version}"),
        (_("Fait le"), day(clock.now())),
    ]
    line = 0
    for label, value in facts:
        write_row(sheet, line, [label, value])
        line += 1
    write_row(sheet, line + 1, [_("Niveau"), _("Ce que cela veut dire")], bold)
    line += 2
    for level in reversed(framework.scale.levels):
        reached = framework.scale.is_reached(level.code)
        meaning = _("Le niveau demandé est atteint.") if reached else _("Le niveau demandé n’est pas atteint.")
        style = _fill(workbook, cohorts.letter_of(framework.scale, level.code))
        sheet.write_string(line, 0, f"{level.sign} {level.label.to(locale)}", style)
        sheet.write_string(line, 1, meaning)
        line += 1
    write_row(sheet, line, [_("non évalué"), _("Aucune évaluation signée ne porte sur cette compétence.")])
    write_row(sheet, line + 1, [f"({_('désaccord')})", _("Les évaluateurs ne disent pas le même niveau.")])


def _write_figures(workbook: Workbook, framework: Framework, counts: _Counts) -> None:
    locale = current_locale()
    levels = list(reversed(framework.scale.levels))
    head = [_("Compétence"), *(level.label.to(locale) for level in levels), _("non évalué"), _("Désaccords")]
    rows = [
        [
            f"{part.code} {part.title.to(locale)}",
            *(counts.levels[part.code, level.code] for level in levels),
            counts.levels[part.code, None],
            counts.disputed[part.code],
            counts.trainees,
        ]
        for part in framework.competencies
    ]
    write_table(workbook, _("Chiffres"), [*head, _("Stagiaires")], rows, [52, *(14 for _level in levels), 14, 14, 14])
