"""A timeline as SVG text: bars from a day to another, marks on days, shaded gaps and a line; no style, no script.

Every page that shows one shows the same facts in a table beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

_LEFT, _RIGHT, _TOP = 132.0, 744.0, 46.0
_WIDTH, _ROW, _BAR = 760, 26, 14
_LONGEST_LABEL = 16
_MOST_TICKS = 13


@dataclass(frozen=True)
class Span:
    """From a day to another, the last one excluded; without end it goes on."""

    first: date
    end: date | None
    css_class: str = ""


@dataclass(frozen=True)
class Row:
    """One line: a name and its bars."""

    label: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day; its shape tells its kind without its colour."""

    on: date
    shape: str
    """dot, ring, cross or dash."""


@dataclass(frozen=True)
class Limit:
    """A line across the picture, with its name above."""

    on: date
    label: str


@dataclass(frozen=True)
class Picture:
    """Everything a timeline shows, between two days."""

    first: date
    last: date
    rows: Sequence[Row]
    marks: Sequence[Mark]
    marks_label: str
    gaps: Sequence[Span] = ()
    limits: Sequence[Limit] = ()

    def x(self, day: date) -> float:
        """Where a day stands; what is outside is brought back to the edge."""
        share = (day - self.first).days / max(1, (self.last - self.first).days)
        return _LEFT + (_RIGHT - _LEFT) * max(0.0, min(1.0, share))


def draw(picture: Picture, *, title: str) -> Markup:
    """Draw a timeline: meetings on the first line, then one line for each name; `title` is its text alternative."""
    bottom = _TOP + (len(picture.rows) + 1) * _ROW
    opening = '<svg class="time-chart" viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">'
    parts = [Markup(opening).format(_WIDTH, bottom + 26, title)]  # nosec B704
    for gap in picture.gaps:
        parts.append(_rectangle("time-gap", picture, gap, _TOP - 4, bottom - _TOP + 4))
    parts += _months(picture, bottom)
    parts.append(_name(_TOP + _ROW / 2, picture.marks_label, "time-name is-strong"))
    parts += [_mark(picture.x(mark.on), _TOP + _ROW / 2, mark.shape) for mark in picture.marks]
    for number, row in enumerate(picture.rows, 1):
        middle = _TOP + number * _ROW + _ROW / 2
        parts.append(_name(middle, row.label))
        for span in row.spans:
            parts.append(_rectangle(f"time-bar {span.css_class}", picture, span, middle - _BAR / 2, _BAR, 4))
    parts += _limits(picture, bottom)
    return Markup("").join([*parts, Markup("</svg>")])


def _rectangle(css_class: str, picture: Picture, span: Span, y: float, height: float, radius: int = 0) -> Markup:
    left, right = picture.x(span.first), picture.x(span.end or picture.last)
    shape = '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{}"/>'
    return Markup(shape).format(css_class.strip(), left, y, max(2.0, right - left), height, radius)  # nosec B704


def _name(y: float, label: str, css_class: str = "time-name") -> Markup:
    cut = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
    text = '<text class="{}" x="{:.0f}" y="{:.1f}" text-anchor="end" dominant-baseline="middle">{}</text>'
    return Markup(text).format(css_class, _LEFT - 10, y, cut)  # nosec B704


def _mark(x: float, y: float, shape: str) -> Markup:
    shapes = {
        "dot": '<circle class="time-mark is-dot" cx="{x:.1f}" cy="{y:.1f}" r="6"/>',
        "ring": '<circle class="time-mark is-ring" cx="{x:.1f}" cy="{y:.1f}" r="5"/>',
        "cross": '<path class="time-mark is-cross" d="M{a:.1f},{b:.1f}l9,9m0,-9l-9,9"/>',
        "dash": '<path class="time-mark is-dash" d="M{a:.1f},{y:.1f}h9"/>',
    }
    return Markup(shapes[shape]).format(x=x, y=y, a=x - 4.5, b=y - 4.5)  # nosec B704


def _months(picture: Picture, bottom: float) -> Iterator[Markup]:
    firsts = []
    year, month = picture.first.year, picture.first.month
    while (day := date(year, month, 1)) <= picture.last:
        if day >= picture.first:
            firsts.append(day)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    every = -(-len(firsts) // _MOST_TICKS) if firsts else 1
    for number, day in enumerate(firsts):
        x = picture.x(day)
        line = '<line class="time-month" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>'
        yield Markup(line).format(x, _TOP - 4, bottom)  # nosec B704
        if number % every == 0 and x < _RIGHT - 20:
            text = '<text class="time-tick" x="{:.1f}" y="{:.1f}">{:02d}/{:02d}</text>'
            yield Markup(text).format(x + 2, bottom + 17, day.month, day.year % 100)  # nosec B704


def _limits(picture: Picture, bottom: float) -> Iterator[Markup]:
    for limit in picture.limits:
        x = picture.x(limit.on)
        line = '<line class="time-limit" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>'
        yield Markup(line).format(x, _TOP - 22, bottom)  # nosec B704
        is_late = x > (_LEFT + _RIGHT) / 2
        text = '<text class="time-limit-name" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>'
        placed = (x - 6, _TOP - 28, "end") if is_late else (x + 6, _TOP - 28, "start")
        yield Markup(text).format(*placed, limit.label)  # nosec B704
