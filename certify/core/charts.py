"""Charts as SVG text, drawn without style or script; every page shows the same figures in a table beside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Spoke:
    """One axis of a radar: a short label and a share from 0 to 1."""

    label: str
    share: float


def radar(spokes: Sequence[Spoke], *, title: str, css_class: str = "", size: int = 320) -> Markup:
    """Draw shares on spokes as a polygon; `title` is its text alternative."""
    centre, reach = size / 2, size * 0.34
    count = max(3, len(spokes))

    def point(index: int, share: float) -> tuple[float, float]:
        angle = -math.pi / 2 + 2 * math.pi * index / count
        return centre + reach * share * math.cos(angle), centre + reach * share * math.sin(angle)

    def ring(share: float) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (point(i, share) for i in range(count)))

    parts = [Markup('<svg class="radar {}" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(css_class, size, size, title)]
    parts += [Markup('<polygon class="radar-ring" points="{}"/>').format(ring(share)) for share in (0.25, 0.5, 0.75, 1.0)]
    for index, spoke in enumerate(spokes):
        x, y = point(index, 1.0)
        parts.append(Markup('<line class="radar-spoke" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(centre, centre, x, y))
        parts.append(_spoke_label(spoke.label, *point(index, 1.17), centre))
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in (point(i, max(0.0, min(1.0, s.share))) for i, s in enumerate(spokes)))
    parts.append(Markup('<polygon class="radar-area" points="{}"/>').format(outline))
    for index, spoke in enumerate(spokes):
        x, y = point(index, max(0.0, min(1.0, spoke.share)))
        parts.append(Markup('<circle class="radar-dot" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(x, y))
    return Markup("").join([*parts, Markup("</svg>")])


def _spoke_label(label: str, x: float, y: float, centre: float) -> Markup:
    anchor = "middle" if abs(x - centre) < 8 else ("start" if x > centre else "end")
    return Markup('<text class="radar-label" x="{:.1f}" y="{:.1f}" text-anchor="{}" dominant-baseline="middle">{}</text>').format(x, y, anchor, label)
