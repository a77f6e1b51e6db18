"""Finds, in a text about practice, what would identify a parent or a child, so that it is never submitted.

It errs on the side of the writer: dates of meetings, hours, SIRET numbers, emergency numbers and functions
(« Mme la directrice », « Monsieur le Maire ») pass. It knows a first name only when its caller says it was declared.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from competencies.faults import UnknownCode
from competencies.first_names import IsDeclared, find_declared
from competencies.framework import Text
from competencies.identifying import BIRTH_DATE, EMAIL, NIR, PHONE, names


@dataclass(frozen=True, slots=True)
class Finding:
    """One identifying passage: text[start:end] is the excerpt."""

    kind: str
    start: int
    end: int
    excerpt: str


_PATTERNS: Mapping[str, re.Pattern[str]] = {"email": EMAIL, "nir": NIR, "phone": PHONE, "birth_date": BIRTH_DATE}
_JOINTS = frozenset("_+~")

_ADVICE: Mapping[str, Text] = {
    "email": Text(
        "Une adresse électronique identifie une personne. Retirez-la ; gardez vos contacts hors du cahier de suivi.",
        "An e-mail address identifies a person. Remove it; keep your contacts outside the logbook.",
    ),
    "phone": Text(
        "Un numéro de téléphone identifie une personne. Retirez-le ; écrivez plutôt « j’ai appelé la PMI ».",
        "A phone number identifies a person. Remove it; write for instance “I called the health service”.",
    ),
    "nir": Text(
        "Ce nombre ressemble à un numéro de sécurité sociale. Retirez-le : il n’a pas sa place ici.",
        "This number looks like a social security number. Remove it: it has no place here.",
    ),
    "birth_date": Text(
        "Une date de naissance complète identifie un enfant. Écrivez son âge en mois ou son mois de naissance.",
        "A full date of birth identifies a child. Write only the age in months or the month of birth.",
    ),
    "name": Text(
        "Un nom identifie une personne. Écrivez plutôt « un parent du groupe » ou la fonction de la personne.",
        "A name identifies a person. Write “a parent of the group” instead, or the person’s function.",
    ),
    "first_name": Text(
        "Vous avez déclaré ce prénom comme celui d’une famille. Écrivez plutôt « un parent », « un bébé de 4 mois ».",
        "You declared this first name as one of a family. Write “a parent” or “a baby of 4 months” instead.",
    ),
}


def find_identifying(text: str, is_declared: IsDeclared | None = None) -> tuple[Finding, ...]:
    """Find what identifies somebody in a text, in reading order, without overlap.

    E-mails, phones, NIR, dates of birth, titled names, and the first names for which `is_declared` says yes.
    """
    kept: list[Finding] = []
    taken = bytearray(len(text))
    for finding in _findings(text, is_declared):
        if taken.find(1, finding.start, finding.end) < 0:
            taken[finding.start : finding.end] = b"\x01" * (finding.end - finding.start)
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: finding.start))


def find_in_file_name(name: str, is_declared: IsDeclared | None = None) -> tuple[Finding, ...]:
    """Find what identifies somebody in the name of a file, where words are held together by other signs than spaces."""
    spaced, places = _spaced(name)
    found = []
    for one in find_identifying(spaced, is_declared):
        start, end = places[one.start], places[one.end - 1] + 1
        # Thirteen digits and nothing else are the moment a phone took a picture.
        if one.kind != "nir" or not re.fullmatch(r"\d{13}", name[start:end]):
            found.append(Finding(one.kind, start, end, name[start:end]))
    return tuple(found)


def advice(kind: str) -> Text:
    """Say why a kind of finding is refused and what to write instead."""
    try:
        return _ADVICE[kind]
    except KeyError:
        raise UnknownCode("Élément identifiant", kind) from None


def _findings(text: str, is_declared: IsDeclared | None) -> Iterator[Finding]:
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            yield Finding(kind, match.start(), match.end(), match.group())
    for start, end in names(text):
        yield Finding("name", start, end, text[start:end])
    if is_declared is not None:
        for start, end in find_declared(text, is_declared):
            yield Finding("first_name", start, end, text[start:end])


def _spaced(name: str) -> tuple[str, list[int]]:
    """Part the words of a file name with spaces (« MmeNom », « Mme_Nom », « M.Nom »), and say where each sign was."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(name):
        before, after = name[place - 1 : place], name[place + 1 : place + 2]
        if sign.isupper() and (before.islower() or (before == "." and name[place - 2 : place - 1].isalpha())):
            signs.append(" ")
            places.append(place)
        # The dash of « 12-03-2025 » stays.
        is_joint = sign in _JOINTS or (sign == "-" and before.isalpha() and after.isalnum())
        signs.append(" " if is_joint else sign)
        places.append(place)
    return "".join(signs), places
