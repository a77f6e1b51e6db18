"""Reading the list of people a training body sends: any bytes in, people and faults out, nothing written.

A spreadsheet saves CSV in several encodings, with several separators, and people name columns as they like; all of
that is guessed here and said on screen, so that the person who imports can see what was understood.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from certify.cohorts.models import AccessRoute
from certify.cohorts.policies import NAME_LENGTH, is_email
from certify.cohorts.queries import folded
from certify.core import tabular
from certify.core.errors import Invalid, RowFault
from certify.core.forms import parse_day
from certify.core.i18n import lazy as _l

MAX_BYTES = 1_000_000
MAX_ROWS = 2_000
COLUMNS = {
    "given_name": "prénom", "family_name": "nom", "email": "e-mail", "access_route": "voie d’accès",
    "entered_on": "date d’entrée", "house": "maison",
}  # fmt: skip
"""The columns read, as the model file names them."""
_REQUIRED = ("given_name", "family_name", "email")
_ALIASES = {
    "given_name": "prenom prenoms givenname firstname",
    "family_name": "nom nomdefamille nomdusage nomusuel familyname lastname surname",
    "email": "email courriel mail mel adresseemail adressemail adressecourriel emailaddress",
    "access_route": "voiedacces voie acces accessroute route",
    "entered_on": "datedentree dateentree entree datedentreeenformation dateentreeenformation enteredon entrydate",
    "house": "maison house",
}
_FIELD_OF = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_ROUTE_OF = {route.value.casefold(): route for route in AccessRoute} | {
    "formationinitiale": AccessRoute.INITIAL, "apprentissage": AccessRoute.APPRENTICESHIP,
    "contratdapprentissage": AccessRoute.APPRENTICESHIP, "formationcontinue": AccessRoute.CONTINUING,
    "contratdeprofessionnalisation": AccessRoute.PROFESSIONALISATION,
    "professionnalisation": AccessRoute.PROFESSIONALISATION, "candidatureindividuelle": AccessRoute.INDIVIDUAL,
    "candidaturelibre": AccessRoute.INDIVIDUAL, "validationdesacquisdelexperience": AccessRoute.PRIOR_EXPERIENCE,
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody to enrol."""

    given_name: str
    family_name: str
    email: str
    access_route: AccessRoute
    entered_on: date
    house_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Setting:
    """What a list is read against: the cohort it is for."""

    starts_on: date
    ends_on: date
    enrolled: Collection[str] = ()
    """Addresses already in the cohort."""
    houses: Mapping[str, uuid.UUID] = field(default_factory=dict)
    """Houses by folded name."""


@dataclass(frozen=True)
class Roster:
    """What was understood of a list."""

    encoding: str
    separator: str
    people: tuple[Person, ...]
    faults: tuple[RowFault, ...]
    already: tuple[str, ...]
    """Addresses left aside because they are enrolled already."""
    ignored: tuple[str, ...]
    """Columns nobody asked for."""

    @property
    def faulty_lines(self) -> int:
        """How many lines have at least one fault."""
        return len({fault.line for fault in self.faults})


def read(data: bytes, setting: Setting) -> Roster:
    """Read a list; raise Invalid when it cannot be read as a list at all."""
    if len(data) > MAX_BYTES:
        raise Invalid(_l("Ce fichier dépasse 1 Mo : partagez la liste en plusieurs fichiers."), "file")
    text, encoding = _decode(data)
    lines, skipped = tabular.without_hint(text)
    separator = tabular.separator_of(lines, lambda cell: _key(cell) in _FIELD_OF)
    rows = _rows(lines, separator, skipped)
    header = next(rows, None)
    if header is None:
        raise Invalid(_l("Ce fichier est vide : il faut une ligne de titres, puis une ligne par personne."), "file")
    fields = _fields(header[1])
    reading = _Reading(setting)
    for line, cells in rows:
        reading.take(line, {name: cells[n] if n < len(cells) else "" for name, n in fields.items()})
    ignored = tuple(
        tabular.clean(title)[:60]
        for n, title in enumerate(header[1])
        if n not in fields.values() and tabular.clean(title)
    )
    people, faults, already = tuple(reading.people), tuple(reading.faults), tuple(reading.already)
    if not (people or faults or already):
        raise Invalid(_l("Ce fichier n’a que des titres : ajoutez une ligne par personne."), "file")
    return Roster(encoding, separator, people, faults, already, ignored)


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(b"PK\x03\x04"):
        message = _l(
            "Ce fichier est un classeur, pas du CSV. Dans le tableur, choisissez « Enregistrer sous » puis « CSV »."
        )
        raise Invalid(message, "file")
    return tabular.decode(data)


def _rows(text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that holds something, with the number of its first line in the file."""
    for count, row in enumerate(tabular.csv_rows(text, separator, skipped, MAX_ROWS), start=1):
        if count > MAX_ROWS + 1:
            message = _l("Ce fichier a plus de 2 000 lignes : partagez la liste en plusieurs fichiers.")
            raise Invalid(message, "file")
        yield row


def _key(title: str) -> str:
    return "".join(letter for letter in folded(title) if letter.isalnum())


def _fields(header: list[str]) -> dict[str, int]:
    fields: dict[str, int] = {}
    for n, title in enumerate(header):
        name = _FIELD_OF.get(_key(title))
        if name is None:
            continue
        if name in fields:
            message = _l("La colonne « %(name)s » apparaît deux fois : gardez-en une.", name=COLUMNS[name])
            raise Invalid(message, "file")
        fields[name] = n
    missing = [COLUMNS[name] for name in _REQUIRED if name not in fields]
    if missing:
        found = ", ".join(tabular.clean(title)[:40] for title in header[:12])[:300] or "—"
        message = _l(
            "La première ligne doit donner les titres des colonnes. Il manque : %(missing)s. Titres lus : %(found)s.",
            missing=", ".join(missing),
            found=found,
        )
        raise Invalid(message, "file")
    return fields


class _Reading:
    """The lines read so far."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.people: list[Person] = []
        self.faults: list[RowFault] = []
        self.already: list[str] = []
        self.seen: dict[str, int] = {}

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        """Read one line: a person, or the faults that keep it from being one."""
        values = {name: tabular.clean(cell) for name, cell in cells.items()}
        faults: list[RowFault] = []

        def fault(name: str, message: Any) -> None:
            faults.append(RowFault(line, COLUMNS[name], message, values.get(name, "")[:60]))

        for name in ("given_name", "family_name"):
            if not values[name]:
                fault(name, _l("Ce champ est vide."))
            elif len(values[name]) > NAME_LENGTH:
                fault(name, _l("Ce texte est trop long : %(max)s caractères au plus.", max=NAME_LENGTH))
        email = self._email(values["email"], line, fault)
        route = self._route(values.get("access_route", ""), fault)
        entered_on = self._day(values.get("entered_on", ""), fault)
        house_id = self._house(values.get("house", ""), fault)
        self.faults += faults
        if not faults and email in self.setting.enrolled:
            self.already.append(email)
        elif not faults:
            self.people.append(Person(values["given_name"], values["family_name"], email, route, entered_on, house_id))

    def _email(self, text: str, line: int, fault: Any) -> str:
        email = text.lower()
        if not email:
            fault("email", _l("Ce champ est vide."))
        elif not is_email(email):
            fault("email", _l("Ce n’est pas une adresse e-mail. Écrivez par exemple prenom.nom@exemple.fr."))
        elif email in self.seen:
            fault("email", _l("Cette adresse est déjà à la ligne %(line)s.", line=self.seen[email]))
        else:
            self.seen[email] = line
        return email

    def _route(self, text: str, fault: Any) -> AccessRoute:
        if not text:
            return AccessRoute.CONTINUING
        route = _ROUTE_OF.get(_key(text))
        if route is None:
            fault("access_route", _l("Cette voie d’accès n’existe pas. Écrivez FI, CA, FC, CQ, CL ou VAE."))
        return route or AccessRoute.CONTINUING

    def _day(self, text: str, fault: Any) -> date:
        if not text:
            return self.setting.starts_on
        try:
            day = parse_day(text)
        except ValueError as error:
            fault("entered_on", error.args[0])
            return self.setting.starts_on
        if day > self.setting.ends_on:
            fault("entered_on", _l("Cette date est après la fin de la promotion."))
        return day

    def _house(self, text: str, fault: Any) -> uuid.UUID | None:
        if not text:
            return None
        house_id = self.setting.houses.get(folded(text))
        if house_id is None:
            fault("house", _l("Cette maison n’est pas connue. Vérifiez son nom, ou laissez la case vide."))
        return house_id


def model() -> str:
    """Return the model file a person fills in: the titles and one line that shows the shape of each value."""
    lines = [list(COLUMNS.values()), ["Stagiaire", "Exemple", "stagiaire.exemple@exemple.fr", "FC", "12/06/2026", ""]]
    return "\ufeff" + "".join(";".join(line) + "\r\n" for line in lines)
