"""A cohort at a glance: four figures, and a matrix of trainees by competencies, whatever the number of trainees."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from markupsafe import escape
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import folded
from certify.core import clock, listing
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.listing import Listing, Wanted
from certify.logbook.models import LogbookEntry
from competencies import Competency, Framework, Level

LATE_AFTER = timedelta(days=15)
"""Time without a submitted entry after which an active trainee is late; the software's own value."""
SITUATIONS = ("complete", "late", "disputed")


@dataclass(frozen=True)
class Figures:
    """A cohort in four numbers."""

    trainees: int
    complete: int
    """Trainees whose accepted evidence covers every indicator."""
    late: int
    disputed: int
    """Competencies on which assessors of a same trainee disagree."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One competency of one trainee; the same few cells serve the whole matrix.

    All but `word` are escaped here, once, since the page puts eight hundred of them together.
    """

    css: str
    anchor: str
    spoken: str
    """Competency and level in words."""
    sign: str
    word: str
    """The level alone, for the export."""


@dataclass(frozen=True, slots=True)
class Row:
    """One trainee of the matrix."""

    enrolment_id: uuid.UUID
    name: str
    covered: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Overview:
    """What the page of a cohort shows."""

    figures: Figures
    listing: Listing[Any]
    rows: Sequence[Row]


def is_late() -> ColumnElement[bool]:
    """Return the condition that an enrolment is active and nothing was handed in for fifteen days."""
    since = clock.now() - LATE_AFTER
    handed_in = exists().where(LogbookEntry.enrolment_id == Enrolment.id, LogbookEntry.submitted_at >= since)
    return and_(Enrolment.state == EnrolmentState.ACTIVE, Enrolment.entered_on <= since.date(), ~handed_in)


def figures_of(session: Session, cohort: Cohort, framework: Framework) -> Figures:
    """Count a cohort, without those who left, in one statement."""
    query = (
        select(
            func.count(),
            _count_if(Enrolment.covered >= len(framework.indicators)),
            _count_if(is_late()),
            func.coalesce(func.sum(func.json_array_length(Standing.disputed)), 0),
        )
        .select_from(Enrolment)
        .outerjoin(Standing, Standing.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
    )
    return Figures(*session.execute(query).one())


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def overview(
    session: Session, cohort: Cohort, framework: Framework, wanted: Wanted, *, per_page: int = listing.PER_PAGE
) -> Overview:
    """Return the figures of a cohort and one page of its matrix."""
    sorts = {"name": (Enrolment.sort_name,), "covered": (Enrolment.covered, Enrolment.sort_name)}
    found = listing.paginate(
        session, _trainees(cohort, framework, wanted), wanted, sorts=sorts, default="name", tie=Enrolment.id,
        per_page=per_page, as_rows=True,
    )  # fmt: skip
    standings = assessments.standings_of(session, [row.id for row in found.rows])
    cell_of = _cells(framework)
    rows = []
    for row in found.rows:
        standing = standings.get(row.id)
        levels = standing.competencies if standing else {}
        disputed = frozenset(standing.disputed) if standing else frozenset[str]()
        cells = [cell_of(part, levels.get(part.code), part.code in disputed) for part in framework.competencies]
        name = f"{row.given_name} {row.family_name}".strip() or row.email.partition("@")[0]
        rows.append(Row(row.id, name, row.covered, cells))
    return Overview(figures_of(session, cohort, framework), found, rows)


def _trainees(cohort: Cohort, framework: Framework, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    query = (
        select(Enrolment.id, Enrolment.covered, User.given_name, User.family_name, User.email)
        .join(User, User.id == Enrolment.user_id)
        .where(
            Enrolment.cohort_id == cohort.id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            *listing.matches(folded(wanted.query), Enrolment.sort_name, User.email),
        )
    )
    situation = (wanted.filters or {}).get("situation", "")
    if situation == "complete":
        return query.where(Enrolment.covered >= len(framework.indicators))
    if situation == "late":
        return query.where(is_late())
    if situation == "disputed":
        disputed = exists().where(Standing.enrolment_id == Enrolment.id, func.json_array_length(Standing.disputed) > 0)
        return query.where(disputed)
    return query


def _cells(framework: Framework) -> Callable[[Competency, str | None, bool], Cell]:
    """Return the maker of cells, which makes each different one once."""
    locale = current_locale()
    levels = {level.code: level for level in framework.scale.levels}
    letters = {code: _letter(framework, level) for code, level in levels.items()}
    made: dict[tuple[str, str | None, bool], Cell] = {}

    def cell_of(part: Competency, code: str | None, is_disputed: bool) -> Cell:
        key = part.code, code, is_disputed
        if key not in made:
            level = levels.get(code) if code else None
            word = level.label.to(locale) if level else _("non évalué")
            title = f"{part.code} {part.title.to(locale)}"
            said = (
                _("%(competency)s : %(level)s, évaluateurs en désaccord", competency=title, level=word)
                if is_disputed
                else _("%(competency)s : %(level)s", competency=title, level=word)
            )
            css = f"lv {letters[level.code] if level else 'x'}{' dis' if is_disputed else ''}"
            sign = level.sign if level else "–"
            made[key] = Cell(css, _safe(f"#c-{part.code}"), _safe(said), _safe(sign), word)
        return made[key]

    return cell_of


def _safe(text: str) -> str:
    return str(escape(text))


def _letter(framework: Framework, level: Level) -> str:
    """Return the class of a level, whatever the scale: reached, lowest, or between."""
    if framework.scale.is_reached(level.code):
        return "a"
    return "n" if level.code == framework.scale.lowest.code else "p"


def columns(framework: Framework) -> Mapping[str, Callable[[Row], Any]]:
    """Return the columns of the matrix as CSV: a level in words per competency, marked where assessors disagree."""
    locale = current_locale()

    def level_at(n: int) -> Callable[[Row], str]:
        return lambda row: row.cells[n].word + (" (" + _("désaccord") + ")" if row.cells[n].css.endswith("dis") else "")

    parts = {f"{part.code} {part.title.to(locale)}": level_at(n) for n, part in enumerate(framework.competencies)}
    return {
        _("Stagiaire"): lambda row: row.name,
        _("Indicateurs prouvés"): lambda row: row.covered,
        _("Indicateurs en tout"): lambda row: len(framework.indicators),
        **parts,
    }
