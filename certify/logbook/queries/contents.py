"""What an entry says now, and how each of its answers reads on a page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.core.durations import show_minutes
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day, number
from certify.evidence import queries as evidence
from certify.logbook import policies
from certify.logbook.models import EntryContent, FileFact, LogbookEntry
from certify.logbook.queries.forms import form_of

_Kind = competencies.FieldKind
_TOLD_APART = frozenset({"title", "happened_on", "minutes", "indicators", "files"})


def content_of(session: Session, entry: LogbookEntry) -> EntryContent:
    """Return what an entry says now to its form's questions, with its files: what submitting it would hand over."""
    form = form_of(session, entry)
    attached = evidence.attached_to(session, entry.id)
    facts = tuple(
        FileFact(
            str(item.id),
            item.title,
            item.filename,
            item.media_type,
            item.size,
            item.sha256,
            evidence.indicators_of(item),
        )
        for item in attached.files
    )
    texts = {code: getattr(entry, code) if code in form else "" for code in policies.FREE_TEXTS}
    return EntryContent(
        activity=entry.activity,
        happened_on=entry.happened_on,
        minutes=entry.minutes,
        indicators=attached.indicators,
        files=facts,
        values=form.typed(entry.values),
        ai_use=entry.ai_use,
        ai_account=entry.ai_account,
        form=form.to_document(),
        **texts,
    )


def differs(session: Session, entry: LogbookEntry, content: EntryContent) -> bool:
    """Whether what somebody wrote is not what is saved; files are left out."""
    wanted = policies.written(entry, form_of(session, entry), content)
    if any(getattr(entry, column) != value for column, value in wanted.items()):
        return True
    return set(evidence.attached_to(session, entry.id).indicators) != set(content.indicators)


def in_current_language(text: competencies.Text) -> str:
    """Return a wording of the domain in the reader's language."""
    return text.to(current_locale())


def answer_to(field: competencies.FormField, content: EntryContent) -> Any:
    """Return what an entry answers to one field of its form."""
    return getattr(content, field.code) if field.is_standard else content.values.get(field.code)


def shown(field: competencies.FormField, content: EntryContent) -> str:
    """Write what an entry answers to one field, as a reader sees it; nothing when it says nothing."""
    value = answer_to(field, content)
    if field.kind is _Kind.FILES:
        return "\n".join(f"{fact.title} ({fact.filename}) {', '.join(fact.indicators)}" for fact in value)
    if field.kind is _Kind.INDICATORS:
        return ", ".join(value)
    return shown_value(field, value)


def shown_value(field: competencies.FormField, value: Any) -> str:
    """Write one answer as a reader sees it."""
    if value in (None, "", []):
        return ""
    match field.kind:
        case _Kind.DATE:
            return day(value if isinstance(value, date) else date.fromisoformat(value))
        case _Kind.DURATION:
            return show_minutes(value)
        case _Kind.NUMBER:
            return number(value, 6)
        case _Kind.YES_NO:
            return _("Oui") if value else _("Non")
        case _Kind.CHOICE:
            return in_current_language(field.label_of(value))
        case _Kind.CHOICES:
            return ", ".join(in_current_language(field.label_of(code)) for code in value)
        case _:
            return str(value)


def answers_of(content: EntryContent) -> list[tuple[str, str]]:
    """Return what an entry answers beside its title, date, duration and indicators: each label and answer in order."""
    form = policies.form_of_content(content)
    told = [field for field in form.fields if field.code not in _TOLD_APART]
    found = [(in_current_language(field.label), shown(field, content)) for field in told]
    if content.ai_use is not None:
        found.append((_("Usage d’une IA"), " ".join(filter(None, (str(content.ai_use.label), content.ai_account)))))
    return [(label, text) for label, text in found if text]


def comments_of(content: EntryContent, comments: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a trainer said of single fields, each under the field's label, in the order of the form."""
    form = policies.form_of_content(content)
    return [(in_current_language(one.label), comments[one.code]) for one in form.fields if comments.get(one.code)]
