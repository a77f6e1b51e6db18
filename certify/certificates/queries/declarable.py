"""Certificates as a declaration of what was issued needs them."""

import uuid
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from certify.certificates.models import Certificate, CertificateKind, CertificateState


def whole_issued(body_id: uuid.UUID, *, but: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Select the whole certifications of a body that stand, but those of the certificates named by a query.

    A correction of a certificate counts as the same: they come from one decision. Columns: id, decision_id,
    enrolment_id, holder_id, holder_name, number, issued_at, expires_on.
    """
    again = aliased(Certificate)
    left_out = select(again.decision_id).where(again.id.in_(but), again.decision_id.is_not(None))
    return select(
        Certificate.id, Certificate.decision_id, Certificate.enrolment_id, Certificate.holder_id,
        Certificate.holder_name, Certificate.number, Certificate.issued_at, Certificate.expires_on,
    ).where(
        Certificate.certifying_body_id == body_id,
        Certificate.kind == CertificateKind.WHOLE,
        Certificate.state == CertificateState.VALID,
        Certificate.decision_id.not_in(left_out),
    )  # fmt: skip
