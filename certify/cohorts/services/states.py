"""The states of an enrolment, and the suspensions that go with them: there is one way to suspend."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts import policies, queries
from certify.cohorts.models import Enrolment, EnrolmentState, Pause, PauseReason
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.types import new_id

_OVER = frozenset({EnrolmentState.COMPLETED, EnrolmentState.WITHDRAWN})


def locked(session: Session, enrolment_id: uuid.UUID) -> Enrolment:
    """Return an enrolment that nobody else changes before this transaction ends."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def change_state(session: Session, actor: Actor | None, enrolment: Enrolment, *, state: EnrolmentState) -> Enrolment:
    """Put an enrolment in another state; nothing happens when it is there already.

    Suspended this way, it is from today and for an administrative reason; leaving a suspension ends it today.
    """
    if state is enrolment.state:
        return enrolment
    if not policies.may_change_state(enrolment.state, state):
        raise Invalid(_l("Une inscription ne redevient pas « invitée » : renvoyez plutôt l’invitation."), "state")
    if state is EnrolmentState.SUSPENDED:
        _open(session, actor, enrolment, clock.today(), PauseReason.ADMINISTRATIVE, "")
    elif enrolment.state is EnrolmentState.SUSPENDED:
        _close(session, actor, enrolment, clock.today())
    _set_state(session, actor, enrolment, state)
    return enrolment


def suspend(
    session: Session,
    actor: Actor | None,
    enrolment: Enrolment,
    *,
    starts_on: date,
    reason: PauseReason,
    precision: str = "",
) -> Pause:
    """Suspend somebody's training from a day, for a reason of an administrative kind."""
    enrolment = locked(session, enrolment.id)
    if not policies.may_be_suspended(enrolment.state):
        raise Conflict(_l("Cette formation n’est pas en cours : elle ne peut pas être suspendue."))
    if starts_on > clock.today():
        raise Invalid(
            _l("Ce jour n’est pas encore venu : enregistrez la suspension le jour où elle commence."), "starts_on"
        )
    if starts_on < enrolment.entered_on:
        raise Invalid(_l("Ce jour est avant l’entrée en formation."), "starts_on")
    _check_precision(precision)
    pause = _open(session, actor, enrolment, starts_on, reason, precision)
    _set_state(session, actor, enrolment, EnrolmentState.SUSPENDED)
    return pause


def resume(session: Session, actor: Actor | None, enrolment: Enrolment, *, ends_on: date) -> Enrolment:
    """Have somebody's training go on from a day, the first day of training again."""
    enrolment = locked(session, enrolment.id)
    if enrolment.state is not EnrolmentState.SUSPENDED:
        raise Conflict(_l("Cette formation n’est pas suspendue."))
    if ends_on > clock.today():
        raise Invalid(_l("Ce jour n’est pas encore venu : enregistrez la reprise le jour où elle a lieu."), "ends_on")
    pause = queries.open_pause(session, enrolment.id)
    if pause is not None and ends_on <= pause.starts_on:
        raise Invalid(_l("La reprise doit venir après le début de la suspension."), "ends_on")
    _close(session, actor, enrolment, ends_on)
    _set_state(session, actor, enrolment, EnrolmentState.ACTIVE)
    return enrolment


def _set_state(session: Session, actor: Actor | None, enrolment: Enrolment, state: EnrolmentState) -> None:
    before, enrolment.state = enrolment.state, state
    if state not in _OVER:
        enrolment.ended_on = None
    elif enrolment.ended_on is None:
        enrolment.ended_on = clock.today()
    audit.record(
        session, actor, "cohorts:enrolment:state-changed", enrolment, organisation_id=enrolment.training_body_id,
        before=before, after=state,
    )  # fmt: skip


def _open(
    session: Session, actor: Actor | None, enrolment: Enrolment, starts_on: date, reason: PauseReason, precision: str
) -> Pause:
    for other in queries.pauses_of(session, [enrolment.id]).get(enrolment.id, ()):
        if other.ends_on is None or other.ends_on > max(starts_on, other.starts_on):
            raise Invalid(_l("La formation a déjà été suspendue à partir de ce jour ou après."), "starts_on")
    pause = Pause(
        id=new_id(), enrolment_id=enrolment.id, starts_on=starts_on, reason=reason, precision=precision,
        recorded_at=clock.now(), recorded_by_id=actor.user_id if actor else None,
    )  # fmt: skip
    session.add(pause)
    audit.record(
        session, actor, "cohorts:pause:opened", pause, organisation_id=enrolment.training_body_id,
        enrolment_id=enrolment.id, starts_on=starts_on, reason=reason,
    )  # fmt: skip
    return pause


def _close(session: Session, actor: Actor | None, enrolment: Enrolment, ends_on: date) -> None:
    pause = queries.open_pause(session, enrolment.id)
    if pause is None:
        return
    pause.ends_on = max(ends_on, pause.starts_on)
    audit.record(
        session, actor, "cohorts:pause:closed", pause, organisation_id=enrolment.training_body_id,
        enrolment_id=enrolment.id, ends_on=pause.ends_on,
    )  # fmt: skip


def _check_precision(text: str) -> None:
    findings = competencies.find_identifying(text)
    if findings:
        raise Invalid(
            _l(
                "« %(excerpt)s » permet de reconnaître quelqu’un. %(advice)s",
                excerpt=findings[0].excerpt,
                advice=competencies.advice(findings[0].kind).to(current_locale()),
            ),
            "precision",
        )
