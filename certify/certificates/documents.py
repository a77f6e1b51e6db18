"""From frozen facts to the page that is printed: which template, which words, which pictures."""

import tomllib
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from certify.certificates import codes, fields, pictures
from certify.certificates.models import Certificate, CertificateEvent
from certify.certificates.pictures import Picture
from certify.core import pdf
from certify.core.clock import PARIS
from certify.core.resources import shipped
from certify.organisations.models import Organisation

Facts = Mapping[str, Any]
Read = Callable[[str], bytes]
"""Gives the bytes kept under a key."""

_FOLDER = "parchemin"
_OF_KINDS = {"whole": "certificate", "blocks": "blocks", "attendance": "attendance"}
_LOGO = (62.0, 17.0)
_SIGNATURE = (52.0, 14.0)


def page_of(facts: Facts, public_url: str, read: Read) -> tuple[str, dict[str, Any]]:
    """Return the template of a document and what it is given, from its facts and the pictures they name.

    Facts of before documents could be set say nothing of their template: they get the usual one.
    """
    said = facts.get("document") or {}
    name = "duplicate" if facts.get("duplicate") else said.get("template") or _OF_KINDS[facts["kind"]]
    values = fields.template(name).defaults() | dict(said.get("fields") or {})
    address, density = public_url.rstrip("/"), _density(facts, values)
    given = {
        "facts": facts, "fields": values, "code": codes.spaced(facts["code"]),
        "qr": pdf.qr_data_uri(f"{address}/v/{facts['code']}"),
        "check_address": urlsplit(f"{address}/verify")._replace(scheme="").geturl().removeprefix("//"),
        "density": density, "styles": styles(name, values["accent"], values["second"], density),
        "frame": _frame(values["accent"], values["second"]),
        "logo": _picture(values.get("logo"), read, *_LOGO),
        "signature": _picture(values.get("signature"), read, *_SIGNATURE),
    }  # fmt: skip
    return name, given | _days(facts) | _words(name, facts)


def _density(facts: Facts, values: Mapping[str, Any]) -> str:
    """Return how close what is said must stand: the whole shrinks as a last resort, and reads less well then."""
    load = 3 * bool(values.get("logo")) + 4 * bool(facts.get("recognition"))
    load += sum(
        map(bool, (values.get("trade_name"), values.get("mention"), facts.get("replaces"), facts.get("duplicate")))
    )
    load += 2 * ((len(facts["blocks"]) - 1) // 4) if facts["blocks"] else 0
    load += len(facts["holder"]["name"]) // 45 + len(facts["certification"]) // 70
    return "" if load <= 1 else "full" if load <= 4 else "packed"


def _days(facts: Facts) -> dict[str, date | None]:
    attendance, recognition = facts.get("attendance") or {}, facts.get("recognition") or {}
    duplicate, replaces = facts.get("duplicate") or {}, facts.get("replaces") or {}
    said = {
        "issued_on": duplicate.get("issued_on") or facts["issued_on"], "original_on": facts["issued_on"],
        "decided_on": facts.get("decided_on"), "expires_on": facts.get("expires_on"),
        "replaced_on": replaces.get("issued_on"), "recognised": recognition.get("decided_on"),
        "starts_on": attendance.get("starts_on"), "ends_on": attendance.get("ends_on"),
        "counted_on": attendance.get("counted_on"),
    }  # fmt: skip
    return {name: date.fromisoformat(value) if value else None for name, value in said.items()}


def _words(name: str, facts: Facts) -> dict[str, Any]:
    recognised = (facts.get("recognition") or {}).get("decided_on")
    words: dict[str, Any] = {"recognised_on": f"{date.fromisoformat(recognised):%d/%m/%Y}" if recognised else ""}
    if name == "blocks":
        words["acquired"] = blocks_named([block["number"] for block in facts["blocks"]])
    if name == "attendance":
        words["figures"] = _figures(facts["attendance"])
    return words


def blocks_named(numbers: list[int]) -> str:
    """Return « Bloc 2 » or « Blocs 2, 3 et 4 »: the title of an attestation, before « de la certification … »."""
    if len(numbers) == 1:
        return f"Bloc {numbers[0]}"
    return f"Blocs {', '.join(map(str, numbers[:-1]))} et {numbers[-1]}"


def _figures(attendance: Mapping[str, Any]) -> list[tuple[str, str]]:
    present, expected, minutes = attendance["present"], attendance["expected"], attendance["minutes"]
    hours = f"{minutes // 60} h" + (f" {minutes % 60:02d}" if minutes % 60 else "")
    return [
        (f"{present} sur {expected}", "demi-journées suivies, sur celles attendues"),
        (f"{present * 100 // expected} %", "d’assiduité, arrondie à l’unité inférieure"),
        (hours, "de formation suivies"),
    ]  # fmt: skip


def styles(name: str, accent: str, second: str, density: str = "") -> Markup:
    """Return the style sheet of a template in two colours, which are checked again: nothing else may enter it."""
    return Markup(_coloured(_sheet(name, density), accent, second))  # nosec B704


@cache
def _sheet(name: str, density: str) -> str:
    folder = shipped("templates") / "documents"
    # Every rule is read anew for each document: those of another density would only take time.
    parts = (folder / _FOLDER / "base.css", folder / _FOLDER / f"{density}.css", folder / name / "document.css")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts if part.exists())


@lru_cache(maxsize=64)
def _frame(accent: str, second: str) -> str:
    drawn = (shipped("templates") / "documents" / _FOLDER / "frame.svg").read_text(encoding="utf-8")
    return "data:image/svg+xml;base64," + b64encode(_coloured(drawn, accent, second).encode()).decode("ascii")


def _coloured(text: str, accent: str, second: str) -> str:
    if not (fields.is_colour(accent) and fields.is_colour(second)):
        raise pdf.BrokenDocument("a colour is not a colour")
    return text.replace("@accent@", accent).replace("@second@", second)


def _picture(kept: Mapping[str, Any] | None, read: Read, width: float, height: float) -> Picture | None:
    return pictures.fitted(read(kept["key"]), kept["media_type"], width, height) if kept else None


def of_duplicate(certificate: Certificate, event: CertificateEvent, fields_set: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of the sheet of a duplicate: those of the original, the number of the duplicate, its reason."""
    facts = dict(certificate.facts)
    said = dict((facts.get("document") or {}).get("fields") or {})
    sheet = {
        "number": event.number, "reason": event.reason, "sha256": certificate.sha256,
        "issued_on": event.at.astimezone(PARIS).date().isoformat(),
    }  # fmt: skip
    return facts | {"duplicate": sheet, "document": {"template": "duplicate", "fields": {**said, **fields_set}}}


def sample(
    name: str, case: str = "usual", body: Organisation | None = None, values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return made-up facts in the shape of real ones, to show what a template gives; « long » has long names.

    With an organisation and the values of its fields, they are those of a document that it would issue.
    """
    said = tomllib.loads((shipped("templates") / "documents" / name / "sample.toml").read_text(encoding="utf-8"))
    facts: dict[str, Any] = said["facts"]
    facts |= said.get(case, {}) | {"is_sample": True}
    if body is not None and values is not None:
        facts |= {
            "certifier": body.name,
            "place": body.city or facts["place"],
            "title": values.get("heading") or facts["title"],
        }
        facts["document"] = {"template": name, "fields": dict(values)}
    return facts
