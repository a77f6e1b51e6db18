"""The verbs about people of a platform: make them known here, follow what the platform calls them, name the nameless.

A person of a platform is known by (registration, sub) and by nothing else: an address never finds an account.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import EXTERNAL_DOMAIN, User
from certify.cohorts import policies
from certify.core import audit, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.lti.models import Identity, LtiMembership, Registration

NAMELESS = "Stagiaire"
"""Given name of whom the platform does not name; a label follows that tells them apart."""
AT_ONCE = 500
"""Values in one condition: databases bound them."""
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LABEL_LENGTH = 5


class Named(Protocol):
    """A person as a platform sends them, in a launch or in a roster; everything but `sub` may be empty."""

    @property
    def sub(self) -> str:
        """Identifier in the platform."""

    @property
    def name(self) -> str:
        """Whole name."""

    @property
    def given_name(self) -> str:
        """Given name."""

    @property
    def family_name(self) -> str:
        """Family name."""

    @property
    def email(self) -> str:
        """Address."""


class Account(Protocol):
    """An account, as far as a platform may rename it."""

    @property
    def is_external(self) -> bool:
        """Whether the person comes in through a learning platform only."""


def label_of(identity_id: uuid.UUID) -> str:
    """Return the short label of somebody without a name: always the same for an identity, easy to say aloud."""
    rest, letters = identity_id.int, []
    for _n in range(_LABEL_LENGTH):
        rest, digit = divmod(rest, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(letters)


def names_sent(person: Named) -> tuple[str, str]:
    """Return the given and family names that a platform sent, as far as it did; both empty when it sent none."""
    given, family = person.given_name.strip(), person.family_name.strip()
    if not given and not family:
        given, _space, family = person.name.strip().rpartition(" ")
    return given[: policies.NAME_LENGTH].strip(), family[: policies.NAME_LENGTH].strip()


def contact_sent(person: Named) -> str:
    """Return the address that a platform sent, if mails can be sent there."""
    email = person.email.strip()
    return email if policies.is_email(email) else ""


def identity_for(session: Session, registration: Registration, person: Named, *, now: datetime) -> Identity:
    """Return the identity of somebody in a platform, made with an account of its own at the first meeting."""
    query = select(Identity).where(Identity.registration_id == registration.id, Identity.sub == person.sub)
    found = session.scalars(query).one_or_none()
    if found is not None:
        return found
    identity_id = new_id() if any(names_sent(person)) else _unused_id(_labels_of(session, registration))
    user = User(**_account(identity_id, person, now))
    identity = Identity(**_identity(identity_id, registration, person, user.id, now))
    try:
        with session.begin_nested():
            session.add(user)
            session.flush()
            session.add(identity)
    except IntegrityError:
        # Two windows of one person opened at once: the other was the first.
        return session.scalars(query).one()
    audit.record(
        session, None, "lti:person:met", identity, organisation_id=registration.organisation_id, user_id=user.id
    )
    return identity


def _account(identity_id: uuid.UUID, person: Named, now: datetime) -> dict[str, Any]:
    given, family = names_sent(person)
    if not given and not family:
        given, family = NAMELESS, label_of(identity_id)
    locale = str(getattr(person, "locale", ""))
    return {
        "id": new_id(), "email": f"{identity_id.hex}{EXTERNAL_DOMAIN}", "contact": contact_sent(person),
        "given_name": given, "family_name": family, "locale": "en" if locale[:2].lower() == "en" else "fr",
        "fs_uniquifier": new_id().hex, "active": True, "is_demo": False, "created_at": now,
    }  # fmt: skip


def _identity(
    identity_id: uuid.UUID, registration: Registration, person: Named, user_id: uuid.UUID, now: datetime
) -> dict[str, Any]:
    return {
        "id": identity_id, "registration_id": registration.id, "sub": person.sub, "user_id": user_id,
        "email": person.email[:254], "has_label": not any(names_sent(person)), "created_at": now,
    }  # fmt: skip


def follow_person(session: Session, identity: Identity, user: User, person: Named) -> bool:
    """Take over the name and address a platform sends, if they are others; return whether the name changed.

    What the platform keeps back changes nothing. An account that its owner opened here keeps its own name.
    """
    of_identity, of_user = person_said(user, person)
    for name, value in of_identity.items():
        if getattr(identity, name) != value:
            setattr(identity, name, value)
    former = (user.given_name, user.family_name)
    for name, value in of_user.items():
        setattr(user, name, value)
    if (user.given_name, user.family_name) == former:
        return False
    audit.record(session, None, "account:name:changed", user, by="platform")
    outbox.send(session, accounts.PERSON_CHANGED, user_id=user.id)
    return True


def person_said(user: Account, person: Named) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a platform says of a person, for their identity and for their account."""
    of_identity: dict[str, Any] = {"email": person.email[:254]} if person.email else {}
    of_user: dict[str, Any] = {}
    given, family = names_sent(person)
    if given or family:
        of_identity["has_label"] = False
        of_user = {"given_name": given, "family_name": family}
    if contact := contact_sent(person):
        of_user["contact"] = contact
    return of_identity, of_user if user.is_external else {}


def known_people(session: Session, registration: Registration, subs: Sequence[str]) -> dict[str, tuple[Identity, User]]:
    """Return the identities met among many people of a platform, with their accounts, by `sub`."""
    found: dict[str, tuple[Identity, User]] = {}
    for n in range(0, len(subs), AT_ONCE):
        query = select(Identity, User).join(User, User.id == Identity.user_id)
        query = query.where(Identity.registration_id == registration.id, Identity.sub.in_(subs[n : n + AT_ONCE]))
        found |= {identity.sub: (identity, user) for identity, user in session.execute(query)}
    return found


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody made known with many others: their account, and who they are in the platform."""

    id: uuid.UUID
    given_name: str
    family_name: str
    identity_id: uuid.UUID


def identities_for_all(
    session: Session, registration: Registration, people: Iterable[Named], *, now: datetime
) -> dict[str, Met]:
    """Make many people of a platform known at once and return them by `sub`; `known_people` says who already is."""
    users, identities = [], []
    labels = _labels_of(session, registration)
    for person in people:
        identity_id = _unused_id(labels)
        users.append(user := _account(identity_id, person, now))
        identities.append(_identity(identity_id, registration, person, user["id"], now))
    if not users:
        return {}
    session.flush()
    session.execute(insert(User), users)
    session.execute(insert(Identity), identities)
    audit.record(
        session, None, "lti:people:met", registration, organisation_id=registration.organisation_id, met=len(users)
    )
    return {
        identity["sub"]: Met(user["id"], user["given_name"], user["family_name"], identity["id"])
        for user, identity in zip(users, identities, strict=True)
    }


def _labels_of(session: Session, registration: Registration) -> set[str]:
    """Return the labels of whom the platform does not name."""
    query = select(Identity.id).where(Identity.registration_id == registration.id, Identity.has_label)
    return {label_of(identity_id) for identity_id in session.scalars(query)}


def _unused_id(labels: set[str]) -> uuid.UUID:
    """Return an identifier whose label nobody else of the platform bears."""
    identity_id = new_id()
    while label_of(identity_id) in labels:
        identity_id = new_id()
    labels.add(label_of(identity_id))
    return identity_id


def rename(
    session: Session, actor: Actor, membership: LtiMembership, given: str, family: str, *, organisation_id: uuid.UUID
) -> User:
    """Give a name to somebody the platform does not name; it holds until the platform sends one."""
    identity = session.get_one(Identity, membership.identity_id)
    user = session.get_one(User, identity.user_id)
    if not (identity.has_label and user.is_external):
        raise Conflict(
            _l("Le nom de cette personne vient de la plateforme ou de son propre compte : il y est corrigé.")
        )
    given, family = given.strip(), family.strip()
    if not family and not given:
        raise Invalid(_l("Donnez au moins un nom."), "family_name")
    if (given, family) != (user.given_name, user.family_name):
        user.given_name, user.family_name = given[: policies.NAME_LENGTH], family[: policies.NAME_LENGTH]
        audit.record(session, actor, "account:name:changed", user, organisation_id=organisation_id, by="trainer")
        outbox.send(session, accounts.PERSON_CHANGED, user_id=user.id)
    return user
