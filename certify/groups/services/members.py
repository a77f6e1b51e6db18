"""The verbs of members: somebody joins, leaves, comes back; what was recorded of meetings is never touched."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day as day_in_words
from certify.core.types import new_id
from certify.groups import policies
from certify.groups.models import LeavingReason, Participant, PeerGroup, Stay
from certify.groups.queries import rosters as queries
from certify.groups.services import fidelity
from certify.groups.services.groups import require_open

MOST = 40
"""Participants a group may ever have had: beyond, somebody is writing something else than a group."""


def add(session: Session, actor: Actor, group: PeerGroup, *, month: date, is_due: bool, joined_on: date) -> Participant:
    """Have somebody join a group, under a pseudonym drawn at random that nobody of it ever had."""
    require_open(group)
    _check_joining(group, joined_on)
    participant = draw(session, group, month=month, is_due=is_due)
    session.add(_stay(actor, group, participant, joined_on))
    audit.record(session, actor, "groups:member:joined", participant, organisation_id=group.training_body_id)
    fidelity.refresh(session, group.id)
    return participant


def draw(session: Session, group: PeerGroup, *, month: date, is_due: bool) -> Participant:
    """Make a participant of a group, with a pseudonym and a month, and nothing else."""
    month = month.replace(day=1)
    if not policies.is_plausible_month(month, is_due=is_due, today=clock.today()):
        raise Invalid(
            _l("Ce mois ne peut pas être celui d’un terme proche : vérifiez l’année.")
            if is_due
            else _l(
                "Ce mois ne peut pas être celui de la naissance d’un enfant de moins de quatre ans : vérifiez l’année."
            ),
            "month",
        )
    taken = queries.pseudonyms_of(session, group.id)
    if len(taken) >= MOST:
        raise Invalid(_l("Ce groupe a déjà compté %(most)s personnes : ouvrez un autre groupe.", most=MOST))
    participant = Participant(
        id=new_id(), group_id=group.id, pseudonym=policies.random_pseudonym(taken), month=month, is_due=is_due,
        recorded_at=clock.now(),
    )  # fmt: skip
    session.add(participant)
    session.flush()
    return participant


def amend_month(
    session: Session, actor: Actor, group: PeerGroup, participant: Participant, *, month: date, is_due: bool
) -> Participant:
    """Correct the month of a participant: a birth came earlier or later than it was due, or was mistyped."""
    month = month.replace(day=1)
    if not policies.is_plausible_month(month, is_due=is_due, today=clock.today()):
        raise Invalid(_l("Ce mois n’est pas vraisemblable : vérifiez l’année."), "month")
    participant.month, participant.is_due = month, is_due
    audit.record(session, actor, "groups:member:amended", participant, organisation_id=group.training_body_id)
    fidelity.refresh(session, group.id)
    return participant


def join_again(session: Session, actor: Actor, group: PeerGroup, participant: Participant, *, joined_on: date) -> Stay:
    """Have somebody who left come back, under the same pseudonym."""
    require_open(group)
    _check_joining(group, joined_on)
    for stay in _stays(session, participant):
        if stay.left_on is None:
            raise Conflict(_l("%(pseudonym)s est déjà dans le groupe.", pseudonym=participant.pseudonym))
        if stay.left_on > joined_on:
            raise Invalid(
                _l("%(pseudonym)s était encore dans le groupe jusqu’au %(day)s.", pseudonym=participant.pseudonym,
                   day=day_in_words(stay.left_on)),
                "joined_on",
            )  # fmt: skip
    stay = _stay(actor, group, participant, joined_on)
    session.add(stay)
    audit.record(session, actor, "groups:member:came-back", participant, organisation_id=group.training_body_id)
    fidelity.refresh(session, group.id)
    return stay


def leave(
    session: Session, actor: Actor, group: PeerGroup, participant: Participant, *, left_on: date, reason: LeavingReason
) -> Stay:
    """Say from which day somebody is no longer of a group, and why, as coded; written once."""
    stay = next((one for one in _stays(session, participant) if one.left_on is None), None)
    if stay is None:
        raise Conflict(_l("%(pseudonym)s n’est plus dans le groupe.", pseudonym=participant.pseudonym))
    if left_on <= stay.joined_on:
        raise Invalid(
            _l("%(pseudonym)s est entré·e le %(day)s : le départ vient après. Si c’est une erreur, rayez cette entrée.",
               pseudonym=participant.pseudonym, day=day_in_words(stay.joined_on)),
            "left_on",
        )  # fmt: skip
    if left_on > clock.today():
        raise Invalid(_l("Ce jour n’est pas encore venu : notez le départ le moment venu."), "left_on")
    stay.left_on, stay.reason = left_on, reason
    audit.record(
        session, actor, "groups:member:left", participant, organisation_id=group.training_body_id, reason=reason.value
    )
    fidelity.refresh(session, group.id)
    return stay


def strike(session: Session, actor: Actor, group: PeerGroup, stay: Stay) -> Stay:
    """Strike out a stay recorded by mistake: it counts nowhere, and stays to be read."""
    if stay.struck_at is not None:
        raise Conflict(_l("Cette entrée est déjà rayée."))
    stay.struck_at, stay.struck_by_id = clock.now(), actor.user_id
    audit.record(session, actor, "groups:stay:struck", stay, organisation_id=group.training_body_id)
    fidelity.refresh(session, group.id)
    return stay


def _check_joining(group: PeerGroup, joined_on: date) -> None:
    if joined_on < group.opened_on:
        raise Invalid(
            _l("Le groupe ouvre le %(day)s : on n’y entre pas avant.", day=day_in_words(group.opened_on)), "joined_on"
        )
    if joined_on > max(clock.today(), group.opened_on):
        raise Invalid(_l("Ce jour n’est pas encore venu : notez l’entrée le moment venu."), "joined_on")


def _stays(session: Session, participant: Participant) -> list[Stay]:
    query = select(Stay).where(Stay.participant_id == participant.id, Stay.struck_at.is_(None))
    return list(session.scalars(query.order_by(Stay.joined_on)))


def _stay(actor: Actor, group: PeerGroup, participant: Participant, joined_on: date) -> Stay:
    return Stay(
        id=new_id(), group_id=group.id, participant_id=participant.id, joined_on=joined_on, recorded_at=clock.now(),
        recorded_by_id=actor.user_id,
    )  # fmt: skip
