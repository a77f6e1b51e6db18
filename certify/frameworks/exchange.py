"""Formats of framework files as this application offers them: those of `competencies.exchange`, and XLSX for people."""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from certify.core.i18n import lazy as _l
from certify.frameworks import spreadsheet, spreadsheet_reading
from competencies import Fault, Framework
from competencies.exchange import FORMATS as TEXT_FORMATS
from competencies.exchange import Format, Loss, Origin, Reading
from competencies.exchange.outline import refused

MAX_BYTES = 5_000_000
XLSX = "xlsx"
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AS_WINDOWS = "Le fichier n’est pas en UTF-8 : il a été lu comme un tableur français l’écrit (Windows-1252)."
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class FileFormat:
    """A format of files, by its bytes."""

    name: str
    label: str
    purpose: str
    suffix: str
    media_type: str
    write: Callable[[Framework, str, Origin], bytes]
    read: Callable[[bytes], Reading]
    losses: Callable[[Framework, str], list[Loss]]
    has_one_language: bool = False


def _of_text(format_: Format, purpose: str) -> FileFormat:
    def write(framework: Framework, locale: str, origin: Origin) -> bytes:
        return format_.write(framework, locale, origin).encode("utf-8")

    def read(content: bytes) -> Reading:
        return _decoded(content, format_)

    return FileFormat(
        format_.name, format_.label, purpose, format_.suffix, format_.media_type, write, read, format_.losses,
        has_one_language=format_.name not in ("toml", "case"),
    )  # fmt: skip


def _decoded(content: bytes, format_: Format) -> Reading:
    """Read a text in UTF-8, or in what a spreadsheet writes instead; a byte that makes no sense is a fault."""
    is_table = format_.suffix == ".csv"
    try:
        if content.startswith(_UTF_16):
            return format_.read(content.decode("utf-16"))
        return format_.read(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        text = content.decode("cp1252", errors="replace")
        if is_table and not content.startswith(_UTF_16) and "\ufffd" not in text:
            reading = format_.read(text)
            return Reading(reading.framework, reading.faults, (_AS_WINDOWS, *reading.notes))
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        message = "ce caractère n’est pas en UTF-8 ; enregistrez le fichier dans cet encodage."
        return refused([Fault(f"ligne {line}, colonne {column}", message)])


_PURPOSES = {
    "toml": _l("Notre format : tout y est, et il se modifie dans un éditeur de texte."),
    "moodle-csv": _l("Pour l’outil d’import de référentiels de Moodle."),
    "case": _l("Pour les catalogues et les plateformes qui échangent au standard de 1EdTech."),
    "mahara": _l("Pour les portfolios SmartEvidence de Mahara."),
    "canvas-csv": _l("Pour l’import d’acquis de Canvas."),
}

_XLSX_FORMAT = FileFormat(
    XLSX,
    "Tableur (XLSX)",
    _l("Pour relire ou compléter à plusieurs dans un tableur."),
    ".xlsx",
    _XLSX_TYPE,
    lambda framework, _locale, _origin: spreadsheet.write(framework),
    spreadsheet_reading.read,
    lambda framework, _locale: spreadsheet.losses(framework, spreadsheet_reading.read),
)
_ALL = (*(_of_text(one, _PURPOSES[name]) for name, one in TEXT_FORMATS.items()), _XLSX_FORMAT)
FORMATS: Mapping[str, FileFormat] = MappingProxyType({one.name: one for one in _ALL})


def guess(name: str, content: bytes) -> str | None:
    """Tell the format of a file from its content, then from its name; None when neither says."""
    start = content[:100_000]
    if start.startswith(b"PK"):
        return XLSX
    text = start.decode("utf-16" if start.startswith(_UTF_16) else "utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    if text.startswith("{"):
        return "case" if '"CFDocument"' in text or '"CFItems"' in text else "mahara"
    heading = text.partition("\n")[0].casefold()
    if "vendor_guid" in heading:
        return "canvas-csv"
    if len(re.findall("[,;]", heading)) >= 5:
        return "moodle-csv"
    if re.search(r"^\s*code\s*=", text, re.MULTILINE):
        return "toml"
    suffix = f".{name.rpartition('.')[2].lower()}"
    return next((one.name for one in FORMATS.values() if one.suffix == suffix), None)


def read(name: str, content: bytes) -> Reading:
    """Read a file of a known format, within the size one may have."""
    if len(content) > MAX_BYTES:
        return refused(
            [Fault("fichier", f"il dépasse {MAX_BYTES // 1_000_000} Mo ; aucun référentiel n’est si grand.")]
        )
    return FORMATS[name].read(content)


def origin(site: str, certifying_body_id: UUID, body: str, changed: datetime) -> Origin:
    """Say who publishes a version: several bodies may publish at one address, each under identifiers of its own."""
    return Origin(site, changed.isoformat(timespec="seconds"), body, f"{site.rstrip('/')}/{certifying_body_id}")
