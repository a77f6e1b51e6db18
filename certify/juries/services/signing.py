"""Signing the minutes: each member who sat, by a second factor, or the registrar's reason why one does not."""

import hmac
import secrets
import uuid
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.keys import keyed_digest
from certify.juries import policies, signatures
from certify.juries.models import (
    JuryMinutes,
    JurySeat,
    JurySession,
    JurySignature,
    MissingSignature,
    SessionState,
    SignatureMethod,
    SigningCode,
)
from certify.juries.services.rows import locked, note
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5


def sign(session: Session, actor: Actor, minutes: JuryMinutes, *, method: SignatureMethod) -> JurySignature:
    """Sign frozen minutes as a member who sat; whoever calls it has just checked the second factor that is named.

    What is signed is the digest of the facts. Signing twice keeps the first signature.
    """
    jury = _to_sign(session, minutes)
    seat = _seat_that_signs(jury, minutes, actor)
    known = next((one for one in signatures.given(session, minutes) if one.seat_id == seat.id), None)
    if known is not None:
        return known
    if str(seat.id) not in signatures.missing(session, minutes):
        raise Conflict(_l("L’organisme certificateur a indiqué que vous ne signez pas. Demandez-lui pourquoi."))
    signature = JurySignature(
        minutes_id=minutes.id, seat_id=seat.id, method=method, digest=minutes.facts["digest"], signed_at=clock.now()
    )
    session.add(signature)
    note(session, actor, "jury:minutes:signed", minutes, jury, digest=signature.digest, method=method.value)
    _end_when_complete(session, actor, jury, minutes)
    return signature


def state_missing(
    session: Session, actor: Actor, minutes: JuryMinutes, *, seat_id: uuid.UUID, reason: str
) -> MissingSignature:
    """State why a member who sat does not sign; the minutes print the reason."""
    jury = _to_sign(session, minutes)
    if not policies.is_registrar(jury, actor):
        raise Forbidden(_l("L’absence d’une signature est constatée par l’organisme certificateur."))
    if str(seat_id) not in signatures.missing(session, minutes):
        raise Conflict(_l("Ce membre a déjà signé, ou n’a pas siégé. Rouvrez le procès-verbal."))
    if signatures.missing(session, minutes) == [str(seat_id)] and not signatures.given(session, minutes):
        raise Conflict(
            _l(
                "Personne n’a signé ce procès-verbal : il lui faut au moins une signature. "
                "Attendez celle de ce membre, ou rouvrez la délibération."
            )
        )
    if not reason.strip():
        raise Invalid(_l("Écrivez pourquoi cette personne ne signe pas : le procès-verbal l’indique."), "reason")
    require_anonymous(session, None, [("reason", _l("Motif"), reason)])
    row = MissingSignature(
        minutes_id=minutes.id, seat_id=seat_id, reason=reason.strip(), stated_at=clock.now(), stated_by_id=actor.user_id
    )
    session.add(row)
    note(session, actor, "jury:minutes:signature-missing", minutes, jury, seat_id=seat_id)
    _end_when_complete(session, actor, jury, minutes)
    return row


def new_code(session: Session, actor: Actor, minutes: JuryMinutes) -> str:
    """Return the six digits to mail to a member, good once for ten minutes; the former code is worth nothing more.

    Only its keyed digest is kept.
    """
    jury = _to_sign(session, minutes)
    seat = _seat_that_signs(jury, minutes, actor)
    if str(seat.id) not in signatures.missing(session, minutes):
        raise Conflict(_l("Votre signature est déjà enregistrée."))
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.execute(delete(SigningCode).where(SigningCode.minutes_id == minutes.id, SigningCode.seat_id == seat.id))
    session.add(
        SigningCode(
            minutes_id=minutes.id,
            seat_id=seat.id,
            code_digest=_digest(minutes, seat, code),
            expires_at=clock.now() + CODE_LASTS,
        )
    )
    note(session, actor, "jury:minutes:code-sent", minutes, jury)
    return code


def try_code(session: Session, minutes: JuryMinutes, seat_id: uuid.UUID, code: str) -> bool:
    """Tell whether a mailed code is right; each try counts, the fifth wrong one ends the code, a right one too.

    To be called in a transaction of its own, so that a refusal does not give the try back.
    """
    query = select(SigningCode).where(SigningCode.minutes_id == minutes.id, SigningCode.seat_id == seat_id)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None or row.expires_at <= clock.now() or row.attempts >= MOST_TRIES:
        return False
    row.attempts += 1
    is_right = hmac.compare_digest(row.code_digest, _digest(minutes, row, "".join(code.split())))
    if is_right:
        session.delete(row)
    return is_right


def _digest(minutes: JuryMinutes, seat: JurySeat | SigningCode, code: str) -> str:
    seat_id = seat.id if isinstance(seat, JurySeat) else seat.seat_id
    return keyed_digest("jury-signing", f"{minutes.id}\0{seat_id}\0{code}")


def _seat_that_signs(jury: JurySession, minutes: JuryMinutes, actor: Actor) -> JurySeat:
    seat = policies.seat_of(jury, actor)
    if seat is None or str(seat.id) not in signatures.sat(minutes):
        raise Forbidden(_l("Seules les personnes qui ont siégé signent ce procès-verbal."))
    return seat


def _to_sign(session: Session, minutes: JuryMinutes) -> JurySession:
    jury = locked(session, minutes.session_id)
    if minutes.superseded_at is not None or jury.state is not SessionState.CLOSED:
        raise Conflict(_l("Ce procès-verbal ne se signe plus. Rouvrez la page de la session pour voir où elle en est."))
    return jury


def _end_when_complete(session: Session, actor: Actor, jury: JurySession, minutes: JuryMinutes) -> None:
    """Have the document made once nobody is left to sign, sealed with the key of the certifying body."""
    session.flush()
    if minutes.signed_at is None and not signatures.missing(session, minutes):
        minutes.signed_at = clock.now()
        ensure_key(session, session.get_one(Organisation, jury.certifying_body_id), actor)
        note(session, actor, "jury:minutes:complete", minutes, jury, digest=minutes.facts["digest"])
        outbox.send(session, "jury.minutes.complete", minutes_id=minutes.id)
