"""Charts as SVG text, drawn without style or script; every page shows the same figures in a table beside them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

_FEWEST_AXES = 3
_RINGS = (0.25, 0.5, 0.75, 1.0)
_REACH = 0.34
_LABEL_AT = 1.17
_LONGEST_LABEL = 18
_LONGEST_ROW = 26

Point = tuple[float, float]


@dataclass(frozen=True)
class Spoke:
    """One axis of a radar: a short label and a share from 0 to 1."""

    label: str
    share: float

    @property
    def drawn(self) -> float:
        """The share as it can be drawn: what is out of bounds is brought back, what is no number is nothing."""
        return max(0.0, min(1.0, self.share)) if math.isfinite(self.share) else 0.0

    @property
    def short_label(self) -> str:
        """The label, cut where it would leave the picture."""
        return self.label if len(self.label) <= _LONGEST_LABEL else self.label[: _LONGEST_LABEL - 1].rstrip() + "…"


@dataclass(frozen=True)
class _Wheel:
    size: int
    axes: int

    @property
    def centre(self) -> float:
        return self.size / 2

    def point(self, index: int, share: float) -> Point:
        angle = -math.pi / 2 + 2 * math.pi * index / self.axes
        reach = self.size * _REACH * share
        return self.centre + reach * math.cos(angle), self.centre + reach * math.sin(angle)


def radar(spokes: Sequence[Spoke], *, title: str, css_class: str = "", size: int = 320) -> Markup:
    """Draw shares on spokes as a polygon; `title` is its text alternative, so it must hold the figures."""
    wheel = _Wheel(size, max(_FEWEST_AXES, len(spokes)))
    opening = '<svg class="radar {}" viewBox="0 0 {} {}" role="img" aria-label="{}">'
    parts = [Markup(opening).format(css_class, size, size, title)]  # nosec B704
    for share in _RINGS:
        parts.append(_polygon("radar-ring", [wheel.point(index, share) for index in range(wheel.axes)]))
    for index, spoke in enumerate(spokes):
        parts += [_axis(wheel, index), _label(wheel, index, spoke)]
    tips = [wheel.point(index, spoke.drawn) for index, spoke in enumerate(spokes)]
    if tips:
        # One or two spokes enclose nothing by themselves: the centre closes the shape.
        parts.append(
            _polygon("radar-area", tips if len(tips) >= _FEWEST_AXES else [*tips, (wheel.centre, wheel.centre)])
        )
    parts += [Markup('<circle class="radar-dot" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(x, y) for x, y in tips]
    return Markup("").join([*parts, Markup("</svg>")])


def _polygon(css_class: str, points: Sequence[Point]) -> Markup:
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Markup('<polygon class="{}" points="{}"/>').format(css_class, outline)


def _axis(wheel: _Wheel, index: int) -> Markup:
    (x, y), c = wheel.point(index, 1.0), wheel.centre
    return Markup('<line class="radar-spoke" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(c, c, x, y)


def _label(wheel: _Wheel, index: int, spoke: Spoke) -> Markup:
    x, y = wheel.point(index, _LABEL_AT)
    near = wheel.size / 40
    anchor = "middle" if abs(x - wheel.centre) < near else ("start" if x > wheel.centre else "end")
    text = '<text class="radar-label" x="{:.1f}" y="{:.1f}" text-anchor="{}" dominant-baseline="middle">{}</text>'
    return Markup(text).format(x, y, anchor, spoke.short_label)  # nosec B704


@dataclass(frozen=True)
class Series:
    """One line of a step chart: its name, and the share reached from each day on."""

    label: str
    css_class: str
    points: Sequence[tuple[date, float]]


_PLOT = (44.0, 16.0, 460.0, 210.0)
"""Left, top, right and bottom of where lines are drawn, in a picture of 640 × 250."""


def steps(series: Sequence[Series], *, title: str, first: date, last: date) -> Markup:
    """Draw shares that change on some days and hold in between; `title` is the text alternative.

    Each line has its own dashes and its name at its end, so that it can be told without its colour.
    """
    left, top, right, bottom = _PLOT
    span = max((last - first).days, 1)

    def at(on: date, share: float) -> Point:
        drawn = max(0.0, min(1.0, share))
        return left + (right - left) * (on - first).days / span, bottom - (bottom - top) * drawn

    parts = [Markup('<svg class="steps-chart" viewBox="0 0 640 250" role="img" aria-label="{}">').format(title)]  # nosec B704
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = at(first, share)[1]
        line = '<line class="radar-ring" x1="{:.0f}" y1="{:.1f}" x2="{:.0f}" y2="{:.1f}"/>'
        parts.append(Markup(line).format(left, y, right, y))  # nosec B704
        if share in (0.0, 0.5, 1.0):
            parts.append(_words(left - 8, y, "end", f"{share:.0%}".replace("%", "\u00a0%")))
    parts += [_words(left, bottom + 24, "start", _short(first)), _words(right, bottom + 24, "end", _short(last))]
    ends = _apart([at(last, one.points[-1][1])[1] if one.points else bottom for one in series])
    for number, (one, end) in enumerate(zip(series, ends, strict=True)):
        dashes = f"steps-line dash-{number % 4} {one.css_class}"
        key = '<path class="{}" d="M{:.0f},{:.1f}h26"/>'
        parts += [_stairs(one, dashes, at, right), Markup(key).format(dashes, right + 8, end)]  # nosec B704
        parts.append(_words(right + 42, end, "start", one.label))
    return Markup("").join([*parts, Markup("</svg>")])


def _stairs(series: Series, css_class: str, at: Callable[[date, float], Point], right: float) -> Markup:
    path = ""
    for on, share in series.points:
        x, y = at(on, share)
        path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f},{y:.1f}"
    path += f"H{right:.1f}" if path else ""
    return Markup('<path class="{}" d="{}"/>').format(css_class, path)  # nosec B704


def _apart(heights: Sequence[float], least: float = 17.0) -> list[float]:
    """Push the names at the end of lines away from one another, keeping their order."""
    placed: dict[int, float] = {}
    floor = -math.inf
    for index in sorted(range(len(heights)), key=lambda one: (heights[one], one)):
        floor = placed[index] = max(heights[index], floor + least)
    overflow = max(0.0, floor - (_PLOT[3] + least))
    return [placed[index] - overflow for index in range(len(heights))]


def _words(x: float, y: float, anchor: str, text: str) -> Markup:
    markup = '<text x="{:.1f}" y="{:.1f}" text-anchor="{}" dominant-baseline="middle">{}</text>'
    return Markup(markup).format(x, y, anchor, text)  # nosec B704


def _short(on: date) -> str:
    return f"{on.day:02d}/{on.month:02d}/{on.year}"


@dataclass(frozen=True)
class Part:
    """One part of a stacked bar: how much of the whole, and its class."""

    share: float
    css_class: str


def stacked_bars(rows: Sequence[tuple[str, Sequence[Part]]], *, title: str) -> Markup:
    """Draw one bar a row, each made of parts side by side; `title` is the text alternative."""
    width, bar, height = 420.0, 22, 34
    opening = '<svg class="bars-chart" viewBox="0 0 640 {}" role="img" aria-label="{}">'
    parts = [Markup(opening).format(max(len(rows), 1) * height + 4, title)]  # nosec B704
    for number, (label, shares) in enumerate(rows):
        y, x = number * height + 4, 210.0
        cut = label if len(label) <= _LONGEST_ROW else label[: _LONGEST_ROW - 1].rstrip() + "…"
        parts.append(_words(200, y + bar / 2, "end", cut))
        for part in shares:
            span = max(0.0, min(1.0, part.share)) * width
            rectangle = '<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>'
            parts.append(Markup(rectangle).format(part.css_class, x, y, span, bar))  # nosec B704
            x += span
    return Markup("").join([*parts, Markup("</svg>")])
