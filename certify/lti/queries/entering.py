"""Reads of every login and every launch: prepared once, and given as plain values rather than as rows to change."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, and_, bindparam, delete, or_, select

from certify.accounts.models import EXTERNAL_DOMAIN, User
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core.access import Role
from certify.core.prepared import Prepared, Transactional
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Identity,
    LoginState,
    LtiMembership,
    Registration,
    RegistrationState,
    ResourceLink,
    Target,
)


class KnownRegistration(NamedTuple):
    """What logins and launches need of the registration of a platform, as it is now."""

    id: uuid.UUID
    organisation_id: uuid.UUID
    issuer: str
    client_id: str
    authorization_url: str
    jwks_url: str
    product: str
    state: RegistrationState
    role_mapping: dict[str, str]


class KnownLogin(NamedTuple):
    """A login under way."""

    state_hash: str
    nonce_hash: str
    is_framed: bool
    storage_target: str
    binder_hash: str
    created_at: datetime


class KnownUser(NamedTuple):
    """The account of a person of a platform."""

    id: uuid.UUID
    email: str
    contact: str
    given_name: str
    family_name: str

    @property
    def is_external(self) -> bool:
        """Whether the person comes in through a learning platform only."""
        return self.email.endswith(EXTERNAL_DOMAIN)


class KnownIdentity(NamedTuple):
    """A person of a platform."""

    id: uuid.UUID
    email: str
    has_label: bool


class KnownCourse(NamedTuple):
    """A course of a platform."""

    id: uuid.UUID
    title: str
    label: str
    memberships_url: str
    line_items_url: str
    ags_scopes: list[str]
    cohort_id: uuid.UUID | None


class KnownMember(NamedTuple):
    """The part of a person in a course, which they have not left."""

    roles: list[str]
    role: Role | None
    launched_at: datetime | None


class KnownLink(NamedTuple):
    """A link of a course."""

    id: uuid.UUID
    title: str
    context_id: uuid.UUID | None
    placement_id: uuid.UUID | None
    target: Target | None
    line_item_url: str


class Standing(NamedTuple):
    """How everything that one launch speaks of stands: all known, let in and in use."""

    deployment_id: uuid.UUID
    user: KnownUser
    identity: KnownIdentity
    course: KnownCourse
    member: KnownMember
    link: KnownLink | None
    is_enrolled: bool | None
    """Whether the person is a trainee of the course's cohort; false once withdrawn, none when they never were."""


def registrations_of_issuer(on: Transactional, issuer: str, client_id: str) -> list[KnownRegistration]:
    """Return the registrations a login may be about, those of other clients of the issuer left out."""
    found = _OF_ISSUER.run(on, issuer=issuer, client=client_id)
    return [KnownRegistration(*row) for row in found]


def login_under_way(on: Transactional, state_hash: str) -> tuple[KnownLogin, KnownRegistration] | None:
    """Return the login that a state belongs to, with the registration it was begun for."""
    found = _UNDER_WAY.run(on, state=state_hash)
    return (KnownLogin(*found[0][:6]), KnownRegistration(*found[0][6:])) if found else None


def take_login(on: Transactional, state_hash: str) -> tuple[KnownLogin, uuid.UUID] | None:
    """End a login under way and return it with the registration it was begun for; of two who try, one succeeds."""
    found = _TAKE.run(on, state=state_hash)
    return (KnownLogin(*found[0][:6]), found[0][6]) if found else None


def registration_of(on: Transactional, registration_id: uuid.UUID) -> KnownRegistration:
    """Return a registration as it is now."""
    return KnownRegistration(*_BY_ID.run(on, registration=registration_id)[0])


def standing(
    on: Transactional, registration_id: uuid.UUID, *, deployment: str, sub: str, context: str, link: str
) -> Standing | None:
    """Return how things stand for a launch in a course, in one statement; nothing when one of them is not as usual."""
    found: list[Any] = _STANDING.run(
        on, registration=registration_id, deployment=deployment, sub=sub, context=context, link=link
    )
    if not found:
        return None
    row = found[0]
    return Standing(
        row[0], KnownUser(*row[1:6]), KnownIdentity(*row[6:9]), KnownCourse(*row[9:16]), KnownMember(*row[16:19]),
        KnownLink(*row[19:25]) if row[19] is not None else None,
        None if row[25] is None else row[25] is not EnrolmentState.WITHDRAWN,
    )  # fmt: skip


def _columns(table: Any, shape: Any) -> list[Any]:
    return [getattr(table, name) for name in shape._fields]


_REGISTRATION = _columns(Registration, KnownRegistration)
_OF_ISSUER = Prepared(
    select(*_REGISTRATION)
    .where(Registration.issuer == bindparam("issuer"))
    .where(
        or_(
            Registration.client_id == bindparam("client", type_=String),
            bindparam("client", type_=String) == "",
        )
    )
    .order_by(Registration.created_at, Registration.id)
)
_UNDER_WAY = Prepared(
    select(*_columns(LoginState, KnownLogin), *_REGISTRATION)
    .join(Registration, Registration.id == LoginState.registration_id)
    .where(LoginState.state_hash == bindparam("state"))
)
_TAKE = Prepared(
    delete(LoginState)
    .where(LoginState.state_hash == bindparam("state"))
    .returning(*_columns(LoginState, KnownLogin), LoginState.registration_id)
)
_BY_ID = Prepared(select(*_REGISTRATION).where(Registration.id == bindparam("registration")))
_STANDING = Prepared(
    select(
        Deployment.id,
        *_columns(User, KnownUser),
        *_columns(Identity, KnownIdentity),
        *_columns(Context, KnownCourse),
        *_columns(LtiMembership, KnownMember),
        *_columns(ResourceLink, KnownLink),
        Enrolment.state,
    )
    .select_from(Deployment)
    .join(Registration, Registration.id == Deployment.registration_id)
    .join(Identity, Identity.registration_id == Registration.id)
    .join(User, User.id == Identity.user_id)
    .join(Context, Context.deployment_id == Deployment.id)
    .join(LtiMembership, and_(LtiMembership.context_id == Context.id, LtiMembership.identity_id == Identity.id))
    .outerjoin(
        ResourceLink, and_(ResourceLink.deployment_id == Deployment.id, ResourceLink.lms_id == bindparam("link"))
    )
    .outerjoin(Enrolment, and_(Enrolment.cohort_id == Context.cohort_id, Enrolment.user_id == User.id))
    .where(
        Registration.id == bindparam("registration"),
        Registration.state == RegistrationState.ACTIVE,
        Deployment.lms_id == bindparam("deployment"),
        Deployment.state == DeploymentState.ACTIVE,
        Identity.sub == bindparam("sub"),
        User.active,
        Context.lms_id == bindparam("context"),
        LtiMembership.active,
        LtiMembership.left_at.is_(None),
    )
)
