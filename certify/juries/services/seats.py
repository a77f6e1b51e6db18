"""Who sits: somebody is called, described, taken off."""

import uuid

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.juries import candidates
from certify.juries.models import Candidacy, JurySeat, JurySession, JurySignature, Recusal, SeatPresence, Vote
from certify.juries.services import convening
from certify.juries.services.rows import being_prepared, note
from certify.organisations.models import Organisation


def add_seat(
    session: Session, actor: Actor, jury: JurySession, *, email: str, given_name: str, family_name: str,
    quality: str = "", is_external: bool = True, is_president: bool = False, is_reserve: bool = False,
    is_qualified: bool = False, gender: str = "", employer: str = "",
) -> JurySeat:  # fmt: skip
    """Call somebody to sit, found by their address or invited; what is wrong is said before the session opens."""
    jury = being_prepared(session, jury)
    _require_one_role(is_president=is_president, is_reserve=is_reserve)
    user, _is_new = accounts.find_or_create_user(session, email=email, given_name=given_name, family_name=family_name)
    if any(seat.user_id == user.id for seat in jury.seats):
        raise Conflict(_l("%(name)s siège déjà dans cette session.", name=user.name))
    seat = JurySeat(
        session_id=jury.id, user_id=user.id, quality=quality, is_external=is_external, is_president=is_president,
        is_reserve=is_reserve, is_qualified=is_qualified, gender=gender, employer=employer,
    )  # fmt: skip
    session.add(seat)
    body = session.get_one(Organisation, jury.certifying_body_id)
    accounts.invite(
        session, actor, user, organisation_id=body.id, organisation_name=body.name,
        reason=str(_l("siéger au jury n° %(reference)s", reference=jury.reference)),
    )  # fmt: skip
    note(session, actor, "jury:seat:added", seat, jury, user_id=user.id, is_president=is_president)
    session.flush()
    session.expire(jury, ["seats"])
    convening.tell_changes(session, jury)
    return seat


def change_seat(
    session: Session, actor: Actor, jury: JurySession, seat_id: uuid.UUID, *, quality: str, is_external: bool,
    is_president: bool, is_reserve: bool, is_qualified: bool, gender: str, employer: str,
) -> JurySeat:  # fmt: skip
    """Say otherwise in what quality somebody sits, until the session opens."""
    jury = being_prepared(session, jury)
    seat = _seat(jury, seat_id)
    _require_one_role(is_president=is_president, is_reserve=is_reserve)
    values = {
        "quality": quality, "is_external": is_external, "is_president": is_president, "is_reserve": is_reserve,
        "is_qualified": is_qualified, "gender": gender, "employer": employer,
    }  # fmt: skip
    changed = sorted(name for name, value in values.items() if getattr(seat, name) != value)
    if changed:
        _require_undecided(session, seat)
        for name, value in values.items():
            setattr(seat, name, value)
        note(session, actor, "jury:seat:changed", seat, jury, changed=changed)
        convening.tell_changes(session, jury)
    return seat


def _require_one_role(*, is_president: bool, is_reserve: bool) -> None:
    if is_president and is_reserve:
        raise Invalid(_l("La présidence siège : elle n’est pas confiée à une personne suppléante."), "is_president")


def remove_seat(session: Session, actor: Actor, jury: JurySession, seat_id: uuid.UUID) -> None:
    """Take somebody off a session that has not opened, and cancel their convocation."""
    jury = being_prepared(session, jury)
    seat = _seat(jury, seat_id)
    _require_undecided(session, seat)
    if _has_sat(session, seat):
        raise Conflict(
            _l("Cette personne a déjà siégé avant la suspension de la délibération : son siège reste au procès-verbal.")
        )
    note(session, actor, "jury:seat:removed", seat, jury, user_id=seat.user_id)
    session.delete(seat)
    session.flush()
    session.expire(jury, ["seats"])
    convening.tell_changes(session, jury)


def _seat(jury: JurySession, seat_id: uuid.UUID) -> JurySeat:
    found = next((one for one in jury.seats if one.id == seat_id), None)
    if found is None:
        raise NotFound()
    return found


def _require_undecided(session: Session, seat: JurySeat) -> None:
    """Refuse to touch the seat of somebody who took a decision that stands: the minutes name them as they sat."""
    ids = session.scalars(select(Candidacy.id).where(Candidacy.session_id == seat.session_id)).all()
    if any(seat.id in (one.seats or ()) for one in candidates.last_decisions(session, ids).values()):
        raise Conflict(
            _l("Cette personne a pris part à une décision de cette session : son siège reste tel qu’au procès-verbal.")
        )


def _has_sat(session: Session, seat: JurySeat) -> bool:
    traces = (exists().where(row.seat_id == seat.id) for row in (Vote, SeatPresence, Recusal, JurySignature))
    return any(session.scalar(select(trace)) for trace in traces)
