"""The verbs of groups: open one, change it, say who facilitates it, close it."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity import services as anonymity
from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.groups import policies
from certify.groups.models import ClosingReason, Facilitator, PeerGroup, Stay
from certify.groups.queries import groups as queries
from certify.groups.services import fidelity
from certify.organisations.models import Organisation, OrganisationKind


def open_group(
    session: Session,
    actor: Actor,
    training_body_id: uuid.UUID,
    *,
    code: str,
    opened_on: date,
    facilitators: Collection[uuid.UUID],
    house_id: uuid.UUID | None = None,
    place: str = "",
    referent_id: uuid.UUID | None = None,
) -> PeerGroup:
    """Open a group of a training body, facilitated by some of its trainees who prepare one same certification."""
    code = _free_code(session, training_body_id, code)
    _check_house(session, house_id)
    anonymity.require_anonymous(session, None, [("place", _l("Lieu d’accueil"), place)])
    chosen = _chosen(session, training_body_id, facilitators)
    group = PeerGroup(
        id=new_id(), training_body_id=training_body_id, house_id=house_id, code=code, place=place,
        certifying_body_id=chosen[0].certifying_body_id, framework_code=chosen[0].framework_code,
        referent_id=_referent(session, training_body_id, house_id, referent_id), opened_on=opened_on, revision=1,
        created_at=clock.now(), created_by_id=actor.user_id,
    )  # fmt: skip
    session.add(group)
    session.flush()
    for one in chosen:
        session.add(_facilitator(group, one.enrolment, opened_on))
    audit.record(
        session, actor, "groups:group:opened", group, organisation_id=training_body_id,
        facilitators=[one.enrolment.id for one in chosen],
    )  # fmt: skip
    fidelity.refresh(session, group.id)
    return group


def amend(
    session: Session,
    actor: Actor,
    group: PeerGroup,
    *,
    revision: int,
    code: str,
    opened_on: date,
    place: str,
    house_id: uuid.UUID | None,
    referent_id: uuid.UUID | None,
) -> PeerGroup:
    """Change the code, day of opening, place, house or referent of a group."""
    if group.revision != revision:
        raise Conflict(_l("Ce groupe vient d’être modifié par quelqu’un d’autre. Rechargez la page, puis recommencez."))
    if policies.tidy_code(code) != group.code:
        group.code = _free_code(session, group.training_body_id, code)
    _check_house(session, house_id)
    anonymity.require_anonymous(session, None, [("place", _l("Lieu d’accueil"), place)])
    _check_opening(session, group, opened_on)
    if referent_id != group.referent_id:
        referent_id = _referent(session, group.training_body_id, house_id, referent_id)
    group.opened_on, group.place, group.house_id, group.referent_id = opened_on, place, house_id, referent_id
    group.revision += 1
    audit.record(session, actor, "groups:group:amended", group, organisation_id=group.training_body_id)
    fidelity.refresh(session, group.id)
    return group


def close(session: Session, actor: Actor, group: PeerGroup, *, closed_on: date, reason: ClosingReason) -> PeerGroup:
    """Say that a group met for the last time; its members stay those it had."""
    require_open(group)
    if closed_on < group.opened_on:
        raise Invalid(_l("Un groupe ne se termine pas avant d’avoir ouvert."), "closed_on")
    if closed_on > clock.today():
        raise Invalid(_l("Ce jour n’est pas encore venu : clôturez le groupe le moment venu."), "closed_on")
    group.closed_on, group.closing_reason = closed_on, reason
    group.revision += 1
    audit.record(
        session, actor, "groups:group:closed", group, organisation_id=group.training_body_id, reason=reason.value
    )
    fidelity.refresh(session, group.id)
    return group


def reopen(session: Session, actor: Actor, group: PeerGroup) -> PeerGroup:
    """Undo a closing made by mistake."""
    if policies.is_open(group):
        raise Conflict(_l("Ce groupe est déjà ouvert."))
    group.closed_on, group.closing_reason = None, None
    group.revision += 1
    audit.record(session, actor, "groups:group:reopened", group, organisation_id=group.training_body_id)
    fidelity.refresh(session, group.id)
    return group


def add_facilitator(
    session: Session, actor: Actor, group: PeerGroup, *, enrolment_id: uuid.UUID, starts_on: date
) -> Facilitator:
    """Have a trainee facilitate a group from a day on."""
    require_open(group)
    chosen = _chosen(session, group.training_body_id, [enrolment_id])[0]
    if (chosen.certifying_body_id, chosen.framework_code) != (group.certifying_body_id, group.framework_code):
        raise Invalid(_l("Cette personne prépare une autre certification que celle du groupe."), "enrolment_id")
    if starts_on < group.opened_on:
        raise Invalid(_l("Le groupe n’était pas encore ouvert ce jour-là."), "starts_on")
    others = select(Facilitator).where(Facilitator.group_id == group.id, Facilitator.enrolment_id == enrolment_id)
    if any(one.ends_on is None or one.ends_on > starts_on for one in session.scalars(others)):
        raise Invalid(_l("Cette personne accompagne déjà le groupe ce jour-là."), "enrolment_id")
    row = _facilitator(group, chosen.enrolment, starts_on)
    session.add(row)
    audit.record(
        session, actor, "groups:facilitator:added", group, organisation_id=group.training_body_id,
        enrolment_id=enrolment_id,
    )  # fmt: skip
    fidelity.refresh(session, group.id)
    return row


def end_facilitator(
    session: Session, actor: Actor, group: PeerGroup, facilitator: Facilitator, *, ends_on: date
) -> Facilitator:
    """Say from which day somebody no longer facilitates a group."""
    if facilitator.ends_on is not None:
        raise Conflict(_l("La date de fin de cette personne est déjà notée."))
    if ends_on <= facilitator.starts_on:
        raise Invalid(_l("Cette personne accompagne le groupe au moins un jour."), "ends_on")
    facilitator.ends_on = ends_on
    audit.record(
        session, actor, "groups:facilitator:ended", group, organisation_id=group.training_body_id,
        enrolment_id=facilitator.enrolment_id,
    )  # fmt: skip
    fidelity.refresh(session, group.id)
    return facilitator


def require_open(group: PeerGroup) -> None:
    """Refuse to change who is in a group that met for the last time."""
    if not policies.is_open(group):
        raise Conflict(_l("Ce groupe est clos : ses membres ne changent plus."))


def _free_code(session: Session, training_body_id: uuid.UUID, code: str) -> str:
    code = policies.tidy_code(code)
    if not policies.is_code(code):
        raise Invalid(
            _l("Écrivez un code de 20 signes au plus : lettres sans accent, chiffres, tirets. Par exemple ROUBAIX-03."),
            "code",
        )
    # Two people opening a group under one code must see each other.
    session.scalars(select(Organisation.id).where(Organisation.id == training_body_id).with_for_update(key_share=True))
    if queries.is_code_taken(session, training_body_id, code):
        raise Invalid(_l("Un autre groupe a déjà le code « %(code)s ». Choisissez-en un autre.", code=code), "code")
    return code


def _check_house(session: Session, house_id: uuid.UUID | None) -> None:
    house = session.get(Organisation, house_id) if house_id else None
    if house_id and (house is None or house.kind is not OrganisationKind.HOUSE):
        raise Invalid(_l("Choisissez une Maison de la liste."), "house_id")


def _referent(
    session: Session, training_body_id: uuid.UUID, house_id: uuid.UUID | None, referent_id: uuid.UUID | None
) -> uuid.UUID | None:
    here = [one for one in (training_body_id, house_id) if one]
    if referent_id and referent_id not in {one.id for one in queries.referents(session, here)}:
        raise Invalid(_l("Choisissez une personne de l’organisme de formation ou de la Maison."), "referent_id")
    return referent_id


def _chosen(
    session: Session, training_body_id: uuid.UUID, wanted: Collection[uuid.UUID]
) -> Sequence[queries.Candidate]:
    found = [one for one in queries.candidates(session, training_body_id) if one.enrolment.id in wanted]
    if not found or len(found) < len(set(wanted)):
        raise Invalid(_l("Choisissez au moins une personne inscrite qui accompagne ce groupe."), "facilitators")
    if len({(one.certifying_body_id, one.framework_code) for one in found}) > 1:
        raise Invalid(_l("Ces personnes ne préparent pas la même certification."), "facilitators")
    return found


def _facilitator(group: PeerGroup, enrolment: Enrolment, starts_on: date) -> Facilitator:
    return Facilitator(
        id=new_id(), group_id=group.id, enrolment_id=enrolment.id, starts_on=starts_on, recorded_at=clock.now()
    )


def _check_opening(session: Session, group: PeerGroup, opened_on: date) -> None:
    first = session.scalar(
        select(Stay.joined_on).where(Stay.group_id == group.id, Stay.struck_at.is_(None)).order_by(Stay.joined_on)
    )
    if first is not None and first < opened_on:
        raise Invalid(_l("Quelqu’un est entré dans le groupe avant ce jour."), "opened_on")
    if group.closed_on is not None and group.closed_on < opened_on:
        raise Invalid(_l("Le groupe était déjà clos ce jour-là."), "opened_on")
