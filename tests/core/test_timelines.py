"""Timelines: bars, marks, gaps and a line, as SVG that nothing typed can break."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from certify.core.timelines import Limit, Mark, Picture, Row, Span, draw

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(**values: object) -> ElementTree.Element:
    defaults = {"first": FIRST, "last": LAST, "rows": [], "marks": [], "marks_label": "Rencontres"}
    markup = str(draw(Picture(**defaults | values), title="Frise du groupe"))
    return ElementTree.fromstring(markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def _with(root: ElementTree.Element, css_class: str) -> list[ElementTree.Element]:
    return [one for one in root.iter() if css_class in one.get("class", "").split()]


def test_a_timeline_has_a_text_alternative_and_names_its_rows() -> None:
    root = _drawn(rows=[Row("Mésange", [Span(FIRST, None)]), Row("Un nom vraiment très long", [])])

    assert root.get("role") == "img"
    assert root.get("aria-label") == "Frise du groupe"
    assert [one.text for one in _with(root, "time-name")] == ["Rencontres", "Mésange", "Un nom vraiment…"]


def test_a_bar_goes_from_a_day_to_another_and_on_when_it_has_no_end() -> None:
    half = FIRST + (LAST - FIRST) / 2
    root = _drawn(rows=[Row("A", [Span(FIRST, half), Span(half, None, "is-open")])])

    first, second = _with(root, "time-bar")
    assert float(first.get("x", "")) + float(first.get("width", "")) == pytest.approx(float(second.get("x", "")), abs=1)
    assert float(first.get("width", "")) == pytest.approx(float(second.get("width", "")), abs=1)
    assert "is-open" in second.get("class", "")


def test_what_is_outside_is_brought_back_to_the_edge() -> None:
    long_ago = FIRST - timedelta(days=900)
    root = _drawn(rows=[Row("A", [Span(long_ago, LAST + timedelta(days=90))])], marks=[Mark(long_ago, "dot")])

    bar, mark = _with(root, "time-bar")[0], _with(root, "is-dot")[0]
    assert float(bar.get("x", "")) == float(mark.get("cx", "")) == 132


@pytest.mark.parametrize("shape", ["dot", "ring", "cross", "dash"])
def test_each_kind_of_mark_has_a_shape_of_its_own(shape: str) -> None:
    assert len(_with(_drawn(marks=[Mark(date(2026, 6, 1), shape)]), f"is-{shape}")) == 1


def test_gaps_and_limits_stand_across_the_picture() -> None:
    root = _drawn(
        gaps=[Span(date(2026, 3, 1), date(2026, 5, 1))],
        limits=[Limit(date(2026, 2, 1), "tôt"), Limit(date(2026, 11, 1), "tard")],
    )

    assert len(_with(root, "time-gap")) == 1
    assert [(one.text, one.get("text-anchor")) for one in _with(root, "time-limit-name")] == [
        ("tôt", "start"), ("tard", "end"),
    ]  # fmt: skip


def test_months_are_told_at_the_foot_even_over_many_years_or_one_day() -> None:
    assert 11 <= len(_with(_drawn(), "time-tick")) <= 12
    assert len(_with(_drawn(last=date(2036, 1, 1)), "time-tick")) <= 13
    assert _with(_drawn(first=date(2026, 3, 4), last=date(2026, 3, 4)), "time-tick") == []


def test_a_name_is_never_markup() -> None:
    root = _drawn(rows=[Row("<b>gras</b>", [])], limits=[Limit(LAST, "<i>")])

    assert list(root.iter(f"{_SVG}b")) == []
    assert "<b>gras</b>" in [one.text for one in _with(root, "time-name")]
