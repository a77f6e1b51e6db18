"""JSON read without trust: every value knows its line and column, and a wrong kind of value is a fault, not a crash."""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from competencies.faults import Fault, FrameworkFaults

T = TypeVar("T", str, int, list[object], dict[str, object])
Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_KINDS: Mapping[type, str] = {str: "un texte", int: "un nombre entier", list: "une liste", dict: "un objet"}


def write(document: Mapping[str, object]) -> str:
    """Write a document for people to read as well: two spaces, accents as they are."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class Document:
    """A JSON document, the faults found in it so far, and where each of its values is."""

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self.faults: list[Fault] = []
        try:
            self.root: object = json.loads(self._text)
        except json.JSONDecodeError as error:
            place = f"ligne {error.lineno}, colonne {error.colno}"
            fault = Fault(place, "le texte n’est pas du JSON ; une virgule, un guillemet ou une accolade est attendu.")
            raise FrameworkFaults((fault,)) from error
        except (ValueError, RecursionError) as error:
            fault = Fault("ligne 1, colonne 1", "une valeur est trop longue ou trop imbriquée pour être lue.")
            raise FrameworkFaults((fault,)) from error

    def refuse(self, path: Path, message: str) -> None:
        """Keep a fault about the value at this path."""
        self.faults.append(Fault(self.place(path), message))

    def place(self, path: Path) -> str:
        """Say where a value is; an absent one is placed by what should hold it."""
        inside = path
        while inside and inside not in self._offsets:
            inside = inside[:-1]
        offset = self._offsets.get(inside, 0)
        line = bisect_right(self._lines, offset)
        column = offset - self._lines[line - 1] + 1
        named = " › ".join(part if isinstance(part, str) else f"n° {part + 1}" for part in path)
        return f"ligne {line}, colonne {column}" + (f" ({named})" if named else "")

    @cached_property
    def _lines(self) -> Sequence[int]:
        return [0, *(end.end() for end in re.finditer("\n", self._text))]

    @cached_property
    def _offsets(self) -> Mapping[Path, int]:
        """Where each value starts; the text is known to be JSON, so its tokens are enough."""
        offsets: dict[Path, int] = {}
        path: list[str | int] = []
        tokens = list(_TOKEN.finditer(self._text))
        for at, token in enumerate(tokens):
            mark = token[0]
            if mark in ("}", "]"):
                path.pop()
            elif mark == "," and path and isinstance(path[-1], int):
                path[-1] += 1
            elif at + 1 < len(tokens) and tokens[at + 1][0] == ":" and mark != ":":
                path[-1] = str(json.loads(mark))
            elif mark not in (",", ":"):
                # An empty container has no value at its first place; the path still has to be left by its end.
                offsets.setdefault(tuple(path), token.start())
                if mark in ("{", "["):
                    path.append("" if mark == "{" else 0)
        return offsets

    def table(self, value: object, path: Path) -> dict[str, object]:
        """Expect an object."""
        return self._expect(value, dict, path, {})

    def rows(self, table: Mapping[str, object], key: str, path: Path) -> Sequence[tuple[dict[str, object], Path]]:
        """Read a list of objects with the path of each; an absent list is empty."""
        values = self._expect(table.get(key, []), list, (*path, key), [])
        return [(self.table(value, (*path, key, at)), (*path, key, at)) for at, value in enumerate(values)]

    def string(self, table: Mapping[str, object], key: str, path: Path) -> str:
        """Read a text; an absent one is empty."""
        return self._expect(table.get(key, ""), str, (*path, key), "")

    def needed(self, table: Mapping[str, object], key: str, path: Path) -> str:
        """Read a text that has to be there and not be blank."""
        value = self.string(table, key, path)
        if not value.strip() and isinstance(table.get(key, ""), str):
            self.refuse((*path, key), f"« {key} » est attendu et manque ou est vide.")
        return value

    def number(self, table: Mapping[str, object], key: str, path: Path, otherwise: int) -> int:
        """Read a whole number, written 2 or 2.0; an absent one has a value of its own."""
        value = table.get(key, otherwise)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return self._expect(value, int, (*path, key), otherwise)

    def _expect(self, value: object, kind: type[T], path: Path, empty: T) -> T:
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
        self.refuse(path, f"{_KINDS[kind]} est attendu{'e' if kind is list else ''} ici.")
        return empty
