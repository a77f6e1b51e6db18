"""Reads the corpus of the anonymity guard, and measures what the guard finds in it."""

import re
from dataclasses import dataclass
from pathlib import Path

from competencies import Finding, find_identifying, find_in_file_name, normal_name

_FOLDER = Path(__file__).with_name("corpus")
_HEAD = re.compile(r"(?P<file>file)?[ ]?(?P<kind>[a-z_]+)?(?:\((?P<declared>[^)]*)\))?")


@dataclass(frozen=True)
class Sentence:
    """One line of the corpus: the passages are where somebody is identified, none in an innocent sentence."""

    text: str
    kind: str
    is_file: bool
    declared: frozenset[str]
    passages: tuple[tuple[int, int], ...]

    def findings(self) -> tuple[Finding, ...]:
        """Ask the guard."""
        test = self.declared.__contains__ if self.declared else None
        return find_in_file_name(self.text, test) if self.is_file else find_identifying(self.text, test)

    def missed(self) -> list[str]:
        """Return the marked passages in which nothing of their kind was found."""
        found = [(one.start, one.end) for one in self.findings() if one.kind == self.kind]
        return [
            self.text[start:end]
            for start, end in self.passages
            if not any(start < right and left < end for left, right in found)
        ]

    def wrongly_found(self) -> list[str]:
        """Return what was found outside of every marked passage."""
        return [
            one.excerpt
            for one in self.findings()
            if not any(start < one.end and one.start < end for start, end in self.passages)
        ]


def read_corpus(name: str) -> list[Sentence]:
    """Return every sentence of a file of the corpus."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_sentence(line) for line in lines if line and not line.startswith("#")]


def _sentence(line: str) -> Sentence:
    head, bar, rest = line.partition(" | ")
    match = _HEAD.fullmatch(head) if bar else None
    if match is None:
        return Sentence(line, "", False, frozenset(), ())
    declared = frozenset(normal_name(name) for name in (match["declared"] or "").split(";") if name.strip())
    text, passages = _marked(rest)
    return Sentence(text, match["kind"] or "", bool(match["file"]), declared, passages)


def _marked(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    plain, passages = "", []
    for part in re.split("(‹[^›]*›)", text):
        if part.startswith("‹"):
            passages.append((len(plain), len(plain) + len(part) - 2))
            part = part[1:-1]
        plain += part
    return plain, tuple(passages)
