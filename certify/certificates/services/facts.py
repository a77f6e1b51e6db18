"""The facts of a document, frozen when it is issued: everything printed, and nothing looked up afterwards."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import fields
from certify.certificates.models import Certificate, CertificateKind
from certify.certificates.queries import registration_of
from certify.certificates.services.settings import in_force
from certify.core.access import Actor
from certify.core.clock import PARIS
from certify.frameworks.models import FrameworkVersion, Recognition
from certify.frameworks.queries import framework_of
from certify.identities.queries import CivilName, civil_names
from certify.juries.queries import Award
from certify.juries.rules import rules_of
from certify.organisations.models import Organisation
from competencies import last_valid_day

_TEMPLATES = {CertificateKind.WHOLE: "certificate", CertificateKind.BLOCKS: "blocks"}


def of_award(
    session: Session, actor: Actor, award: Award, certificate: Certificate, replaced: Certificate | None
) -> dict[str, Any]:
    """Return what a certificate, or an attestation of blocks, says."""
    version = session.get_one(FrameworkVersion, award.jury.framework_version_id)
    framework = framework_of(session, version.id)
    training_body = session.get_one(Organisation, award.enrolment.training_body_id)
    common = common_facts(session, actor, certificate, award.holder, _TEMPLATES[certificate.kind])
    return common | {
        "certification": framework.title.fr,
        "framework": {"code": version.code, "version": version.version, "digest": version.digest},
        "blocks": [
            {"code": block.code, "number": block.number, "title": block.title.fr, "outcome": "acquired"}
            for block in framework.blocks
            if block.code in award.acquired
        ],
        "training_body": training_body.name,
        "decided_on": award.decided_on.isoformat(),
        "minutes": award.jury.reference,
        "place": common["place"] or award.jury.place,
        "is_demo": common["is_demo"] or training_body.is_demo,
        "recognition": _recognition(session, award, version),
        "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else None,
        "replaces": replaced_facts(replaced),
    }  # fmt: skip


def common_facts(
    session: Session, actor: Actor, certificate: Certificate, holder: User, template: str
) -> dict[str, Any]:
    """Return what every document says: who it is for, who issues it, when, and the fields set at that moment."""
    body = session.get_one(Organisation, certificate.certifying_body_id)
    return (
        issue_facts(session, actor, certificate)
        | issuing_facts(session, body, template)
        | {"holder": holder_facts(session, [holder])[holder.id], "is_demo": body.is_demo or holder.is_demo}
    )


def issue_facts(session: Session, actor: Actor, certificate: Certificate) -> dict[str, Any]:
    """Return what is new at each issue, whatever the document says."""
    issuer = session.get(User, actor.user_id)
    return {
        "kind": certificate.kind.value,
        "number": certificate.number,
        "code": certificate.code,
        "edition": certificate.edition,
        "issued_on": certificate.issued_at.astimezone(PARIS).date().isoformat(),
        "issuer": issuer.name if issuer is not None else actor.name,
    }


def issuing_facts(session: Session, body: Organisation, template: str) -> dict[str, Any]:
    """Return what every document that a body issues from a template says."""
    number, values = in_force(session, body.id, template)
    return {
        "title": values.get("heading") or fields.template(template).defaults()["heading"],
        "certifier": body.name,
        "place": body.city,
        "document": {"template": template, "settings": number, "fields": values},
    }


def holder_facts(session: Session, holders: Collection[User]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return how documents name people: as their civil status does once it was checked, else as their account."""
    known = civil_names(session, [holder.id for holder in holders])
    return {holder.id: _named(holder, known.get(holder.id)) for holder in holders}


def _named(holder: User, known: CivilName | None) -> dict[str, Any]:
    if known is None:
        return {"name": holder.name, "given_name": holder.given_name, "family_name": holder.family_name}
    return {
        "name": known.printed, "given_name": " ".join(known.given_names), "family_name": known.birth_name,
        "usage_name": known.usage_name, "is_checked": True,
    }  # fmt: skip


def last_day(session: Session, award: Award, kind: CertificateKind) -> date | None:
    """Return the last day of validity of the whole certification, if it ends; a block acquired is for good."""
    if kind is not CertificateKind.WHOLE:
        return None
    return last_valid_day(award.decided_on, rules_of(session, award.jury).validity_months)


def _recognition(session: Session, award: Award, version: FrameworkVersion) -> dict[str, Any] | None:
    """Return the registration that the document must quote: the one its declaration counts for (C. trav. L6113-6)."""
    body_id = award.jury.certifying_body_id
    found = registration_of(session, body_id, version.code, award.decided_on, award.enrolment)
    return _quoted(found) if found is not None else None


def _quoted(row: Recognition) -> dict[str, Any]:
    return {
        "state": row.state.value, "reference": row.reference, "level": row.level,
        "decided_on": row.decided_on.isoformat() if row.decided_on else None, "nsf": list(row.nsf),
    }  # fmt: skip


def replaced_facts(certificate: Certificate | None) -> dict[str, str] | None:
    """Return what a document says of the one it replaces, if any."""
    if certificate is None:
        return None
    return {"number": certificate.number, "issued_on": certificate.facts["issued_on"]}
