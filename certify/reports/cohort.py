"""A cohort at a glance: four figures, and a matrix of trainees by competencies, whatever the number of trainees."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import escape
from sqlalchemy import ColumnElement, Select, Uuid, and_, case, exists, func, literal, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import folded, was_paused_since
from certify.core import clock, listing
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.listing import Listing, Wanted
from certify.logbook.models import EntryState, LogbookEntry
from competencies import Competency, Framework, Scale

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
    level: str | None = None
    """Its code on the certification scale."""
    is_disputed: bool = False


CellMaker = Callable[[Competency, str | None, bool], Cell]


@dataclass(frozen=True, slots=True)
class Row:
    """One trainee of the matrix."""

    enrolment_id: uuid.UUID
    name: str
    covered: int
    cells: Sequence[Cell]
    is_on_another_version: bool = False
    """Whether they follow another version of the framework than their cohort: what it does not share stays empty."""


@dataclass(frozen=True)
class Overview:
    """What the page of a cohort shows."""

    figures: Figures
    listing: Listing[Any]
    rows: Sequence[Row]


@dataclass(frozen=True)
class LateLine:
    """Somebody late: since when, and what waits for them."""

    enrolment_id: uuid.UUID
    name: str
    since: date
    """Day of the last entry handed in, or of entry into training when there is none."""
    days: int
    has_handed_in: bool
    returned: int
    """Entries sent back that they have to complete."""
    drafts: int


def is_late() -> ColumnElement[bool]:
    """Return the condition that an enrolment is active and nothing was handed in for fifteen days, none suspended."""
    since = clock.now() - LATE_AFTER
    handed_in = exists().where(LogbookEntry.enrolment_id == Enrolment.id, LogbookEntry.submitted_at >= since)
    is_here = and_(Enrolment.state == EnrolmentState.ACTIVE, ~was_paused_since(since.date()))
    return and_(is_here, Enrolment.entered_on <= since.date(), ~handed_in)


def late_lines(session: Session, rows: Sequence[Row]) -> list[LateLine]:
    """Return since when each of some late trainees has handed nothing in, the longest first, in one statement."""
    names = {row.enrolment_id: row.name for row in rows}
    query = (
        select(
            Enrolment.id, Enrolment.entered_on, func.max(LogbookEntry.submitted_at),
            _count_if(LogbookEntry.state == EntryState.RETURNED), _count_if(LogbookEntry.state == EntryState.DRAFT),
        )
        .outerjoin(LogbookEntry, LogbookEntry.enrolment_id == Enrolment.id)
        .where(Enrolment.id.in_(names))
        .group_by(Enrolment.id)
    )  # fmt: skip
    today, lines = clock.today(), []
    for one, entered_on, handed_in, returned, drafts in session.execute(query):
        since = handed_in.astimezone(clock.PARIS).date() if handed_in else entered_on
        lines.append(LateLine(one, names[one], since, (today - since).days, bool(handed_in), returned, drafts))
    return sorted(lines, key=lambda line: (line.since, line.name))


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
    rows = _rows(session, framework, found.rows, _cells(framework))
    return Overview(figures_of(session, cohort, framework), found, rows)


def every_row(
    session: Session, cohort: Cohort, framework: Framework, wanted: Wanted, *, at_once: int = 200
) -> Iterator[tuple[int, list[Row]]]:
    """Yield the whole matrix some rows at a time, by name, each time with how many rows there are in all."""
    query = _trainees(cohort, framework, wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    cell_of = _cells(framework)
    ordered = query.order_by(Enrolment.sort_name, Enrolment.id)
    for begin in range(0, total, at_once):
        found = session.execute(ordered.limit(at_once).offset(begin)).all()
        yield total, _rows(session, framework, found, cell_of)


def _rows(session: Session, framework: Framework, found: Sequence[Any], cell_of: CellMaker) -> list[Row]:
    standings = assessments.standings_of(session, [row.id for row in found])
    rows = []
    for row in found:
        standing = standings.get(row.id)
        levels = standing.competencies if standing else {}
        disputed = frozenset(standing.disputed) if standing else frozenset[str]()
        cells = [cell_of(part, levels.get(part.code), part.code in disputed) for part in framework.competencies]
        name = f"{row.given_name} {row.family_name}".strip() or row.email.partition("@")[0]
        rows.append(Row(row.id, name, row.covered, cells, row.framework_version_id != row.cohort_version_id))
    return rows


def _trainees(cohort: Cohort, framework: Framework, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Enrolment.id,
            Enrolment.covered,
            User.given_name,
            User.family_name,
            User.email,
            Enrolment.framework_version_id,
            literal(cohort.framework_version_id, Uuid).label("cohort_version_id"),
        )
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


def _cells(framework: Framework) -> CellMaker:
    """Return the maker of cells, which makes each different one once."""
    locale = current_locale()
    levels = {level.code: level for level in framework.scale.levels}
    letters = {code: letter_of(framework.scale, code) for code in levels}
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
            anchor = _safe(f"#c-{part.code}")
            made[key] = Cell(css, anchor, _safe(said), _safe(sign), word, level.code if level else None, is_disputed)
        return made[key]

    return cell_of


def _safe(text: str) -> str:
    return str(escape(text))


def letter_of(scale: Scale, code: str | None) -> str:
    """Return the class of a level, whatever the scale: reached, lowest, between, or none at all."""
    if code is None:
        return "x"
    if scale.is_reached(code):
        return "a"
    return "n" if code == scale.lowest.code else "p"


def legend(framework: Framework) -> list[tuple[str, str, str]]:
    """Return class, sign and name of each level of the certification scale, highest first."""
    locale, scale = current_locale(), framework.scale
    return [(letter_of(scale, one.code), one.sign, one.label.to(locale)) for one in reversed(scale.levels)]


def columns(framework: Framework) -> Mapping[str, Callable[[Row], Any]]:
    """Return the columns of the matrix as CSV: a level in words per competency, marked where assessors disagree."""
    locale = current_locale()

    def level_at(n: int) -> Callable[[Row], str]:
        return lambda row: row.cells[n].word + (" (" + _("désaccord") + ")" if row.cells[n].is_disputed else "")

    parts = {f"{part.code} {part.title.to(locale)}": level_at(n) for n, part in enumerate(framework.competencies)}
    return {
        _("Stagiaire"): lambda row: row.name,
        _("Indicateurs prouvés"): lambda row: row.covered,
        _("Indicateurs en tout"): lambda row: len(framework.indicators),
        **parts,
    }
