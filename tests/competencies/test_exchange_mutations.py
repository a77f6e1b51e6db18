"""A hundred ways to spoil a file of Moodle and of CASE: a framework, or faults that have a place; never a crash."""

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from competencies import (
    Completion,
    CompletionKind,
    demo,
)
from competencies.exchange import FORMATS, Origin

ORIGIN = Origin("https://certify.example.org", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")
_BLOCK = demo().blocks[0]
_CODES = [part.code for part in _BLOCK.competencies]
_RULE = Completion(CompletionKind.POINTS, 2, frozenset(_CODES[:1]), dict.fromkeys(_CODES, 1))
SMALL = replace(demo(), blocks=(replace(_BLOCK, completion=_RULE),))
WRITTEN = {name: FORMATS[name].write(SMALL, "fr", ORIGIN) for name in ("moodle-csv", "case")}
PLACE = re.compile(r"ligne \d+(?:, colonne \d+)?")
MUTATIONS = 100
SEED = 20260612

Rows = list[list[str]]


def flipped(text: str, chance: random.Random) -> str:
    """Change some bytes, and read them again as whoever opens a damaged file does."""
    content = bytearray(text.encode())
    for _ in range(chance.randint(1, 12)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return content.decode("utf-8", errors="replace")


def wrongly_encoded(text: str, chance: random.Random) -> str:
    return text.encode(chance.choice(["utf-8", "utf-16", "utf-32"])).decode(chance.choice(["latin-1", "cp850"]))


def cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def with_signs(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    sign = chance.choice(["\x00", '"', "'", "\ufeff", "\r", "\u2028", "\ud800", "“", ";;;", "{}", "]", ",,,,"])
    return text[:at] + sign * chance.randint(1, 3) + text[at:]


def of_table(change: Callable[[Rows, random.Random], object]) -> Callable[[str, random.Random], str]:
    def spoilt(text: str, chance: random.Random) -> str:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        change(rows, chance)
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        return out.getvalue()

    return spoilt


def column_removed(rows: Rows, chance: random.Random) -> None:
    at = chance.randrange(14)
    for row in rows:
        del row[at]


def columns_reordered(rows: Rows, chance: random.Random) -> None:
    order = chance.sample(range(14), 14)
    rows[:] = [[row[at] for at in order] for row in rows]


def cell_replaced(rows: Rows, chance: random.Random) -> None:
    junk = ["", "x" * 200_000, "-1", "null", "[[]]", '[{"id":1e400,"proficient":1}]', "\x07", "a,b", "<script>", "é"]
    rules = ['{"base":{},"competencies":[]}', '{"base":{"points":[]},"competencies":{}}', "{", '{"base":{"points":9}}']
    chance.choice(rows)[chance.randrange(14)] = chance.choice([*junk, *rules])


def rows_shuffled(rows: Rows, chance: random.Random) -> None:
    chance.shuffle(rows)


def rows_doubled(rows: Rows, chance: random.Random) -> None:
    rows += chance.choices(rows, k=5)


def of_document(change: Callable[[Any, random.Random], object]) -> Callable[[str, random.Random], str]:
    def spoilt(text: str, chance: random.Random) -> str:
        document = json.loads(text)
        change(document, chance)
        return json.dumps(document)

    return spoilt


def values_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document: what holds it, and under which key."""
    for key, below in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        yield value, key
        if isinstance(below, dict | list):
            yield from values_of(below)


def value_replaced(document: Any, chance: random.Random) -> None:
    holder, key = chance.choice(list(values_of(document)))
    holder[key] = chance.choice([None, True, -1, 2.5, 10**40, "", "x" * 200_000, [], [[]], {}, {"identifier": []}])


def value_removed(document: Any, chance: random.Random) -> None:
    holder, key = chance.choice(list(values_of(document)))
    del holder[key]


def value_moved(document: Any, chance: random.Random) -> None:
    (one, here), (other, there) = chance.sample(list(values_of(document)), 2)
    one[here] = json.loads(json.dumps(other[there]))


def nested(text: str, chance: random.Random) -> str:
    depth = chance.choice([50, 2_000, 100_000])
    return text.replace('"extensions": {', f'"extensions": {{"deep": {"[" * depth}{"]" * depth}, ', 1)


ANY_TEXT = [flipped, wrongly_encoded, cut, with_signs]
WAYS: dict[str, list[Callable[[str, random.Random], str]]] = {
    "moodle-csv": [
        *ANY_TEXT,
        *map(of_table, (column_removed, columns_reordered, cell_replaced, cell_replaced, rows_shuffled, rows_doubled)),
    ],
    "case": [*ANY_TEXT, nested, *map(of_document, (value_replaced, value_replaced, value_removed, value_moved))],
}


@pytest.mark.parametrize("name", list(WAYS))
def test_a_hundred_spoilt_files_are_read_or_refused_with_a_place(name: str) -> None:
    refused = 0
    for number in range(MUTATIONS):
        chance = random.Random(SEED + number)
        way = WAYS[name][number % len(WAYS[name])]
        reading = FORMATS[name].read(way(WRITTEN[name], chance))
        assert (reading.framework is None) == bool(reading.faults), (number, way)
        assert all(PLACE.match(fault.where) and fault.message for fault in reading.faults), (number, reading.faults[:3])
        refused += reading.framework is None
    assert refused > MUTATIONS // 3


@pytest.mark.parametrize("name", list(WAYS))
def test_what_spoils_nothing_changes_nothing(name: str) -> None:
    first = FORMATS[name].read(WRITTEN[name])
    assert first.framework is not None
    assert first.framework.blocks[0].completion == _RULE
    assert FORMATS[name].read("\ufeff" + WRITTEN[name]) == first
