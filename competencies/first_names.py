"""First names a writer declared: how they are compared, and where they stand in a text.

What is declared is known by the caller alone: a predicate answers for a normal form, so that nothing has to be kept
that could be read back.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

IsDeclared = Callable[[str], bool]
"""Whether a first name, in its normal form, was declared."""

_RUN = re.compile(r"[^\W\d_]+")
_JOINTS = frozenset({" ", "-", "’", "'", "\u00a0", "\u2011", "\u202f"})
_LONGEST = 3


def normal_name(name: str) -> str:
    """Give the form under which first names are compared: no accents, no capitals, parts joined by a hyphen."""
    return "-".join(_plain(run) for run in _RUN.findall(unicodedata.normalize("NFC", name)))


def is_ordinary_word(normal: str) -> bool:
    """Tell whether a first name, in its normal form, is also an everyday word, and so needs a capital."""
    return normal in _ordinary()


@cache
def _ordinary() -> frozenset[str]:
    lines = files("competencies").joinpath("data/ordinary-first-names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def find_declared(text: str, is_declared: IsDeclared) -> Iterator[tuple[int, int]]:
    """Give where the declared first names of a text start and end, the longest first at each place."""
    runs = [(match.start(), match.end()) for match in _RUN.finditer(text)]
    at = 0
    while at < len(runs):
        taken = _declared_from(text, runs, at, is_declared)
        if taken:
            yield runs[at][0], runs[at + taken - 1][1]
        at += taken or 1


def _declared_from(text: str, runs: list[tuple[int, int]], at: int, is_declared: IsDeclared) -> int:
    """Count how many words from this one on make a declared first name: none most of the time."""
    found, parts = 0, [_plain(text[slice(*runs[at])])]
    for length in range(1, _LONGEST + 1):
        normal = "-".join(parts)
        has_capital = text[runs[at][0]].isupper()
        if is_declared(normal) and (has_capital or not is_ordinary_word(normal)):
            found = length
        following = at + length
        if following == len(runs) or text[runs[following - 1][1] : runs[following][0]] not in _JOINTS:
            break
        parts.append(_plain(text[slice(*runs[following])]))
    return found


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()
