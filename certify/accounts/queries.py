"""Reads about accounts, their sessions, their invitations and their failed sign-ins."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Uuid, case, column, exists, func, or_, select, table
from sqlalchemy.orm import Session

from certify.accounts.models import FailedSignIn, Invitation, User, UserSession, WebAuthn
from certify.core.access import Actor
from certify.core.errors import NotFound

# Organisations stand above accounts: an invitation only shows how to reach the one that sent it.
_ORGANISATION = table("organisation", column("id", Uuid), column("name"), column("contact"))


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, through which session."""

    user: User
    session: UserSession
    has_second_factor: bool


@dataclass(frozen=True)
class Inviting:
    """The organisation that sent an invitation, as its page shows it."""

    name: str
    contact: str


@dataclass(frozen=True)
class Failures:
    """How often signing in failed lately, for one account and from one network address."""

    of_account: int
    last_of_account: datetime | None
    of_address: int
    last_of_address: datetime | None


def signed_in(session: Session, unique: str, session_id: uuid.UUID, not_seen_since: datetime) -> SignedIn | None:
    """Return the person of a session, in one statement; nothing when it was ended or left unused too long."""
    has_key = exists().where(WebAuthn.user_id == User.id, WebAuthn.usage == "secondary")
    row = session.execute(
        select(User, UserSession, or_(User.tf_primary_method.is_not(None), has_key))
        .join(UserSession, UserSession.user_id == User.id)
        .where(User.fs_uniquifier == unique, User.active, UserSession.id == session_id)
        .where(UserSession.ended_at.is_(None), UserSession.last_seen_at > not_seen_since)
    ).one_or_none()
    return SignedIn(row[0], row[1], bool(row[2])) if row else None


def users_by_id(session: Session, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, User]:
    """Return people by their identifier."""
    wanted = {one for one in ids if one is not None}
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(wanted)))} if wanted else {}


def user_by_email(session: Session, email: str) -> User | None:
    """Return the account of an address, however it is written."""
    return session.scalars(select(User).where(User.email == normal_email(email))).one_or_none()


def normal_email(email: str) -> str:
    """Return the form in which an address is kept."""
    return email.strip().lower()


def own_account(session: Session, actor: Actor) -> User:
    """Return the actor's account."""
    return session.scalars(select(User).where(User.id == actor.user_id)).one()


def open_sessions(session: Session, actor: Actor, not_seen_since: datetime) -> list[UserSession]:
    """Return where the actor is signed in, the latest used first."""
    query = select(UserSession).where(UserSession.user_id == actor.user_id, UserSession.ended_at.is_(None))
    return list(
        session.scalars(
            query.where(UserSession.last_seen_at > not_seen_since).order_by(UserSession.last_seen_at.desc())
        )
    )


def own_session(session: Session, actor: Actor, session_id: uuid.UUID) -> UserSession:
    """Return one of the actor's sessions still open; NotFound for any other."""
    found = own_open_session(session, actor, session_id)
    if found is None:
        raise NotFound
    return found


def own_open_session(session: Session, actor: Actor, session_id: uuid.UUID) -> UserSession | None:
    """Return one of the actor's sessions if it is still open."""
    query = select(UserSession).where(UserSession.id == session_id, UserSession.user_id == actor.user_id)
    return session.scalars(query.where(UserSession.ended_at.is_(None))).one_or_none()


def own_passkeys(session: Session, actor: Actor) -> list[WebAuthn]:
    """Return the actor's passkeys, oldest first."""
    return list(
        session.scalars(select(WebAuthn).where(WebAuthn.user_id == actor.user_id).order_by(WebAuthn.create_datetime))
    )


def token_digest(token: str) -> str:
    """Return what is kept of an invitation's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_by_token(session: Session, token: str) -> tuple[Invitation, User] | None:
    """Return the invitation of a link and the person it was sent to."""
    row = session.execute(
        select(Invitation, User)
        .join(User, User.id == Invitation.user_id)
        .where(Invitation.token_hash == token_digest(token))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def inviting_organisation(session: Session, invitation: Invitation) -> Inviting | None:
    """Return the name of the organisation that sent an invitation and where to write to it."""
    query = select(_ORGANISATION.c.name, _ORGANISATION.c.contact).where(
        _ORGANISATION.c.id == invitation.organisation_id
    )
    row = session.execute(query).one_or_none()
    return Inviting(row[0], row[1] or "") if row else None


def pending_invitations(session: Session, user_id: uuid.UUID) -> list[Invitation]:
    """Return the invitations of a person neither accepted nor withdrawn."""
    query = select(Invitation).where(Invitation.user_id == user_id, Invitation.accepted_at.is_(None))
    return list(session.scalars(query.where(Invitation.withdrawn_at.is_(None)).order_by(Invitation.created_at)))


def recent_failures(session: Session, account_hash: str, address_hash: str, since: datetime) -> Failures:
    """Count the failed sign-ins of an account and of a network address, in one statement."""
    of_account, of_address = FailedSignIn.account_hash == account_hash, FailedSignIn.address_hash == address_hash
    row = session.execute(
        select(
            func.count(case((of_account, 1))),
            func.max(case((of_account, FailedSignIn.at))),
            func.count(case((of_address, 1))),
            func.max(case((of_address, FailedSignIn.at))),
        ).where(or_(of_account, of_address), FailedSignIn.at > since)
    ).one()
    return Failures(row[0], row[1], row[2], row[3])
