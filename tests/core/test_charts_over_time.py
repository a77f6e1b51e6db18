"""Charts of shares over time and of parts side by side: what they draw, what they say without being seen."""

import re
from datetime import date
from itertools import pairwise

from certify.core.charts import Part, Series, stacked_bars, steps

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 11)


def _paths(svg: str) -> list[str]:
    return re.findall(r'<path class="steps-line[^"]*" d="(M[^"]*H[^"]*)"', svg)


def test_a_share_holds_until_the_day_it_changes() -> None:
    line = Series("1 Veille", "line-1", [(date(2026, 1, 1), 0.0), (date(2026, 1, 6), 0.5)])
    svg = steps([line], title="Veille : 1 sur 2", first=FIRST, last=LAST)
    assert _paths(svg) == ["M44.0,210.0H252.0V113.0H460.0"]
    assert 'aria-label="Veille : 1 sur 2"' in svg
    assert "01/01/2026" in svg
    assert "11/01/2026" in svg


def test_lines_are_told_by_their_dashes_and_names_never_cover_one_another() -> None:
    lines = [Series(f"{n} Bloc", f"line-{n}", [(FIRST, 1.0)]) for n in range(1, 6)]
    svg = steps(lines, title="Tout", first=FIRST, last=LAST)
    assert all(f"dash-{n}" in svg for n in range(4))
    heights = [float(y) for y in re.findall(r'x="502.0" y="([\d.]+)"', svg)]
    assert len(heights) == 5
    assert all(after - before >= 16.9 for before, after in pairwise(heights))


def test_a_name_typed_by_somebody_is_text_and_a_day_alone_is_drawn() -> None:
    svg = steps([Series("<b>&", "line-1", [(FIRST, 2.0)])], title='"x"', first=FIRST, last=FIRST)
    assert "<b>" not in svg
    assert "&lt;b&gt;&amp;" in svg
    assert "&#34;x&#34;" in svg
    assert steps([Series("vide", "line-1", [])], title="vide", first=FIRST, last=LAST).startswith("<svg")


def test_bars_hold_their_parts_side_by_side_and_long_names_are_cut() -> None:
    rows = [("Promotion au nom vraiment trop long", [Part(0.5, "part-a"), Part(0.25, "part-p"), Part(7.0, "part-n")])]
    svg = stacked_bars(rows, title="Promotion : 2 sur 4")
    found = re.findall(r'<rect class="(part-.)" x="([\d.]+)" y="4" width="([\d.]+)"', svg)
    assert found == [("part-a", "210.0", "210.0"), ("part-p", "420.0", "105.0"), ("part-n", "525.0", "420.0")]
    assert "…" in svg
