"""Which column of a file is which part of an entry: guessed from headings, chosen by a person, kept for next time."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import competencies
from certify.cohorts.queries import folded
from certify.logbook.importing.cells import Unit, unit_of
from certify.logbook.models import Activity, AiUse

ADDED = "value:"
"""Before the code of a field that a form adds."""
SEVERAL = frozenset({"account", "reflection"})
"""What several columns may tell together; each other part comes from one column."""
STANDARD = ("happened_on", "minutes", "activity", "title", "place", "account", "reflection", "indicators")
_ALIASES = {
    "happened_on": "date jour datedelarencontre dateactivite datedelactivite quand day",
    "minutes": "duree dureeh dureeheures dureemin dureeminutes temps heures nbheures nombredheures duration time hours",
    "activity": "activite typedactivite type nature categorie activity kind",
    "title": "titre intitule objet sujet theme title subject",
    "place": "lieu endroit structure site place where",
    "account": "recit compterendu description deroulement cequisestpasse contenu faits notes commentaire account",
    "reflection": "reflexion analyse bilan cequejenretiens enseignements retours reflection learnt",
    "indicators": "indicateurs indicateur competences codes indicators",
}
_FIELD_OF = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_ACTIVITY_WORDS = {
    Activity.GROUP_MEETING: ("groupe", "rencontre de groupe", "parents", "animation", "group"),
    Activity.PARTNER_MEETING: ("partenaire", "maillage", "partenariat", "reseau", "pmi", "partner"),
    Activity.INDIVIDUAL_MEETING: ("entretien", "individuel", "individual"),
    Activity.WATCH: ("veille", "documentaire", "lecture", "watch"),
    Activity.PRACTICE_ANALYSIS: ("analyse", "supervision", "pratique", "practice"),
    Activity.TRAINING_DAY: ("formation", "journee", "cours", "training"),
}


@dataclass(frozen=True)
class Columns:
    """How a file is read."""

    fields: Mapping[int, str] = field(default_factory=dict)
    """Of each column that is read, the part of the entry it fills."""
    activity: Activity | None = None
    """Of rows that do not say theirs."""
    activities: Mapping[str, Activity] = field(default_factory=dict)
    """By what is written in the column of activities, folded."""
    unit: Unit = Unit.MINUTES
    ai_use: AiUse | None = None
    """What the author declares of the whole file."""

    def column_of(self, part: str) -> int | None:
        """Return the first column that fills a part."""
        return next((n for n, name in sorted(self.fields.items()) if name == part), None)

    def to_document(self) -> dict[str, Any]:
        """Return the choice as JSON can hold it."""
        return {
            "fields": {str(n): name for n, name in self.fields.items()},
            "activity": self.activity and self.activity.value,
            "activities": {text: activity.value for text, activity in self.activities.items()},
            "unit": self.unit.value,
            "ai_use": self.ai_use and self.ai_use.value,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Columns":
        """Read back what `to_document` gave."""
        return cls(
            {int(n): name for n, name in document["fields"].items()},
            Activity(document["activity"]) if document["activity"] else None,
            {text: Activity(value) for text, value in document["activities"].items()},
            Unit(document["unit"]),
            AiUse(document["ai_use"]) if document["ai_use"] else None,
        )


def digest_of(headings: Sequence[str]) -> str:
    """Return what headings are known by: their order, capitals and accents apart from nothing else."""
    named = json.dumps([key(heading) for heading in headings])
    return hashlib.sha256(named.encode()).hexdigest()


def key(title: str) -> str:
    """Return a heading without accents, capitals nor signs."""
    return "".join(letter for letter in folded(title) if letter.isalnum())


def guess(headings: Sequence[str], rows: Sequence[Sequence[str]], added: Iterable[competencies.FormField]) -> Columns:
    """Propose how to read a file nobody has read before."""
    names = {key(one.label.to(locale)): f"{ADDED}{one.code}" for one in added for locale in ("fr", "en")} | _FIELD_OF
    fields: dict[int, str] = {}
    for n, heading in enumerate(headings):
        name = names.get(key(heading)) or names.get(key(heading.partition("(")[0]))
        if name and (name in SEVERAL or name not in fields.values()):
            fields[n] = name
    columns = Columns(fields)
    at, told = columns.column_of("minutes"), columns.column_of("activity")
    unit = unit_of(headings[at], [row[at] for row in rows]) if at is not None else Unit.MINUTES
    found = distinct(rows, told) if told is not None else {}
    guessed = {text: activity for text in found if (activity := guess_activity(text)) is not None}
    return Columns(fields, None, guessed, unit)


def guess_activity(text: str) -> Activity | None:
    """Return the activity that words most likely name, or nothing."""
    for activity in Activity:
        if key(text) in (key(str(activity.label)), key(activity.value)):
            return activity
    return next(
        (activity for activity, words in _ACTIVITY_WORDS.items() if any(word in folded(text) for word in words)), None
    )


def distinct(rows: Sequence[Sequence[str]], column: int) -> dict[str, str]:
    """Return the different values of a column, folded, each with how it was first written."""
    found: dict[str, str] = {}
    for row in rows:
        text = " ".join(row[column].split())
        if text:
            found.setdefault(folded(text), text)
    return found
