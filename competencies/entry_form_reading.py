"""Reads a form of entries from a document, saying everything that is wrong in it; and the forms that ship."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from competencies.entry_form import (
    ADDED_KINDS,
    ALWAYS_ASKED,
    CHOICE_KINDS,
    LONGEST_SHORT_TEXT,
    STANDARD,
    TEXT_KINDS,
    EntryForm,
    FieldKind,
    FormField,
    FormOption,
)
from competencies.faults import DomainFault, Fault, UnknownCode
from competencies.framework import Text

MOST_FIELDS = 40
MOST_OPTIONS = 30
LONGEST_LABEL = 120
LONGEST_HELP = 300
LONGEST_STARTING_TEXT = 2000
_CODE = re.compile(r"[a-z][a-z0-9_]{0,38}")
_KEYS = ("code", "kind", "label", "help", "required", "options", "starting_text")
_ROOT = "formulaire"


class EntryFormFaults(DomainFault):
    """A form was refused; carries everything found wrong, each with its place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        count = len(self.faults)
        heading = "Formulaire refusé, 1 défaut :" if count == 1 else f"Formulaire refusé, {count} défauts :"
        return "\n".join([heading, *(f"- {fault}" for fault in self.faults)])


def read(document: object) -> EntryForm:
    """Read a form; raise EntryFormFaults with every fault."""
    reading = _Reading([])
    form = reading.form(document)
    if reading.faults:
        raise EntryFormFaults(tuple(reading.faults))
    return form


@cache
def shipped_forms() -> Mapping[str, tuple[EntryForm, ...]]:
    """Give the forms that come with the software, by activity, number 1 first; the last is the one to use.

    Number 1 is what every entry was written with before forms could be composed.
    """
    text = resources.files("competencies").joinpath("data", "entry-forms.toml").read_text(encoding="utf-8")
    found: dict[str, list[EntryForm]] = {}
    for table in tomllib.loads(text)["forms"]:
        form = read({key: table[key] for key in ("declares_ai", "fields") if key in table})
        for activity in table["activities"]:
            found.setdefault(activity, []).append(form)
    return {activity: tuple(forms) for activity, forms in found.items()}


def shipped_form(activity: str, number: int | None = None) -> EntryForm:
    """Give one form that comes with the software: the last of an activity, or the one of that number."""
    forms = shipped_forms().get(activity)
    if forms is None:
        raise UnknownCode("activité", activity)
    if number is not None and not 1 <= number <= len(forms):
        raise UnknownCode("formulaire", f"{activity} {number}")
    return forms[-1 if number is None else number - 1]


@dataclass(frozen=True, slots=True)
class _Reading:
    faults: list[Fault]

    def refuse(self, where: str, message: str) -> None:
        self.faults.append(Fault(where, message))

    def form(self, document: object) -> EntryForm:
        if not isinstance(document, Mapping):
            self.refuse(_ROOT, "une table est attendue ici.")
            return EntryForm(())
        declares_ai = document.get("declares_ai", True)
        if not isinstance(declares_ai, bool):
            self.refuse(f"{_ROOT} › declares_ai", "vrai ou faux est attendu ici.")
        rows = self.rows(document.get("fields"), f"{_ROOT} › champs", MOST_FIELDS)
        fields = tuple(
            field
            for position, row in enumerate(rows, start=1)
            if (field := self.field(row, f"{_ROOT} › champ n° {position}")) is not None
        )
        codes = [field.code for field in fields]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.refuse(_ROOT, f"le champ « {code} » est en double.")
        for code in ALWAYS_ASKED:
            if code not in codes:
                self.refuse(
                    _ROOT, f"le champ « {code} » manque : le titre, la date, la durée et les indicateurs restent."
                )
        return EntryForm(fields, declares_ai is True)

    def rows(self, value: object, where: str, most: int) -> list[Any]:
        if not isinstance(value, list | tuple):
            self.refuse(where, "une liste est attendue ici.")
            return []
        if len(value) > most:
            self.refuse(where, f"la liste est trop longue ; {most} éléments au plus.")
            return []
        return list(value)

    def field(self, row: object, where: str) -> FormField | None:
        if not isinstance(row, Mapping):
            self.refuse(where, "une table est attendue ici.")
            return None
        for key in row:
            if key not in _KEYS:
                self.refuse(where, f"la clé « {str(key)[:40]} » est inconnue.")
        code = self.code(row.get("code"), where)
        kind = self.kind(code, row.get("kind"), where)
        if not code or kind is None:
            return None
        is_required = row.get("required", False)
        if not isinstance(is_required, bool):
            self.refuse(where, "« obligatoire » se dit par vrai ou faux.")
        label = self.words(row.get("label"), f"{where} › intitulé", LONGEST_LABEL)
        if label is None:
            self.refuse(f"{where} › intitulé", "donnez un intitulé au champ.")
        return FormField(
            code,
            kind,
            label or Text(code, code),
            help=self.words(row.get("help"), f"{where} › explication", LONGEST_HELP),
            is_required=is_required is True or code in ALWAYS_ASKED,
            options=self.options(kind, row.get("options", []), f"{where} › réponses"),
            starting_text=self.starting_text(kind, row.get("starting_text"), where),
        )

    def code(self, value: object, where: str) -> str:
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
        self.refuse(where, "le code du champ s’écrit en minuscules sans accent, 39 caractères au plus.")
        return ""

    def kind(self, code: str, value: object, where: str) -> FieldKind | None:
        if code in STANDARD:
            if value not in (None, STANDARD[code].value):
                self.refuse(where, f"le champ « {code} » garde sa nature.")
            return STANDARD[code]
        if isinstance(value, str) and value in [kind.value for kind in ADDED_KINDS]:
            return FieldKind(value)
        self.refuse(where, f"cette nature est inconnue ; natures possibles : {', '.join(ADDED_KINDS)}.")
        return None

    def words(self, value: object, where: str, longest: int) -> Text | None:
        """Read a wording; the English one may be left out, it is then the French one."""
        if value is None:
            return None
        if not isinstance(value, Mapping) or not all(isinstance(value.get(key, ""), str) for key in ("fr", "en")):
            self.refuse(where, "un texte en français, et en anglais si vous le souhaitez, est attendu ici.")
            return None
        french, english = value.get("fr", "").strip(), value.get("en", "").strip()
        if len(french) > longest or len(english) > longest:
            self.refuse(where, f"le texte est trop long ; {longest} caractères au plus.")
        if not french and english:
            self.refuse(where, "le texte français est vide ; écrivez-le d’abord.")
        return Text(french, english or french) if french else None

    def options(self, kind: FieldKind, value: object, where: str) -> tuple[FormOption, ...]:
        rows = self.rows(value, where, MOST_OPTIONS)
        if kind not in CHOICE_KINDS:
            if rows:
                self.refuse(where, "seul un champ à choix propose des réponses.")
            return ()
        found = []
        for position, row in enumerate(rows, start=1):
            table = row if isinstance(row, Mapping) else {}
            code = self.code(table.get("code"), f"{where} › n° {position}")
            label = self.words(table.get("label"), f"{where} › n° {position}", LONGEST_LABEL)
            if code and label is not None:
                found.append(FormOption(code, label))
            elif code:
                self.refuse(f"{where} › n° {position}", "écrivez la réponse.")
        if len({option.code for option in found}) < len(found):
            self.refuse(where, "deux réponses ont le même code.")
        if len(found) < 2:
            self.refuse(where, "proposez au moins deux réponses.")
        return tuple(found)

    def starting_text(self, kind: FieldKind, value: object, where: str) -> Text | None:
        where = f"{where} › texte de départ"
        found = self.words(value, where, LONGEST_STARTING_TEXT)
        if found is not None and kind not in TEXT_KINDS:
            self.refuse(where, "seul un champ de texte commence par un texte.")
        if (
            found is not None
            and kind is FieldKind.SHORT_TEXT
            and max(len(found.fr), len(found.en)) > LONGEST_SHORT_TEXT
        ):
            self.refuse(where, f"le texte est trop long ; {LONGEST_SHORT_TEXT} caractères au plus.")
        return found
