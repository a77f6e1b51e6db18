"""Reads about the versions of an entry: what each said, the answer it got, what changed from one to the next."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.anonymity.policies import Mask, masked
from certify.anonymity.queries import masks_of
from certify.core.differences import Passage, compare
from certify.core.i18n import lazy as _l
from certify.logbook.models import EntryContent, EntryReview, EntryVersion
from certify.logbook.policies import FREE_TEXTS, form_of_content
from certify.logbook.queries.contents import in_current_language, shown


@dataclass(frozen=True)
class SubmittedVersion:
    """One version of an entry and the answer it got."""

    version: EntryVersion
    content: EntryContent
    answer: EntryReview | None
    reviewer: str

    @property
    def number(self) -> int:
        """1 for the first submission."""
        return self.version.number

    @property
    def form(self) -> competencies.EntryForm:
        """The form it was written with."""
        return form_of_content(self.content)


@dataclass(frozen=True)
class Difference:
    """What changed in one part of an entry from one version to the next."""

    label: Any
    passages: tuple[Passage, ...]


def last_number(session: Session, entry_id: uuid.UUID) -> int:
    """Return the number of the latest version of an entry, 0 before the first."""
    return session.scalar(select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry_id)) or 0


def versions_of(session: Session, entry_id: uuid.UUID, *, for_author: bool = False) -> list[SubmittedVersion]:
    """Return every version of an entry with its answer, newest first, in two statements.

    What a reader flagged is blacked out for everybody but its author, who must find it to write it otherwise.
    """
    query = (
        select(EntryVersion, EntryReview, User)
        .outerjoin(EntryReview, EntryReview.version_id == EntryVersion.id)
        .outerjoin(User, User.id == EntryReview.reviewer_id)
        .where(EntryVersion.entry_id == entry_id)
        .order_by(EntryVersion.number.desc())
    )
    rows = session.execute(query).all()
    masks = {} if for_author else masks_of(session, [version.id for version, _answer, _reviewer in rows])
    return [
        SubmittedVersion(
            version, masked_content(version, masks.get(version.id, ())), answer, reviewer.name if reviewer else ""
        )
        for version, answer, reviewer in rows
    ]


def masked_content(version: EntryVersion, masks: Iterable[Mask]) -> EntryContent:
    """Return what a version says, with the passages that were flagged in it blacked out."""
    content = EntryContent.from_document(version.content)
    by_field: defaultdict[str, list[Mask]] = defaultdict(list)
    for mask in masks:
        by_field[mask.field].append(mask)
    if not by_field:
        return content
    columns = {
        code: masked(getattr(content, code), by_field[code]) for code in (*FREE_TEXTS, "ai_account") if code in by_field
    }
    values = {
        code: masked(value, by_field[code]) if isinstance(value, str) and code in by_field else value
        for code, value in content.values.items()
    }
    changes: dict[str, Any] = {**columns, "values": values}
    return replace(content, **changes)


def latest_contents(session: Session, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, EntryContent]:
    """Return what each entry said when it was last submitted, flagged passages blacked out; two statements."""
    last = (
        select(EntryVersion.entry_id, func.max(EntryVersion.number).label("number"))
        .where(EntryVersion.entry_id.in_(entry_ids))
        .group_by(EntryVersion.entry_id)
        .subquery()
    )
    query = select(EntryVersion).join(
        last, (EntryVersion.entry_id == last.c.entry_id) & (EntryVersion.number == last.c.number)
    )
    versions = list(session.scalars(query))
    masks = masks_of(session, [version.id for version in versions])
    return {version.entry_id: masked_content(version, masks.get(version.id, ())) for version in versions}


def differences_between(versions: list[SubmittedVersion]) -> dict[int, list[Difference]]:
    """Return, for each version but the first, what changed in it since the one before."""
    return {after.number: list(_differences(before.content, after.content)) for after, before in pairwise(versions)}


def _differences(before: EntryContent, after: EntryContent) -> Iterator[Difference]:
    for label, old, new in _compared(before, after):
        if old != new:
            yield Difference(label, compare(old, new))


def _compared(before: EntryContent, after: EntryContent) -> Iterator[tuple[Any, str, str]]:
    yield _l("Activité"), str(before.activity.label), str(after.activity.label)
    old_form, new_form = form_of_content(before), form_of_content(after)
    left_out = tuple(field for field in old_form.fields if field.code not in new_form)
    for field in (*new_form.fields, *left_out):
        old_field, new_field = old_form.field(field.code) or field, new_form.field(field.code) or field
        yield in_current_language(field.label), shown(old_field, before), shown(new_field, after)
    yield _l("Usage d’une IA"), _ai_use(before), _ai_use(after)


def _ai_use(content: EntryContent) -> str:
    label = str(content.ai_use.label) if content.ai_use is not None else ""
    return "\n".join(part for part in (label, content.ai_account) if part)
