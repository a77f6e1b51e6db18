"""Reading a deposit file back, a line at a time: whatever wrote it, its lines are held to the same rules.

Nothing outside the file is fetched, no entity is expanded, and no message quotes what the file says of anybody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from lxml import etree

from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.declarations.passages import Award, Certification, Passage, TrainingFile
from certify.declarations.writing import NAMESPACE
from competencies.civil_status import FRANCE, CivilStatus, Sex

_SAFE: dict[str, Any] = {"no_network": True, "load_dtd": False, "huge_tree": False}
_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?(\w+)'")
_MOST_ERRORS = 20
_DAYS = ("dateDebutValidite", "dateFinValidite", "dateDebutExamen", "dateFinExamen", "dateInscription")


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """Where the schema refuses a file: the line and the element, never its value."""

    line: int
    element: str


def schema_faults(file: IO[bytes], schema: Path) -> list[SchemaFault]:
    """Return where a file departs from a schema (XSD), twenty places at most."""
    try:
        rules = etree.XMLSchema(etree.parse(str(schema), etree.XMLParser(resolve_entities=False, **_SAFE)))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise Invalid(_l("Le schéma indiqué dans les réglages ne se lit pas : vérifiez le fichier XSD.")) from error
    walk = etree.iterparse(file, events=("end",), schema=rules, resolve_entities=False, **_SAFE)
    try:
        for _event, element in walk:
            _forget(element)
    except etree.XMLSyntaxError:
        # Refused: read once more, whole, since a file read as it comes does not say its lines.
        file.seek(0)
        return _places(file, rules)
    return []


def _places(file: IO[bytes], rules: Any) -> list[SchemaFault]:
    try:
        rules.validate(etree.parse(file, etree.XMLParser(resolve_entities=False, **_SAFE)))
    except etree.XMLSyntaxError:
        return [SchemaFault(0, "")]
    # Messages quote values: places alone are kept.
    found = dict.fromkeys(SchemaFault(entry.line, _element_of(entry.message)) for entry in rules.error_log)
    return list(found)[:_MOST_ERRORS] or [SchemaFault(0, "")]


def _element_of(message: str) -> str:
    found = _ELEMENT.search(message)
    return found[1] if found else ""


def passages_in(file: IO[bytes]) -> Iterator[Passage]:
    """Yield the lines of a file; Invalid when it is not one."""
    walk = etree.iterparse(file, events=("start", "end"), resolve_entities=False, **_SAFE)
    told: _Certification | None = None
    try:
        for event, element in walk:
            if told is None and element.getroottree().docinfo.internalDTD is not None:
                raise _unreadable()
            if told is None or (event == "start" and _name(element) == "certification"):
                told = _Certification()
            if event == "end":
                yield from told.end(element)
    except etree.XMLSyntaxError as error:
        raise _unreadable() from error
    if walk.root is None or walk.root.tag != f"{{{NAMESPACE}}}flux":
        raise _unreadable()


class _Certification:
    """A certification as its elements come: its lines may come before its register and its number."""

    def __init__(self) -> None:
        self._register: str | None = None
        self._reference: str | None = None
        self._early: list[Passage] = []

    def end(self, element: Any) -> Iterator[Passage]:
        """Take an element that was read; give the lines that are whole."""
        match _name(element):
            case "type":
                self._register = element.text or ""
            case "code":
                self._reference = element.text or ""
            case "passageCertification":
                passage = _passage(element)
                _forget(element)
                if self._register is None or self._reference is None:
                    self._early.append(passage)
                else:
                    yield self._of(passage)
            case "certification":
                yield from map(self._of, self._early)

    def _of(self, passage: Passage) -> Passage:
        certification = Certification(self._register or "", self._reference or "")
        return replace(passage, award=replace(passage.award, certification=certification))


def _unreadable() -> Invalid:
    return Invalid(_l("Ce fichier n’est pas un fichier de dépôt lisible."))


def _forget(element: Any) -> None:
    if _name(element) == "passageCertification":
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _passage(element: Any) -> Passage:
    told = _Told(element)
    number = told.text("nir")
    award = Award(
        certification=Certification("", ""), issued_on=told.day("dateDebutValidite"),
        valid_until=told.day("dateFinValidite"), access=told.text("modaliteAcces"),
        vae_route=told.text("voieAccessVAE"), has_number=bool(number),
    )  # fmt: skip
    impossible = tuple(name for name in _DAYS if told.text(name) and told.day(name) is None)
    file = TrainingFile(told.text("idDossier"), told.text("nomTitulaire"), told.text("prenom1Titulaire"))
    return Passage(
        told.text("idTechnique"), award, _holder(told), number, impossible_days=impossible,
        training_file=file if told.has("dossierFormation") else None,
    )  # fmt: skip


def _holder(told: "_Told") -> CivilStatus:
    code = told.text("codeInsee")
    is_abroad = code.startswith("99")
    country = code if is_abroad else f"99{told.text('codePaysNaissance') or FRANCE[-3:]}"
    sex = told.text("sexe")
    given = tuple(filter(None, (told.text(f"prenom{rank}") for rank in (1, 2, 3))))
    return CivilStatus(
        given_names=given, birth_name=told.text("nomNaissance"), usage_name=told.text("nomUsage"),
        sex=Sex(sex) if sex in set(Sex) else None, birth_year=told.number("anneeNaissance"),
        birth_month=told.number("moisNaissance"), birth_day=told.number("jourNaissance"), birth_country=country,
        birth_commune_code="" if is_abroad else code, birth_postal_code=told.text("codePostal"),
        birth_commune=told.text("libelleCommuneNaissance"),
    )  # fmt: skip


class _Told:
    """What the elements of a line say, by their names."""

    def __init__(self, element: Any) -> None:
        self._texts = {_name(one): (one.text or "").strip() if not len(one) else "" for one in element.iter()}

    def has(self, name: str) -> bool:
        """Whether an element is there, whatever it holds."""
        return name in self._texts

    def text(self, name: str) -> str:
        """Return the text of an element, empty when it is absent or nil."""
        return self._texts.get(name, "")

    def number(self, name: str) -> int | None:
        """Return the number an element holds, if it is one."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None

    def day(self, name: str) -> date | None:
        """Return the day an element holds, if it exists."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            return None
