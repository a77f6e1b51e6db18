"""A duplicate: the same sealed bytes given again, with a numbered sheet and its reason in the register."""

from typing import Any

from sqlalchemy.orm import Session

from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind, CertificateKind
from certify.certificates.services.noting import note
from certify.certificates.services.standing import checked_reason, locked_with_events
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key

DUPLICATED = "certificate.duplicated"
"""Outbox topic of a duplicate, with the `event_id`."""
LONGEST_REASON = 160


def duplicate(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """Record a duplicate, numbered 1, 2…, and have its sheet made; the original's document is never made again.

    Raises Conflict for a certificate that is no longer worth what it says, or whose document is not made yet.
    """
    wanted = checked_reason(" ".join(reason.split()))
    if len(wanted) > LONGEST_REASON:
        raise Invalid(_l("Ce texte est trop long : %(max)s caractères au plus.", max=LONGEST_REASON), "reason")
    locked = locked_with_events(session, certificate)
    if (hindrance := why_not(locked)) is not None:
        raise Conflict(hindrance)
    body = session.get_one(Organisation, locked.certifying_body_id)
    ensure_key(session, body, actor)
    number = 1 + len(sheets_of(locked))
    event = CertificateEvent(
        id=new_id(), certificate_id=locked.id, kind=CertificateEventKind.DUPLICATED, number=number, at=clock.now(),
        by_id=actor.user_id, reason=wanted,
    )  # fmt: skip
    session.add(event)
    session.flush()
    session.expire(locked, ["events"])
    note(session, actor, "certificate:record:duplicated", locked, number=locked.number, duplicate=number)
    outbox.send(session, DUPLICATED, event_id=event.id)
    return event


def why_not(certificate: Certificate) -> Any:
    """Tell why no duplicate of a certificate can be given now, if none can; its events are loaded."""
    if certificate.kind is CertificateKind.ATTENDANCE:
        return _l("Une attestation d’assiduité n’a pas de duplicata : délivrez-la de nouveau.")
    if not policies.state_of(certificate).is_valid:
        return _l("Ce document n’est plus valide : il n’en est pas délivré de duplicata.")
    if not certificate.storage_key:
        return _l("Le document d’origine est en cours de fabrication. Réessayez dans un instant.")
    return None


def sheets_of(certificate: Certificate) -> list[CertificateEvent]:
    """Return the duplicates of a certificate, the first one first; its events are loaded."""
    return [event for event in certificate.events if event.kind is CertificateEventKind.DUPLICATED]
