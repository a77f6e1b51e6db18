"""Each change of a certificate enters the audit chain."""

from typing import Any

from sqlalchemy.orm import Session

from certify.certificates.models import Certificate
from certify.core import audit
from certify.core.access import Actor


def note(session: Session, actor: Actor | None, tag: str, certificate: Certificate, **detail: Any) -> None:
    """Record what was done to a certificate."""
    audit.record(session, actor, tag, certificate, organisation_id=certificate.certifying_body_id, **detail)
