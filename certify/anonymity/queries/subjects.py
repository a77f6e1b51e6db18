"""What can be flagged: rooms that keep what people write say how to read it."""

import uuid
from collections.abc import Callable, Collection, Iterable

from sqlalchemy.orm import Session

from certify.anonymity.policies import Subject, may_flag
from certify.core.access import Actor
from certify.core.errors import NotFound

Reader = Callable[[Session, Collection[uuid.UUID]], Iterable[Subject]]
_READERS: dict[str, Reader] = {}


def flaggable(kind: str) -> Callable[[Reader], Reader]:
    """Register how things of a kind are read, several at once, in a constant number of statements."""

    def register(reader: Reader) -> Reader:
        _READERS[kind] = reader
        return reader

    return register


def subjects_of(session: Session, wanted: Iterable[tuple[str, uuid.UUID]]) -> dict[uuid.UUID, Subject]:
    """Return things of several kinds by their ids, kind by kind; what no longer exists is left out."""
    by_kind: dict[str, set[uuid.UUID]] = {}
    for kind, subject_id in wanted:
        by_kind.setdefault(kind, set()).add(subject_id)
    return {
        subject.id: subject
        for kind, ids in sorted(by_kind.items())
        if kind in _READERS
        for subject in _READERS[kind](session, ids)
    }


def subject_for(session: Session, actor: Actor, kind: str, subject_id: uuid.UUID) -> Subject:
    """Return something that the actor may flag a passage of; raise NotFound otherwise."""
    subject = subjects_of(session, [(kind, subject_id)]).get(subject_id)
    if subject is None or not may_flag(actor, subject):
        raise NotFound()
    return subject
