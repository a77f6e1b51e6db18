"""What happened to a session: the steps it took, and what was sent to whom."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core.i18n import lazy as _l
from certify.juries.models import Convocation, JurySession, JuryStep, SessionState
from competencies import is_backwards


@dataclass(frozen=True)
class Event:
    """One step, as the history shows it."""

    at: datetime
    who: str
    what: Any
    comment: str = ""


_FORWARDS = {
    SessionState.CONVENED: _l("Session convoquée"),
    SessionState.DELIBERATING: _l("Délibération ouverte"),
    SessionState.CLOSED: _l("Session close"),
    SessionState.PUBLISHED: _l("Résultats publiés"),
}
_BACKWARDS = {
    SessionState.CREATED: _l("Convocations annulées"),
    SessionState.CONVENED: _l("Délibération suspendue"),
    SessionState.DELIBERATING: _l("Session rouverte"),
    SessionState.CLOSED: _l("Publication retirée"),
}


def history_of(session: Session, jury: JurySession) -> list[Event]:
    """Return the steps a session took, the last first, then its creation."""
    rows = session.execute(
        select(JuryStep, User)
        .join(User, User.id == JuryStep.by_id)
        .where(JuryStep.session_id == jury.id)
        .order_by(JuryStep.number.desc())
    )
    events = [Event(step.at, user.name, _words(step), step.reason) for step, user in rows]
    return [*events, Event(jury.created_at, "", _l("Session créée"))]


def _words(step: JuryStep) -> Any:
    words = _BACKWARDS if is_backwards(step.from_state, step.to_state) else _FORWARDS
    return words[step.to_state]


@dataclass(frozen=True)
class Sent:
    """One mail about a session, with the name of whoever got it."""

    row: Convocation
    person: User


def sent_in(session: Session, jury_id: uuid.UUID) -> list[Sent]:
    """Return every convocation, change and cancellation sent, the last first."""
    rows = session.execute(
        select(Convocation, User)
        .join(User, User.id == Convocation.user_id)
        .where(Convocation.session_id == jury_id)
        .order_by(Convocation.sent_at.desc(), Convocation.id.desc())
    )
    return [Sent(row, user) for row, user in rows]
