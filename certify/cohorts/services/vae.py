"""The verbs of a validation of prior experience: recording a step, striking out a mistaken one."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts import policies, queries
from certify.cohorts.models import Cohort, Enrolment, VaeStep, VaeStepKind
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from competencies.vae import Filing, filing_faults

_BEFORE = {
    VaeStepKind.JURY_HELD: (
        VaeStepKind.VALIDATION_FILED,
        _l("Enregistrez d’abord le dépôt du dossier de validation que ce jury a examiné."),
    ),
    VaeStepKind.RESULT_NOTIFIED: (
        VaeStepKind.JURY_HELD,
        _l("Enregistrez d’abord la réunion du jury dont ce résultat est issu."),
    ),
}


def record_step(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    *,
    kind: VaeStepKind,
    on: date,
    blocks: Iterable[str] = (),
) -> VaeStep:
    """Note a dated step of somebody's VAE; a feasibility file is refused beyond what a civil year allows.

    `blocks` are those a feasibility file asks for; none, or all of them, is the whole certification.
    """
    if not policies.is_vae(enrolment):
        raise Conflict(_l("Cette inscription n’est pas une VAE : changez d’abord sa voie d’accès."))
    if on > clock.today():
        raise Invalid(_l("Ce jour n’est pas encore venu : une étape s’enregistre une fois passée."), "on")
    # Two files filed at the same moment must see each other.
    session.scalars(select(User.id).where(User.id == enrolment.user_id).with_for_update()).one()
    here = queries.steps_of(session, [enrolment.id]).get(enrolment.id, [])
    if any(step.kind is kind and step.on == on for step in here):
        raise Invalid(_l("Cette étape est déjà enregistrée ce jour-là."), "on")
    _check_order(here, kind, on)
    asked = _blocks(session, enrolment, kind, blocks)
    if kind is VaeStepKind.FEASIBILITY_FILED:
        _check_filing(session, enrolment, on, is_partial=bool(asked))
    step = VaeStep(
        id=new_id(), enrolment_id=enrolment.id, kind=kind, on=on, blocks=asked,
        recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(step)
    audit.record(
        session, actor, "cohorts:vae-step:recorded", step, organisation_id=enrolment.training_body_id,
        enrolment_id=enrolment.id, kind=kind, day=on, blocks=asked,
    )  # fmt: skip
    return step


def strike_step(session: Session, actor: Actor, enrolment: Enrolment, step: VaeStep, *, reason: str) -> VaeStep:
    """Strike out a step recorded by mistake: it stays readable and counts no more."""
    if not reason.strip():
        raise Invalid(_l("Dites pourquoi cette étape est barrée."), "reason")
    session.scalars(select(User.id).where(User.id == enrolment.user_id).with_for_update()).one()
    step = queries.step_in_force(session, enrolment, step.id)
    strike = VaeStep(
        id=new_id(), enrolment_id=enrolment.id, kind=step.kind, on=step.on, blocks=step.blocks, strikes_id=step.id,
        recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(strike)
    audit.record(
        session, actor, "cohorts:vae-step:struck-out", step, organisation_id=enrolment.training_body_id,
        enrolment_id=enrolment.id, reason=reason,
    )  # fmt: skip
    return strike


def _check_order(here: Iterable[VaeStep], kind: VaeStepKind, on: date) -> None:
    if kind not in _BEFORE:
        return
    needed, message = _BEFORE[kind]
    if not any(step.kind is needed and step.on <= on for step in here):
        raise Invalid(message, "kind")


def _blocks(session: Session, enrolment: Enrolment, kind: VaeStepKind, blocks: Iterable[str]) -> list[str]:
    wanted = set(blocks)
    if not wanted or kind is not VaeStepKind.FEASIBILITY_FILED:
        return []
    known = [block.code for block in framework_of(session, enrolment.framework_version_id).blocks]
    asked = [code for code in known if code in wanted]
    return [] if len(asked) == len(known) else asked


def _check_filing(session: Session, enrolment: Enrolment, on: date, *, is_partial: bool) -> None:
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    key = queries.certification_key(cohort.certifying_body_id, version.code)
    faults = filing_faults(queries.filings_of(session, enrolment.user_id), Filing(key, on, is_partial))
    if faults:
        raise Invalid(
            _l(
                "%(rule)s (%(source)s)",
                rule=faults[0].message.to(current_locale()),
                source=faults[0].source,
            ),
            "on",
        )
