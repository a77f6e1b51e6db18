"""Attestations of attendance: a training body says who was there, not what is acquired (C. trav. L6353-1)."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.accounts.models import User
from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateEventKind, CertificateKind, CertificateState
from certify.certificates.services import facts
from certify.certificates.services.issuing import enter, locked_counter, new_certificate, replacing
from certify.certificates.services.printing import without_invisible
from certify.certificates.services.standing import turn
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import Total, totals_of
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.organisations.models import Organisation


def attest(session: Session, actor: Actor, enrolment: Enrolment) -> Certificate:
    """Issue the attestation of attendance of somebody, as it would read today.

    Asked again while it would say nothing new, the same one is returned; otherwise the new one replaces it. Raises
    Conflict as long as no sheet says anything of them, or nobody saw them, or while the one they have is suspended.
    """
    counter = locked_counter(session, enrolment.training_body_id, clock.today().year)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    said = said_today(session, cohort, [enrolment]).get(enrolment.id)
    if said is None:
        raise Conflict(_l("Aucune demi-journée suivie n’est relevée pour cette personne : il n’y a rien à attester."))
    earlier = standing(session, [enrolment.id]).get(enrolment.id)
    if earlier is not None and _says(earlier, said):
        return earlier
    if earlier is not None and earlier.state is CertificateState.SUSPENDED:
        raise Conflict(
            _l("L’attestation %(number)s est suspendue : levez d’abord la suspension.", number=earlier.number)
        )
    certificate = new_certificate(
        actor, counter, CertificateKind.ATTENDANCE, holder_id=enrolment.user_id, enrolment_id=enrolment.id,
        decision_id=None,
    )  # fmt: skip
    replacing(certificate, earlier)
    replaced = {"replaces": facts.replaced_facts(earlier)}
    certificate.facts = facts.issue_facts(session, actor, certificate) | said | replaced
    enter(session, actor, certificate)
    if earlier is not None:
        with force_locale("fr"):
            reason = _("L’attestation est délivrée de nouveau : ce qu’elle dit a changé depuis.")
        turn(session, actor, earlier, CertificateEventKind.REPLACED, reason=reason, successor=certificate)
    return certificate


def due(session: Session, cohort: Cohort, enrolments: Collection[Enrolment]) -> set[uuid.UUID]:
    """Return the enrolments of a cohort whose attestation would say something that the one given does not.

    In a constant number of statements. A suspended one is left until somebody lifts its suspension.
    """
    said = said_today(session, cohort, enrolments)
    given = standing(session, list(said))
    return {
        one for one, new in said.items()
        if one not in given or (given[one].state is CertificateState.VALID and not _says(given[one], new))
    }  # fmt: skip


def standing(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Certificate]:
    """Return the attestation of attendance that stands for each enrolment which has one, in two statements."""
    query = select(Certificate).where(
        Certificate.enrolment_id.in_(enrolment_ids), Certificate.kind == CertificateKind.ATTENDANCE,
        Certificate.state.in_(policies.STANDING),
    )  # fmt: skip
    found = session.scalars(query.options(selectinload(Certificate.events)).order_by(Certificate.issued_at))
    return {one.enrolment_id: one for one in found}


def said_today(session: Session, cohort: Cohort, enrolments: Collection[Enrolment]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return what the attestation of each would say, but what is new at each issue; nothing of who never came."""
    totals = totals_of(session, [one.id for one in enrolments])
    came = [one for one in enrolments if totals[one.id].present]
    users = session.scalars(select(User).where(User.id.in_([one.user_id for one in came]))).all()
    holders, names = {one.id: one for one in users}, facts.holder_facts(session, users)
    body = session.get_one(Organisation, cohort.training_body_id)
    common = facts.issuing_facts(session, body, "attendance")
    common |= {"training_body": common["certifier"], "blocks": []}
    trained = {one: _trained(session, one) for one in {enrolment.framework_version_id for enrolment in came}}
    return {
        one.id: without_invisible(
            common | trained[one.framework_version_id] | {
                "holder": names[one.user_id], "is_demo": body.is_demo or holders[one.user_id].is_demo,
                "attendance": _counted(cohort, one, totals[one.id]),
            }
        )
        for one in came
    }  # fmt: skip


def _says(certificate: Certificate, said: Mapping[str, Any]) -> bool:
    return all(_compared(certificate.facts.get(key)) == _compared(value) for key, value in said.items())


def _compared(value: Any) -> Any:
    # Settings saved again with the same fields print the same document.
    return {key: one for key, one in value.items() if key != "settings"} if isinstance(value, dict) else value


def _trained(session: Session, version_id: uuid.UUID) -> dict[str, Any]:
    version = session.get_one(FrameworkVersion, version_id)
    return {
        "certification": framework_of(session, version.id).title.fr,
        "framework": {"code": version.code, "version": version.version, "digest": version.digest},
    }


def _counted(cohort: Cohort, enrolment: Enrolment, total: Total) -> dict[str, Any]:
    return {
        "cohort": cohort.name, "starts_on": enrolment.entered_on.isoformat(), "ends_on": cohort.ends_on.isoformat(),
        "counted_on": total.last_on.isoformat() if total.last_on else None, "present": total.present,
        "excused": total.excused, "absent": total.absent, "expected": total.expected, "minutes": total.minutes,
    }  # fmt: skip
