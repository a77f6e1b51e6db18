"""What every verb of juries begins and ends with: the session locked, the change noted."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.core import audit
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.juries.models import JurySession


def locked(session: Session, jury_id: uuid.UUID) -> JurySession:
    """Return a session locked until the end of the transaction, with its seats."""
    query = select(JurySession).where(JurySession.id == jury_id).options(selectinload(JurySession.seats))
    return session.scalars(query.with_for_update(of=JurySession).execution_options(populate_existing=True)).one()


def being_prepared(session: Session, jury: JurySession) -> JurySession:
    """Return a session locked, whose members and candidates may still change; Conflict otherwise."""
    found = locked(session, jury.id)
    if not found.state.is_prepared:
        raise Conflict(_l("La délibération est ouverte ou close : la composition de cette session ne change plus."))
    return found


def note(session: Session, actor: Actor, tag: str, subject: Any, jury: JurySession, **detail: Any) -> None:
    """Record a change of a session, or of what belongs to it, in the audit chain."""
    session.flush()
    audit.record(session, actor, tag, subject, organisation_id=jury.certifying_body_id, jury_id=jury.id, **detail)


def digest(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of frozen facts, written in one canonical way."""
    plain = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
