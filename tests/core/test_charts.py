"""Charts: what is drawn, and that nothing given to them breaks the page."""

import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from certify.core.charts import Spoke, radar

SVG_TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40)
SHARES = st.floats(allow_nan=True, allow_infinity=True)


def _points(shape: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = (pair.split(",") for pair in shape.attrib["points"].split())
    return [(float(x), float(y)) for x, y in pairs]


@given(st.lists(st.builds(Spoke, SVG_TEXT, SHARES), max_size=12), SVG_TEXT)
def test_whatever_the_shares_the_picture_is_well_formed_and_within_its_frame(spokes: list[Spoke], title: str) -> None:
    tree = ElementTree.fromstring(str(radar(spokes, title=title)))
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-label"].split() == title.split()
    assert len(tree.findall("circle")) == len(spokes)
    for shape in tree.findall("polygon"):
        assert all(0 <= x <= 320 and 0 <= y <= 320 for x, y in _points(shape))


@given(st.integers(1, 12), st.floats(0, 1))
def test_the_distance_to_the_centre_is_the_share(count: int, share: float) -> None:
    tree = ElementTree.fromstring(str(radar([Spoke(str(n), share) for n in range(count)], title="t", size=1000)))
    for circle in tree.findall("circle"):
        distance = math.dist((500, 500), (float(circle.attrib["cx"]), float(circle.attrib["cy"])))
        assert abs(distance - 340 * share) < 0.2


def test_one_or_two_spokes_still_enclose_a_shape() -> None:
    for count in (1, 2):
        tree = ElementTree.fromstring(str(radar([Spoke("1.1", 0.5)] * count, title="t")))
        area = tree.find("polygon[@class='radar-area']")
        assert area is not None
        assert len(_points(area)) == count + 1


def test_a_long_label_is_cut_and_markup_in_it_is_text() -> None:
    svg = str(radar([Spoke("<script>alert(1)</script> bien trop long", 1)], title='"><b>x'))
    assert "<script>" not in svg
    assert '"><b>' not in svg
    assert "…</text>" in svg


def test_no_style_nor_script_is_inlined() -> None:
    svg = str(radar([Spoke("1.1", 0.5)] * 4, title="t", css_class="radar-1"))
    assert not re.search(r"style=|\son\w+=|<script", svg)
    assert 'class="radar radar-1"' in svg
