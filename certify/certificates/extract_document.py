"""The monthly extract of a register as a sealed document."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.certificates.models import CertificateEventKind, RegisterExtract
from certify.core import pdf
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day, month
from certify.seals import sealing


def sealed_document(session: Session, extract: RegisterExtract) -> bytes:
    """Return the document of an extract, from its frozen facts, sealed by its body; reads only."""
    # Names and reasons come from elsewhere: one odd character must not keep a month from being printed for ever.
    facts, body_id = _drawable(dict(extract.facts)), extract.certifying_body_id
    with force_locale("fr"):
        content = pdf.render_document(
            "register", facts=facts, month_on=date.fromisoformat(facts["month"]), dated=_dated,
            kinds={kind.value: str(kind.label) for kind in CertificateEventKind},
        )  # fmt: skip
        reason = _("Registre des certificats, %(month)s", month=month(date.fromisoformat(facts["month"])))
    return sealing.sealed(session, body_id, content, reason=reason, location=facts["place"])


def _dated(value: str) -> str:
    return day(date.fromisoformat(value))


def _drawable(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: _drawable(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_drawable(value) for value in said]
    return pdf.drawable(said) if isinstance(said, str) else said
