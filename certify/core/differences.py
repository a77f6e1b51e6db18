"""What changed between two texts, word by word, as a reader would underline it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# « l’accueil » and « 3.1.2 » are read as one word.
_WORDS = re.compile(r"\s+|\w+(?:[.’'-]\w+)*|[^\w\s]")


class Change(StrEnum):
    """What happened to a passage."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words with one fate."""

    change: Change
    text: str


def compare(before: str, after: str) -> tuple[Passage, ...]:
    """Return the passages of both texts in reading order: those kept, those removed, those added.

    The kept and removed passages put together are `before`; the kept and added ones are `after`.
    """
    passages: list[Passage] = []
    for old, new, is_same in _lined_up(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        if is_same:
            passages.append(Passage(Change.SAME, "".join(old)))
        else:
            passages.extend(_compare_words("".join(old), "".join(new)))
    return _joined(passages)


def _compare_words(before: str, after: str) -> list[Passage]:
    passages: list[Passage] = []
    for old, new, is_same in _lined_up(_WORDS.findall(before), _WORDS.findall(after)):
        if is_same:
            passages.append(Passage(Change.SAME, "".join(old)))
            continue
        if old:
            passages.append(Passage(Change.REMOVED, "".join(old)))
        if new:
            passages.append(Passage(Change.ADDED, "".join(new)))
    return passages


def _lined_up(before: Sequence[str], after: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str], bool]]:
    # Passages are read whole, so what repeats too often to be a landmark may be ignored: it keeps long texts quick.
    steps = SequenceMatcher(None, before, after, autojunk=True).get_opcodes()
    return [
        (before[start:end], after[new_start:new_end], tag == "equal") for tag, start, end, new_start, new_end in steps
    ]


def _joined(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    joined: list[Passage] = []
    for passage in passages:
        if joined and joined[-1].change is passage.change:
            joined[-1] = Passage(passage.change, joined[-1].text + passage.text)
        else:
            joined.append(passage)
    return tuple(joined)
