"""Certificates as a declaration of what was issued needs them."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from certify.certificates.models import Certificate, CertificateKind, CertificateState


def whole_issued(body_ids: Collection[uuid.UUID], *, but: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Select the whole certifications of bodies that stand, but those of the certificates named by a query.

    A correction of a certificate counts as the same: they come from one decision, issued the day of the first of them.
    Columns: id, certifying_body_id, decision_id, enrolment_id, holder_id, holder_name, number, issued_at, expires_on.
    """
    again, first = aliased(Certificate), aliased(Certificate)
    left_out = select(again.decision_id).where(again.id.in_(but), again.decision_id.is_not(None))
    issued_at = (
        select(func.min(first.issued_at))
        .where(first.decision_id == Certificate.decision_id, first.kind == Certificate.kind)
        .scalar_subquery()
    )
    return select(
        Certificate.id, Certificate.certifying_body_id, Certificate.decision_id, Certificate.enrolment_id,
        Certificate.holder_id, Certificate.holder_name, Certificate.number, issued_at.label("issued_at"),
        Certificate.expires_on,
    ).where(
        Certificate.certifying_body_id.in_(body_ids),
        Certificate.kind == CertificateKind.WHOLE,
        Certificate.state == CertificateState.VALID,
        Certificate.decision_id.not_in(left_out),
    )  # fmt: skip
