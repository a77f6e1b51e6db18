"""Makers of what certify keeps of learning platforms."""

import secrets
from typing import Any

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.access import Role
from certify.core.types import new_id
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Identity,
    LineItem,
    LtiMembership,
    Registration,
    RegistrationInvitation,
    RosterRead,
    Score,
)
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_organisation, make_user


def make_registration(session: Session, organisation: Organisation | None = None, **values: Any) -> Registration:
    """Make an active registration of a platform."""
    now = clock.now()
    issuer = f"https://{secrets.token_hex(6)}.lms.example"
    registration = Registration(
        **{
            "organisation_id": (organisation or make_organisation(session)).id, "name": "Plateforme", "issuer": issuer,
            "client_id": secrets.token_hex(6), "authorization_url": f"{issuer}/auth", "token_url": f"{issuer}/token",
            "jwks_url": f"{issuer}/keys", "product": "moodle", "role_mapping": {}, "created_at": now,
            "changed_at": now, **values,
        }
    )  # fmt: skip
    session.add(registration)
    session.flush()
    return registration


def make_context(session: Session, registration: Registration, cohort: Cohort | None = None, **values: Any) -> Context:
    """Make a course of a platform, in a deployment that is let in."""
    now = clock.now()
    deployment = Deployment(
        registration_id=registration.id, lms_id=secrets.token_hex(3), state=DeploymentState.ACTIVE, first_seen_at=now
    )
    session.add(deployment)
    session.flush()
    context = Context(
        **{
            "deployment_id": deployment.id, "lms_id": secrets.token_hex(3), "title": "Cours", "created_at": now,
            "cohort_id": cohort.id if cohort else None, "id_history": [], "ags_scopes": [], **values,
        }
    )  # fmt: skip
    session.add(context)
    session.flush()
    return context


def make_identity(session: Session, registration: Registration, user: User | None = None, **values: Any) -> Identity:
    """Make a person of a platform."""
    identity = Identity(
        **{
            "id": new_id(), "registration_id": registration.id, "sub": secrets.token_hex(4),
            "user_id": (user or make_user(session)).id, "created_at": clock.now(), **values,
        }
    )  # fmt: skip
    session.add(identity)
    session.flush()
    return identity


def make_member(session: Session, context: Context, identity: Identity, role: Role = Role.TRAINEE) -> LtiMembership:
    """Put a person of a platform in a course."""
    member = LtiMembership(
        context_id=context.id, identity_id=identity.id, roles=[], role=role, source="launch", joined_at=clock.now()
    )
    session.add(member)
    session.flush()
    return member


def make_one_of_each(session: Session) -> None:
    """Make a platform with an invitation, a course, a person in it, a roster, a column and a grade."""
    cohort, now = make_cohort(session), clock.now()
    registration = make_registration(session, session.get_one(Organisation, cohort.training_body_id))
    context, identity = make_context(session, registration, cohort), make_identity(session, registration)
    make_member(session, context, identity)
    enrolment = make_enrolment(session, cohort, session.get_one(User, identity.user_id))
    column = LineItem(
        context_id=context.id, part="whole", url=f"{registration.issuer}/column", label="Ensemble", maximum=100,
        created_at=now,
    )  # fmt: skip
    invitation = RegistrationInvitation(
        organisation_id=registration.organisation_id, label="Plateforme", token_hash=secrets.token_hex(32),
        created_at=now, expires_at=now,
    )  # fmt: skip
    session.add_all([column, invitation, RosterRead(context_id=context.id, created_at=now)])
    session.flush()
    session.add(
        Score(
            line_item_id=column.id, identity_id=identity.id, enrolment_id=enrolment.id, value=50, maximum=100,
            wanted_at=now,
        )
    )  # fmt: skip
    session.flush()
