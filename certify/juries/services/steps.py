"""How a session goes from one state to another: one logged step at a time, backwards only with a reason."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.juries.models import JurySession, JuryStep, SessionState
from certify.juries.services.rows import locked, note
from competencies import jury_steps

_FORWARDS = {
    SessionState.CONVENED: ("jury:session:convened", "convened_at"),
    SessionState.DELIBERATING: ("jury:session:opened", "opened_at"),
    SessionState.CLOSED: ("jury:session:closed", "closed_at"),
    SessionState.PUBLISHED: ("jury:session:published", "published_at"),
}
"""What the audit chain says of each step, and the moment that the session keeps."""
_BACKWARDS = {
    SessionState.CREATED: ("jury:session:unconvened", "convened_at"),
    SessionState.CONVENED: ("jury:session:suspended", "opened_at"),
    SessionState.DELIBERATING: ("jury:session:reopened", "closed_at"),
    SessionState.CLOSED: ("jury:session:unpublished", "published_at"),
}
"""The same when a session goes back: the moment kept is erased, its step stays."""


def go(
    session: Session, actor: Actor, jury: JurySession, to: SessionState, *, reason: str = "", **detail: Any
) -> JuryStep:
    """Take a session to another state and write the step; the verb that calls it has checked what it must.

    `detail` joins what the audit chain notes. Raise Conflict when no step leads there, Invalid when it goes back
    without a reason.
    """
    jury = locked(session, jury.id)
    before, after = jury_steps.Step(jury.state.value), jury_steps.Step(to.value)
    if not jury_steps.may_go(before, after):
        raise Conflict(
            _l(
                "Cette session est %(state)s : cette étape n’est pas possible. Rouvrez sa page pour voir la suite.",
                state=jury.state.label,
            )
        )
    is_back, reason = jury_steps.is_backwards(before, after), reason.strip()
    if is_back and not reason:
        raise Invalid(_l("Écrivez pourquoi la session revient en arrière : le motif reste au journal."), "reason")
    require_anonymous(session, None, [("reason", _l("Motif"), reason)])
    tag, moment = (_BACKWARDS if is_back else _FORWARDS)[to]
    step = JuryStep(
        session_id=jury.id, number=_next_number(session, jury), from_state=jury.state, to_state=to, reason=reason,
        at=clock.now(), by_id=actor.user_id,
    )  # fmt: skip
    jury.state = to
    setattr(jury, moment, None if is_back else step.at)
    session.add(step)
    note(session, actor, tag, jury, jury, step=step.number, **detail)
    return step


def _next_number(session: Session, jury: JurySession) -> int:
    last = session.scalar(select(func.max(JuryStep.number)).where(JuryStep.session_id == jury.id))
    return (last or 0) + 1
