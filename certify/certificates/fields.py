"""What an organisation may set of a document: texts, colours and pictures declared beside each template, never HTML."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from certify.core import pdf
from certify.core.errors import Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.core.resources import shipped
from competencies.framework import Text

PAPER = "#fdfcf9"
"""What documents are printed on: a colour must be readable on it."""
_READABLE = 4.5
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_RESERVED = re.compile(
    r"\bRNCP|\bR\.?N\.?C\.?P\b|\bRS ?\d|répertoire (?:national|spécifique)|France compétences|\bCPF\b|"
    r"compte personnel de formation|\bniveau \d|\bC\.?E\.?C\b|titre professionnel|diplôme|reconnu|"
    r"enregistré|en cours d[’']|sous réserve|Qualiopi|\bNSF\b",
    re.IGNORECASE,
)
"""What only a registration in force allows to say; the document says it by itself then, and nobody types it."""


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    COLOUR = "colour"
    PICTURE = "picture"


@dataclass(frozen=True)
class Field:
    """One field of a template."""

    key: str
    kind: FieldKind
    label: Text
    hint: Text
    default: str = ""
    longest: int = 120
    is_shared: bool = False
    """Whether a template that inherits from this one has it too, and takes its value from there."""


@dataclass(frozen=True)
class Template:
    """One folder of `templates/documents` whose fields may be set."""

    name: str
    title: Text
    summary: Text
    issuer: str
    """The kind of organisation that issues such documents."""
    inherits: str
    """Another template, whose shared fields this one has with their values."""
    own: tuple[Field, ...]
    """What is set for this template alone."""
    fields: tuple[Field, ...]
    """Everything it prints: its own fields, then those it inherits."""

    def defaults(self) -> dict[str, Any]:
        """Return the value of each field when nobody set anything."""
        return {field.key: None if field.kind is FieldKind.PICTURE else field.default for field in self.fields}


TEMPLATES = ("certificate", "blocks", "duplicate", "attendance")


@cache
def template(name: str) -> Template:
    """Return what the folder of a template declares; NotFound for any other name."""
    if name not in TEMPLATES:
        raise NotFound()
    said = tomllib.loads((shipped("templates") / "documents" / name / "fields.toml").read_text(encoding="utf-8"))
    own = tuple(_field(row) for row in said.get("fields", ()))
    inherits = said.get("inherits", "")
    above = tuple(one for one in template(inherits).fields if one.is_shared) if inherits else ()
    known = {one.key for one in own}
    return Template(
        name, Text(**said["title"]), Text(**said["summary"]), said["issuer"], inherits, own,
        own + tuple(one for one in above if one.key not in known),
    )  # fmt: skip


def _field(row: Mapping[str, Any]) -> Field:
    values = dict(row)
    label, hint = Text(**values.pop("label")), Text(**values.pop("hint"))
    return Field(
        key=values.pop("key"), kind=FieldKind(values.pop("kind")), label=label, hint=hint,
        is_shared=values.pop("shared", False), **values,
    )  # fmt: skip


def checked_text(field: Field, typed: str) -> str:
    """Return a text as it is kept; raises Invalid, naming the field, for what a document may not say or draw."""
    text = " ".join(typed.split())
    if len(text) > field.longest:
        raise Invalid(_l("Ce texte est trop long : %(max)s caractères au plus.", max=field.longest), field.key)
    if word := _RESERVED.search(text):
        raise Invalid(
            _l(
                "« %(words)s » ne s’écrit pas ici : le document dit lui-même ce qui est enregistré, quand ça l’est.",
                words=word.group(),
            ),
            field.key,
        )
    if missing := pdf.undrawable(text):
        raise Invalid(_l("Ces caractères ne s’impriment pas : %(characters)s", characters=" ".join(missing)), field.key)
    return text


def checked_colour(field: Field, typed: str) -> str:
    """Return a colour as it is kept; raises Invalid unless it is one that can be read on the paper."""
    colour = typed.strip().lower() or field.default
    if not _COLOUR.fullmatch(colour):
        raise Invalid(
            _l("Écrivez une couleur comme #0b5d57 : un dièse et six chiffres ou lettres de a à f."), field.key
        )
    if field.key == "accent" and contrast(colour, PAPER) < _READABLE:
        raise Invalid(
            _l("Cette couleur est trop claire pour être lue sur le papier : choisissez-la plus foncée."), field.key
        )
    return colour


def is_colour(value: str) -> bool:
    """Whether a text is a colour and nothing else, so that it may enter a style sheet."""
    return _COLOUR.fullmatch(value) is not None


def contrast(first: str, second: str) -> float:
    """Return how much two colours differ in light, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    lights = sorted((_light(first), _light(second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
