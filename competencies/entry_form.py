"""The form in which an activity is told: an ordered list of fields, what each may hold, and what must be answered.

Eight standard fields have a place of their own in an entry; a training body may call them otherwise, explain them,
re-order them, require them or leave them out (four always stay). The fields it adds are answered in `values`, by code.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from competencies.framework import Text

LONGEST_SHORT_TEXT = 300
LONGEST_TEXT = 20_000
LONGEST_ADDRESS = 2000
_LONGEST_MINUTES = 24 * 60
_LARGEST_NUMBER = 10**12


class FieldKind(StrEnum):
    """What a field holds."""

    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    DURATION = "duration"
    ADDRESS = "address"
    """A web address: the source of a watch."""
    INDICATORS = "indicators"
    FILES = "files"


ADDED_KINDS = tuple(kind for kind in FieldKind if kind not in (FieldKind.INDICATORS, FieldKind.FILES))
"""What an added field may hold; the other kinds belong to standard fields."""
TEXT_KINDS = frozenset({FieldKind.SHORT_TEXT, FieldKind.LONG_TEXT, FieldKind.ADDRESS})
CHOICE_KINDS = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})
STANDARD: Mapping[str, FieldKind] = {
    "title": FieldKind.SHORT_TEXT,
    "happened_on": FieldKind.DATE,
    "minutes": FieldKind.DURATION,
    "place": FieldKind.SHORT_TEXT,
    "account": FieldKind.LONG_TEXT,
    "reflection": FieldKind.LONG_TEXT,
    "indicators": FieldKind.INDICATORS,
    "files": FieldKind.FILES,
}
"""The fields that have a place of their own in an entry, by code."""
ALWAYS_ASKED = ("title", "happened_on", "minutes", "indicators")
"""What every form asks and requires: hours are counted from it and indicators are covered by it."""


@dataclass(frozen=True, slots=True)
class FormOption:
    """One answer offered by a field of choices."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form."""

    code: str
    kind: FieldKind
    label: Text
    help: Text | None = None
    is_required: bool = False
    options: tuple[FormOption, ...] = ()
    starting_text: Text | None = None
    """Written in the field when an entry is begun: an outline to fill in."""

    @property
    def is_standard(self) -> bool:
        """Whether its answer has a place of its own in an entry."""
        return self.code in STANDARD

    def label_of(self, code: str) -> Text:
        """Give the wording of an option; an option that the form no longer offers is shown by its code."""
        return next((option.label for option in self.options if option.code == code), Text(code, code))


@dataclass(frozen=True, slots=True)
class ValueFault:
    """What is wrong with an answer: the code of its field, and what to do about it."""

    field: str
    message: Text


@dataclass(frozen=True)
class EntryForm:
    """The fields of an activity, in the order in which they are asked."""

    fields: tuple[FormField, ...]
    declares_ai: bool = True
    """Whether the author must say, before submitting, what part an AI had in the text."""

    @cached_property
    def _by_code(self) -> Mapping[str, FormField]:
        return {field.code: field for field in self.fields}

    def __contains__(self, code: object) -> bool:
        """Whether the form asks for something."""
        return code in self._by_code

    def field(self, code: str) -> FormField | None:
        """Give a field by its code, or nothing."""
        return self._by_code.get(code)

    @property
    def added(self) -> tuple[FormField, ...]:
        """The fields whose answers are kept in `values`."""
        return tuple(field for field in self.fields if not field.is_standard)

    def to_document(self) -> dict[str, Any]:
        """Give the form as values that JSON can hold; what is empty is left out."""
        return {"declares_ai": self.declares_ai, "fields": [_field_document(field) for field in self.fields]}

    def typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the answers to the added fields, trimmed; without those left empty nor those of other forms."""
        trimmed = {field.code: _trimmed(values.get(field.code)) for field in self.added}
        return {code: value for code, value in trimmed.items() if value not in (None, "", [])}

    def starting_values(self, locale: str) -> dict[str, str]:
        """Give the texts that an entry begins with, by code, standard fields included."""
        return {field.code: field.starting_text.to(locale) for field in self.fields if field.starting_text is not None}

    def check(self, values: Mapping[str, Any]) -> tuple[ValueFault, ...]:
        """Give what cannot be kept among the answers to the added fields, in the order of the form."""
        typed = self.typed(values)
        found = ((field, _fault(field, typed[field.code])) for field in self.added if field.code in typed)
        return tuple(ValueFault(field.code, message) for field, message in found if message is not None)

    def missing(self, values: Mapping[str, Any]) -> tuple[FormField, ...]:
        """Give the added fields that must be answered and are not."""
        typed = self.typed(values)
        return tuple(field for field in self.added if field.is_required and field.code not in typed)

    def texts(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Text, str]]:
        """Yield what was written freely in added fields, with the code and the label: what the guard must read."""
        typed = self.typed(values)
        for field in self.added:
            if field.kind in TEXT_KINDS and isinstance(typed.get(field.code), str):
                yield field.code, field.label, typed[field.code]

    @staticmethod
    def from_document(document: object) -> "EntryForm":
        """Read what to_document gave, or what somebody composed; EntryFormFaults says everything that is wrong."""
        # The reader builds what this module defines.
        from competencies.entry_form_reading import read

        return read(document)


def _field_document(field: FormField) -> dict[str, Any]:
    document: dict[str, Any] = {"code": field.code, "kind": field.kind.value, "label": _words(field.label)}
    if field.help is not None:
        document["help"] = _words(field.help)
    if field.is_required:
        document["required"] = True
    if field.options:
        document["options"] = [{"code": option.code, "label": _words(option.label)} for option in field.options]
    if field.starting_text is not None:
        document["starting_text"] = _words(field.starting_text)
    return document


def _words(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}


def _trimmed(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return list(dict.fromkeys(value)) if all(isinstance(one, str) for one in value) else list(value)
    return value


def _fault(field: FormField, value: Any) -> Text | None:
    match field.kind:
        case FieldKind.SHORT_TEXT:
            return _text_fault(value, LONGEST_SHORT_TEXT)
        case FieldKind.LONG_TEXT:
            return _text_fault(value, LONGEST_TEXT)
        case FieldKind.NUMBER:
            return None if _is_number(value) else _EXPECTED["number"]
        case FieldKind.DATE:
            return None if _is_day(value) else _EXPECTED["date"]
        case FieldKind.YES_NO:
            return None if isinstance(value, bool) else _EXPECTED["yes_no"]
        case FieldKind.DURATION:
            return None if _is_whole(value) and 1 <= value <= _LONGEST_MINUTES else _EXPECTED["duration"]
        case FieldKind.ADDRESS:
            return None if _is_address(value) else _EXPECTED["address"]
        case FieldKind.CHOICE:
            return None if value in [option.code for option in field.options] else _EXPECTED["choice"]
        case _:
            return None if _are_choices(value, field) else _EXPECTED["choice"]


_EXPECTED: Mapping[str, Text] = {
    "text": Text("Un texte est attendu ici.", "A text is expected here."),
    "number": Text(
        "Un nombre est attendu ici, par exemple 12 ou 3,5.", "A number is expected here, for example 12 or 3.5."
    ),
    "date": Text("Une date est attendue ici, par exemple 12/06/2026.", "A date is expected here, such as 12/06/2026."),
    "yes_no": Text("Répondez par oui ou par non.", "Answer yes or no."),
    "duration": Text(
        "Une durée de 24 heures au plus est attendue ici, par exemple 1 h 30.",
        "A duration of 24 hours at most is expected here, for example 1 h 30.",
    ),
    "address": Text(
        "Une adresse web complète est attendue ici : elle commence par https:// ou http://.",
        "A whole web address is expected here: it starts with https:// or http://.",
    ),
    "choice": Text("Choisissez parmi les réponses proposées.", "Choose among the answers offered."),
}


def _text_fault(value: Any, longest: int) -> Text | None:
    if not isinstance(value, str):
        return _EXPECTED["text"]
    if len(value) > longest:
        return Text(
            f"Ce texte est trop long : {longest} caractères au plus.", f"This text is too long: {longest} characters."
        )
    return None


def _is_whole(value: Any) -> bool:
    # A boolean is an int for Python, never for the person who answers.
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    is_one = _is_whole(value) or isinstance(value, float)
    return is_one and math.isfinite(value) and abs(value) <= _LARGEST_NUMBER


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and 1900 <= date.fromisoformat(value).year <= 2200
    except ValueError:
        return False


def _is_address(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or any(one.isspace() for one in value):
        return False
    try:
        found = urlsplit(value)
    except ValueError:
        return False
    return found.scheme in ("http", "https") and bool(found.hostname)


def _are_choices(value: Any, field: FormField) -> bool:
    offered = {option.code for option in field.options}
    return isinstance(value, list) and all(isinstance(one, str) and one in offered for one in value)
