"""What comes in from the pages of a version's life: the editor's whole parts, the mapping, the small forms."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import Optional, Regexp
from wtforms.widgets import HiddenInput

from certify.core.forms import BaseForm, SelectChoice, at_most, required, strip
from certify.core.i18n import lazy as _l
from certify.frameworks.queries.documents import (
    LOCALES,
    REMOVED,
    Document,
    scales_of,
    shaped,
)
from competencies.revision import Carried, Fate

MOST_TARGETS = 20
_OF_BLOCK = re.compile(r"b\d+(?:c(\d{1,3}))?(?:i(\d{1,3}))?-([a-z0-9_-]+)")
_OF_SCALE = re.compile(r"(s[01]|b\d{1,3}c\d{1,3}s)(?:l(\d{1,2}))?-([a-z0-9_-]+)")
_CODE = Regexp(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$",
    message=_l("Un code a 40 lettres sans accent, chiffres, points ou tirets au plus."),
)


class DraftForm(BaseForm):
    """How a new framework begins."""

    certifying_body = SelectField(_l("Organisme certificateur"))
    source = RadioField(
        _l("Point de départ"),
        choices=[
            SelectChoice("empty", _l("Un référentiel vide, à remplir")),
            SelectChoice("demo", _l("Le référentiel de démonstration, à adapter")),
        ],
        default="empty",
    )
    code = StringField(
        _l("Code du référentiel"),
        [required(_l("Donnez un code au référentiel.")), _CODE],
        description=_l("Il reste le même d’une version à l’autre, par exemple « facilitation »."),
    )
    number = StringField(
        _l("Numéro de version"),
        [required(_l("Donnez un numéro de version.")), at_most(30)],
        description=_l("Par exemple « 2027 » ou « 1.0 »."),
    )


class NumberForm(BaseForm):
    """The number of the next version."""

    number = StringField(
        _l("Numéro de la nouvelle version"), [required(_l("Donnez un numéro de version.")), at_most(30)]
    )


class ActivationForm(BaseForm):
    """What was read before a draft is put in force."""

    revision = IntegerField(widget=HiddenInput(), validators=[required()])
    archives_predecessor = BooleanField(_l("Archiver la version précédente"), [Optional()])


class RevisionForm(BaseForm):
    """What every page of the editor sends beside its texts: the revision it was made from."""

    revision = IntegerField(widget=HiddenInput(), validators=[required()])


@dataclass(frozen=True)
class Typed:
    """A draft with one of its parts as it was typed, and the levels whose code was changed there."""

    document: Document
    renamed: dict[str, dict[str, str]] = field(default_factory=dict)


def typed_part(form: Mapping[str, str], document: Document, part: str) -> Typed:
    """Return the draft with what a page of the editor sent in place of the part it shows."""
    cleaned = {name: strip(value) for name, value in form.items()}
    if part.startswith("b"):
        return Typed(_with_block(cleaned, document, part))
    if part == "scales":
        return _with_scales(cleaned, document)
    return Typed(shaped(document | _general(cleaned, document)))


def _text(fields: Mapping[str, str], name: str) -> Document:
    return {locale: fields.get(f"{name}-{locale}", "") for locale in LOCALES}


def _number(value: str) -> int | str:
    return int(value) if re.fullmatch(r"-?\d{1,9}", value, re.ASCII) else value


def _general(fields: Mapping[str, str], document: Document) -> Document:
    own = {name.removeprefix("general-"): value for name, value in fields.items() if name.startswith("general-")}
    found: Document = {key: own.get(key, document[key]) for key in ("code", "version")}
    return found | {"title": _text(own, "title"), "notice": _text(own, "notice")}


def _with_block(fields: Mapping[str, str], document: Document, part: str) -> Document:
    """Put the block where it now stands: the page may have been opened before others moved it."""
    block = _block(fields)
    blocks = list(document["blocks"])
    origin, index = fields.get("origin", ""), int(part[1:]) - 1
    codes = [one["code"] for one in blocks]
    if not (index < len(codes) and codes[index] == origin) and codes.count(origin) == 1:
        index = codes.index(origin)
    if index < len(codes):
        blocks[index] = block
    else:
        blocks.append(block)
    return shaped(document | {"blocks": blocks})


def _block(fields: Mapping[str, str]) -> Document:
    grouped: dict[tuple[int, int], dict[str, str]] = {}
    for name, value in fields.items():
        found = _OF_BLOCK.fullmatch(name)
        if found is not None:
            grouped.setdefault((int(found[1] or 0), int(found[2] or 0)), {})[found[3]] = value
    own = grouped.get((0, 0), {})
    competencies = [_competency(grouped, number) for number in sorted({c for c, i in grouped if c and not i})]
    block = {
        "code": own.get("code", ""), "number": _number(own.get("number", "")), "title": _text(own, "title"),
        "short_title": _text(own, "short_title"), "competencies": competencies,
    }  # fmt: skip
    children = [(part["code"], grouped[number, 0]) for part, number in _paired(competencies, grouped)]
    return _ruled(_marked(block, own), own, children)


def _paired(competencies: list[Document], grouped: Mapping[tuple[int, int], Any]) -> list[tuple[Document, int]]:
    return list(zip(competencies, sorted({c for c, i in grouped if c and not i}), strict=True))


def _competency(grouped: Mapping[tuple[int, int], Mapping[str, str]], number: int) -> Document:
    own = grouped[number, 0]
    if (whole := _json(own.get("kept", ""))) is not None:
        return whole
    below = [(i, grouped[c, i]) for c, i in sorted(grouped) if c == number and i]
    indicators = [_indicator(fields) for _i, fields in below]
    competency = {"code": own.get("code", ""), "title": _text(own, "title"), "indicators": indicators}
    if (scale := _json(own.get("scale", ""))) is not None:
        competency["scale"] = scale
    children = [(part["code"], fields) for part, (_i, fields) in zip(indicators, below, strict=True)]
    return _ruled(_marked(competency, own), own, children)


def _indicator(fields: Mapping[str, str]) -> Document:
    if (whole := _json(fields.get("kept", ""))) is not None:
        return whole
    described = {}
    for name, level in fields.items():
        found = re.fullmatch(r"d(\d{1,3})-level", name)
        text = _text(fields, f"d{found[1]}") if found else {}
        # What is emptied goes; the levels of the scale are given back, empty, to whoever reads the document.
        if any(text.values()):
            described[level] = text
    return {"code": fields.get("code", ""), "wording": _text(fields, "wording"), "descriptors": described}


def _json(value: str) -> Document | None:
    """Read a part that the page only carried along: one that is removed, or the scale of a competency."""
    try:
        found = json.loads(value) if value else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _marked(node: Document, fields: Mapping[str, str]) -> Document:
    return node | ({REMOVED: True} if fields.get(REMOVED) else {})


def _ruled(node: Document, fields: Mapping[str, str], children: Sequence[tuple[str, Mapping[str, str]]]) -> Document:
    """Add the completion rule, unless every part is asked for."""
    kind = fields.get("completion", "all")
    if kind == "all":
        return node
    rule: Document = {"kind": kind, "least": _number(fields.get("least", ""))}
    needed = [code for code, own in children if own.get("required")]
    if needed:
        rule["required"] = needed
    points = {code: _number(own["points"]) for code, own in children if own.get("points")}
    if kind == "points":
        rule["points"] = points
    return node | {"completion": rule}


def _with_scales(fields: Mapping[str, str], document: Document) -> Typed:
    grouped: dict[str, dict[int, dict[str, str]]] = {}
    for name, value in fields.items():
        found = _OF_SCALE.fullmatch(name)
        if found is not None:
            grouped.setdefault(found[1], {}).setdefault(int(found[2] or 0), {})[found[3]] = value
    changed = shaped(document)
    renamed: dict[str, dict[str, str]] = {}
    for name, scale in scales_of(changed):
        rows = grouped.get(name)
        if rows is not None:
            renamed[name] = _names(rows)
            scale.clear()
            scale.update(_scale(rows))
    if "s1" in grouped and "formative" not in changed:
        changed["formative"] = _scale(grouped["s1"])
    return Typed(changed, renamed)


def _names(rows: Mapping[int, Mapping[str, str]]) -> dict[str, str]:
    pairs = ((row.get("was", ""), row.get("code", "")) for number, row in rows.items() if number)
    return {was: code for was, code in pairs if was and code and was != code}


def _scale(rows: Mapping[int, Mapping[str, str]]) -> Document:
    own = rows.get(0, {})
    levels = []
    for number in sorted(rows):
        row = rows[number]
        if number:
            level = {"code": row.get("code", ""), "label": _text(row, "label"), "sign": row.get("sign", "")}
            levels.append(_marked(level | {"rank": _number(row.get("rank", ""))}, row))
    reached = own.get("threshold", "")
    chosen = rows.get(int(reached), {}) if reached.isascii() and reached.isdigit() else {}
    threshold = chosen.get("code", "") if chosen else own.get("threshold-was", "")
    return _marked({"code": own.get("code", ""), "threshold": threshold, "levels": levels}, own)


def typed_mapping(form: Mapping[str, str], codes: tuple[str, ...]) -> tuple[Carried, ...]:
    """Return what the mapping page sent, for each of these former indicators; without a fate there is no row."""
    rows = []
    for number, code in enumerate(codes, 1):
        fate = form.get(f"fate-{number}", "")
        targets = re.split(r"[\s,;]+", strip(form.get(f"to-{number}", "")))
        if fate in set(Fate):
            rows.append(Carried(code, Fate(fate), tuple(one for one in targets if one)[:MOST_TARGETS]))
    return tuple(rows)
