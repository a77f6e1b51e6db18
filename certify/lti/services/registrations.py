"""The verbs of registrations: let a platform in by an invitation or by hand, change it, suspend it."""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor, Role
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.lti import addresses
from certify.lti.models import (
    Deployment,
    DeploymentState,
    PlatformKeySet,
    Registration,
    RegistrationInvitation,
    RegistrationState,
    ServiceToken,
)
from certify.lti.models.registrations import ADDRESS
from certify.lti.protocol import roles
from certify.lti.queries import registrations as queries
from certify.lti.services import grades
from certify.organisations.models import Organisation
from certify.settings import Settings

_IDENTIFIER = 255
_ADDRESSES = ("authorization_url", "token_url", "jwks_url", "token_audience")
ROLES = (Role.TRAINEE, Role.TRAINER, Role.COORDINATOR, Role.REFERENT)
"""What a role of a platform may be worth here."""


@dataclass(frozen=True)
class Platform:
    """What is known of a platform: where it is, what it calls certify, where its services are."""

    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    jwks_url: str
    token_audience: str = ""
    product: str = ""
    product_version: str = ""


@dataclass(frozen=True)
class Invited:
    """An invitation and its secret, shown this once: only a digest is kept."""

    invitation: RegistrationInvitation
    token: str


def invite(
    session: Session,
    settings: Settings,
    actor: Actor | None,
    organisation: Organisation,
    *,
    label: str,
    registration: Registration | None = None,
) -> Invited:
    """Make a link that lets one platform register itself, once; for a known registration, it renews it."""
    if not label.strip():
        raise Invalid(_l("Donnez un nom à cette plateforme : il vous aidera à la reconnaître."), "label")
    token = secrets.token_urlsafe(32)
    now = clock.now()
    invitation = RegistrationInvitation(
        organisation_id=organisation.id,
        registration_id=registration.id if registration else None,
        label=label.strip()[:120],
        token_hash=queries.token_digest(token),
        created_by_id=actor.user_id if actor else None,
        created_at=now,
        expires_at=now + timedelta(days=settings.lti_invitation_days),
    )
    session.add(invitation)
    session.flush()
    _note(session, actor, "lti:invitation:sent", invitation, expires_on=invitation.expires_at.date())
    return Invited(invitation, token)


def withdraw(session: Session, actor: Actor | None, invitation: RegistrationInvitation) -> RegistrationInvitation:
    """Make an invitation worth nothing from now on."""
    if invitation.used_at is not None:
        raise Conflict(_l("Cette invitation a déjà servi : c’est le raccordement qu’il faut suspendre."))
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = clock.now()
        _note(session, actor, "lti:invitation:withdrawn", invitation)
    return invitation


def register_manually(
    session: Session,
    settings: Settings,
    actor: Actor | None,
    organisation: Organisation,
    *,
    name: str,
    platform: Platform,
    deployment_ids: Iterable[str] = (),
) -> Registration:
    """Make a platform known from what its administrator copied (LTI 1.3 core section 3.1.3)."""
    _check(settings, platform)
    _refuse_twin(session, platform, None)
    registration = _new_registration(session, organisation.id, name, platform)
    _note(session, actor, "lti:registration:created", registration, via="form" if actor else "command")
    for lms_id in dict.fromkeys(one.strip() for one in deployment_ids if one.strip()):
        _let_in(session, actor, registration, lms_id)
    return registration


def register_from_platform(
    session: Session,
    settings: Settings,
    invitation_id: uuid.UUID,
    *,
    platform: Platform,
    deployment_id: str | None,
) -> Registration:
    """Keep what a platform answered to our registration request (LTI dynamic registration 1.0 section 3.6).

    Its invitation was the approval: the registration is active at once, and so is the deployment it came with.
    """
    _check(settings, platform)
    invitation = _take(session, invitation_id)
    known = session.get(Registration, invitation.registration_id) if invitation.registration_id else None
    _refuse_twin(session, platform, known)
    if known is None:
        known = _new_registration(session, invitation.organisation_id, invitation.label, platform)
        _note(session, None, "lti:registration:created", known, via="invitation")
    else:
        _renew(session, known, platform)
    invitation.registration_id = known.id
    if deployment_id:
        _let_in(session, None, known, deployment_id)
    return known


def edit(
    session: Session,
    settings: Settings,
    actor: Actor | None,
    registration: Registration,
    *,
    name: str,
    platform: Platform,
    role_mapping: Mapping[str, str],
    opens_cohorts: bool,
) -> Registration:
    """Change how a platform is called, where it is and what its roles are worth; never who it is."""
    if not name.strip():
        raise Invalid(_l("Donnez un nom à cette plateforme."), "name")
    _check(settings, platform)
    before = _facts(registration)
    registration.name = name.strip()[:120]
    _copy_addresses(session, registration, platform)
    registration.role_mapping = _own_mapping(role_mapping)
    registration.opens_cohorts = opens_cohorts
    changed = sorted(key for key, value in _facts(registration).items() if before[key] != value)
    if changed:
        registration.changed_at = clock.now()
        _note(session, actor, "lti:registration:changed", registration, changed=changed)
    return registration


def switch(session: Session, actor: Actor | None, registration: Registration, *, enabled: bool) -> Registration:
    """Suspend a platform, whose launches and pages stop at once, or let it in again."""
    wanted = RegistrationState.ACTIVE if enabled else RegistrationState.DISABLED
    if registration.state is wanted:
        raise Conflict(
            _l("Ce raccordement est déjà en service.") if enabled else _l("Ce raccordement est déjà suspendu.")
        )
    registration.state = wanted
    registration.changed_at = clock.now()
    if enabled:
        grades.resume(session, registration.id)
    _note(session, actor, "lti:registration:enabled" if enabled else "lti:registration:disabled", registration)
    return registration


def decide_deployment(
    session: Session, actor: Actor | None, registration: Registration, deployment: Deployment, *, approve: bool
) -> Deployment:
    """Approve or refuse an installation inside a platform; either may be changed later."""
    wanted = DeploymentState.ACTIVE if approve else DeploymentState.DISABLED
    if deployment.state is wanted:
        raise Conflict(_l("Ce déploiement est déjà approuvé.") if approve else _l("Ce déploiement est déjà refusé."))
    _decide(session, actor, registration, deployment, wanted)
    return deployment


def _decide(
    session: Session, actor: Actor | None, registration: Registration, deployment: Deployment, state: DeploymentState
) -> None:
    deployment.state = state
    deployment.decided_at = clock.now()
    deployment.decided_by_id = actor.user_id if actor else None
    session.flush()
    if state is DeploymentState.ACTIVE:
        grades.resume(session, registration.id)
    tag = "lti:deployment:approved" if state is DeploymentState.ACTIVE else "lti:deployment:refused"
    audit.record(
        session, actor, tag, deployment, organisation_id=registration.organisation_id, registration_id=registration.id
    )


def _let_in(session: Session, actor: Actor | None, registration: Registration, lms_id: str) -> None:
    if len(lms_id) > _IDENTIFIER:
        raise Invalid(_l("Ce numéro de déploiement est trop long."), "deployment_id")
    query = select(Deployment).where(Deployment.registration_id == registration.id, Deployment.lms_id == lms_id)
    deployment = session.scalars(query).one_or_none()
    if deployment is None:
        deployment = Deployment(registration_id=registration.id, lms_id=lms_id, first_seen_at=clock.now())
        session.add(deployment)
    if deployment.state is not DeploymentState.ACTIVE:
        _decide(session, actor, registration, deployment, DeploymentState.ACTIVE)


def _take(session: Session, invitation_id: uuid.UUID) -> RegistrationInvitation:
    """Use an invitation up: of two registrations at once, one finds nothing left."""
    now = clock.now()
    taken = session.execute(
        update(RegistrationInvitation)
        .where(
            RegistrationInvitation.id == invitation_id,
            RegistrationInvitation.used_at.is_(None),
            RegistrationInvitation.withdrawn_at.is_(None),
            RegistrationInvitation.expires_at > now,
        )
        .values(used_at=now)
        .returning(RegistrationInvitation.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise Conflict(_l("Cette invitation vient de servir, d’expirer ou d’être retirée. Demandez-en une autre."))
    return session.get_one(RegistrationInvitation, invitation_id, populate_existing=True)


def _new_registration(session: Session, organisation_id: uuid.UUID, name: str, platform: Platform) -> Registration:
    now = clock.now()
    registration = Registration(
        organisation_id=organisation_id,
        name=name.strip()[:120] or platform.issuer[:120],
        state=RegistrationState.ACTIVE,
        created_at=now,
        changed_at=now,
        **asdict(platform),
    )
    session.add(registration)
    session.flush()
    return registration


def _renew(session: Session, registration: Registration, platform: Platform) -> None:
    registration.issuer, registration.client_id = platform.issuer, platform.client_id
    _copy_addresses(session, registration, platform)
    registration.product_version = platform.product_version
    registration.changed_at = clock.now()
    _note(session, None, "lti:registration:renewed", registration)


def _copy_addresses(session: Session, registration: Registration, platform: Platform) -> None:
    """Take the addresses of a platform, and forget what was fetched from the former ones."""
    if registration.jwks_url != platform.jwks_url:
        session.execute(delete(PlatformKeySet).where(PlatformKeySet.registration_id == registration.id))
    if (registration.token_url, registration.token_audience) != (platform.token_url, platform.token_audience):
        session.execute(delete(ServiceToken).where(ServiceToken.registration_id == registration.id))
    for name in (*_ADDRESSES, "product"):
        setattr(registration, name, getattr(platform, name))


def _check(settings: Settings, platform: Platform) -> None:
    if not platform.client_id or len(platform.client_id) > _IDENTIFIER:
        raise Invalid(_l("Donnez l’identifiant client que la plateforme a attribué à certify."), "client_id")
    for name in ("issuer", *_ADDRESSES):
        value = getattr(platform, name)
        if not value and name == "token_audience":
            continue
        longest = _IDENTIFIER if name == "issuer" else ADDRESS
        # What the token service is called is a name, not an address that certify would open.
        fault = (
            None
            if name == "token_audience" and len(value) <= longest
            else addresses.fault_of(value, allow_insecure=settings.lti_allow_insecure, longest=longest)
        )
        if fault is not None:
            raise Invalid(fault, name)


def _refuse_twin(session: Session, platform: Platform, known: Registration | None) -> None:
    twin = session.scalars(
        select(Registration).where(Registration.issuer == platform.issuer, Registration.client_id == platform.client_id)
    ).one_or_none()
    if twin is not None and twin is not known:
        raise Conflict(
            _l(
                "Cette plateforme est déjà raccordée sous cet identifiant client. Renouvelez ce raccordement depuis sa "
                "page, ou faites attribuer un autre identifiant client par la plateforme."
            )
        )


def _own_mapping(wanted: Mapping[str, str]) -> dict[str, str]:
    """Keep only what differs from the default, so that a better default reaches everyone who changed nothing."""
    allowed = {"", *(role.value for role in ROLES)}
    if not set(wanted) <= set(roles.NAMES) or not set(wanted.values()) <= allowed:
        raise Invalid(_l("Ce rôle ne peut pas être donné par une plateforme."))
    return {name: role for name, role in wanted.items() if role != (roles.DEFAULT_MAPPING.get(name) or "")}


def _facts(registration: Registration) -> dict[str, Any]:
    names = ("name", *_ADDRESSES, "product", "role_mapping", "opens_cohorts")
    return {name: getattr(registration, name) for name in names}


def _note(
    session: Session, actor: Actor | None, tag: str, subject: Registration | RegistrationInvitation, **detail: Any
) -> None:
    audit.record(session, actor, tag, subject, organisation_id=subject.organisation_id, **detail)
