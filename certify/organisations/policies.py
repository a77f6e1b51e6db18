"""Answers about organisations from values alone: which roles exist where, who may give them, who may give one up."""

from collections.abc import Sequence

from certify.core.access import ROLE_PERMISSIONS, Actor, Permission, Role, Scope
from certify.organisations.models import Membership, Organisation, OrganisationKind

ROLES_OF: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.CERTIFYING_BODY: (Role.REGISTRAR, Role.AUDITOR, Role.ADMINISTRATOR),
    OrganisationKind.TRAINING_BODY: (Role.COORDINATOR, Role.TRAINER, Role.REFERENT, Role.AUDITOR, Role.ADMINISTRATOR),
    OrganisationKind.HOUSE: (Role.REFERENT, Role.ADMINISTRATOR),
}
"""The roles that make sense in each kind of organisation, in the order they are offered."""


def grantable_roles(actor: Actor | None, organisation: Organisation) -> tuple[Role, ...]:
    """Return the roles the actor may give there: nobody but an administrator makes another administrator.

    Without an actor, the command line speaks, for whoever runs the machine.
    """
    roles = ROLES_OF[organisation.kind]
    if actor is None or _holds(actor, Role.ADMINISTRATOR, organisation):
        return roles
    return tuple(role for role in roles if role is not Role.ADMINISTRATOR)


def may_end(actor: Actor | None, organisation: Organisation, membership: Membership) -> bool:
    """Whether the actor may end this role there, by the same rule as giving it; anyone may give up their own."""
    return (
        actor is None or membership.user_id == actor.user_id or membership.role in grantable_roles(actor, organisation)
    )


def manages_members(role: Role) -> bool:
    """Whether a role lets its holder give and end roles."""
    return Permission.ORGANISATION_MEMBERS_WRITE in ROLE_PERMISSIONS[role]


def locks_oneself_out(actor: Actor | None, membership: Membership, own_roles: Sequence[Role]) -> bool:
    """Whether ending this membership takes the actor's last role that manages this organisation's members."""
    if actor is None or membership.user_id != actor.user_id or not manages_members(membership.role):
        return False
    left = list(own_roles)
    left.remove(membership.role)
    return not any(manages_members(role) for role in left)


def _holds(actor: Actor, role: Role, organisation: Organisation) -> bool:
    return any(g.role is role and g.scope is Scope.ORGANISATION and g.scope_id == organisation.id for g in actor.grants)
