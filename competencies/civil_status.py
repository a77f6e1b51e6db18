"""Somebody's civil status as a certification asks for it, read on a document; what is wrong with it, by field.

The rules are those by which the Caisse des Dépôts recognises a holder: names in the order of the civil status, a sex, a
year of birth at least, and a place of birth said in one way only.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from competencies.countries import countries
from competencies.framework import Text

NAME_LENGTH = 60
MOST_GIVEN_NAMES = 10
FRANCE = "99100"
"""How the official geographic code names France among countries; the others are 99 then three digits too."""

_FIRST_YEAR = 1900
_COMMUNE_CODE = re.compile(r"(?:(?:0[1-9]|[1-8][0-9]|9[0-6]|2[AB])[0-9]{3}|97[1-8][0-9]{2}|98[46-8][0-9]{2})")
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_IN_NAMES = frozenset(" -'’.")
_IN_PLACES = _IN_NAMES | frozenset("0123456789()/,")


class Sex(StrEnum):
    """The sex written in the civil status; a declaration knows these two only."""

    FEMALE = "F"
    MALE = "M"


@dataclass(frozen=True, slots=True)
class CivilFault:
    """One thing wrong in a civil status: which field, and what to do about it."""

    field: str
    message: Text


@dataclass(frozen=True, slots=True)
class CivilStatus:
    """Names, sex, birth: what the document says, in its order; the birth may be known by its year or month only."""

    given_names: tuple[str, ...]
    birth_name: str
    sex: Sex | None = None
    birth_year: int | None = None
    birth_month: int | None = None
    birth_day: int | None = None
    usage_name: str = ""
    birth_country: str = FRANCE
    birth_commune_code: str = ""
    """In France, the official code alone, or the postal code and the commune; abroad, the commune alone."""
    birth_postal_code: str = ""
    birth_commune: str = ""

    @property
    def is_born_in_france(self) -> bool:
        """Whether the place of birth is in France."""
        return self.birth_country == FRANCE

    def faults(self, today: date) -> tuple[CivilFault, ...]:
        """Say everything that would have this civil status refused, in the order of its fields; empty when it fits."""
        return (*_name_faults(self), *_birth_faults(self, today), *_place_faults(self))

    def to_document(self) -> dict[str, Any]:
        """Give what is known as values that JSON can hold."""
        values = asdict(self) | {"given_names": list(self.given_names)}
        return {key: value for key, value in values.items() if value not in ("", None) or key == "birth_country"}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "CivilStatus":
        """Read what `to_document` gave; what a later version added is left aside."""
        known = {field.name: document[field.name] for field in fields(cls) if field.name in document}
        known["given_names"] = tuple(known.get("given_names", ()))
        known["birth_name"] = known.get("birth_name", "")
        if "sex" in known:
            known["sex"] = Sex(known["sex"])
        return cls(**known)


def tidy(text: str) -> str:
    """Give a name with single spaces and composed letters, as it will be compared and printed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_drawn_from(text: str, signs: frozenset[str]) -> bool:
    """Whether a text has a letter, and nothing but Latin letters and the signs allowed."""
    letters = [letter for letter in text if letter not in signs]
    return bool(letters) and all(_is_latin(letter) for letter in letters)


def _is_latin(letter: str) -> bool:
    return unicodedata.category(letter) in ("Lu", "Ll", "Lo", "Mn") and (
        unicodedata.category(letter) == "Mn" or unicodedata.name(letter, "").startswith("LATIN ")
    )


def _name_faults(status: CivilStatus) -> Iterator[CivilFault]:
    if not status.given_names:
        yield CivilFault("given_names", _NO_GIVEN_NAME)
    elif len(status.given_names) > MOST_GIVEN_NAMES:
        yield CivilFault("given_names", _TOO_MANY_GIVEN_NAMES)
    yield from _wording_faults("given_names", *status.given_names)
    if not status.birth_name:
        yield CivilFault("birth_name", _NO_BIRTH_NAME)
    yield from _wording_faults("birth_name", status.birth_name)
    yield from _wording_faults("usage_name", status.usage_name)
    if status.sex is None:
        yield CivilFault("sex", _NO_SEX)


def _wording_faults(field: str, *names: str, signs: frozenset[str] = _IN_NAMES) -> Iterator[CivilFault]:
    for name in filter(None, names):
        if len(name) > NAME_LENGTH:
            yield CivilFault(field, _TOO_LONG)
        elif not is_drawn_from(name, signs):
            yield CivilFault(field, _NOT_LATIN)


def _birth_faults(status: CivilStatus, today: date) -> Iterator[CivilFault]:
    year, month, day = status.birth_year, status.birth_month, status.birth_day
    if year is None:
        yield CivilFault("birth_year", _NO_YEAR)
    elif not _FIRST_YEAR <= year <= today.year:
        yield CivilFault("birth_year", _YEAR_OUT_OF_RANGE)
    if month is None and day is not None:
        yield CivilFault("birth_month", _DAY_WITHOUT_MONTH)
    elif month is not None and not 1 <= month <= 12:
        yield CivilFault("birth_month", _NO_SUCH_MONTH)
    elif month is not None and day is not None and not _exists(year or 2000, month, day):
        yield CivilFault("birth_day", _NO_SUCH_DAY)
    elif year == today.year and (month or 1, day or 1) > (today.month, today.day):
        yield CivilFault("birth_year", _YEAR_OUT_OF_RANGE)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except (ValueError, OverflowError):
        return False
    return True


def _place_faults(status: CivilStatus) -> Iterator[CivilFault]:
    if not status.birth_country:
        yield CivilFault("birth_country", _NO_COUNTRY)
    elif status.birth_country not in countries():
        yield CivilFault("birth_country", _NO_SUCH_COUNTRY)
    elif status.is_born_in_france:
        yield from _french_place_faults(status)
    else:
        yield from _foreign_place_faults(status)
    yield from _wording_faults("birth_commune", status.birth_commune, signs=_IN_PLACES)


def _french_place_faults(status: CivilStatus) -> Iterator[CivilFault]:
    if status.birth_commune_code:
        if status.birth_postal_code or status.birth_commune:
            yield CivilFault("birth_commune_code", _SAID_TWICE)
        elif not _COMMUNE_CODE.fullmatch(status.birth_commune_code):
            yield CivilFault("birth_commune_code", _NOT_A_COMMUNE_CODE)
    elif not status.birth_postal_code and not status.birth_commune:
        yield CivilFault("birth_commune_code", _NO_PLACE)
    elif not status.birth_commune:
        yield CivilFault("birth_commune", _NO_COMMUNE)
    elif not _POSTAL_CODE.fullmatch(status.birth_postal_code):
        yield CivilFault("birth_postal_code", _NOT_A_POSTAL_CODE)


def _foreign_place_faults(status: CivilStatus) -> Iterator[CivilFault]:
    if not status.birth_commune:
        yield CivilFault("birth_commune", _NO_FOREIGN_PLACE)
    if status.birth_commune_code:
        yield CivilFault("birth_commune_code", _FRENCH_CODE_ABROAD)
    if status.birth_postal_code:
        yield CivilFault("birth_postal_code", _FRENCH_CODE_ABROAD)


_NO_GIVEN_NAME = Text(
    "Donnez au moins un prénom, tel qu’il est écrit sur le document.",
    "Give at least one given name, as written on the document.",
)
_TOO_MANY_GIVEN_NAMES = Text("Dix prénoms au plus, séparés par des virgules.", "At most ten given names.")
_NO_BIRTH_NAME = Text(
    "Donnez le nom de naissance, tel qu’il est écrit sur le document.",
    "Give the name at birth, as written on the document.",
)
_NO_SEX = Text("Indiquez le sexe écrit sur le document.", "Give the sex written on the document.")
_TOO_LONG = Text("60 caractères au plus.", "At most 60 characters.")
_NOT_LATIN = Text(
    "Recopiez-le en lettres latines, comme sur le document, sans chiffre ni autre signe.",
    "Copy it in Latin letters, as on the document, without digits or other signs.",
)
_NO_YEAR = Text("Donnez au moins l’année de naissance.", "Give at least the year of birth.")
_YEAR_OUT_OF_RANGE = Text(
    "Cette naissance est à venir, ou trop ancienne. Vérifiez l’année.",
    "This birth is in the future, or too long ago. Check the year.",
)
_DAY_WITHOUT_MONTH = Text(
    "Donnez aussi le mois, ou laissez le jour vide si le document ne les dit pas.",
    "Give the month too, or leave the day empty when the document says neither.",
)
_NO_SUCH_MONTH = Text("Le mois va de 1 à 12.", "Months go from 1 to 12.")
_NO_SUCH_DAY = Text("Ce jour n’existe pas dans ce mois.", "There is no such day in this month.")
_NO_COUNTRY = Text("Choisissez le pays de naissance.", "Choose the country of birth.")
_NO_SUCH_COUNTRY = Text("Ce pays n’est pas dans la liste officielle.", "This country is not in the official list.")
_NO_PLACE = Text(
    "Donnez le code officiel de la commune (INSEE), ou bien son code postal et son nom.",
    "Give the official code of the commune (INSEE), or its postal code and its name.",
)
_SAID_TWICE = Text(
    "Donnez le code officiel seul, ou bien le code postal et la commune : jamais les deux.",
    "Give the official code alone, or the postal code and the commune: never both.",
)
_NOT_A_COMMUNE_CODE = Text(
    "Le code officiel d’une commune a cinq caractères, comme 59350 ou 2A004.",
    "The official code of a commune has five characters, such as 59350 or 2A004.",
)
_NO_COMMUNE = Text("Avec le code postal, donnez aussi la commune.", "With the postal code, give the commune too.")
_NOT_A_POSTAL_CODE = Text("Avec la commune, donnez son code postal, en cinq chiffres.", "Give its five-digit code.")
_NO_FOREIGN_PLACE = Text(
    "Donnez la ville de naissance, telle qu’elle est écrite sur le document.",
    "Give the town of birth, as written on the document.",
)
_FRENCH_CODE_ABROAD = Text(
    "Laissez ce champ vide : il ne sert que pour une naissance en France.",
    "Leave this field empty: it is for births in France only.",
)
