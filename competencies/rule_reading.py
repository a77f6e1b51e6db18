"""Reading rules that somebody wrote: each value is checked, and all that is wrong is told at once with its place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from competencies.faults import DomainFault, Fault

T = TypeVar("T")

ROOT = "règles du programme"
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_ROWS = 100
_LONGEST_LABEL = 300


class ProgrammeFaults(DomainFault):
    """The rules of a programme were refused; carries everything found wrong, each with its place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        count = len(self.faults)
        heading = "Règles refusées, 1 défaut :" if count == 1 else f"Règles refusées, {count} défauts :"
        return "\n".join([heading, *(f"- {fault}" for fault in self.faults)])


@dataclass(frozen=True, slots=True)
class RuleReading:
    """The values of a document read one by one; a value refused is replaced by one that can stand, and told."""

    faults: list[Fault] = field(default_factory=list)

    def refuse(self, where: str, message: str) -> None:
        """Note that a value is wrong."""
        self.faults.append(Fault(where, message))

    def finish(self) -> None:
        """Refuse the document when anything in it was."""
        if self.faults:
            raise ProgrammeFaults(tuple(self.faults))

    def table(self, value: object, where: str, keys: tuple[str, ...] | None) -> dict[str, object]:
        """Check that a value is a table; with `keys`, that it holds no other."""
        if not isinstance(value, dict):
            self.refuse(where, "une table est attendue ici.")
            return {}
        for key in value:
            if not isinstance(key, str) or (keys is not None and key not in keys):
                self.refuse(where, f"la clé « {shown(key)} » est inconnue.")
        return {key: inner for key, inner in value.items() if isinstance(key, str)}

    def rows(
        self, table: Mapping[str, object], key: str, read: Callable[[object, str], T | None], within: str = ROOT
    ) -> list[T]:
        """Read each element of a list that may be empty or left out."""
        where = f"{within} › {key}"
        value = table.get(key, [])
        if not isinstance(value, list | tuple):
            self.refuse(where, "une liste est attendue ici.")
            return []
        if len(value) > _MOST_ROWS:
            self.refuse(where, f"la liste est trop longue ; {_MOST_ROWS} éléments au plus.")
            return []
        found = (read(row, f"{where} › n° {position}") for position, row in enumerate(value, start=1))
        return [row for row in found if row is not None]

    def number(self, value: object, where: str, limits: tuple[int, int]) -> int:
        """Read a whole number between two limits."""
        least, most = limits
        # A boolean is an int for Python, never for the person who writes rules.
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(where, "un nombre entier est attendu ici.")
        elif not least <= value <= most:
            self.refuse(where, f"le nombre doit aller de {least} à {most}.")
        else:
            return value
        return least

    def yes_or_no(self, value: object, where: str) -> bool:
        """Read a boolean."""
        if not isinstance(value, bool):
            self.refuse(where, "vrai ou faux est attendu ici.")
            return False
        return value

    def string(self, value: object, where: str, longest: int = _LONGEST_LABEL) -> str:
        """Read a text that can be stored and shown."""
        if not isinstance(value, str):
            self.refuse(where, "un texte est attendu ici.")
        elif not value.strip():
            self.refuse(where, "le texte est vide ; écrivez sa formulation.")
        elif len(value) > longest:
            self.refuse(where, f"le texte est trop long ; {longest} caractères au plus.")
        elif _UNSTORABLE.search(value):
            self.refuse(where, "le texte contient un caractère de contrôle ; retirez-le.")
        else:
            return value
        return ""

    def code(self, value: object, where: str, pattern: re.Pattern[str] = _CODE) -> str:
        """Read a code that can be quoted."""
        text = self.string(value, where)
        if text and not pattern.fullmatch(text):
            self.refuse(where, f"« {shown(text)} » n’est pas un code : lettres sans accent, chiffres, points, tirets.")
            return ""
        return text

    def once(self, codes: list[str], where: str) -> None:
        """Refuse a code that is there twice."""
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.refuse(where, f"le code « {shown(code)} » est en double.")


def shown(value: object) -> str:
    """Give a value as a message may quote it: short, without control characters."""
    text = str(value).encode("ascii", "backslashreplace").decode() if _UNSTORABLE.search(str(value)) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
