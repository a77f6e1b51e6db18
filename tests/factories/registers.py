"""Monthly extracts of registers."""

from sqlalchemy.orm import Session

from certify.certificates.models import RegisterExtract
from certify.core import clock
from tests.factories.people import make_certifying_body


def make_extract_of_somebody(session: Session) -> RegisterExtract:
    """Make the extract of another body for this month, its document made."""
    body, month = make_certifying_body(session), clock.today().replace(day=1)
    facts = {"body": body.name, "place": body.city, "month": month.isoformat(), "issued": [], "events": []}
    extract = RegisterExtract(
        certifying_body_id=body.id, month=month, facts=facts | {"is_demo": False}, created_at=clock.now(),
        storage_key="registers/nowhere", sha256="0" * 64, size=1, rendered_at=clock.now(),
    )  # fmt: skip
    session.add(extract)
    session.flush()
    return extract
