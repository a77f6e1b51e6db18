"""What each row of a file says as an entry, or what is wrong with it: the line, the column, what is expected."""

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import competencies
from certify.cohorts.queries import folded
from certify.core.errors import RowFault
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.logbook.importing import cells
from certify.logbook.importing.columns import ADDED, Columns
from certify.logbook.models import Activity, EntryContent

SHORT, LONG = 160, 20_000
_OLDEST_YEAR = 1990
_Kind = competencies.FieldKind


@dataclass(frozen=True)
class ReadRow:
    """One row: what it says, or its faults."""

    line: int
    cells: tuple[str, ...]
    identity: uuid.UUID
    """The same row of the same trainee is the same entry, however often it is imported."""
    content: EntryContent | None
    faults: tuple[RowFault, ...]


@dataclass(frozen=True)
class Setting:
    """What a file is read against."""

    enrolment_id: uuid.UUID
    forms: Mapping[Activity, competencies.EntryForm]
    indicators: frozenset[str]
    today: date


def read_rows(headings: Sequence[str], rows: Sequence[Any], columns: Columns, setting: Setting) -> Iterator[ReadRow]:
    """Read the rows of an import, each (line, cells)."""
    seen: Counter[str] = Counter()
    for line, texts in rows:
        said = json.dumps(texts, ensure_ascii=False)
        seen[said] += 1
        identity = uuid.uuid5(setting.enrolment_id, f"logbook-import:{seen[said]}:{said}")
        reading = _Reading(headings, columns, setting, line, texts)
        content = reading.content()
        faults = tuple(reading.faults)
        yield ReadRow(line, tuple(texts), identity, None if faults else content, faults)


class _Reading:
    """One row being read."""

    def __init__(
        self, headings: Sequence[str], columns: Columns, setting: Setting, line: int, texts: Sequence[str]
    ) -> None:
        self.headings, self.columns, self.setting, self.line, self.texts = headings, columns, setting, line, texts
        self.faults: list[RowFault] = []
        self.left_over: list[str] = []

    def content(self) -> EntryContent | None:
        """Return what the row says; its faults are noted."""
        happened_on, activity = self._day(), self._activity()
        minutes, indicators = self._minutes(), self._indicators()
        values = self._values(self.setting.forms[activity]) if activity else {}
        if activity is None:
            return None
        account = "\n\n".join(part for part in (self._several("account"), *self.left_over) if part)
        return EntryContent(
            activity=activity,
            title=self._bounded("title", SHORT) or str(activity.label),
            happened_on=happened_on,
            minutes=minutes,
            place=self._bounded("place", SHORT),
            account=self._at_most(self.columns.column_of("account"), account, LONG),
            reflection=self._at_most(self.columns.column_of("reflection"), self._several("reflection"), LONG),
            indicators=indicators,
            values=values,
            ai_use=self.columns.ai_use,
        )

    def _day(self) -> date | None:
        at = self.columns.column_of("happened_on")
        text = self._text(at)
        if not text:
            self._fault(at, _l("Indiquez la date de l’activité, par exemple 12/06/2026."))
            return None
        try:
            found = cells.day(text)
        except ValueError as error:
            self._fault(at, error.args[0])
            return None
        if found > self.setting.today:
            self._fault(at, _l("La date est à venir : une fiche raconte ce qui a eu lieu."))
        elif found.year < _OLDEST_YEAR:
            self._fault(at, _l("Cette date est trop ancienne : vérifiez l’année."))
        return found

    def _activity(self) -> Activity | None:
        at = self.columns.column_of("activity")
        text = " ".join(self._text(at).split())
        found = self.columns.activities.get(folded(text)) if text else None
        if found is None and not text:
            found = self.columns.activity
        if found is None:
            self._fault(at, _l("Cette activité n’est pas reconnue : choisissez à quoi elle correspond."))
        return found

    def _minutes(self) -> int | None:
        at = self.columns.column_of("minutes")
        text = self._text(at)
        if not text:
            return None
        try:
            return cells.minutes(text, self.columns.unit)
        except ValueError as error:
            self._fault(at, error.args[0])
            return None

    def _indicators(self) -> tuple[str, ...]:
        at = self.columns.column_of("indicators")
        codes = [code for code in re.split(r"[\s,;/|]+", self._text(at)) if code]
        unknown = [code for code in codes if code not in self.setting.indicators]
        if unknown:
            message = _l("« %(code)s » n’est pas un indicateur de votre référentiel.", code=unknown[0][:20])
            self._fault(at, message)
        return tuple(dict.fromkeys(codes))

    def _values(self, form: competencies.EntryForm) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for n, name in sorted(self.columns.fields.items()):
            text = self._text(n)
            if not name.startswith(ADDED) or not text:
                continue
            field = form.field(name.removeprefix(ADDED))
            if field is None:
                # Nothing of a row is lost: what its activity does not ask is told with the rest.
                self.left_over.append(f"{self.headings[n]} : {text}")
                continue
            try:
                values[field.code] = _typed(field, text, self.columns)
            except ValueError as error:
                self._fault(n, error.args[0])
        for fault in form.check(values):
            at = next((n for n, name in self.columns.fields.items() if name == f"{ADDED}{fault.field}"), None)
            self._fault(at, fault.message.to(current_locale()))
        return values

    def _bounded(self, part: str, limit: int) -> str:
        at = self.columns.column_of(part)
        return self._at_most(at, " ".join(self._text(at).split()), limit)

    def _at_most(self, at: int | None, text: str, limit: int) -> str:
        if len(text) > limit:
            self._fault(at, _l("Ce texte est trop long : %(max)s caractères au plus.", max=limit))
        return text

    def _several(self, part: str) -> str:
        told = [(n, self._text(n)) for n, name in sorted(self.columns.fields.items()) if name == part]
        told = [(n, text) for n, text in told if text]
        if len(told) < 2:
            return told[0][1] if told else ""
        return "\n\n".join(f"{self.headings[n]} : {text}" for n, text in told)

    def _text(self, at: int | None) -> str:
        return self.texts[at].strip() if at is not None and at < len(self.texts) else ""

    def _fault(self, at: int | None, message: Any) -> None:
        column = self.headings[at] if at is not None else str(_l("(colonne absente)"))
        self.faults.append(RowFault(self.line, column, message, self._text(at)[:60]))


def _typed(field: competencies.FormField, text: str, columns: Columns) -> Any:
    match field.kind:
        case _Kind.NUMBER:
            return cells.number(text)
        case _Kind.DATE:
            return cells.day(text).isoformat()
        case _Kind.DURATION:
            return cells.minutes(text, columns.unit)
        case _Kind.YES_NO:
            return cells.yes_or_no(text)
        case _Kind.CHOICE:
            return _option(field, text)
        case _Kind.CHOICES:
            return [_option(field, part) for part in re.split(r"[,;/|\n]+", text) if part.strip()]
        case _:
            return text


def _option(field: competencies.FormField, text: str) -> str:
    wanted = folded(text.strip())
    for option in field.options:
        if wanted in (folded(option.code), folded(option.label.fr), folded(option.label.en)):
            return option.code
    offered = ", ".join(option.label.to(current_locale()) for option in field.options[:6])
    raise ValueError(
        _l("« %(value)s » n’est pas une réponse proposée : %(offered)s.", value=text.strip()[:40], offered=offered)
    )
