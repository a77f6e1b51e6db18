"""Charts as SVG text, drawn without style or script; every page shows the same figures in a table beside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_FEWEST_AXES = 3
_RINGS = (0.25, 0.5, 0.75, 1.0)
_REACH = 0.34
_LABEL_AT = 1.17
_LONGEST_LABEL = 18

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
