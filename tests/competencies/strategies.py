"""Small frameworks of every shape, for properties: hostile wordings, any scale, codes like those people write."""

from hypothesis import strategies as st

from competencies import Block, Competency, Framework, Indicator, Level, Scale, Text

_WORDING = st.text(alphabet="abé ’\"',;:<>&/=%\t\r\n«œ漢😀", min_size=1, max_size=12).filter(str.strip)
_LONG = st.builds(lambda start, times: start * times, _WORDING, st.integers(20, 60))
_CODE = st.text(alphabet="aZ019._-", min_size=1, max_size=5).map(lambda middle: f"b{middle}e")


def texts(*, long: bool = False) -> st.SearchStrategy[Text]:
    """Wordings that differ from one language to the other, now and then longer than any platform's field."""
    wording = st.one_of(_WORDING, _LONG) if long else _WORDING
    return st.builds(Text, wording, wording)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    """A scale of two to six levels with any threshold but the lowest level."""
    codes = draw(st.lists(_CODE, min_size=2, max_size=6, unique=True))
    ranks = sorted(draw(st.sets(st.integers(-9, 99), min_size=len(codes), max_size=len(codes))))
    signs = draw(st.lists(_WORDING, min_size=len(codes), max_size=len(codes)))
    levels = [Level(code, draw(texts()), rank, sign) for code, rank, sign in zip(codes, ranks, signs, strict=True)]
    return Scale(draw(_CODE), tuple(levels), draw(st.sampled_from(codes[1:])))


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """A framework of one to three blocks, one or two competencies in each, one or two indicators in those."""
    scale = draw(scales())
    numbers = draw(st.lists(st.integers(-5, 50), min_size=1, max_size=3, unique=True))
    codes = draw(st.lists(_CODE, min_size=len(numbers), max_size=len(numbers), unique_by=lambda code: code.lower()))
    blocks = [
        draw(_blocks(scale, f"{at}{code}", number))
        for at, (code, number) in enumerate(zip(codes, numbers, strict=True))
    ]
    return Framework(draw(_CODE), draw(_WORDING), draw(texts(long=True)), draw(texts()), scale, tuple(blocks))


@st.composite
def _blocks(draw: st.DrawFn, scale: Scale, code: str, number: int) -> Block:
    competencies = [draw(_competencies(scale, f"{code}.{at}")) for at in range(1, draw(st.integers(2, 3)))]
    return Block(code, number, draw(texts(long=True)), draw(texts(long=True)), tuple(competencies))


@st.composite
def _competencies(draw: st.DrawFn, scale: Scale, code: str) -> Competency:
    indicators = [
        Indicator(f"{code}.{at}", draw(texts(long=True)), {level: draw(texts()) for level in scale.codes})
        for at in range(1, draw(st.integers(2, 3)))
    ]
    return Competency(code, draw(texts(long=True)), tuple(indicators))
