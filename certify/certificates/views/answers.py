"""What a program reads of a certificate: the public page, as JSON."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for

from certify.certificates import policies
from certify.certificates.models import Certificate
from certify.core import clock
from certify.settings import Settings


def check_url(certificate: Certificate) -> str:
    """Return the public address that tells what a certificate is worth."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url.rstrip("/") + url_for("certificates.verify", code=certificate.code)


def as_document(certificate: Certificate, near: Mapping[uuid.UUID, Certificate]) -> dict[str, Any]:
    """Return what the public page says, in words that do not change with the language; described in the docs."""
    facts, state = certificate.facts, policies.state_of(certificate)
    return {
        "status": state.state.value,
        "status_since": state.since.isoformat(),
        "checked_at": clock.now().isoformat(),
        "valid_until": certificate.expires_on.isoformat() if certificate.expires_on else None,
        "replaced_by": _other(near.get(state.successor_id) if state.successor_id else None),
        # Its number alone, as printed: the address of what it replaces would give away a former name.
        "replaces": {"number": facts["replaces"]["number"]} if facts.get("replaces") else None,
        "renewed_by": _other(policies.renewal_of(certificate, near)),
        "code": certificate.code,
        "url": check_url(certificate),
        "kind": certificate.kind.value,
        "title": facts["title"],
        "number": certificate.number,
        "certification": facts["certification"],
        "registration": _registration(facts.get("recognition")),
        "framework": facts.get("framework"),
        "holder": {"name": facts["holder"]["name"]},
        "blocks": [{name: block[name] for name in ("code", "number", "title")} for block in facts.get("blocks", ())],
        "attendance": _attendance(facts.get("attendance")),
        "certifier": facts["certifier"],
        "training_body": facts.get("training_body"),
        "decided_on": facts.get("decided_on"),
        "minutes": facts.get("minutes"),
        "issued_on": facts["issued_on"],
        "place": facts.get("place"),
        "sha256": certificate.sha256 or None,
        "is_demo": bool(facts["is_demo"]),
    }


def _registration(quoted: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {"reference": quoted["reference"], "level": quoted["level"]} if quoted else None


def _attendance(counted: Mapping[str, Any] | None) -> dict[str, Any] | None:
    names = ("starts_on", "ends_on", "counted_on", "present", "expected", "minutes")
    return {name: counted[name] for name in names} if counted else None


def _other(certificate: Certificate | None) -> dict[str, str] | None:
    return {"number": certificate.number, "url": check_url(certificate)} if certificate else None
