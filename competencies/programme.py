"""The rules of a programme: how levels are brought together, and what must be there before a jury meets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from competencies.framework import Text
from competencies.jury_rules import USUAL_JURY_RULES, JuryRules
from competencies.rule_reading import ROOT, RuleReading, shown
from competencies.thresholds import RANGES as FIDELITY_RANGES
from competencies.thresholds import USUAL_THRESHOLDS, Thresholds

_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")

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
    jury: JuryRules = USUAL_JURY_RULES
    """What is asked of the juries."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "freshness", MappingProxyType(dict(self.freshness)))

    @classmethod
    def from_document(cls, document: object) -> "Programme":
        """Read what to_document gave, or what somebody wrote; a key left out keeps its default."""
        reading = _Reading()
        table = reading.table(document, ROOT, tuple(cls.__dataclass_fields__))
        programme = cls(
            aggregation=reading.aggregation(table),
            documents=reading.documents(table),
            blocking=reading.blocking(table),
            freshness=reading.freshness(table),
            fidelity=reading.fidelity(table),
            jury=JuryRules.read(reading, table.get("jury", {}), f"{ROOT} › jury"),
            **{
                key: reading.number(table.get(key, cls.__dataclass_fields__[key].default), f"{ROOT} › {key}", limits)
                for key, limits in _RANGES.items()
            },
        )
        reading.finish()
        return programme

    def to_document(self) -> dict[str, object]:
        """Give the rules as values that JSON can hold, every key written but `fidelity` and `jury` when usual."""
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
            **({"jury": self.jury.to_document()} if self.jury != USUAL_JURY_RULES else {}),
        }


USUAL = Programme()
"""The rules when a certifying body has given none."""


class _Reading(RuleReading):
    def aggregation(self, table: Mapping[str, object]) -> Aggregation:
        value = table.get("aggregation", Aggregation.CAUTIOUS.value)
        names = [one.value for one in Aggregation]
        if isinstance(value, str) and value in names:
            return Aggregation(value)
        self.refuse(f"{ROOT} › aggregation", f"cette règle est inconnue ; règles possibles : {', '.join(names)}.")
        return Aggregation.CAUTIOUS

    def documents(self, table: Mapping[str, object]) -> tuple[RequiredDocument, ...]:
        found = self.rows(table, "documents", self._document)
        self.once([document.code for document in found], f"{ROOT} › documents")
        return tuple(found)

    def _document(self, row: object, where: str) -> RequiredDocument | None:
        table = self.table(row, where, ("code", "label"))
        code = self.code(table.get("code"), f"{where} › code")
        label = self.table(table.get("label"), f"{where} › label", ("fr", "en"))
        words = Text(*(self.string(label.get(key), f"{where} › label › {key}") for key in ("fr", "en")))
        return RequiredDocument(code, words) if code else None

    def blocking(self, table: Mapping[str, object]) -> frozenset[str]:
        codes = self.rows(table, "blocking", lambda row, where: self.code(row, where, _REQUIREMENT) or None)
        self.once(codes, f"{ROOT} › blocking")
        return frozenset(codes)

    def freshness(self, table: Mapping[str, object]) -> dict[str, int]:
        where = f"{ROOT} › freshness"
        months = self.table(table.get("freshness", {}), where, None)
        return {
            self.code(code, where): self.number(value, f"{where} › {shown(code)}", _MONTHS)
            for code, value in months.items()
        }

    def fidelity(self, table: Mapping[str, object]) -> Thresholds:
        where = f"{ROOT} › fidelity"
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
