"""What must be there before somebody goes before a jury: each requirement with how far it has got."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from competencies.framework import Framework, Text
from competencies.programme import Programme


class Unit(StrEnum):
    """What a requirement is counted in."""

    HOURS = "hours"
    PERCENT = "percent"
    ITEMS = "items"
    STATE = "state"
    """A thing that is or is not."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a candidate's training on the day the question is asked."""

    minutes: int = 0
    """Of accepted logbook entries."""
    meetings: int = 0
    """Accepted entries about a meeting of a group."""
    observations: int = 0
    """Signed observations."""
    self_assessments: int = 0
    """Signed self-assessments."""
    present: int = 0
    """Half-days attended."""
    expected: int = 0
    """Half-days to which the candidate was expected so far."""
    proved: int = 0
    """Indicators with as many accepted pieces as the programme asks for each."""
    assessed: frozenset[str] = frozenset()
    """Competencies for which a level is proposed."""
    documents: frozenset[str] = frozenset()
    """Codes of the documents received."""
    is_in_training: bool = True
    """Training is not suspended."""
    is_enrolled: bool = True
    """The enrolment is neither awaited nor withdrawn."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing to have before a jury: « x sur y », met or not, in the way or not."""

    code: str
    label: Text
    done: int
    total: int
    is_met: bool
    is_blocking: bool
    unit: Unit = Unit.ITEMS

    @property
    def lacking(self) -> int:
        """How much is still to come."""
        return max(0, self.total - self.done)


HOURS = "hours"
MEETINGS = "meetings"
OBSERVATIONS = "observations"
SELF_ASSESSMENTS = "self_assessments"
ATTENDANCE = "attendance"
EVIDENCE = "evidence"
ASSESSED = "assessed"
DOCUMENT = "document:"
"""Begins the code of a document's requirement; its own code follows."""
IN_TRAINING = "in_training"
ENROLLED = "enrolled"

LABELS: Mapping[str, Text] = MappingProxyType(
    {
        HOURS: Text("Heures au cahier de suivi", "Hours in the logbook"),
        MEETINGS: Text("Rencontres de groupe", "Group meetings"),
        OBSERVATIONS: Text("Observations en situation", "Observations in the field"),
        SELF_ASSESSMENTS: Text("Auto-évaluations signées", "Signed self-assessments"),
        ATTENDANCE: Text("Assiduité", "Attendance"),
        EVIDENCE: Text("Indicateurs prouvés", "Indicators with evidence"),
        ASSESSED: Text("Compétences évaluées", "Competencies assessed"),
        IN_TRAINING: Text("Formation non suspendue", "Training not suspended"),
        ENROLLED: Text("Inscription active", "Active enrolment"),
    }
)


def codes(programme: Programme) -> tuple[tuple[str, Text], ...]:
    """Give the code and the name of every requirement a programme may ask for, those at 0 included, in order."""
    documents = [(DOCUMENT + document.code, document.label) for document in programme.documents]
    states = (IN_TRAINING, ENROLLED)
    counted = [(code, label) for code, label in LABELS.items() if code not in states]
    return (*counted, *documents, *((code, LABELS[code]) for code in states))


def requirements(framework: Framework, programme: Programme, facts: Facts) -> tuple[Requirement, ...]:
    """Tell how far each requirement has got, in the order of a file; what is asked 0 times is left out."""
    rows = (*_counted(programme, facts), *_proved(framework, programme, facts), *_held(programme, facts))
    return tuple(
        Requirement(code, label, done, total, done >= total, code in programme.blocking, unit)
        for code, label, done, total, unit in rows
        if total > 0
    )


_Row = tuple[str, Text, int, int, Unit]


def _counted(programme: Programme, facts: Facts) -> Iterator[_Row]:
    yield HOURS, LABELS[HOURS], facts.minutes // 60, programme.hours, Unit.HOURS
    yield MEETINGS, LABELS[MEETINGS], facts.meetings, programme.meetings, Unit.ITEMS
    yield OBSERVATIONS, LABELS[OBSERVATIONS], facts.observations, programme.observations, Unit.ITEMS
    yield SELF_ASSESSMENTS, LABELS[SELF_ASSESSMENTS], facts.self_assessments, programme.self_assessments, Unit.ITEMS
    # Rounded down: 79.9 % of presence is not 80 %.
    share = facts.present * 100 // facts.expected if facts.expected else 0
    yield ATTENDANCE, LABELS[ATTENDANCE], share, programme.attendance, Unit.PERCENT


def _proved(framework: Framework, programme: Programme, facts: Facts) -> Iterator[_Row]:
    if programme.evidence_per_indicator:
        yield EVIDENCE, LABELS[EVIDENCE], facts.proved, len(framework.indicators), Unit.ITEMS
    parts = [competency.code for competency in framework.competencies]
    yield ASSESSED, LABELS[ASSESSED], sum(1 for code in parts if code in facts.assessed), len(parts), Unit.ITEMS


def _held(programme: Programme, facts: Facts) -> Iterator[_Row]:
    for document in programme.documents:
        yield DOCUMENT + document.code, document.label, int(document.code in facts.documents), 1, Unit.STATE
    yield IN_TRAINING, LABELS[IN_TRAINING], int(facts.is_in_training), 1, Unit.STATE
    yield ENROLLED, LABELS[ENROLLED], int(facts.is_enrolled), 1, Unit.STATE


def is_eligible(asked: Iterable[Requirement], waived: Collection[str] = ()) -> bool:
    """Tell whether nothing stands in the way: every blocking requirement is met, or somebody was exempted from it."""
    return all(one.is_met or not one.is_blocking or one.code in waived for one in asked)


def is_complete(asked: Iterable[Requirement], waived: Collection[str] = ()) -> bool:
    """Tell whether the file is whole: every requirement, blocking or not, is met or waived."""
    return all(one.is_met or one.code in waived for one in asked)
