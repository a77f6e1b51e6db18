"""The names that participants of groups are known by: plants and birds, which say nothing of anybody."""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from importlib.resources import files


@cache
def pseudonyms() -> tuple[str, ...]:
    """Return every name that may be drawn, in the order of the alphabet; none is a usual first name."""
    text = (files("competencies") / "data" / "pseudonyms.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def draw_pseudonym(taken: Collection[str], choose: Callable[[Sequence[str]], str]) -> str:
    """Return a name nobody of the group has or had; `choose` picks one among those left.

    When every name was drawn, names come back with a number: « Mésange 2 ».
    """
    turn = 1
    while True:
        names = pseudonyms() if turn == 1 else tuple(f"{name} {turn}" for name in pseudonyms())
        left = [name for name in names if name not in taken]
        if left:
            return choose(left)
        turn += 1
