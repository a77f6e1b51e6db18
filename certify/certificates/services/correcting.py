"""Correcting what a document says: a new one « annule et remplace » the old one, which stays in the register."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateEventKind, CertificateKind, CertificateState
from certify.certificates.services import facts
from certify.certificates.services.issuing import enter, locked_counter, new_certificate, replacing
from certify.certificates.services.standing import checked_reason, locked_with_events, turn
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.juries import queries as juries

_COMPARED = (
    ("holder", _l("Titulaire")), ("certifier", _l("Organisme certificateur")), ("place", _l("Lieu")),
    ("training_body", _l("Organisme de formation")), ("issuer", _l("Délivré par")),
    ("recognition", _l("Enregistrement")), ("title", _l("Titre du document")),
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that a correction would say otherwise."""

    label: Any
    before: str
    after: str


def changes(session: Session, actor: Actor, certificate: Certificate) -> list[Change]:
    """Return what a document issued today from the same decision would say otherwise; nothing is written."""
    fresh = _fresh(session, actor, certificate, certificate)
    pairs = [(label, _shown(certificate.facts.get(key)), _shown(fresh.get(key))) for key, label in _COMPARED]
    return [Change(label, before, after) for label, before, after in pairs if before != after]


def correct(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> Certificate:
    """Issue the next edition of a certificate, with the facts of today on the same decision; the old one is replaced.

    Raises Conflict, saying why, for a certificate that is not valid, that its jury no longer confirms, or that is an
    attestation of attendance, which is issued anew.
    """
    said = checked_reason(reason)
    counter = locked_counter(session, certificate.certifying_body_id, clock.today().year)
    locked = locked_with_events(session, certificate)
    if (hindrance := why_not(session, locked)) is not None:
        raise Conflict(hindrance)
    fresh = new_certificate(
        actor, counter, locked.kind, holder_id=locked.holder_id, enrolment_id=locked.enrolment_id,
        decision_id=locked.decision_id,
    )  # fmt: skip
    replacing(fresh, locked)
    fresh.expires_on = locked.expires_on
    fresh.facts = _fresh(session, actor, locked, fresh)
    enter(session, actor, fresh)
    turn(session, actor, locked, CertificateEventKind.REPLACED, reason=said, successor=fresh)
    return fresh


def why_not(session: Session, certificate: Certificate) -> Any:
    """Tell why a certificate cannot be corrected, if it cannot; its events are loaded."""
    if certificate.kind is CertificateKind.ATTENDANCE or certificate.decision_id is None:
        return _l("Une attestation d’assiduité ne se corrige pas : délivrez-la de nouveau.")
    if not policies.may_become(certificate, CertificateEventKind.REPLACED):
        return _l("Ce document a déjà été révoqué ou remplacé : il ne se corrige plus.")
    award = juries.award_of_candidacy(session, certificate.decision_id)
    if award is None:
        return _l("Les résultats de cette session de jury ne sont pas publiés : attendez leur publication.")
    if not policies.says_the_same(certificate, award):
        return _l("Le jury a depuis décidé autre chose : délivrez ce qu’il accorde depuis la page de sa session.")
    if certificate.state is CertificateState.SUSPENDED:
        return _l("Ce document est suspendu : levez d’abord la suspension, ou révoquez-le.")
    return None


def _fresh(session: Session, actor: Actor, old: Certificate, new: Certificate) -> dict[str, Any]:
    assert old.decision_id is not None  # narrows: `why_not` refused the others
    award = juries.award_of_candidacy(session, old.decision_id)
    assert award is not None  # narrows: the same
    # Decided again without a change, the document still says the day from which its validity counts.
    award = replace(award, decided_on=policies.decided_on(old))
    return facts.of_award(session, actor, award, new, old)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("reference") or "")
    return str(value or "")
