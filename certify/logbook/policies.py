"""Yes/no questions about one entry, what it keeps of what is written, and what stands in the way of submitting it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import competencies
from certify.anonymity.policies import FileName
from certify.core.access import Actor, Permission
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.logbook.models import EntryContent, EntryState, LogbookEntry

EDITABLE = frozenset({EntryState.DRAFT, EntryState.AMENDING, EntryState.RETURNED})
READABLE_BY_STAFF = frozenset({EntryState.SUBMITTED, EntryState.AMENDING, EntryState.RETURNED, EntryState.ACCEPTED})
FREE_TEXTS = ("title", "place", "account", "reflection")
"""The standard fields that are texts, in columns of their own."""


@dataclass(frozen=True)
class Missing:
    """Something to fill in before an entry can be submitted; `field` names where."""

    field: str
    message: Any


def is_editable(entry: LogbookEntry) -> bool:
    """Whether its author may write in it."""
    return entry.state in EDITABLE


def may_amend(entry: LogbookEntry) -> bool:
    """Whether its author may take it back to amend it: it was submitted, and nobody has answered."""
    return entry.state is EntryState.SUBMITTED


def may_read_as_staff(actor: Actor, entry: LogbookEntry) -> bool:
    """Whether somebody of the training body may read it: a draft is its author's alone."""
    return entry.state in READABLE_BY_STAFF and entry.training_body_id in actor.organisations(Permission.LOGBOOK_READ)


def may_review(actor: Actor, entry: LogbookEntry, author_id: Any) -> bool:
    """Whether the actor may answer it: a trainer of the training body, never its author."""
    return entry.training_body_id in actor.organisations(Permission.LOGBOOK_REVIEW) and author_id != actor.user_id


def form_of_content(content: EntryContent) -> competencies.EntryForm:
    """Return the form something was written with; what is older than forms was written with the first one."""
    if content.form is None:
        return competencies.shipped_form(content.activity.value, 1)
    return competencies.EntryForm.from_document(content.form)


def written(entry: LogbookEntry, form: competencies.EntryForm, content: EntryContent) -> dict[str, Any]:
    """Return what the columns of an entry hold once `content` is written over it.

    What the form does not ask is kept as it was, unless `content` says something there: a text written on a form that
    has changed since is never lost.
    """
    kept = {code: value for code, value in entry.values.items() if code not in form}
    other_forms = {code: value for code, value in content.values.items() if code not in form and value}
    texts = {
        code: getattr(content, code) if code in form or getattr(content, code) else getattr(entry, code)
        for code in FREE_TEXTS
    }
    is_told = form.declares_ai or content.ai_use is not None
    return {
        "activity": content.activity,
        "happened_on": content.happened_on,
        "minutes": content.minutes,
        "values": {**kept, **other_forms, **form.typed(content.values)},
        "ai_use": content.ai_use if is_told else entry.ai_use,
        "ai_account": content.ai_account if is_told else entry.ai_account,
        **texts,
    }


def searchable(entry: LogbookEntry, form: competencies.EntryForm) -> str:
    """Return what an entry is found by: its words, and those of the answers chosen, without accents or capitals."""
    found = [getattr(entry, code) for code in FREE_TEXTS if code in form]
    for field in form.added:
        value = entry.values.get(field.code)
        if field.kind in (competencies.FieldKind.CHOICE, competencies.FieldKind.CHOICES):
            codes = value if isinstance(value, list) else [value] if isinstance(value, str) else []
            found += [field.label_of(code).fr for code in codes]
        elif isinstance(value, str):
            found.append(value)
    return plain("\n".join(part for part in found if part))


def plain(text: str) -> str:
    """Return a text without accents or capitals, for searching."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).lower()


def what_is_missing(content: EntryContent, today: date) -> tuple[Missing, ...]:
    """Return what must still be written before a trainer is asked to read, in the order of the form."""
    form, locale = form_of_content(content), current_locale()
    faults = {fault.field: fault.message.to(locale) for fault in form.check(content.values)}
    lacking = {field.code for field in form.missing(content.values)}
    found: list[Missing] = []
    for field in form.fields:
        if field.is_standard:
            found += _missing(field, content, today)
        elif field.code in faults:
            found.append(Missing(field.code, faults[field.code]))
        elif field.code in lacking:
            found.append(Missing(field.code, _fill_in(field)))
    if form.declares_ai and content.ai_use is None:
        found.append(Missing("ai_use", _l("Dites si une IA a aidé à écrire la fiche, même un peu.")))
    return tuple(found)


def _missing(field: competencies.FormField, content: EntryContent, today: date) -> Iterator[Missing]:
    happened_on = content.happened_on
    if field.code == "title" and not content.title:
        yield Missing("title", _l("Donnez un titre à la fiche."))
    elif field.code == "happened_on" and happened_on is None:
        yield Missing("happened_on", _l("Indiquez la date."))
    elif field.code == "happened_on" and happened_on is not None and happened_on > today:
        yield Missing("happened_on", _l("La date est à venir : une fiche raconte ce qui a eu lieu."))
    elif field.code == "minutes" and content.minutes is None:
        yield Missing("minutes", _l("Indiquez la durée."))
    elif field.code == "indicators" and not content.all_indicators:
        yield Missing("indicators", _l("Choisissez au moins un indicateur que la fiche illustre."))
    elif field.is_required and field.code == "files" and not content.files:
        yield Missing("evidence", _l("Joignez au moins un fichier."))
    elif field.is_required and field.code in FREE_TEXTS[1:] and not getattr(content, field.code):
        yield Missing(field.code, _fill_in(field))


def _fill_in(field: competencies.FormField) -> Any:
    return _l("Remplissez « %(label)s ».", label=field.label.to(current_locale()))


def texts_of(content: EntryContent) -> Iterator[tuple[str, Any, str]]:
    """Yield every free text of an entry with its field and its label: what the anonymity guard reads.

    The private note is not among them: it goes nowhere.
    """
    form, locale = form_of_content(content), current_locale()
    for field in form.fields:
        if field.code in FREE_TEXTS:
            yield field.code, field.label.to(locale), getattr(content, field.code)
    for code, label, text in form.texts(content.values):
        yield code, label.to(locale), text
    yield "ai_account", _l("Usage d’une IA"), content.ai_account
    for fact in content.files:
        yield "evidence", _l("Titre d’une preuve"), fact.title
        yield "evidence", _l("Nom d’un fichier"), FileName(fact.filename)
