"""Operations as a device makes them."""

import io
import uuid
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certify.core import clock
from certify.core.access import Actor
from certify.core.types import new_id
from certify.field import services
from certify.field.models import FieldOperation, Kind
from certify.field.policies import sent_from
from certify.groups.models import Meeting, Presence
from tests.factories.logbook import photo


def operation(kind: Kind, subject: uuid.UUID, **payload: Any) -> dict[str, Any]:
    """Return one operation as a device sends it."""
    return {
        "id": str(new_id()),
        "kind": kind.value,
        "subject": str(subject),
        "made_at": clock.now().isoformat(),
        "payload": payload,
    }


def entry_of(subject: uuid.UUID | None = None, *, revision: int = 0, **fields: Any) -> dict[str, Any]:
    """Return an entry written on a device."""
    written = {"title": "Écrite sur le terrain", "happened_on": "2026-06-12", "minutes": "1 h 30"} | fields
    return operation(Kind.ENTRY, subject or new_id(), activity="group_meeting", revision=revision, fields=written)


def photo_of(subject: str, name: str = "salle.jpg") -> dict[str, Any]:
    """Return what tells of a photo; its bytes travel beside."""
    return operation(Kind.PHOTO, uuid.UUID(subject), filename=name, title="")


def sheet_of(meeting: Meeting, marks: Mapping[uuid.UUID, Presence], **more: Any) -> dict[str, Any]:
    """Return an attendance sheet taken on a device."""
    said = {str(one): {"presence": presence.value, "second_parent": False} for one, presence in marks.items()}
    return operation(Kind.ATTENDANCE, meeting.id, marks=said, **{"base": {}, "facilitator_present": True} | more)


def choice_of(conflict: FieldOperation, choice: str, **more: Any) -> dict[str, Any]:
    """Return what somebody chose on a device."""
    seen = conflict.answer["revision"]
    return operation(Kind.RESOLUTION, conflict.id, **{"choice": choice, "seen": seen, "kept": []} | more)


def receive(session: Session, actor: Actor, document: Mapping[str, Any]) -> FieldOperation:
    """Have the server take an operation, with its bytes when it is a photo; what is refused leaves nothing behind."""
    stream = io.BytesIO(photo()) if document["kind"] == Kind.PHOTO else None
    with session.begin_nested():
        done = services.receive(session, actor, sent_from(dict(document)), stream)
        session.flush()
    return done


def post(client: FlaskClient, document: object) -> TestResponse:
    """Send an operation as the page of the field does."""
    token = client.get("/field/person.json", headers={"Accept": "application/json"}).get_json()["csrf"]
    return client.post("/field/sync", json=document, headers={"Accept": "application/json", "X-CSRFToken": token})
