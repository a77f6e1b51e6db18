"""Signing: each side vouches for what the session says now, and for nothing else."""

from typing import Any

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment, Presence
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.supervision import policies, queries
from certify.supervision.models import Side, SupervisionSession, SupervisionSignature
from certify.supervision.queries import Attendee
from certify.supervision.services.recording import check_revision


def sign_as_trainee(
    session: Session,
    actor: Actor,
    held: SupervisionSession,
    enrolment: Enrolment,
    *,
    revision: int,
    signer: User | None = None,
) -> SupervisionSignature:
    """Sign what a trainee read of a session they came to.

    `signer` is the trainee whose password was just checked on the supervisor's own device; without it, the actor signs.
    """
    signer_id = signer.id if signer else actor.user_id
    if enrolment.user_id != signer_id:
        raise Forbidden(_l("Chacun signe pour soi."))
    _check(session, held, revision)
    mine = next((one for one in queries.attendees_of(session, held) if one.enrolment.id == enrolment.id), None)
    if mine is None or not mine.came:
        raise Invalid(_l("Seules les personnes notées présentes signent la séance."))
    if mine.by_trainee is not None:
        raise Conflict(_l("Vous avez déjà signé cette séance telle qu’elle est."))
    return _sign(session, actor, held, mine, Side.TRAINEE, signer_id, together=signer is not None)


def sign_as_supervisor(
    session: Session, actor: Actor, held: SupervisionSession, *, revision: int
) -> list[SupervisionSignature]:
    """Sign, as who led it, what a session says of everybody who came."""
    if held.supervisor_id != actor.user_id:
        raise Forbidden(_l("Seule la personne qui a mené la séance la signe de ce côté."))
    _check(session, held, revision)
    came = [one for one in queries.attendees_of(session, held) if one.came]
    if not came:
        raise Invalid(_l("Notez d’abord qui est venu : on ne signe que pour les personnes présentes."))
    waiting = [one for one in came if one.by_supervisor is None]
    if not waiting:
        raise Conflict(_l("Vous avez déjà signé cette séance telle qu’elle est."))
    return [_sign(session, actor, held, one, Side.SUPERVISOR, actor.user_id) for one in waiting]


def _check(session: Session, held: SupervisionSession, revision: int) -> None:
    check_revision(session, held, revision)
    if not policies.is_due(held, clock.today()):
        raise Conflict(_l("Une séance annulée ou à venir ne se signe pas."))


def _sign(
    session: Session, actor: Actor, held: SupervisionSession, one: Attendee, side: Side, signer_id: Any,
    *, together: bool = False,
) -> SupervisionSignature:  # fmt: skip
    supervisor = session.get_one(User, held.supervisor_id).name
    facts = policies.facts_of(held, one.presence or Presence.PRESENT, supervisor, one.person.name)
    signature = SupervisionSignature(
        id=new_id(), session_id=held.id, enrolment_id=one.enrolment.id, side=side, signer_id=signer_id,
        revision=held.revision, facts=facts | {"is_together": together}, signed_at=clock.now(),
    )  # fmt: skip
    session.add(signature)
    audit.record(
        session, actor, "supervision:session:signed", held, organisation_id=held.training_body_id,
        side=side, revision=held.revision, enrolment_id=one.enrolment.id, is_together=together,
    )  # fmt: skip
    return signature
