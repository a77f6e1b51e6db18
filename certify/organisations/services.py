"""The verbs of organisations: create them, give and end roles, habilitate."""

from datetime import date

from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.core import audit, clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.organisations import mails, policies, queries
from certify.organisations.models import Habilitation, Membership, Organisation, OrganisationKind

ASSIGNABLE_ROLES = sorted({role.value for roles in policies.ROLES_OF.values() for role in roles})
"""Every role that can be held in an organisation."""


def create_organisation(
    session: Session,
    actor: Actor | None,
    *,
    kind: OrganisationKind,
    name: str,
    city: str = "",
    contact: str = "",
    is_demo: bool = False,
) -> Organisation:
    """Make an organisation known."""
    organisation = Organisation(
        kind=kind,
        name=name.strip(),
        city=city.strip(),
        contact=contact.strip(),
        is_demo=is_demo,
        created_at=clock.now(),
    )
    session.add(organisation)
    session.flush()
    audit.record(
        session, actor, "organisation:record:created", organisation, organisation_id=organisation.id, kind=kind.value
    )
    return organisation


def add_member(
    session: Session,
    actor: Actor | None,
    organisation: Organisation,
    *,
    email: str,
    given_name: str,
    family_name: str,
    role: Role,
) -> Membership:
    """Give somebody a role in an organisation and write to them; who has no account yet is invited to open one."""
    if role not in policies.ROLES_OF[organisation.kind]:
        raise Invalid(_l("Ce rôle n’existe pas dans cette sorte d’organisme."), "role")
    if role not in policies.grantable_roles(actor, organisation):
        raise Forbidden(
            _l("Seule une personne qui administre cet organisme peut nommer un·e autre administrateur·rice.")
        )
    user, _is_new = accounts.find_or_create_user(session, email=email, given_name=given_name, family_name=family_name)
    if role in queries.roles_held(session, organisation.id, user.id):
        raise Conflict(_l("Cette personne a déjà ce rôle dans cet organisme."))
    membership = Membership(user_id=user.id, organisation_id=organisation.id, role=role, started_at=clock.now())
    session.add(membership)
    session.flush()
    audit.record(
        session,
        actor,
        "organisation:membership:started",
        membership,
        organisation_id=organisation.id,
        role=role.value,
        user_id=user.id,
    )
    reason = mails.reason_for(role, user.locale)
    accounts.invite(
        session, actor, user, organisation_id=organisation.id, organisation_name=organisation.name, reason=reason
    )
    return membership


def end_membership(
    session: Session, actor: Actor | None, organisation: Organisation, membership: Membership
) -> Membership:
    """End somebody's role, from now on; what they did in it stays theirs."""
    if membership.ended_at is not None:
        raise Conflict(_l("Ce rôle est déjà terminé."))
    if not policies.may_end(actor, organisation, membership):
        raise Forbidden(_l("Seule une personne qui administre cet organisme peut retirer ce rôle."))
    held = queries.roles_held(session, organisation.id, membership.user_id)
    if policies.locks_oneself_out(actor, membership, held):
        raise Conflict(
            _l(
                "C’est votre dernier rôle de gestion ici : sans lui, vous ne pourriez plus revenir. "
                "Demandez à une autre personne qui gère cet organisme de vous le retirer."
            )
        )
    membership.ended_at = clock.now()
    if held == [membership.role]:
        accounts.withdraw_invitations(session, actor, membership.user_id, organisation.id)
    audit.record(
        session,
        actor,
        "organisation:membership:ended",
        membership,
        organisation_id=organisation.id,
        role=membership.role.value,
        user_id=membership.user_id,
    )
    return membership


def habilitate(
    session: Session,
    actor: Actor | None,
    certifying_body: Organisation,
    training_body: Organisation,
    *,
    starts_on: date,
    ends_on: date | None = None,
    may_assess: bool = True,
) -> Habilitation:
    """Let a training body prepare for a certifying body's certification (C. trav. R6113-16)."""
    if (
        certifying_body.kind is not OrganisationKind.CERTIFYING_BODY
        or training_body.kind is not OrganisationKind.TRAINING_BODY
    ):
        raise Invalid(_l("Une habilitation lie un organisme certificateur à un organisme de formation."))
    if ends_on is not None and ends_on < starts_on:
        raise Invalid(_l("La fin de l’habilitation doit suivre son début."), "ends_on")
    habilitation = Habilitation(
        certifying_body_id=certifying_body.id,
        training_body_id=training_body.id,
        may_assess=may_assess,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    session.add(habilitation)
    session.flush()
    for body in (certifying_body, training_body):
        audit.record(
            session,
            actor,
            "organisation:habilitation:granted",
            habilitation,
            organisation_id=body.id,
            training_body_id=training_body.id,
        )
    return habilitation
