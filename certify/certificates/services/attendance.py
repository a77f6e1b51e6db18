"""Attestations of attendance: a training body says who was there, not what is acquired (C. trav. L6353-1)."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.accounts.models import User
from certify.certificates.models import Certificate, CertificateEventKind, CertificateKind, CertificateState
from certify.certificates.services import facts
from certify.certificates.services.issuing import enter, locked_counter, new_certificate, replacing
from certify.certificates.services.standing import turn
from certify.cohorts.models import Cohort, Enrolment, Presence
from certify.cohorts.queries import attended
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of


def attest(session: Session, actor: Actor, enrolment: Enrolment) -> Certificate:
    """Issue the attestation of attendance of somebody, as their half-days stand today.

    Asked again while no sheet says anything new, the same one is returned; otherwise the new one replaces it. Raises
    Conflict as long as no sheet says anything of them, or nobody saw them.
    """
    counter = locked_counter(session, enrolment.training_body_id, clock.today().year)
    counted = _counted(session, enrolment)
    earlier = standing(session, [enrolment.id]).get(enrolment.id)
    if earlier is not None and earlier.facts["attendance"] == counted:
        return earlier
    holder = session.get_one(User, enrolment.user_id)
    certificate = new_certificate(
        actor, counter, CertificateKind.ATTENDANCE, holder_id=holder.id, enrolment_id=enrolment.id, decision_id=None
    )
    replacing(certificate, earlier)
    certificate.facts = _facts(session, actor, certificate, holder, enrolment, counted, earlier)
    enter(session, actor, certificate)
    if earlier is not None:
        with force_locale("fr"):
            reason = _("De nouvelles demi-journées ont été relevées : l’attestation est délivrée de nouveau.")
        turn(session, actor, earlier, CertificateEventKind.REPLACED, reason=reason, successor=certificate)
    return certificate


def standing(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Certificate]:
    """Return the attestation of attendance that stands for each enrolment which has one, in two statements."""
    query = select(Certificate).where(
        Certificate.enrolment_id.in_(enrolment_ids), Certificate.kind == CertificateKind.ATTENDANCE,
        Certificate.state == CertificateState.VALID,
    )  # fmt: skip
    found = session.scalars(query.options(selectinload(Certificate.events)).order_by(Certificate.issued_at))
    return {one.enrolment_id: one for one in found}


def _counted(session: Session, enrolment: Enrolment) -> dict[str, Any]:
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    rows = [
        (half_day, presence)
        for half_day, presence, is_expected in session.execute(attended(enrolment))
        if presence is not None and (is_expected or presence is Presence.PRESENT)
    ]
    came = [half_day for half_day, presence in rows if presence is Presence.PRESENT]
    if not came:
        raise Conflict(_l("Aucune demi-journée suivie n’est relevée pour cette personne : il n’y a rien à attester."))
    return {
        "cohort": cohort.name, "starts_on": enrolment.entered_on.isoformat(), "ends_on": cohort.ends_on.isoformat(),
        "counted_on": max(half_day.on for half_day, _presence in rows).isoformat(), "present": len(came),
        "excused": sum(1 for _half_day, presence in rows if presence is Presence.EXCUSED),
        "absent": sum(1 for _half_day, presence in rows if presence is Presence.ABSENT), "expected": len(rows),
        "minutes": sum(half_day.minutes for half_day in came),
    }  # fmt: skip


def _facts(
    session: Session,
    actor: Actor,
    certificate: Certificate,
    holder: User,
    enrolment: Enrolment,
    counted: dict[str, Any],
    earlier: Certificate | None,
) -> dict[str, Any]:
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    common = facts.common_facts(session, actor, certificate, holder, "attendance")
    return common | {
        "certification": framework_of(session, version.id).title.fr,
        "framework": {"code": version.code, "version": version.version, "digest": version.digest},
        "training_body": common["certifier"],
        "blocks": [],
        "attendance": counted,
        "replaces": facts.replaced_facts(earlier),
    }  # fmt: skip
