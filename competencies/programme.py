"""The rules of a programme: how levels are brought together, and what must be there before a jury meets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from competencies.faults import DomainFault, Fault
from competencies.framework import Text
from competencies.thresholds import RANGES as FIDELITY_RANGES
from competencies.thresholds import USUAL_THRESHOLDS, Thresholds

T = TypeVar("T")

_ROOT = "règles du programme"
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_ROWS = 100
_LONGEST_LABEL = 300

_RANGES: Mapping[str, tuple[int, int]] = {
    "times": (1, 20),
    "agreement_minimum": (2, 1000),
    "sampling_percentage": (0, 100),
    "hours": (0, 5000),
    "meetings": (0, 500),
    "observations": (0, 100),
    "self_assessments": (0, 100),
    "attendance": (0, 100),
    "evidence_per_indicator": (0, 50),
    "reminder_days": (0, 365),
}
_MONTHS = (1, 240)


class Aggregation(StrEnum):
    """The named ways to bring together the levels that several assessors gave to one indicator."""

    CAUTIOUS = "cautious"
    """The lowest of what each assessor said last."""
    LATEST = "latest"
    """What was said last, by whomever."""
    HIGHEST = "highest"
    """The highest level ever seen."""
    TIMES = "times"
    """The highest level reached at least so many times."""
    MAJORITY = "majority"
    """The level most assessors gave last; the lower one on a tie."""


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A document that must be in a candidate's file."""

    code: str
    label: Text


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
class Programme:
    """What a certifying body asks of a programme on one framework; 0 means that nothing is asked."""

    aggregation: Aggregation = Aggregation.CAUTIOUS
    times: int = 2
    """How many times a level must be reached, for `Aggregation.TIMES`."""
    agreement_minimum: int = 5
    """The fewest trainees seen by two assessors from which their agreement is told as a figure."""
    sampling_percentage: int = 10
    """The share of each assessor's assessments that an internal verifier reads again."""
    hours: int = 0
    meetings: int = 0
    observations: int = 0
    self_assessments: int = 0
    attendance: int = 0
    """Percentage of the sessions."""
    evidence_per_indicator: int = 1
    documents: tuple[RequiredDocument, ...] = ()
    blocking: frozenset[str] = frozenset()
    """Codes of the requirements without which nobody goes before a jury."""
    freshness: Mapping[str, int] = field(default_factory=dict, hash=False)
    """For how many months evidence of a block stays recent, by block code."""
    reminder_days: int = 30
    fidelity: Thresholds = USUAL_THRESHOLDS
    """What is asked of the groups of parents."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "freshness", MappingProxyType(dict(self.freshness)))

    @classmethod
    def from_document(cls, document: object) -> "Programme":
        """Read what to_document gave, or what somebody wrote; a key left out keeps its default."""
        reading = _Reading([])
        table = reading.table(document, _ROOT, tuple(cls.__dataclass_fields__))
        programme = cls(
            aggregation=reading.aggregation(table),
            documents=reading.documents(table),
            blocking=reading.blocking(table),
            freshness=reading.freshness(table),
            fidelity=reading.fidelity(table),
            **{
                key: reading.number(table.get(key, cls.__dataclass_fields__[key].default), f"{_ROOT} › {key}", limits)
                for key, limits in _RANGES.items()
            },
        )
        if reading.faults:
            raise ProgrammeFaults(tuple(reading.faults))
        return programme

    def to_document(self) -> dict[str, object]:
        """Give the rules as values that JSON can hold, every key written but `fidelity` when nobody gave any of it."""
        fidelity = self.fidelity.to_document()
        return {
            "aggregation": self.aggregation.value,
            **{key: getattr(self, key) for key in _RANGES},
            "documents": [
                {"code": document.code, "label": {"fr": document.label.fr, "en": document.label.en}}
                for document in self.documents
            ],
            "blocking": sorted(self.blocking),
            "freshness": dict(self.freshness),
            **({"fidelity": fidelity} if fidelity else {}),
        }


USUAL = Programme()
"""The rules when a certifying body has given none."""


@dataclass(frozen=True, slots=True)
class _Reading:
    faults: list[Fault]

    def refuse(self, where: str, message: str) -> None:
        self.faults.append(Fault(where, message))

    def table(self, value: object, where: str, keys: tuple[str, ...] | None) -> dict[str, object]:
        """Check that a value is a table; with `keys`, that it holds no other."""
        if not isinstance(value, dict):
            self.refuse(where, "une table est attendue ici.")
            return {}
        for key in value:
            if not isinstance(key, str) or (keys is not None and key not in keys):
                self.refuse(where, f"la clé « {_shown(key)} » est inconnue.")
        return {key: inner for key, inner in value.items() if isinstance(key, str)}

    def rows(self, table: Mapping[str, object], key: str, read: Callable[[object, str], T | None]) -> list[T]:
        """Read each element of a list that may be empty or left out."""
        where = f"{_ROOT} › {key}"
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
        least, most = limits
        # A boolean is an int for Python, never for the person who writes rules.
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(where, "un nombre entier est attendu ici.")
        elif not least <= value <= most:
            self.refuse(where, f"le nombre doit aller de {least} à {most}.")
        else:
            return value
        return least

    def string(self, value: object, where: str, longest: int = _LONGEST_LABEL) -> str:
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
        text = self.string(value, where)
        if text and not pattern.fullmatch(text):
            self.refuse(where, f"« {_shown(text)} » n’est pas un code : lettres sans accent, chiffres, points, tirets.")
            return ""
        return text

    def once(self, codes: list[str], where: str) -> None:
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.refuse(where, f"le code « {_shown(code)} » est en double.")

    def aggregation(self, table: Mapping[str, object]) -> Aggregation:
        value = table.get("aggregation", Aggregation.CAUTIOUS.value)
        names = [one.value for one in Aggregation]
        if isinstance(value, str) and value in names:
            return Aggregation(value)
        self.refuse(f"{_ROOT} › aggregation", f"cette règle est inconnue ; règles possibles : {', '.join(names)}.")
        return Aggregation.CAUTIOUS

    def documents(self, table: Mapping[str, object]) -> tuple[RequiredDocument, ...]:
        found = self.rows(table, "documents", self._document)
        self.once([document.code for document in found], f"{_ROOT} › documents")
        return tuple(found)

    def _document(self, row: object, where: str) -> RequiredDocument | None:
        table = self.table(row, where, ("code", "label"))
        code = self.code(table.get("code"), f"{where} › code")
        label = self.table(table.get("label"), f"{where} › label", ("fr", "en"))
        words = Text(*(self.string(label.get(key), f"{where} › label › {key}") for key in ("fr", "en")))
        return RequiredDocument(code, words) if code else None

    def blocking(self, table: Mapping[str, object]) -> frozenset[str]:
        codes = self.rows(table, "blocking", lambda row, where: self.code(row, where, _REQUIREMENT) or None)
        self.once(codes, f"{_ROOT} › blocking")
        return frozenset(codes)

    def freshness(self, table: Mapping[str, object]) -> dict[str, int]:
        where = f"{_ROOT} › freshness"
        months = self.table(table.get("freshness", {}), where, None)
        return {
            self.code(code, where): self.number(value, f"{where} › {_shown(code)}", _MONTHS)
            for code, value in months.items()
        }

    def fidelity(self, table: Mapping[str, object]) -> Thresholds:
        where = f"{_ROOT} › fidelity"
        given = self.table(table.get("fidelity", {}), where, tuple(FIDELITY_RANGES))
        figures = {
            name: self.number(given[name], f"{where} › {name}", limits)
            for name, limits in FIDELITY_RANGES.items()
            if name in given
        }
        read = Thresholds(**figures, published=USUAL_THRESHOLDS.published | figures.keys())
        if read.size_min > read.size_max:
            self.refuse(f"{where} › size_max", "le nombre ne peut pas être plus petit que size_min.")
        return read


def _shown(value: object) -> str:
    text = str(value).encode("ascii", "backslashreplace").decode() if _UNSTORABLE.search(str(value)) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
