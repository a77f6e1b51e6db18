"""Processing reports of the Caisse des Dépôts (accusés de traitement): read as they come, trusting nothing in them.

Elements are in no namespace, in any case, with or without a wrapper around each accepted line; a document type, hence
any entity, is refused before it can mean anything.
"""

import hashlib
import re
from dataclasses import dataclass, field

from lxml import etree

from certify.core.errors import Invalid, TooLarge
from certify.core.i18n import lazy as _l

MOST_BYTES = 50_000_000
_DEEPEST = 12
_LONGEST_TEXT = 1000
_BETWEEN = r"[\s.‐‑‒–-]?"
_NUMBER = re.compile(
    r"(?<![0-9])" + _BETWEEN.join(("[12]", "[0-9]{2}", "[0-9]{2}", "(?:2[ABab]|[0-9]{2})", "[0-9]{3}", "[0-9]{3}"))
    + f"(?:{_BETWEEN}[0-9]{{2}})?(?![0-9])"
)  # fmt: skip
_ALREADY_THERE = "existe déjà en base"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that was not taken, and why."""

    technical_id: str
    message: str

    @property
    def is_already_there(self) -> bool:
        """Whether it was refused only because an earlier deposit delivered it."""
        return _ALREADY_THERE in " ".join(self.message.casefold().split())


@dataclass(slots=True)
class Report:
    """What a processing report says."""

    sha256: str
    file_name: str = ""
    flow_id: str = ""
    treatment_id: str = ""
    accepted: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Why the file was refused as a whole."""

    @property
    def technical_ids(self) -> list[str]:
        """Every line it speaks of."""
        return [*self.accepted, *(one.technical_id for one in self.rejected)]


def read(content: bytes) -> Report:
    """Read a report; Invalid, with the reason in words, when it is not one or could harm."""
    if len(content) > MOST_BYTES:
        raise TooLarge(_l("Ce fichier est plus lourd qu’un compte rendu de traitement."), "file")
    target = _Target(Report(hashlib.sha256(content).hexdigest()))
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )  # fmt: skip
    try:
        parser.feed(content)
        report = parser.close()
    except etree.XMLSyntaxError as error:
        raise Invalid(
            _l("Ce fichier n’est pas du XML lisible : déposez le compte rendu tel qu’il est venu."), "file"
        ) from error
    assert isinstance(report, Report)  # narrows lxml's type
    return report


def without_numbers(text: str) -> str:
    """Return a text without what looks like a registration number (NIR)."""
    return _NUMBER.sub("•••", text)


class _Target:
    """Follows the elements of a report as they open and close."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._path: list[str] = []
        self._text: list[str] = []
        self._line: dict[str, str] = {}

    def doctype(self, *_declared: object) -> None:
        """Refuse a document type, before any entity."""
        raise Invalid(_l("Ce fichier déclare un type de document : un compte rendu n’en a pas. Il est refusé."), "file")

    def start(self, tag: str, _attributes: object) -> None:
        """Enter an element."""
        name = etree.QName(tag).localname.casefold()
        if not self._path and name != "rapport":
            raise Invalid(_l("Ce fichier n’est pas un compte rendu de traitement."), "file")
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise Invalid(_l("Ce fichier n’est pas un compte rendu de traitement."), "file")
        self._text = []
        if name in ("passage", "erreur"):
            self._line = {}

    def data(self, text: str) -> None:
        """Take some text of the element."""
        self._text.append(text)

    def end(self, _tag: str) -> None:
        """Leave an element, and keep what it said."""
        name, text = self._path.pop(), "".join(self._text).strip()[:_LONGEST_TEXT]
        self._text = []
        inside = set(self._path)
        if name == "idflux":
            self._report.flow_id = text
        elif name == "nomfichier" and len(self._path) == 1:
            self._report.file_name = text
        elif name == "idtraitement":
            self._report.treatment_id = text[:60]
        elif name == "idtechnique" and "passagesok" in inside:
            self._report.accepted.append(text)
        elif "passagesko" in inside or "erreurs" in inside:
            self._keep(name, text, inside)

    def _keep(self, name: str, text: str, inside: set[str]) -> None:
        if name == "passage":
            message = without_numbers(self._line.get("messageerreur", ""))
            self._report.rejected.append(Rejection(self._line.get("idtechnique", ""), message))
        elif name == "erreur":
            kind, line = self._line.get("type", ""), self._line.get("ligne", "")
            said = " ".join(filter(None, (kind, f"({line})" if line else "", self._line.get("message", ""))))
            self._report.errors.append(without_numbers(said))
        elif inside & {"passage", "erreur"}:
            self._line[name] = text

    def close(self) -> Report:
        """Give what was read."""
        return self._report
