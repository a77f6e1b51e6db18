"""Who is there on the day: members and reserves noted present, and those who stand aside for a candidate."""

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, NotFound
from certify.core.i18n import lazy as _l
from certify.juries import policies
from certify.juries.models import Candidacy, JurySession, Recusal, SeatPresence, SessionState
from certify.juries.services.rows import locked, note
from certify.juries.sitting import Sitting, sitting_of


def note_presence(session: Session, actor: Actor, jury: JurySession, *, present: Collection[uuid.UUID]) -> Sitting:
    """Note who is there: those given, nobody else; a reserve given is called to sit. Only changes make rows."""
    jury = deliberating(session, jury.id)
    if not (policies.is_president(jury, actor) or policies.is_registrar(jury, actor)):
        raise Forbidden(_l("La présence est notée par la présidence du jury ou par l’organisme certificateur."))
    sitting = sitting_of(session, jury)
    known = {one.seat.id for one in sitting.members}
    if not known.issuperset(present):
        raise NotFound()
    changed = [one.seat for one in sitting.members if (one.seat.id in present) != (one.seat.id in sitting.present)]
    for seat in changed:
        is_present = seat.id in present
        row = SeatPresence(seat_id=seat.id, is_present=is_present, at=clock.now(), by_id=actor.user_id)
        session.add(row)
        note(session, actor, "jury:presence:noted", row, jury, seat_id=seat.id, is_present=is_present)
    return Sitting(sitting.members, frozenset(present), sitting.recused)


def recuse(
    session: Session, actor: Actor, candidacy: Candidacy, *, seat_id: uuid.UUID | None = None, reason: str = ""
) -> Recusal:
    """Stand aside for a candidate; the president or the registrar may note it for a member. It is for good."""
    jury = deliberating(session, candidacy.session_id)
    own = policies.seat_of(jury, actor)
    seat = own if seat_id is None else next((one for one in jury.seats if one.id == seat_id), None)
    if seat is None:
        raise NotFound()
    if seat is not own and not (policies.is_president(jury, actor) or policies.is_registrar(jury, actor)):
        raise Forbidden(_l("La récusation d’un autre membre est notée par la présidence du jury."))
    require_anonymous(session, candidacy.enrolment_id, [("reason", _l("Motif"), reason)])
    query = select(Recusal).where(Recusal.seat_id == seat.id, Recusal.candidacy_id == candidacy.id)
    if (known := session.scalars(query).one_or_none()) is not None:
        return known
    row = Recusal(
        seat_id=seat.id, candidacy_id=candidacy.id, reason=reason.strip(), at=clock.now(), by_id=actor.user_id
    )
    session.add(row)
    note(session, actor, "jury:recusal:noted", row, jury, seat_id=seat.id, candidacy_id=candidacy.id)
    return row


def deliberating(session: Session, jury_id: uuid.UUID) -> JurySession:
    """Return a session locked, in deliberation; Conflict otherwise."""
    jury = locked(session, jury_id)
    if jury.state is not SessionState.DELIBERATING:
        raise Conflict(_l("Ce jury ne délibère pas. Rouvrez la page de la session pour voir où elle en est."))
    return jury
