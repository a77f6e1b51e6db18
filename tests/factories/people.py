"""People, organisations, memberships."""

import itertools
from datetime import timedelta

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import access, clock
from certify.core.access import Actor, Role
from certify.organisations.models import Habilitation, Membership, Organisation, OrganisationKind

_numbers = itertools.count(1)


def make_user(session: Session, **values: object) -> User:
    """Make a person with a confirmed address and no password."""
    n = next(_numbers)
    defaults = {
        "email": f"personne-{n}@exemple.test",
        "given_name": "Personne",
        "family_name": f"{n:03d}",
        "created_at": clock.now(),
        "confirmed_at": clock.now(),
    }
    user = User(**defaults | values)
    session.add(user)
    session.flush()
    return user


def make_organisation(
    session: Session, kind: OrganisationKind = OrganisationKind.TRAINING_BODY, **values: object
) -> Organisation:
    """Make an organisation."""
    defaults = {"name": f"Organisme {next(_numbers)}", "kind": kind, "created_at": clock.now()}
    organisation = Organisation(**defaults | values)
    session.add(organisation)
    session.flush()
    return organisation


def make_certifying_body(session: Session, **values: object) -> Organisation:
    """Make a certifying body."""
    return make_organisation(session, OrganisationKind.CERTIFYING_BODY, **values)


def make_member(session: Session, organisation: Organisation, role: Role, user: User | None = None) -> User:
    """Give a person, new or known, a role in an organisation."""
    user = user or make_user(session)
    session.add(Membership(user_id=user.id, organisation_id=organisation.id, role=role, started_at=clock.now()))
    session.flush()
    return user


def make_habilitation(session: Session, certifying_body: Organisation, training_body: Organisation) -> Habilitation:
    """Let a training body prepare for a certifying body, since a year."""
    row = Habilitation(
        certifying_body_id=certifying_body.id,
        training_body_id=training_body.id,
        starts_on=clock.today() - timedelta(days=365),
    )
    session.add(row)
    session.flush()
    return row


def actor_of(session: Session, user: User) -> Actor:
    """Return the actor a person is, with every role they hold."""
    session.flush()
    return Actor(user.id, user.name, access.load_grants(session, user.id))
