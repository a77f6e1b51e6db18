"""Yes/no questions about one entry, and what stands in the way of submitting it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import competencies
from certify.core.access import Actor, Permission
from certify.core.i18n import lazy as _l
from certify.logbook.models import EntryContent, EntryState, LogbookEntry

EDITABLE = frozenset({EntryState.DRAFT, EntryState.RETURNED})
READABLE_BY_STAFF = frozenset({EntryState.SUBMITTED, EntryState.RETURNED, EntryState.ACCEPTED})


@dataclass(frozen=True)
class Missing:
    """Something to fill in before an entry can be submitted; `field` names where."""

    field: str
    message: Any


@dataclass(frozen=True)
class Identifying:
    """A passage that would let somebody be recognised: where it stands, what it is, what to write instead."""

    field: str
    label: Any
    excerpt: str
    advice: competencies.Text


def is_editable(entry: LogbookEntry) -> bool:
    """Whether its author may write in it."""
    return entry.state in EDITABLE


def may_read_as_staff(actor: Actor, entry: LogbookEntry) -> bool:
    """Whether somebody of the training body may read it: a draft is its author's alone."""
    return entry.state in READABLE_BY_STAFF and entry.training_body_id in actor.organisations(Permission.LOGBOOK_READ)


def may_review(actor: Actor, entry: LogbookEntry, author_id: Any) -> bool:
    """Whether the actor may answer it: a trainer of the training body, never its author."""
    return entry.training_body_id in actor.organisations(Permission.LOGBOOK_REVIEW) and author_id != actor.user_id


def what_is_missing(content: EntryContent, today: date) -> tuple[Missing, ...]:
    """Return what must still be written before a trainer is asked to read."""
    return tuple(_missing(content, today))


def _missing(content: EntryContent, today: date) -> Iterator[Missing]:
    if not content.title:
        yield Missing("title", _l("Donnez un titre à la fiche."))
    if content.happened_on is None:
        yield Missing("happened_on", _l("Indiquez la date."))
    elif content.happened_on > today:
        yield Missing("happened_on", _l("La date est à venir : une fiche raconte ce qui a eu lieu."))
    if content.minutes is None:
        yield Missing("minutes", _l("Indiquez la durée."))
    if not content.account:
        yield Missing("account", _l("Racontez ce qui s’est passé."))
    if not content.all_indicators:
        yield Missing("indicators", _l("Choisissez au moins un indicateur que la fiche illustre."))


def what_identifies(content: EntryContent) -> tuple[Identifying, ...]:
    """Return every passage that would let a family or a professional be recognised, in the order of the page."""
    found = []
    for field, label, text in _texts(content):
        for finding in competencies.find_identifying(text):
            found.append(Identifying(field, label, finding.excerpt, competencies.advice(finding.kind)))
    return tuple(found)


def _texts(content: EntryContent) -> Iterator[tuple[str, Any, str]]:
    yield "title", _l("Titre"), content.title
    yield "place", _l("Lieu"), content.place
    yield "account", _l("Ce qui s’est passé"), content.account
    yield "reflection", _l("Ce que j’en retiens"), content.reflection
    for fact in content.files:
        yield "evidence", _l("Titre d’une preuve"), fact.title
        # « Mme_Nom.pdf » names a person as surely as « Mme Nom.pdf ».
        yield "evidence", _l("Nom d’un fichier"), fact.filename.replace("_", " ")
