"""Reading a deposit file back, a line at a time: whatever wrote it, its lines are held to the same rules.

Nothing outside the file is fetched, no entity is expanded, and no message quotes what the file says of anybody.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.declarations.passages import Award, Certification, Passage
from certify.declarations.writing import NAMESPACE
from competencies.civil_status import FRANCE, CivilStatus, Sex

_SAFE: dict[str, Any] = {"no_network": True, "load_dtd": False, "huge_tree": False}
_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?(\w+)'")
_MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """Where the schema refuses a file: the line and the element, never its value."""

    line: int
    element: str


def schema_faults(content: bytes, schema: Path) -> list[SchemaFault]:
    """Return where a file departs from a schema (XSD), twenty places at most."""
    try:
        rules = etree.XMLSchema(etree.parse(str(schema), etree.XMLParser(resolve_entities=False, **_SAFE)))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise Invalid(_l("Le schéma indiqué dans les réglages ne se lit pas : vérifiez le fichier XSD.")) from error
    walk = etree.iterparse(io.BytesIO(content), events=("end",), schema=rules, resolve_entities=False, **_SAFE)
    try:
        for _event, element in walk:
            _forget(element)
    except etree.XMLSyntaxError:
        # Refused: read once more, whole, since a file read as it comes does not say its lines.
        return _places(content, rules)
    return []


def _places(content: bytes, rules: Any) -> list[SchemaFault]:
    try:
        rules.validate(etree.parse(io.BytesIO(content), etree.XMLParser(resolve_entities=False, **_SAFE)))
    except etree.XMLSyntaxError:
        return [SchemaFault(0, "")]
    # Messages quote values: places alone are kept.
    found = dict.fromkeys(SchemaFault(entry.line, _element_of(entry.message)) for entry in rules.error_log)
    return list(found)[:_MOST_ERRORS] or [SchemaFault(0, "")]


def _element_of(message: str) -> str:
    found = _ELEMENT.search(message)
    return found[1] if found else ""


def passages_in(content: bytes) -> Iterator[Passage]:
    """Yield the lines of a file; Invalid when it is not one."""
    walk = etree.iterparse(io.BytesIO(content), events=("end",), resolve_entities=False, **_SAFE)
    register = reference = ""
    try:
        for _event, element in walk:
            if element.getroottree().docinfo.internalDTD is not None:
                raise _unreadable()
            name = _name(element)
            if name == "type":
                register = element.text or ""
            elif name == "code":
                reference = element.text or ""
            elif name == "passageCertification":
                yield _passage(element, Certification(register, reference))
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise _unreadable() from error
    if walk.root is None or walk.root.tag != f"{{{NAMESPACE}}}flux":
        raise _unreadable()


def _unreadable() -> Invalid:
    return Invalid(_l("Ce fichier n’est pas un fichier de dépôt lisible."))


def _forget(element: Any) -> None:
    if _name(element) == "passageCertification":
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _passage(element: Any, certification: Certification) -> Passage:
    told = _Told(element)
    number = told.text("nir")
    award = Award(
        certification=certification, issued_on=told.day("dateDebutValidite"), valid_until=told.day("dateFinValidite"),
        access=told.text("modaliteAcces"), vae_route=told.text("voieAccessVAE"), has_number=bool(number),
    )  # fmt: skip
    return Passage(told.text("idTechnique"), award, _holder(told), number)


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
        self._texts = {_name(one): (one.text or "").strip() for one in element.iter() if not len(one)}

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
