"""The verbs of the waiting list, and of the groups made from it."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.anonymity import services as anonymity
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.groups import policies
from certify.groups.models import PeerGroup, Stay, WaitingFamily, WaitingOutcome
from certify.groups.services import fidelity, members
from certify.groups.services.groups import open_group
from certify.organisations.models import Organisation


def wait(
    session: Session,
    actor: Actor,
    training_body_id: uuid.UUID,
    *,
    place: str,
    month: date,
    is_due: bool,
    since: date,
    house_id: uuid.UUID | None = None,
) -> WaitingFamily:
    """Put a family on the waiting list of a training body, under the next number."""
    month = month.replace(day=1)
    anonymity.require_anonymous(session, None, [("place", _l("Lieu d’accueil"), place)])
    if not policies.is_plausible_month(month, is_due=is_due, today=clock.today()):
        raise Invalid(_l("Ce mois n’est pas vraisemblable : vérifiez l’année."), "month")
    if since > clock.today():
        raise Invalid(_l("Ce jour n’est pas encore venu."), "since")
    # Two people adding a family at once must not give them one number.
    body = select(Organisation.id).where(Organisation.id == training_body_id).with_for_update(key_share=True)
    session.execute(body).all()
    last = session.scalar(
        select(func.max(WaitingFamily.number)).where(WaitingFamily.training_body_id == training_body_id)
    )
    family = WaitingFamily(
        id=new_id(), training_body_id=training_body_id, house_id=house_id, number=(last or 0) + 1, place=place,
        month=month, is_due=is_due, since=since, recorded_at=clock.now(),
    )  # fmt: skip
    session.add(family)
    session.flush()
    audit.record(session, actor, "groups:family:waiting", family, organisation_id=training_body_id)
    return family


def stop_waiting(session: Session, actor: Actor, family: WaitingFamily, *, outcome: WaitingOutcome) -> WaitingFamily:
    """Take a family off the waiting list, saying what became of it."""
    _require_waiting([family])
    family.closed_on, family.outcome = clock.today(), outcome
    audit.record(
        session, actor, "groups:family:closed", family, organisation_id=family.training_body_id, outcome=outcome.value
    )
    return family


def place(
    session: Session,
    actor: Actor,
    training_body_id: uuid.UUID,
    families: Sequence[WaitingFamily],
    *,
    code: str,
    opened_on: date,
    facilitators: Collection[uuid.UUID],
    house_id: uuid.UUID | None = None,
    referent_id: uuid.UUID | None = None,
    host_place: str = "",
) -> PeerGroup:
    """Open a group with families who were waiting, each under a pseudonym drawn for it.

    Nothing ties a family's number to a pseudonym: members are made in an order drawn by chance, all at one moment.
    """
    _require_waiting(families)
    if not families:
        raise Invalid(_l("Choisissez au moins une famille."), "families")
    group = open_group(
        session, actor, training_body_id, code=code, opened_on=opened_on, facilitators=facilitators,
        house_id=house_id, referent_id=referent_id, place=host_place,
    )  # fmt: skip
    moment = clock.now()
    for month, is_due in policies.shuffled([(one.month, one.is_due) for one in families]):
        participant = members.draw(session, group, month=month, is_due=is_due)
        session.add(
            Stay(
                id=new_id(), group_id=group.id, participant_id=participant.id, joined_on=opened_on,
                recorded_at=moment, recorded_by_id=actor.user_id,
            )
        )  # fmt: skip
    for family in families:
        family.closed_on, family.outcome, family.group_id = clock.today(), WaitingOutcome.PLACED, group.id
    audit.record(
        session, actor, "groups:group:composed", group, organisation_id=training_body_id, families=len(families)
    )
    fidelity.refresh(session, group.id)
    return group


def _require_waiting(families: Sequence[WaitingFamily]) -> None:
    gone = next((one for one in families if one.closed_on is not None), None)
    if gone is not None:
        raise Conflict(_l("La famille n° %(number)s n’attend plus. Rechargez la page.", number=gone.number))
