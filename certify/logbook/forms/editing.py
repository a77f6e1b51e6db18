"""What comes in about a form of entries being composed: one row for each field, none of it saved until asked."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import competencies
from certify.core.forms import strip
from certify.core.i18n import lazy as _l
from competencies.entry_form import ADDED_KINDS, ALWAYS_ASKED, CHOICE_KINDS, STANDARD, TEXT_KINDS
from competencies.entry_form_reading import MOST_FIELDS

_SEPARATOR = "|"
KINDS: Mapping[competencies.FieldKind, Any] = {
    competencies.FieldKind.SHORT_TEXT: _l("Texte court"),
    competencies.FieldKind.LONG_TEXT: _l("Texte long"),
    competencies.FieldKind.NUMBER: _l("Nombre"),
    competencies.FieldKind.DATE: _l("Date"),
    competencies.FieldKind.YES_NO: _l("Oui ou non"),
    competencies.FieldKind.CHOICE: _l("Un choix"),
    competencies.FieldKind.CHOICES: _l("Plusieurs choix"),
    competencies.FieldKind.DURATION: _l("Durée"),
    competencies.FieldKind.ADDRESS: _l("Adresse web"),
    competencies.FieldKind.INDICATORS: _l("Indicateurs du référentiel"),
    competencies.FieldKind.FILES: _l("Fichiers"),
}


@dataclass(frozen=True)
class Row:
    """One field as it is being composed: what was typed, right or wrong."""

    code: str
    kind: competencies.FieldKind
    label: tuple[str, str] = ("", "")
    help: tuple[str, str] = ("", "")
    start: tuple[str, str] = ("", "")
    is_required: bool = False
    options: str = ""
    """One answer a line: the French wording, then the English one after a bar."""
    codes: tuple[str, ...] = ()
    """The codes of the answers as they were, in their order."""
    known: tuple[str, ...] = ()
    """The French wordings of the answers as they were."""

    @property
    def stays(self) -> bool:
        """Whether the form always asks it."""
        return self.code in ALWAYS_ASKED

    @property
    def has_options(self) -> bool:
        """Whether it offers answers."""
        return self.kind in CHOICE_KINDS

    @property
    def has_text(self) -> bool:
        """Whether it may begin with a text."""
        return self.kind in TEXT_KINDS

    @property
    def kind_label(self) -> Any:
        """What it holds, in the reader's words."""
        return KINDS[self.kind]


def rows_of(form: competencies.EntryForm) -> list[Row]:
    """Return the rows that show a form as it is."""
    return [_row(field) for field in form.fields]


def posted_rows(data: Any) -> list[Row]:
    """Return the rows that a page sent, in its order."""
    order = data.get("rows", "").split(",")[:MOST_FIELDS]
    return [row for mark in order if mark.isdigit() and (row := _posted(data, mark)) is not None]


def changed(rows: Sequence[Row], action: str, data: Any) -> list[Row]:
    """Return the rows after a button was pressed: one moved, removed or added."""
    name, _, argument = action.partition(":")
    if name == "add":
        return [*rows, *_added(rows, data.get("add-kind", ""))]
    index = int(argument) if argument.isdigit() and int(argument) < len(rows) else None
    if index is None:
        return list(rows)
    if name == "remove" and not rows[index].stays:
        return [*rows[:index], *rows[index + 1 :]]
    target = {"up": index - 1, "down": index + 1}.get(name, index)
    moved = list(rows)
    if 0 <= target < len(rows):
        moved[index], moved[target] = moved[target], moved[index]
    return moved


def document_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the document of the form that rows make; new fields and answers get their codes from their wording."""
    taken = {row.code for row in rows if row.code}
    fields = []
    for row in rows:
        code = row.code or _code_for(row.label[0], taken)
        taken.add(code)
        fields.append(_field_document(replace(row, code=code)))
    return {"declares_ai": True, "fields": fields}


def read_rows(rows: Sequence[Row]) -> tuple[competencies.EntryForm | None, tuple[competencies.Fault, ...]]:
    """Return the form that rows make, or nothing and everything that is wrong in them."""
    try:
        return competencies.EntryForm.from_document(document_of(rows)), ()
    except competencies.EntryFormFaults as refusal:
        return None, refusal.faults


def addable(rows: Sequence[Row]) -> list[tuple[str, Any]]:
    """Return what may be added: every kind of field, and the standard fields left out."""
    present = {row.code for row in rows}
    left_out = [
        (code, field.label) for code, field in _usual().items() if code not in present and code not in ALWAYS_ASKED
    ]
    return [(kind.value, KINDS[kind]) for kind in ADDED_KINDS] + [(code, label) for code, label in left_out]


def _usual() -> dict[str, competencies.FormField]:
    return {field.code: field for field in competencies.shipped_form("group_meeting", 1).fields}


def _added(rows: Sequence[Row], wanted: str) -> list[Row]:
    usual = _usual()
    if wanted in usual and wanted not in {row.code for row in rows}:
        return [_row(usual[wanted])]
    if wanted in {kind.value for kind in ADDED_KINDS}:
        return [Row("", competencies.FieldKind(wanted))]
    return []


def _row(field: competencies.FormField) -> Row:
    return Row(
        field.code,
        field.kind,
        _pair(field.label),
        _pair(field.help),
        _pair(field.starting_text),
        field.is_required,
        "\n".join(_line(option.label) for option in field.options),
        tuple(option.code for option in field.options),
        tuple(option.label.fr for option in field.options),
    )


def _pair(text: competencies.Text | None) -> tuple[str, str]:
    return (text.fr, text.en) if text is not None else ("", "")


def _line(label: competencies.Text) -> str:
    return label.fr if label.en == label.fr else f"{label.fr} {_SEPARATOR} {label.en}"


def _posted(data: Any, mark: str) -> Row | None:
    code, kind = data.get(f"{mark}-code", ""), data.get(f"{mark}-kind", "")
    if code in STANDARD:
        kind = STANDARD[code].value
    if kind not in set(competencies.FieldKind):
        return None
    return Row(
        code,
        competencies.FieldKind(kind),
        label=_typed(data, f"{mark}-label"),
        help=_typed(data, f"{mark}-help"),
        start=_typed(data, f"{mark}-start"),
        is_required=f"{mark}-required" in data,
        options=strip(data.get(f"{mark}-options", "")),
        codes=tuple(data.getlist(f"{mark}-option-code")),
        known=tuple(data.getlist(f"{mark}-option-known")),
    )


def _typed(data: Any, name: str) -> tuple[str, str]:
    return strip(data.get(f"{name}-fr", "")), strip(data.get(f"{name}-en", ""))


def _field_document(row: Row) -> dict[str, Any]:
    document: dict[str, Any] = {"code": row.code, "kind": row.kind.value, "label": _words(row.label)}
    document["required"] = row.is_required or row.stays
    for key, pair in (("help", row.help), ("starting_text", row.start if row.has_text else ("", ""))):
        if any(pair):
            document[key] = _words(pair)
    if row.has_options:
        document["options"] = _options(row)
    return document


def _words(pair: tuple[str, str]) -> dict[str, str]:
    return {"fr": pair[0], "en": pair[1]}


def _options(row: Row) -> list[dict[str, Any]]:
    lines = [line for line in row.options.splitlines() if line.strip()]
    pairs = [tuple(part.strip() for part in (*line.split(_SEPARATOR, 1), "")[:2]) for line in lines]
    code_of = dict(zip(row.known, row.codes, strict=False))
    # An answer worded otherwise in its place is the same answer: those already given keep their meaning.
    kept_in_place = len(pairs) == len(row.codes)
    taken = {code_of[french] for french, _ in pairs if french in code_of}
    options = []
    for position, (french, english) in enumerate(pairs):
        code = code_of.get(french)
        if code is None and kept_in_place and row.codes[position] not in taken:
            code = row.codes[position]
        code = code or _code_for(french, taken)
        taken.add(code)
        options.append({"code": code, "label": {"fr": french, "en": english}})
    return options


def _code_for(label: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30].strip("_")
    if not stem or not stem[0].isalpha():
        stem = f"champ_{stem}".strip("_")
    return next(code for code in (stem, *(f"{stem}_{turn}" for turn in range(2, 1000))) if code not in taken)
