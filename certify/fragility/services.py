"""The verbs of fragility: an action and its follow-up by their codes, a procedure started, a mistake struck out."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.fragility import queries
from certify.fragility.models import ActionKind, Channel, FollowUp, FollowUpKind, FragilityAction, ProtectionProcedure
from certify.groups.queries.groups import own_groups


def record(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    *,
    kind: ActionKind,
    on: date,
    group_id: uuid.UUID | None = None,
    identity: uuid.UUID | None = None,
) -> FragilityAction:
    """Note an action taken; `identity`, given by a phone that was offline, makes it once however often it is sent."""
    if identity is not None and (known := session.get(FragilityAction, identity)) is not None:
        if known.enrolment_id != enrolment.id:
            raise Conflict(_l("Cet identifiant sert déjà à autre chose."))
        return known
    _check_day(on)
    if group_id is not None and all(group.id != group_id for group in own_groups(session, enrolment.id)):
        raise Invalid(_l("Vous n’animez pas ce groupe."), "group_id")
    action = FragilityAction(
        id=identity or new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id,
        group_id=group_id, kind=kind, on=on, recorded_at=clock.now(),
    )  # fmt: skip
    session.add(action)
    session.flush()
    # The chain is read by more people than the action: it says that there is one, not which.
    audit.record(session, actor, "fragility:action:recorded", action, organisation_id=enrolment.training_body_id)
    return action


def follow_up(session: Session, actor: Actor, action: FragilityAction, *, kind: FollowUpKind, on: date) -> FollowUp:
    """Note what came of an action; the latest says how it stands."""
    _check_day(on)
    if on < action.on:
        raise Invalid(_l("La suite ne peut pas venir avant l’action."), "on")
    row = FollowUp(id=new_id(), action_id=action.id, kind=kind, on=on, recorded_at=clock.now())
    session.add(row)
    audit.record(session, actor, "fragility:follow-up:recorded", action, organisation_id=action.training_body_id)
    return row


def strike(session: Session, actor: Actor, action: FragilityAction) -> FragilityAction:
    """Strike out an action recorded by mistake: it stays readable and counts no more."""
    _lock(session, action.enrolment_id)
    if queries.is_struck(session, action):
        raise Conflict(_l("Cette action est déjà barrée."))
    struck = FragilityAction(
        id=new_id(), enrolment_id=action.enrolment_id, training_body_id=action.training_body_id,
        group_id=action.group_id, kind=action.kind, on=action.on, recorded_at=clock.now(), strikes_id=action.id,
    )  # fmt: skip
    session.add(struck)
    audit.record(session, actor, "fragility:action:struck-out", action, organisation_id=action.training_body_id)
    return struck


def note_procedure(
    session: Session, actor: Actor, enrolment: Enrolment, *, channel: Channel, started_on: date
) -> ProtectionProcedure:
    """Note that a protection procedure was started: the day, the channel, and nothing about anybody (CASF L226-2-1)."""
    _check_day(started_on, "started_on")
    started = ProtectionProcedure(
        id=new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id, channel=channel,
        on=started_on,         recorded_at=clock.now(),
    )  # fmt: skip
    session.add(started)
    audit.record(session, actor, "fragility:procedure:noted", started, organisation_id=enrolment.training_body_id)
    return started


def strike_procedure(session: Session, actor: Actor, started: ProtectionProcedure) -> ProtectionProcedure:
    """Strike out a procedure noted by mistake: it stays readable and counts no more."""
    _lock(session, started.enrolment_id)
    if queries.is_struck(session, started):
        raise Conflict(_l("Cette ligne est déjà barrée."))
    struck = ProtectionProcedure(
        id=new_id(), enrolment_id=started.enrolment_id, training_body_id=started.training_body_id,
        channel=started.channel, on=started.on, recorded_at=clock.now(), strikes_id=started.id,
    )  # fmt: skip
    session.add(struck)
    audit.record(session, actor, "fragility:procedure:struck-out", started, organisation_id=started.training_body_id)
    return struck


def _check_day(on: date, field: str = "on") -> None:
    if on > clock.today():
        raise Invalid(_l("Ce jour n’est pas encore venu : notez ce qui est fait, une fois que c’est fait."), field)


def _lock(session: Session, enrolment_id: uuid.UUID) -> None:
    # Two clicks on the same button must see each other.
    session.scalars(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update()).one()
