"""Reading what a device sent: typed by a person or made by a script of ours, and trusted in neither case."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from certify.core.durations import parse_minutes, show_minutes
from certify.core.errors import Invalid
from certify.core.forms import LONG_TEXT, parse_day, strip
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.field.models import Kind
from certify.field.policies.merging import Said, Sheet
from certify.groups.models import Presence
from certify.logbook.models import EntryContent
from competencies import entry_form

_SHORT = 160
_MOST_MARKS = 200


@dataclass(frozen=True)
class Sent:
    """One operation as a device sent it."""

    id: uuid.UUID
    kind: Kind
    subject_id: uuid.UUID
    enrolment_id: uuid.UUID | None
    made_at: datetime
    payload: Mapping[str, Any]


class Choice(StrEnum):
    """Which version of a conflict stays."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    """The one of the device becomes a new entry."""


@dataclass(frozen=True)
class Resolution:
    """What somebody chose, having seen a version of the other side."""

    choice: Choice
    seen: int
    kept: frozenset[str] = frozenset()
    """Of an attendance sheet: the participants, and « facilitator », for whom the device is right."""


def sent_from(document: object) -> Sent:
    """Read one operation; Invalid when it cannot be one."""
    if not isinstance(document, Mapping):
        raise _unreadable()
    payload = document.get("payload")
    kind, enrolment = document.get("kind"), document.get("enrolment")
    if kind not in set(Kind) or not isinstance(payload, Mapping):
        raise _unreadable()
    return Sent(
        _identifier(document.get("id")),
        Kind(str(kind)),
        _identifier(document.get("subject")),
        _identifier(enrolment) if enrolment else None,
        _moment(document.get("made_at")),
        payload,
    )


def content_from(saved: EntryContent, form: entry_form.EntryForm, payload: Mapping[str, Any]) -> EntryContent:
    """Return what an entry says once what was typed on the device replaces what is saved.

    What the form of the device did not ask for stays as it is. Invalid names the field that cannot be read.
    """
    fields = payload.get("fields")
    if not isinstance(fields, Mapping):
        raise _unreadable()
    given: dict[str, Any] = {}
    values = dict(saved.values)
    for one in form.fields:
        if one.code not in fields or one.kind is entry_form.FieldKind.FILES:
            continue
        value = _read(one, fields[one.code])
        if one.is_standard:
            given[one.code] = value
        else:
            values[one.code] = value
    unknown = [code for code, value in fields.items() if value and form.field(str(code)) is None]
    if unknown:
        raise Invalid(
            _l(
                "Le formulaire de cette fiche a changé entre-temps : il ne demande plus « %(field)s ». Ouvrez la fiche "
                "avec le réseau, puis recopiez-y ce que vous aviez écrit.",
                field=str(unknown[0])[:60],
            )
        )
    if "indicators" in given:
        given["indicators"] = tuple(given["indicators"])
    typed = form.typed(values)
    for fault in form.check(typed):
        raise _fault(form.field(fault.field), fault.message.to(current_locale()))
    return replace(saved, **given, values=typed)


def raw_content(content: EntryContent, form: entry_form.EntryForm) -> dict[str, Any]:
    """Return what an entry says as the device types it: texts and lists of codes, by the codes of the form."""
    return {
        one.code: _shown(one, getattr(content, one.code) if one.is_standard else content.values.get(one.code))
        for one in form.fields
        if one.kind is not entry_form.FieldKind.FILES
    }


def sheets_from(payload: Mapping[str, Any]) -> tuple[Sheet, Sheet]:
    """Return the sheet that was on the device when somebody began, and what they noted."""
    return _sheet(payload.get("base") or {}), _sheet(payload)


def resolution_from(payload: Mapping[str, Any]) -> Resolution:
    """Read what somebody chose."""
    choice, seen, kept = payload.get("choice"), payload.get("seen"), payload.get("kept") or []
    if choice not in set(Choice) or not isinstance(seen, int) or not isinstance(kept, list):
        raise _unreadable()
    return Resolution(Choice(str(choice)), seen, frozenset(str(one) for one in kept))


def _sheet(document: object) -> Sheet:
    if not isinstance(document, Mapping):
        raise _unreadable()
    marks, present = document.get("marks") or {}, document.get("facilitator_present")
    if not isinstance(marks, Mapping) or len(marks) > _MOST_MARKS or present not in (None, True, False):
        raise _unreadable()
    return Sheet({_identifier(one): _said(said) for one, said in marks.items()}, present)


def _said(document: object) -> Said:
    if not isinstance(document, Mapping) or document.get("presence") not in set(Presence):
        raise _unreadable()
    presence = Presence(str(document["presence"]))
    return Said(presence, presence is Presence.PRESENT and document.get("second_parent") is True)


def _read(one: entry_form.FormField, value: Any) -> Any:
    kind = one.kind
    if kind in (entry_form.FieldKind.INDICATORS, entry_form.FieldKind.CHOICES):
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise _unreadable()
        return value
    if not isinstance(value, str):
        raise _unreadable()
    text = strip(value)
    longest = _SHORT if one.is_standard and kind is entry_form.FieldKind.SHORT_TEXT else LONG_TEXT
    if len(text) > longest:
        raise _fault(one, _l("Ce texte est trop long : %(max)s caractères au plus.", max=longest))
    return _typed(one, text)


def _typed(one: entry_form.FormField, text: str) -> Any:
    read = _READERS.get(one.kind)
    if read is None:
        return text
    if not text:
        return None
    try:
        found = read(text)
    except ValueError as error:
        raise _fault(one, error.args[0]) from error
    return found.isoformat() if one.kind is entry_form.FieldKind.DATE and not one.is_standard else found


def _number(text: str) -> int | float:
    try:
        found = float(text.replace(",", ".").replace(" ", ""))
    except ValueError:
        raise ValueError(_l("« %(value)s » n’est pas un nombre.", value=text[:20])) from None
    return int(found) if found.is_integer() else found


_READERS: Mapping[entry_form.FieldKind, Callable[[str], Any]] = {
    entry_form.FieldKind.NUMBER: _number,
    entry_form.FieldKind.DATE: parse_day,
    entry_form.FieldKind.DURATION: parse_minutes,
    entry_form.FieldKind.YES_NO: lambda text: text == "yes",
}


def _shown(one: entry_form.FormField, value: Any) -> Any:
    if one.kind in (entry_form.FieldKind.INDICATORS, entry_form.FieldKind.CHOICES):
        return list(value or ())
    if value is None or value == "":
        return ""
    if one.kind is entry_form.FieldKind.DURATION:
        return show_minutes(value)
    if one.kind is entry_form.FieldKind.YES_NO:
        return "yes" if value else "no"
    if one.kind is entry_form.FieldKind.NUMBER:
        return str(value).replace(".", ",")
    return str(value)


def _identifier(value: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise _unreadable() from None


def _moment(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise _unreadable() from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _unreadable() -> Invalid:
    return Invalid(_l("Cet envoi ne peut pas être lu. Rechargez la page « Sur le terrain », puis renvoyez-le."))


def _fault(one: entry_form.FormField | None, message: Any) -> Invalid:
    label = one.label.to(current_locale()) if one is not None else ""
    return Invalid(_l("%(label)s : %(error)s", label=label, error=message), one.code if one is not None else None)
