"""What identifies somebody in the texts of a page, how a flagged passage is shown, and who may flag it."""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import competencies
from certify.core.access import Actor, Permission
from certify.core.keys import keyed_digest

MASK = "█"
_AROUND = 60
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
IsDeclared = Callable[[str], bool]
Texts = Iterable[tuple[str, Any, str]]
"""What to look at: the field it is written in, how the field is called on screen, the text."""


class FileName(str):
    """A text that is the name of a file: its words may be held together by other signs than spaces."""

    __slots__ = ()


@dataclass(frozen=True)
class Identifying:
    """A passage that would let somebody be recognised: where it stands, what it is, what to write instead."""

    field: str
    label: Any
    excerpt: str
    start: int
    end: int
    kind: str
    advice: competencies.Text
    before: str = ""
    after: str = ""
    """A few words around it, so that it is found again."""


@dataclass(frozen=True)
class Mask:
    """A passage that a reader flagged, in one field of something written."""

    field: str
    start: int
    end: int
    flag_id: uuid.UUID
    digest: str = ""
    """Of the words that were flagged; without it, whatever stands there is masked."""


@dataclass(frozen=True)
class Passage:
    """Where some words stand in something written."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class Subject:
    """Something written that staff read and may flag a passage of."""

    kind: str
    id: uuid.UUID
    training_body_id: uuid.UUID
    author_id: uuid.UUID
    enrolment_id: uuid.UUID | None
    title: Any
    texts: tuple[tuple[str, Any, str], ...]
    address: str
    """The page on which staff read it."""
    own_address: str
    """The page on which its author does."""
    is_handed_in: bool
    """Whether staff may read it."""
    handed_in_at: datetime | None = None
    """When its author last handed it in, in this version or in another."""

    def words_at(self, passage: Passage) -> str:
        """Return the words that stand somewhere now."""
        return next((text[passage.start : passage.end] for field, _, text in self.texts if field == passage.field), "")


def what_identifies(texts: Texts, is_declared: IsDeclared | None = None) -> tuple[Identifying, ...]:
    """Return every passage that would let somebody be recognised, in the order of the page."""
    return tuple(
        _identifying(field, label, text, found) for field, label, text in texts for found in _found(text, is_declared)
    )


def masked(text: str, masks: Iterable[Mask]) -> str:
    """Return the text with each flagged passage blacked out, sign for sign, so that places keep their numbers."""
    shown = text
    for mask in masks:
        start, end = max(0, mask.start), min(len(text), mask.end)
        if start < end and mask.digest in ("", digest_of_passage(text[start:end])):
            shown = shown[:start] + MASK * (end - start) + shown[end:]
    return shown


def digest_of_passage(words: str) -> str:
    """Return what lets flagged words be told from others that came to stand at their place."""
    return keyed_digest("flagged-passage", words)


def may_flag(actor: Actor, subject: Subject) -> bool:
    """Whether the actor reads it as staff who may flag, and did not write it."""
    reads = subject.training_body_id in actor.organisations(Permission.TEXT_FLAG)
    return reads and subject.is_handed_in and subject.author_id != actor.user_id


def sentences(subject: Subject) -> Iterator[tuple[Any, Passage]]:
    """Give every sentence of something written, with the name of its field."""
    for field, label, text in subject.texts:
        for match in _SENTENCE.finditer(text):
            words = match.group()
            start = match.start() + len(words) - len(words.lstrip())
            end = match.end() - (len(words) - len(words.rstrip()))
            if start < end:
                yield label, Passage(field, start, end)


def passages_of(subject: Subject, words: str) -> list[Passage]:
    """Return everywhere some words stand, whatever the spaces and the line ends between them."""
    parts = words.split()
    if not parts:
        return []
    pattern = re.compile(r"\s+".join(re.escape(part) for part in parts))
    return [
        Passage(field, match.start(), match.end())
        for field, _, text in subject.texts
        for match in pattern.finditer(text)
    ]


def _identifying(field: str, label: Any, text: str, found: competencies.Finding) -> Identifying:
    before = text[max(0, found.start - _AROUND) : found.start]
    after = text[found.end : found.end + _AROUND]
    return Identifying(
        field, label, found.excerpt, found.start, found.end, found.kind, competencies.advice(found.kind), before, after
    )


def _found(text: str, is_declared: IsDeclared | None) -> tuple[competencies.Finding, ...]:
    if isinstance(text, FileName):
        return competencies.find_in_file_name(text, is_declared)
    return competencies.find_identifying(text, is_declared)
