"""Taking what a device sends: each operation has one effect, in the transaction that remembers it."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.field import queries
from certify.field.models import FieldOperation, Kind, Outcome
from certify.field.policies import Sent, resolution_from
from certify.field.services import conflicts, entries, meetings
from certify.logbook import queries as logbook
from certify.logbook import services as writing


def receive(session: Session, actor: Actor, sent: Sent, photo: BinaryIO | None = None) -> FieldOperation:
    """Do what was done on a device; sent again, the operation gets its first answer and does nothing.

    Two contents that cannot be put together make a conflict, kept until somebody chooses. What is refused raises, and
    leaves no trace: the device keeps it with the reason, and may send it again.
    """
    earlier = queries.operation_of(session, actor, sent.id)
    if earlier is not None:
        return earlier
    enrolment = own_enrolment(session, actor, sent.enrolment_id)
    operation = FieldOperation(
        id=sent.id,
        enrolment_id=enrolment.id,
        user_id=actor.user_id,
        kind=sent.kind,
        subject_id=sent.subject_id,
        payload=dict(sent.payload),
        outcome=Outcome.APPLIED,
        answer={},
        made_at=sent.made_at,
        received_at=clock.now(),
    )
    session.add(operation)
    # Of the same operation sent twice at one moment, the second breaks here on the key, and asks again.
    session.flush()
    if sent.kind is Kind.PHOTO:
        _attach(session, actor, operation, photo)
    else:
        _EFFECTS[sent.kind](session, actor, enrolment, operation)
    if operation.outcome is Outcome.APPLIED:
        operation.payload = {}
    else:
        audit.record(
            session, actor, "field:conflict:opened", operation, organisation_id=enrolment.training_body_id,
            kind=operation.kind, about=str(operation.subject_id),
        )  # fmt: skip
    return operation


def _attach(session: Session, actor: Actor, operation: FieldOperation, photo: BinaryIO | None) -> None:
    if photo is None or operation.subject_id is None:
        raise Invalid(_l("La photo n’est pas arrivée : renvoyez-la."), "file")
    entry = logbook.own_entry(session, actor, operation.subject_id, lock=True)
    item = writing.attach(
        session, actor, entry, stream=photo,
        filename=str(operation.payload.get("filename") or "photo.jpg"),
        title=str(operation.payload.get("title") or "")[:160],
    )  # fmt: skip
    operation.answer = {"item": str(item.id)}


def _resolve(session: Session, actor: Actor, _enrolment: Enrolment, operation: FieldOperation) -> None:
    assert operation.subject_id is not None  # every operation names its subject
    conflict = queries.conflict_for(session, actor, operation.subject_id, lock=True)
    conflicts.resolve(session, actor, conflict, resolution_from(operation.payload))
    is_open = conflict.outcome is Outcome.CONFLICT
    operation.answer = {"is_open": is_open, "answer": conflict.answer}


_EFFECTS: Mapping[Kind, Callable[[Session, Actor, Enrolment, FieldOperation], None]] = {
    Kind.ENTRY: entries.write,
    Kind.ATTENDANCE: meetings.take,
    Kind.RESOLUTION: _resolve,
}
