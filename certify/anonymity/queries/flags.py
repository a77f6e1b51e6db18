"""Flagged passages: what is masked, what an author has to rewrite, what the staff of a training body flagged."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity.models import TextFlag
from certify.anonymity.policies import Mask, Passage, Subject, digest_of_passage, masked
from certify.anonymity.queries.subjects import subjects_of
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound

_MOST_LINES = 200


@dataclass(frozen=True)
class FlagLine:
    """One flag of a list."""

    flag: TextFlag
    subject: Subject | None
    """None once what was flagged no longer exists."""
    title: str
    """What is flagged in it stays masked."""
    label: Any
    reader: str
    words: str
    """The passage, for its author alone."""
    is_rewritten: bool


def masks_of(session: Session, subject_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, tuple[Mask, ...]]:
    """Return the flagged passages of several versions, pieces or sessions at once; one statement.

    Everybody but the author reads `policies.masked(text, masks)`; a withdrawn flag masks nothing any more.
    """
    wanted = select(TextFlag).where(TextFlag.subject_id.in_(subject_ids), TextFlag.is_withdrawn.is_(False))
    found: dict[uuid.UUID, tuple[Mask, ...]] = {}
    for flag in session.scalars(wanted.order_by(TextFlag.start, TextFlag.id)) if subject_ids else ():
        mask = Mask(flag.field, flag.start, flag.end, flag.id, flag.digest)
        found[flag.subject_id] = (*found.get(flag.subject_id, ()), mask)
    return found


def flag_for(session: Session, actor: Actor, flag_id: uuid.UUID) -> TextFlag:
    """Return a flag of a training body where the actor flags; raise NotFound otherwise."""
    bodies = actor.organisations(Permission.TEXT_FLAG)
    query = select(TextFlag).where(TextFlag.id == flag_id, TextFlag.training_body_id.in_(bodies))
    flag = session.scalars(query.with_for_update()).one_or_none()
    if flag is None or flag.author_id == actor.user_id:
        raise NotFound()
    return flag


def flags_to_rewrite(session: Session, actor: Actor) -> list[FlagLine]:
    """Return what was flagged in what the actor wrote and still stands there, the latest first."""
    found = _lines(session, _open().where(TextFlag.author_id == actor.user_id), for_author=True)
    return [line for line in found if not line.is_rewritten]


def count_to_rewrite(session: Session, actor: Actor) -> int:
    """Return how many passages of the actor's are flagged and not settled."""
    query = _open().where(TextFlag.author_id == actor.user_id).order_by(None)
    return session.scalar(query.with_only_columns(func.count())) or 0


def flags_in_bodies(session: Session, actor: Actor) -> list[FlagLine]:
    """Return what was flagged in the training bodies where the actor flags, written by others, the latest first."""
    bodies = actor.organisations(Permission.TEXT_FLAG)
    query = _newest().where(TextFlag.training_body_id.in_(bodies), TextFlag.author_id != actor.user_id)
    return _lines(session, query.where(TextFlag.is_withdrawn.is_(False)), for_author=False) if bodies else []


def unsettled(session: Session, after: uuid.UUID | None, at_most: int) -> list[FlagLine]:
    """Return flags that wait for another version, in the order they were made, after one of them."""
    query = select(TextFlag).where(TextFlag.settled_at.is_(None)).order_by(TextFlag.id).limit(at_most)
    return _lines(session, query.where(TextFlag.id > after) if after else query, for_author=False)


def _newest() -> Select[TextFlag]:
    return select(TextFlag).order_by(TextFlag.flagged_at.desc(), TextFlag.id.desc()).limit(_MOST_LINES)


def _open() -> Select[TextFlag]:
    return _newest().where(TextFlag.settled_at.is_(None))


def _lines(session: Session, query: Select[TextFlag], *, for_author: bool) -> list[FlagLine]:
    flags = list(session.scalars(query))
    subjects = subjects_of(session, [(flag.subject_kind, flag.subject_id) for flag in flags])
    masks = {} if for_author else masks_of(session, [flag.subject_id for flag in flags])
    readers = _names_of(session, (flag.flagged_by_id for flag in flags))
    return [
        _line(flag, subjects.get(flag.subject_id), masks.get(flag.subject_id, ()), readers, for_author=for_author)
        for flag in flags
    ]


def _line(
    flag: TextFlag,
    subject: Subject | None,
    masks: Iterable[Mask],
    readers: Mapping[uuid.UUID, str],
    *,
    for_author: bool,
) -> FlagLine:
    words = subject.words_at(Passage(flag.field, flag.start, flag.end)) if subject else ""
    stands = digest_of_passage(words) == flag.digest
    handed_in_since = subject is None or (subject.handed_in_at is not None and subject.handed_in_at > flag.flagged_at)
    title = masked(str(subject.title), [mask for mask in masks if mask.field == "title"]) if subject else ""
    return FlagLine(
        flag,
        subject,
        title,
        next((label for field, label, _ in subject.texts if field == flag.field), "") if subject else "",
        readers.get(flag.flagged_by_id, ""),
        words if for_author and stands else "",
        not stands or handed_in_since,
    )


def _names_of(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    wanted = set(ids)
    people = session.scalars(select(User).where(User.id.in_(wanted))) if wanted else ()
    return {person.id: person.name for person in people}
