"""What can be done with a civil identity: give one's own, check it against the document, correct it, keep a number."""

import uuid
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.sealing import KEEPS_SEALS
from certify.core.types import new_id
from certify.identities import policies, queries
from certify.identities.ciphers import closed_status, closed_text
from certify.identities.models import CivilIdentity, ProofKind, RegistrationNumber
from competencies.civil_status import CivilStatus


def give(session: Session, actor: Actor, *, status: CivilStatus, proof: ProofKind) -> CivilIdentity:
    """Give one's own identity, or give it again as long as nobody compared it with the document."""
    _lock(session, actor.user_id)
    known = queries.known_of(session, actor.user_id)
    if known.is_checked:
        raise Forbidden(
            _l("Votre identité a été vérifiée : pour la corriger, montrez le document à votre organisme de formation.")
        )
    if known.last is not None and (known.status, known.last.proof) == (status, proof):
        return known.last
    row = _add(session, actor, actor.user_id, known, status, proof)
    audit.record(session, actor, "identities:identity:given", row, number=row.number)
    return row


def check(session: Session, actor: Actor, enrolment: Enrolment, number: int) -> CivilIdentity:
    """Say that the identity that stands was compared with the document, and agrees."""
    _require_somebody_else(actor, enrolment)
    _lock(session, enrolment.user_id)
    last = queries.known_of(session, enrolment.user_id).last
    if last is None or last.number != number:
        raise Conflict(_l("Cette identité vient d’être changée : relisez-la avant de la vérifier."))
    if last.checked_at is None:
        last.checked_at, last.checked_by_id = clock.now(), actor.user_id
        session.flush()
        _note(session, actor, "identities:identity:checked", last, enrolment, number=number)
    return last


def correct(
    session: Session, actor: Actor, enrolment: Enrolment, *, status: CivilStatus, proof: ProofKind, known: int
) -> CivilIdentity:
    """Write somebody's identity from the document in hand, which checks it too; what was there before stays."""
    _require_somebody_else(actor, enrolment)
    _lock(session, enrolment.user_id)
    before = queries.known_of(session, enrolment.user_id)
    if (before.versions[0].row.number if before.versions else 0) != known:
        raise Conflict(
            _l("Cette identité vient d’être changée par quelqu’un d’autre. Rien n’a été écrasé : relisez-la.")
        )
    row = _add(session, actor, enrolment.user_id, before, status, proof)
    row.checked_at, row.checked_by_id = clock.now(), actor.user_id
    session.flush()
    changed = _changed(before.status, status)
    _note(session, actor, "identities:identity:corrected", row, enrolment, number=row.number, fields=changed)
    return row


def keep_number(
    session: Session, actor: Actor, user_id: uuid.UUID, *, number: str, enrolment_id: uuid.UUID | None = None
) -> RegistrationNumber:
    """Keep somebody's registration number (NIR), encrypted, once their certification is registered."""
    if not queries.asks_for_number(session, user_id, enrolment_id):
        raise Forbidden(_l("Ce numéro ne se demande qu’une fois la certification enregistrée."))
    _lock(session, user_id)
    known = queries.known_of(session, user_id)
    fault = policies.number_fault(number, known.status)
    if fault is not None:
        raise Invalid(fault, "number")
    row = known.number
    if row is None:
        row = RegistrationNumber(id=new_id(), user_id=user_id)
        session.add(row)
    row.content, row.recorded_at, row.purged_at = closed_text(policies.compact_number(number)), clock.now(), None
    session.flush()
    audit.record(session, actor, "identities:number:kept", row)
    return row


def forget_number(session: Session, actor: Actor | None, row: RegistrationNumber) -> None:
    """Remove a registration number for good: the row says that there was one, and when it went."""
    if row.content is None:
        return
    row.content, row.purged_at = None, clock.now()
    audit.record(session, actor, "identities:number:removed", row)


def move(session: Session, person_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Give what is known of a person to the account they are joined with, unless the account knows as much itself."""
    _lock(session, account_id)
    theirs, own = queries.known_of(session, person_id), queries.known_of(session, account_id)
    if not own.versions:
        change = update(CivilIdentity).where(CivilIdentity.user_id == person_id).values(user_id=account_id)
        # Whose it is changes, not what it says.
        session.execute(change, execution_options={KEEPS_SEALS: True, "synchronize_session": False})
        session.expire_all()
    if theirs.number is not None and not own.has_number:
        if own.number is not None:
            session.delete(own.number)
            session.flush()
        theirs.number.user_id = account_id
        session.flush()


def _add(
    session: Session, actor: Actor, user_id: uuid.UUID, known: queries.Known, status: CivilStatus, proof: ProofKind
) -> CivilIdentity:
    faults = status.faults(clock.today())
    if faults:
        raise Invalid(faults[0].message.to(current_locale()), faults[0].field)
    row = CivilIdentity(
        id=new_id(), user_id=user_id, number=(known.versions[0].row.number if known.versions else 0) + 1,
        content=closed_status(status), proof=proof, recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _changed(before: CivilStatus | None, after: CivilStatus) -> list[str]:
    """Name the fields that differ, without what they say."""
    old = before.to_document() if before is not None else {}
    new = after.to_document()
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _lock(session: Session, user_id: uuid.UUID) -> None:
    # Two people writing the identity of one person wait for each other here.
    session.execute(select(User.id).where(User.id == user_id).with_for_update())


def _require_somebody_else(actor: Actor, enrolment: Enrolment) -> None:
    if policies.is_own(actor, enrolment):
        raise Forbidden(_l("Cette identité est la vôtre : quelqu’un d’autre la compare au document."))


def _note(session: Session, actor: Actor, tag: str, row: Any, enrolment: Enrolment, **facts: Any) -> None:
    body = enrolment.training_body_id
    audit.record(session, actor, tag, row, organisation_id=body, enrolment_id=enrolment.id, **facts)
