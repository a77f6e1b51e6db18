"""Small frameworks of every shape, for properties: hostile wordings, any scale, codes like those people write."""

from dataclasses import replace

from hypothesis import strategies as st

from competencies import (
    EVERY_PART,
    Block,
    Competency,
    Completion,
    CompletionKind,
    Framework,
    Indicator,
    Level,
    Scale,
    Text,
)

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
def completions(draw: st.DrawFn, parts: list[str]) -> Completion:
    """A rule that these parts can meet."""
    kind = draw(st.sampled_from(CompletionKind))
    if kind is CompletionKind.ALL:
        return EVERY_PART
    required = draw(st.frozensets(st.sampled_from(parts)))
    if kind is CompletionKind.AT_LEAST:
        return Completion(kind, draw(st.integers(1, len(parts))), required)
    points = draw(st.fixed_dictionaries({part: st.integers(0, 9) for part in parts}).filter(lambda n: any(n.values())))
    return Completion(kind, draw(st.integers(1, sum(points.values()))), required, points)


@st.composite
def frameworks(draw: st.DrawFn, *, is_plain: bool | None = None) -> Framework:
    """A framework of one to three blocks, one or two competencies in each, one or two indicators in those.

    One in two has a scale for the training, scales of competencies or completion rules; a plain one has none.
    """
    scale = draw(scales())
    plain = draw(st.booleans()) if is_plain is None else is_plain
    others = [] if plain else draw(st.lists(scales(), max_size=2, unique_by=lambda one: one.code))
    known = [replace(one, code=f"{one.code}{at}") for at, one in enumerate(others)]
    formative = draw(st.sampled_from([None, *known]))
    numbers = draw(st.lists(st.integers(-5, 50), min_size=1, max_size=3, unique=True))
    codes = draw(st.lists(_CODE, min_size=len(numbers), max_size=len(numbers), unique_by=lambda code: code.lower()))
    given = (formative or scale, [None, scale, *known]) if not plain else (scale, [None])
    blocks = [
        draw(_blocks(*given, f"{at}{code}", number, is_plain=plain))
        for at, (code, number) in enumerate(zip(codes, numbers, strict=True))
    ]
    return Framework(
        draw(_CODE), draw(_WORDING), draw(texts(long=True)), draw(texts()), scale, tuple(blocks), formative
    )


@st.composite
def _blocks(draw: st.DrawFn, scale: Scale, own: list[Scale | None], code: str, number: int, *, is_plain: bool) -> Block:
    competencies = [
        draw(_competencies(scale, draw(st.sampled_from(own)), f"{code}.{at}", is_plain=is_plain))
        for at in range(1, draw(st.integers(2, 3)))
    ]
    rule = EVERY_PART if is_plain else draw(completions([part.code for part in competencies]))
    return Block(code, number, draw(texts(long=True)), draw(texts(long=True)), tuple(competencies), rule)


@st.composite
def _competencies(draw: st.DrawFn, scale: Scale, own: Scale | None, code: str, *, is_plain: bool) -> Competency:
    indicators = [
        Indicator(f"{code}.{at}", draw(texts(long=True)), {level: draw(texts()) for level in (own or scale).codes})
        for at in range(1, draw(st.integers(2, 3)))
    ]
    rule = EVERY_PART if is_plain else draw(completions([part.code for part in indicators]))
    return Competency(code, draw(texts(long=True)), tuple(indicators), own, rule)
