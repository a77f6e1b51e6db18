"""The verbs of accounts: make people known, invite them, let them in, sign them out."""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from certify.accounts import mails, passwords, policies, queries
from certify.accounts.models import FailedSignIn, Invitation, User, UserSession
from certify.accounts.policies import InvitationState
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.prepared import Direct, Transactional, inserting
from certify.core.types import new_id

PERSON_CHANGED = "accounts.person_changed"
"""Message sent when somebody opens their account or changes their name: lists kept in order by name follow."""


def create_user(
    session: Session,
    *,
    email: str,
    given_name: str,
    family_name: str,
    password: str | None = None,
    locale: str = "fr",
    is_demo: bool = False,
    password_hash: str | None = None,
) -> User:
    """Make an account; with a password it is confirmed at once, otherwise its owner is to be invited.

    `password_hash` (made by `passwords.hashed`) spares the cost of hashing when many accounts share a demo password.
    """
    user = User(
        email=queries.normal_email(email),
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        locale=locale,
        is_demo=is_demo,
        created_at=clock.now(),
        password=password_hash,
        confirmed_at=clock.now() if password_hash else None,
    )
    session.add(user)
    session.flush()
    audit.record(session, None, "account:user:created", user)
    if password is not None:
        set_password(session, user, password)
    return user


def find_or_create_user(
    session: Session, *, email: str, given_name: str, family_name: str, locale: str = "fr"
) -> tuple[User, bool]:
    """Return the account of an address, and whether it was made just now; a known person keeps the name they chose."""
    known = queries.user_by_email(session, email)
    if known is not None:
        return known, False
    return create_user(session, email=email, given_name=given_name, family_name=family_name, locale=locale), True


def set_password(session: Session, user: User, password: str) -> None:
    """Give an account a password, which confirms it; raises Invalid with the reason when it is unfit."""
    faults = passwords.faults_of(password, user)
    if faults:
        raise Invalid(faults[0], "password")
    user.password = passwords.hashed(password)
    user.confirmed_at = user.confirmed_at or clock.now()
    for invitation in queries.pending_invitations(session, user.id):
        invitation.accepted_at = clock.now()
    audit.record(session, None, "account:password:set", user)


def invite(
    session: Session,
    actor: Actor | None,
    user: User,
    *,
    organisation_id: uuid.UUID,
    organisation_name: str,
    reason: str,
) -> Invitation:
    """Send a link to choose a password, or to sign in for who has one; `reason` ends « vous ouvre un compte : … »."""
    token, now = secrets.token_urlsafe(32), clock.now()
    knows_the_way, days = user.password is not None, mails.invitation_days()
    invitation = Invitation(
        user_id=user.id, organisation_id=organisation_id, token_hash=queries.token_digest(token), created_at=now,
        expires_at=now + timedelta(days=days), accepted_at=now if knows_the_way else None,
    )  # fmt: skip
    session.add(invitation)
    session.flush()
    if knows_the_way:
        mails.send_new_part(session, user, organisation_name=organisation_name, reason=reason)
    else:
        mails.send_invitation(session, user, token, organisation_name=organisation_name, reason=reason, days=days)
    audit.record(session, actor, "account:invitation:sent", user, organisation_id=organisation_id)
    return invitation


def accept_invitation(
    session: Session, invitation: Invitation, user: User, *, given_name: str, family_name: str, password: str
) -> User:
    """Open an account from its invitation: name, password, confirmed address; the person's other invitations end."""
    if policies.invitation_state(invitation, clock.now()) is not InvitationState.OPEN:
        raise Conflict(
            _l("Cette invitation n’est plus valable. Demandez-en une nouvelle à l’organisme qui vous l’a envoyée.")
        )
    user.given_name, user.family_name = given_name, family_name
    set_password(session, user, password)
    audit.record(session, None, "account:invitation:accepted", user, organisation_id=invitation.organisation_id)
    outbox.send(session, PERSON_CHANGED, user_id=user.id)
    return user


def withdraw_invitations(session: Session, actor: Actor | None, user_id: uuid.UUID, organisation_id: uuid.UUID) -> int:
    """Make the invitations of a person by an organisation useless; return how many were pending."""
    pending = [one for one in queries.pending_invitations(session, user_id) if one.organisation_id == organisation_id]
    for invitation in pending:
        invitation.withdrawn_at = clock.now()
        audit.record(session, actor, "account:invitation:withdrawn", invitation, organisation_id=organisation_id)
    return len(pending)


def change_profile(
    session: Session, actor: Actor, user: User, *, given_name: str, family_name: str, locale: str
) -> User:
    """Change one's name and language; a change of name leaves a trace, since certificates print it."""
    before = (user.given_name, user.family_name)
    user.given_name, user.family_name, user.locale = given_name, family_name, locale
    if before != (given_name, family_name):
        audit.record(session, actor, "account:name:changed", user)
        outbox.send(session, PERSON_CHANGED, user_id=user.id)
    return user


def open_session(
    on: Transactional,
    user_id: uuid.UUID,
    *,
    device: str,
    via: str,
    organisation_id: uuid.UUID = audit.PLATFORM,
    **detail: Any,
) -> uuid.UUID:
    """Note a sign-in on a device, so that it can be listed and ended; return its identifier."""
    session_id, now = new_id(), clock.now()
    if not isinstance(on, Direct):
        # The person may be as new as the session.
        on.flush()
    _ADD_SESSION.run(
        on, id=session_id, user_id=user_id, started_at=now, last_seen_at=now, device=device[:120], ended_at=None
    )
    audit.record(on, None, "account:session:opened", user_id, organisation_id=organisation_id, via=via, **detail)
    return session_id


_ADD_SESSION = inserting(UserSession)


def end_session(session: Session, actor: Actor, opened: UserSession) -> None:
    """Sign the actor out of one device."""
    opened.ended_at = clock.now()
    audit.record(session, actor, "account:session:ended", opened)


def end_other_sessions(session: Session, user: User, kept: uuid.UUID | None) -> None:
    """Sign somebody out of every device but one, after a change of password."""
    query = update(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    session.execute(
        query.where(UserSession.id != kept).values(ended_at=clock.now()) if kept else query.values(ended_at=clock.now())
    )
    audit.record(session, None, "account:sessions:ended", user)


def end_all_sessions(session: Session, actor: Actor, user: User) -> None:
    """Sign the actor out everywhere, here included: whatever holds an old cookie is a stranger again."""
    end_other_sessions(session, user, None)
    user.fs_uniquifier = new_id().hex


def note_seen(session: Session, session_id: uuid.UUID) -> None:
    """Note that a session is in use."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=clock.now()))


def claim_sign_in(
    session: Session, account_hash: str, address_hash: str, *, allowed: int, window: timedelta
) -> timedelta:
    """Count a try as failed before its password is looked at; return how long to wait when there were too many.

    Counting first keeps many simultaneous tries from all being looked at; success takes the count back.
    """
    now = clock.now()
    seen = queries.recent_failures(session, account_hash, address_hash, now - window)
    wait = max(
        policies.wait_after(seen.of_account, seen.last_of_account, now, allowed=allowed, longest=window),
        policies.wait_after(
            seen.of_address, seen.last_of_address, now, allowed=allowed * policies.SHARED_ADDRESS, longest=window
        ),
    )
    if not wait:
        session.execute(delete(FailedSignIn).where(FailedSignIn.at <= now - window))
        session.add(FailedSignIn(at=now, account_hash=account_hash, address_hash=address_hash))
    return wait


def forget_failed_sign_ins(session: Session, account_hash: str) -> None:
    """Forget the failures of an account whose owner signed in."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.account_hash == account_hash))
